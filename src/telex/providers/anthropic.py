"""Anthropic's Messages over HTTP."""

from dataclasses import replace
from typing import Any, ClassVar

from telex.providers import anthropic_request as wire
from telex.providers.anthropic_decoder import PAUSED, AnthropicDecoder
from telex.providers.base import Decoder, Emit, Reply, Request
from telex.providers.http_model import HTTPModel
from telex.providers.thoughts_apart import ThoughtsApart

ANTHROPIC = "https://api.anthropic.com/v1"
VERSION = "2023-06-01"
LONGEST_ANSWER = 8192  # tokens where nobody chose: the server wants a number
MOST_PAUSES = 8


class AnthropicMessages(HTTPModel):
    """A provider for Anthropic's models and servers that imitate them; `HTTPModel` says what it takes."""

    kind: ClassVar[str] = "anthropic"
    asks: ClassVar[str] = "messages"
    versioned: ClassVar[bool] = True

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Ask the model; where it pauses to be asked to go on, that is done.

        Raises:
            ProviderError: as every model behind HTTP does.
        """
        reply = await super().stream(request, emit)
        text, reasoning, content = reply.text, reply.reasoning, _content(reply)
        for _ in range(MOST_PAUSES):
            if reply.finish != PAUSED:
                break
            request = replace(request, messages=[*request.messages, reply.message])
            reply = await super().stream(request, emit)
            text, reasoning = text + reply.text, reasoning + reply.reasoning
            content += _content(reply)
        finish = "length" if reply.finish == PAUSED else reply.finish
        state = {**reply.state, "content": content} if reply.state else None
        return replace(reply, text=text, reasoning=reasoning, finish=finish, state=state)

    def _body(self, request: Request, model: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": self._settings.max_tokens or LONGEST_ANSWER,
            "messages": wire.conversation(request.messages, lambda message: self._state(message, model)),
        }
        if system := wire.system_prompt(request.messages):
            body["system"] = system
        if request.tools:
            body["tools"] = wire.tools(request.tools)
        body.update({**self._settings.options, **request.options})
        if request.tools and not request.may_call:
            body["tool_choice"] = {"type": "none"}
        return body

    def _credentials(self, key: str) -> dict[str, str]:
        return {"x-api-key": key}

    def _fixed_headers(self) -> dict[str, str]:
        return {"anthropic-version": VERSION}

    def _decoder(self) -> Decoder:
        return ThoughtsApart(AnthropicDecoder())


def _content(reply: Reply) -> list[dict[str, Any]]:
    """The blocks of an answer, or of its part up to a pause, as the server wants to see them again."""
    return list((reply.state or {}).get("content") or ())
