"""What may stand between a model's server and telex: a proxy, and a server that compresses although asked not to."""

import asyncio
import zlib
from typing import Any

import pytest

from telex.events import Event, TextDelta
from telex.providers.base import Request
from telex.providers.openai_chat import OpenAIChat

QUESTION = Request([{"role": "user", "content": "Hello?"}])
WORDS = ["Hel", "lo", "!"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
@pytest.mark.parametrize("proxied", [True, False], ids=["proxy", "direct"])
def test_each_word_arrives_before_the_next_is_sent(model_server: Any, encoding: str, proxied: bool) -> None:
    heard = asyncio.Queue[Event]()

    async def handler(call: Any) -> None:
        packed = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)

        async def part(data: bytes) -> None:
            whole = packed.compress(data) + packed.flush(zlib.Z_SYNC_FLUSH)
            await call.part(data if encoding == "identity" else whole)

        await call.raw(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Encoding: %b\r\n\r\n" % encoding.encode()
        )
        for word in WORDS:
            await part(b'data: {"choices": [{"delta": {"content": "%b"}}]}\n\n' % word.encode())
            assert await heard.get() == TextDelta(word)  # would wait for ever if anything gathered bytes on the way
        await part(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
        if encoding != "identity":
            await call.part(packed.flush())
        await call.raw(b"0\r\n\r\n")

    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            address = "http://model.invalid/v1" if proxied else server.url
            proxy = server.url.removesuffix("/v1") if proxied else None
            provider = OpenAIChat(address, model="m", proxy=proxy)
            for _ in range(2):
                reply = await provider.stream(QUESTION, heard.put_nowait)
                assert reply.text == "".join(WORDS)
                await provider._connection.settled()
                assert server.calls[-1].connection == 1
            assert server.calls[0].headers["accept-encoding"] == "identity"
            assert server.calls[0].path.startswith("http://model.invalid/" if proxied else "/v1/")
            await provider.close()

    asyncio.run(main())
