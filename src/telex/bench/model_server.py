"""A model's server for the benches, in a process of its own: ``python -m telex.bench.model_server``.

It prints its port, then streams a chunk every 10 ms to everybody who asks, until they leave: to all at the same moments, as
servers do that compute the next token of all answers in one batch. A chunk's word is when it was written, in seconds of the
machine's monotonic clock. Each line of its input is answered by how many streams are
open and when the last one was closed, in Unix time.
"""

import asyncio
import contextlib
import itertools
import json
import sys
import time
from collections.abc import Callable

INTERVAL = 0.01
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _event(name: str, **body: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **body})}\n\n".encode()


def _chat(text: str, _: int) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "logprobs": None, "finish_reason": None}
    about = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "system_fingerprint": "fp"}
    return b"data: " + json.dumps({**about, "choices": [choice]}).encode() + b"\n\n"


def _anthropic(text: str, _: int) -> bytes:
    return _event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def _responses(text: str, number: int) -> bytes:
    return _event(
        "response.output_text.delta", item_id="m", output_index=0, content_index=0, delta=text, logprobs=[],
        sequence_number=number,
    )  # fmt: skip


_USAGE = {"input_tokens": 1, "output_tokens": 1}
_MESSAGE: dict[str, object] = {
    "id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
    "stop_sequence": None, "usage": _USAGE,
}  # fmt: skip
FORMATS = {
    "completions": (b"", _chat),
    "messages": (
        _event("message_start", message=_MESSAGE)
        + _event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        _anthropic,
    ),
    "responses": (b"", _responses),
}


class _Server:
    def __init__(self) -> None:
        self.open = 0
        self.closed_at = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            opening, make = FORMATS[head.split(b" ", 2)[1].decode().rsplit("/", 1)[-1]]
            self.open += 1
            sending = asyncio.create_task(self._stream(writer, opening, make))
            try:
                await reader.read()  # until the client is gone
            finally:
                self.closed_at = time.time()
                self.open -= 1
                sending.cancel()
        writer.close()

    async def _stream(self, writer: asyncio.StreamWriter, opening: bytes, make: Callable[[str, int], bytes]) -> None:
        writer.write(HEAD + (b"%x\r\n%b\r\n" % (len(opening), opening) if opening else b""))
        loop = asyncio.get_running_loop()
        due = (loop.time() // INTERVAL + 2) * INTERVAL
        for number in itertools.count():
            await asyncio.sleep(due - loop.time())
            chunk = make(f"{time.monotonic():.6f} ", number)
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            due += INTERVAL


async def main() -> None:
    """Serve until the input ends."""
    server = _Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    print(listener.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        print(json.dumps([server.open, server.closed_at]), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
