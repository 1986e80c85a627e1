"""OpenAI's Responses over HTTP."""

from typing import Any, ClassVar

from telex.providers import openai_responses_request as wire
from telex.providers.base import Decoder, Request
from telex.providers.http_model import HTTPModel
from telex.providers.openai_responses_decoder import ResponsesDecoder
from telex.providers.thoughts_apart import ThoughtsApart


class OpenAIResponses(HTTPModel):
    """A provider for OpenAI's models and servers that imitate them; `HTTPModel` says what it takes.

    The server keeps nothing: thoughts come encrypted and go back unchanged beside a tool's result.
    """

    kind: ClassVar[str] = "openai-responses"
    asks: ClassVar[str] = "responses"

    def _body(self, request: Request, model: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": model,
            "input": wire.items(request.messages, lambda message: self._state(message, model)),
            "store": False,
            "include": ["reasoning.encrypted_content"],  # models that do not think refuse it; then it is left out
        }
        if told := wire.instructions(request.messages):
            body["instructions"] = told
        if self._settings.max_tokens is not None:
            body["max_output_tokens"] = self._settings.max_tokens
        if request.tools:
            body["tools"] = wire.tools(request.tools)
        body.update({**self._settings.options, **request.options})
        if request.tools and not request.may_call:
            body["tool_choice"] = "none"
        return body

    def _decoder(self) -> Decoder:
        return ThoughtsApart(ResponsesDecoder())
