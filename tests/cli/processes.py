"""telex as a process: what it prints, what it exits with, and a small model server for it to ask."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiohttp import web

BOUND = 60.0
TOKEN = "12345:telex-simulator"
CONFIGURING = {"TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY"}  # what whoever runs the tests may have in the environment


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would configure telex."""
    kept = {key: value for key, value in os.environ.items() if key not in CONFIGURING}
    return {**kept, **more}


async def start(*arguments: str, **more: str) -> asyncio.subprocess.Process:
    """Start telex; its two streams are pipes."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "telex", *arguments,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=environment(**more),
    )  # fmt: skip


async def done(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """Wait for its end: exit code, output, errors."""
    try:
        out, err = await asyncio.wait_for(process.communicate(), BOUND)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


def telex(*arguments: str, **more: str) -> tuple[int, str, str]:
    """Run telex to its end."""

    async def main() -> tuple[int, str, str]:
        return await done(await start(*arguments, **more))

    return asyncio.run(main())


@contextlib.asynccontextmanager
async def running(*arguments: str, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A telex that is killed at the end, if it still runs."""
    process = await start(*arguments, **more)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_with(stream: asyncio.StreamReader | None, words: str) -> str:
    """The next line that holds ``words``."""
    assert stream is not None
    while True:
        line = (await asyncio.wait_for(stream.readline(), BOUND)).decode()
        assert line, f"the process ended without saying {words!r}"
        if words in line:
            return line


@contextlib.asynccontextmanager
async def model_server(words: list[str], *, pause: float = 0.0) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """A Chat Completions server that streams ``words``; gives its address and what it was asked."""
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append({**await request.json(), "key": request.headers.get("Authorization")})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for word in words:
                chunk = {"choices": [{"index": 0, "delta": {"content": word}}]}
                await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
                await asyncio.sleep(pause)
            end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            await response.write(f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n".encode())
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", asked
    finally:
        await runner.cleanup()


def written(folder: Path, text: str) -> str:
    """A configuration file with this text."""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)
