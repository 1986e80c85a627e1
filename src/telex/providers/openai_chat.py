"""Chat Completions over HTTP, as OpenAI and most other model servers speak it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from telex.providers.base import Decoder, Message, Request
from telex.providers.chat_decoder import ChatDecoder
from telex.providers.http_model import HTTPModel

OPENAI = "https://api.openai.com/v1"


class OpenAIChat(HTTPModel):
    """A provider for every server that speaks Chat Completions; `HTTPModel` says what it takes."""

    kind: ClassVar[str] = "openai"
    asks: ClassVar[str] = "chat/completions"

    def _body(self, request: Request, model: str) -> dict[str, Any]:
        body: dict[str, Any] = {"model": model, "messages": [self._message(one, model) for one in request.messages]}
        if self._settings.max_tokens is not None:
            body["max_tokens"] = self._settings.max_tokens
        if request.tools:
            body["tools"] = [{"type": "function", "function": dict(tool)} for tool in request.tools]
        body.update({**self._settings.options, **request.options})
        if request.tools and not request.may_call:
            body["tool_choice"] = "none"
        return {**body, "stream_options": {"include_usage": True, **(body.get("stream_options") or {})}}

    def _message(self, message: Message, model: str) -> Mapping[str, Any]:
        """A message as the server takes it; thoughts and signatures go back to who said them, and only beside calls."""
        if "state" not in message:
            return message
        state = self._state(message, model)
        said = {key: value for key, value in message.items() if key != "state"}
        if not said.get("tool_calls"):
            return said
        if "details" in state:
            said["reasoning_details"] = state["details"]
        if "reasoning" in state and self._learned.thoughts:
            said["reasoning_content"] = state["reasoning"]
        if extras := state.get("extras"):
            said["tool_calls"] = [
                {**call, "extra_content": extras[call["id"]]} if call["id"] in extras else call
                for call in said["tool_calls"]
            ]
        return said

    def _decoder(self) -> Decoder:
        return ChatDecoder()
