"""A model's server on a real socket whose every byte the test decides."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, TypeAlias

import pytest

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass
class Call:
    """One request, and the socket it came on."""

    connection: int
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> None:
        await self.raw(HEAD)

    async def part(self, data: bytes) -> None:
        await self.raw(b"%x\r\n%b\r\n" % (len(data), data))

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.part(b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n")

    async def finish(self, *, usage: bool = True) -> None:
        await self.part(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n')
        if usage:
            await self.part(b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5}}\n\n')
        await self.part(b"data: [DONE]\n\n")
        await self.raw(b"0\r\n\r\n")

    async def answer(self, *texts: str) -> None:
        await self.head()
        await self.say(*texts)
        await self.finish()

    async def json(self, value: Any, status: int = 200, **headers: str) -> None:
        await self.body_of(json.dumps(value).encode(), status, "application/json", **headers)

    async def body_of(self, body: bytes, status: int, content_type: str, **headers: str) -> None:
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        await self.raw(head.encode() + body)


Handler: TypeAlias = Callable[[Call], Awaitable[None]]


@dataclass
class ModelServer:
    """Answers with ``handler``; knows what it was asked."""

    handler: Handler
    url: str = ""
    port: int = 0
    calls: list[Call] = field(default_factory=list)
    connections: int = 0
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            await self._requests(self.connections, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went, or the test is over
        finally:
            writer.close()

    async def _requests(self, connection: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing() and (line := (await reader.readline()).decode()):
            method, path, _ = line.split(" ", 2)
            headers = {}
            while head := (await reader.readline()).decode().strip():
                name, _, value = head.partition(":")
                headers[name.lower()] = value.strip()
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            call = Call(connection, method, path, headers, json.loads(body or b"null"), reader, writer)
            self.calls.append(call)
            await self.handler(call)


@asynccontextmanager
async def model_server(handler: Handler, ssl: SSLContext | None = None) -> AsyncIterator[ModelServer]:
    server = ModelServer(handler)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=ssl)
    server.port = listener.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{server.port}/v1"
    try:
        yield server
    finally:
        listener.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)


@pytest.fixture(name="model_server")
def _model_server() -> Any:
    return model_server
