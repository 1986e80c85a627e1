"""A decoder with a bug fails the answer of its model, and nothing more."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

import pytest

from telex.errors import ProviderError
from telex.events import Event
from telex.providers.base import Decoder, Delta, Reply, Request
from telex.providers.chat_decoder import ChatDecoder
from telex.providers.openai_chat import OpenAIChat
from tests.providers.chat_events import STOP, say, sse

QUESTION = Request([{"role": "user", "content": "Hello?"}])


class Stumbling(ChatDecoder):
    """Reads an answer until it is sent a certain word, or asked for all of them."""

    def feed(self, data: bytes) -> Iterable[Delta]:
        if b"stumble" in data:
            raise KeyError("stumble")
        return super().feed(data)

    def reply(self) -> Reply:
        if super().reply().text == "fall":
            raise AttributeError("fall")
        return super().reply()


class StumblingChat(OpenAIChat):
    """A format whose decoder has a bug."""

    def _decoder(self) -> Decoder:
        return Stumbling()


def ask(model_server: Any, emit: Any, *words: str) -> Reply:
    async def handler(call: Any) -> None:
        await call.head()
        for word in words:
            await call.part(sse(say(word), done=False))
        await call.part(sse(STOP))
        await call.raw(b"0\r\n\r\n")

    async def main() -> Reply:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = StumblingChat(server.url, model="m")
            try:
                return await provider.stream(QUESTION, emit)
            finally:
                await provider.close()

    return asyncio.run(main())


@pytest.mark.parametrize(("words", "bug"), [(["a", "stumble"], "KeyError"), (["fa", "ll"], "AttributeError")])
def test_a_decoder_that_stumbles_is_a_failure_of_the_model_and_told_to_the_log(
    model_server: Any, caplog: pytest.LogCaptureFixture, words: list[str], bug: str
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(ProviderError, match="cannot read"):
        ask(model_server, print, *words)
    assert bug in caplog.text


def test_what_a_listener_raises_is_its_own(model_server: Any) -> None:
    def listen(event: Event) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        ask(model_server, listen, "a", "b")
