"""What comes after a model's "stop", at moments that the test decides; in virtual time."""

import asyncio
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp.base_protocol import BaseProtocol

from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, TextDelta
from telex.providers.afterword import GRACE, afterword
from telex.providers.anthropic_decoder import AnthropicDecoder
from telex.providers.base import Decoder, Request
from telex.providers.chat_decoder import ChatDecoder
from telex.providers.openai_chat import OpenAIChat
from telex.testing.virtual_time import run

DONE = b"data: [DONE]\n\n"
PING = b": ping\n\n"


def stop(content: str = "", **more: Any) -> bytes:
    delta = {"content": content, **more}
    return b"data: " + json.dumps({"choices": [{"delta": delta, "finish_reason": "stop"}]}).encode() + b"\n\n"


LATE_CALL = stop(tool_calls=[{"index": 0, "id": "a", "function": {"name": "look", "arguments": "{}"}}])


class Followed:
    """What became of an answer whose first word came with a "stop"."""

    def __init__(
        self, rest: Sequence[tuple[float, bytes]], end: str = "never", made: type[Any] = ChatDecoder, begin: bytes = b""
    ) -> None:
        self.decoder: Decoder = made()
        self.events: list[Event] = list(self.decoder.feed(begin or stop("w")))
        assert self.decoder.finished
        self.broken, self.seconds = run(self._follow(rest, end))
        self.reply = self.decoder.reply()

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    async def _follow(self, rest: Sequence[tuple[float, bytes]], end: str) -> tuple[ProviderDropped | None, float]:
        loop = asyncio.get_running_loop()
        protocol = BaseProtocol(loop)
        protocol.connection_made(asyncio.Transport())
        content = aiohttp.StreamReader(protocol, 2**16, loop=loop)

        async def server() -> None:
            for pause, data in rest:
                await asyncio.sleep(pause)
                content.feed_data(data)
            if end == "clean":
                content.feed_eof()
            elif end == "cut":
                content.set_exception(aiohttp.ClientPayloadError())

        task, begin = loop.create_task(server()), loop.time()
        response: Any = SimpleNamespace(content=content)
        broken = await afterword(response, self.decoder, self.events.append)
        task.cancel()
        return broken, loop.time() - begin


def test_a_server_that_says_stop_with_each_word_is_heard_to_its_end() -> None:
    followed = Followed([*((GRACE / 2, stop("w")) for _ in range(11)), (0.1, DONE)])
    assert followed.text == followed.reply.text == "w" * 12
    assert followed.seconds == pytest.approx(11 * GRACE / 2 + 0.1)


def test_a_call_that_comes_a_while_after_stop_is_a_call() -> None:
    assert [call.name for call in Followed([(1.3, LATE_CALL), (1.3, DONE)]).reply.calls] == ["look"]


def test_the_arguments_of_a_late_call_are_waited_for_piece_by_piece() -> None:
    pieces = ["", '{"city', '": "Oslo', '"}']
    rest = [
        (1.3, stop(tool_calls=[{"index": 0, "id": "a", "function": {"name": "look", "arguments": piece}}]))
        for piece in pieces
    ]
    (call,) = Followed(rest).reply.calls
    assert call.arguments == '{"city": "Oslo"}'


@pytest.mark.parametrize("rest", [[], [(0.5, PING)] * 40, [(0.5, stop())] * 40], ids=["nothing", "pings", "stops"])
def test_a_server_that_never_ends_has_ended_after_a_while_without_words(rest: Any) -> None:
    followed = Followed(rest)
    assert (followed.text, followed.broken, followed.seconds) == ("w", None, GRACE)


def test_words_are_waited_for_anew_after_each() -> None:
    followed = Followed([(GRACE - 0.1, stop("w")), (GRACE + 0.1, stop("too late"))])
    assert followed.text == "ww"
    assert followed.seconds == pytest.approx(2 * GRACE - 0.1)


@pytest.mark.parametrize("end", ["clean", "cut"])
def test_an_end_of_any_kind_after_stop_is_an_end(end: str) -> None:
    assert Followed([(0.1, PING)], end).broken is None


def test_a_cut_after_further_words_is_a_cut() -> None:
    assert isinstance(Followed([(0.1, stop("w"))], "cut").broken, ProviderDropped)
    assert Followed([(0.1, stop("w"))], "clean").broken is None


def test_an_error_after_stop_is_an_error() -> None:
    with pytest.raises(ProviderError, match="boom"):
        Followed([(0.2, b'data: {"error": {"message": "boom"}}\n\n')])


def test_words_after_a_stop_reason_count_in_other_formats_too() -> None:
    begin = b'data: {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}\n\n'
    word = b'data: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "w"}}\n\n'
    followed = Followed([(1.5, word), (1.5, word)], made=AnthropicDecoder, begin=begin)
    assert followed.text == "ww"


def test_words_after_stop_that_break_off_are_no_success(model_server: Any) -> None:
    heard = asyncio.Queue[Event]()

    async def handler(call: Any) -> None:
        await call.head()
        for _ in range(2):
            await call.part(stop("w"))
            await heard.get()
        call.writer.close()

    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = OpenAIChat(server.url, model="m")
            with pytest.raises(ProviderDropped):
                await provider.stream(Request([{"role": "user", "content": "?"}]), heard.put_nowait)
            await provider.close()

    asyncio.run(main())
