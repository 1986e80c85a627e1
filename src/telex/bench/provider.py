"""``telex bench provider``: what a streamed chunk costs on its way from the socket to the presenter.

A server in a process of its own sends 50 streams of 100 chunks a second; the processor time of this process, divided by the
chunks that reached a presenter, is the figure. How old the words were by then stands beside it: reading less often is cheaper,
and not free. The makers' own clients are measured in the same run, where they are installed.
"""

import asyncio
import contextlib
import importlib.util
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

from telex.display.presenter import Presenter
from telex.display.screen import Pacing
from telex.events import Event, TextDelta
from telex.providers.base import Provider, Request
from telex.surfaces.memory import MemorySurface

STREAMS = 50
WARM_UP = 1.0  # seconds until all streams run
WINDOWS = 20  # of which the least counts: neighbours on the machine only ever add to it
WINDOW = 0.5  # seconds
BOUND = 20e-6  # seconds of processor time per chunk
SHARE = 1 / 8  # of what OpenAI's own client costs
QUESTION: list[Any] = [{"role": "user", "content": "Go on."}]


@dataclass(slots=True)
class Counter:
    """The chunks that have reached a presenter, and the ages of one stream's words, in seconds."""

    chunks: int = 0
    ages: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a chunk costs in seconds of processor time, and how old its words are at the presenter, in seconds."""

    cpu: float
    age: float
    oldest: float

    def __str__(self) -> str:
        return f"{self.cpu * 1e6:8.1f}{self.age * 1e3:11.1f}{self.oldest * 1e3:9.1f}"


Stream = Callable[[Callable[[Event], None]], Awaitable[object]]


@contextlib.asynccontextmanager
async def model_server() -> AsyncIterator["tuple[asyncio.subprocess.Process, int]"]:
    """The server and its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "telex.bench.model_server",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None  # noqa: S101 - PIPE above
    assert process.stdin is not None  # noqa: S101 - PIPE above
    try:
        yield process, int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


def presented(counter: Counter) -> Callable[[Event], None]:
    """Feeds a presenter of its own, as the driver does."""
    loop = asyncio.get_running_loop()
    presenter = Presenter(MemorySurface(), Pacing(), loop.time())

    def emit(event: Event) -> None:
        presenter.feed(event, loop.time())
        counter.chunks += 1

    return emit


def aged(counter: Counter, emit: Callable[[Event], None]) -> Callable[[Event], None]:
    """Notes how old each word is that goes on to ``emit``."""

    def noted(event: Event) -> None:
        if isinstance(event, TextDelta) and event.text:
            counter.ages.append(time.monotonic() - float(event.text))
        emit(event)

    return noted


async def cost(stream: Stream) -> Cost:
    """What a chunk costs on this way."""
    counter = Counter()
    emits = [presented(counter) for _ in range(STREAMS)]
    emits[0] = aged(counter, emits[0])
    running = [asyncio.ensure_future(stream(emit)) for emit in emits]
    await asyncio.sleep(WARM_UP)
    counter.ages.clear()
    figures: list[float] = []
    for _ in range(WINDOWS):
        chunks, cpu = counter.chunks, time.process_time()
        await asyncio.sleep(WINDOW)
        figures.append((time.process_time() - cpu) / max(1, counter.chunks - chunks))
    failed = [task.exception() for task in running if task.done()]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    if failed and failed[0] is not None:
        raise failed[0]
    return Cost(min(figures), statistics.mean(counter.ages), max(counter.ages))


class _Bare(asyncio.Protocol):
    """Asks, and finds the word in each packet by its place."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")

    def data_received(self, data: bytes) -> None:
        for part in data.split(b'"content": "')[1:]:
            self._emit(TextDelta(part.partition(b'"')[0].decode()))


async def bare(port: int) -> Cost:
    """What the presenters cost, and sockets that are read whenever there is something."""

    async def stream(emit: Callable[[Event], None]) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: _Bare(emit), "127.0.0.1", port)
        try:
            await loop.create_future()
        finally:
            transport.close()

    return await cost(stream)


async def ours(provider: Provider) -> Cost:
    """What it costs with telex."""
    try:
        return await cost(lambda emit: provider.stream(Request(QUESTION), emit))
    finally:
        await provider.close()


async def with_openai(base_url: str) -> Cost:
    """What it costs with OpenAI's own client."""
    import openai  # noqa: PLC0415 - only where it is installed

    client = openai.AsyncOpenAI(base_url=base_url, api_key="none")

    async def stream(emit: Callable[[Event], None]) -> None:
        async for chunk in await client.chat.completions.create(model="m", messages=QUESTION, stream=True):
            emit(TextDelta(chunk.choices[0].delta.content or ""))

    try:
        return await cost(stream)
    finally:
        await client.close()


async def with_anthropic(base_url: str) -> Cost:
    """What it costs with Anthropic's own client."""
    import anthropic  # noqa: PLC0415 - only where it is installed

    client = anthropic.AsyncAnthropic(base_url=base_url.removesuffix("/v1"), api_key="none")

    async def stream(emit: Callable[[Event], None]) -> None:
        async for event in await client.messages.create(model="m", messages=QUESTION, max_tokens=9, stream=True):
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                emit(TextDelta(event.delta.text))

    try:
        return await cost(stream)
    finally:
        await client.close()


async def main() -> int:
    """Print all figures; 1 when one is beyond its bound."""
    from telex.providers.anthropic import AnthropicMessages  # noqa: PLC0415 - aiohttp takes 0.15 s
    from telex.providers.openai_chat import OpenAIChat  # noqa: PLC0415 - the same
    from telex.providers.openai_responses import OpenAIResponses  # noqa: PLC0415 - the same

    loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
    print(f"What a streamed chunk costs, {STREAMS} streams of 100 chunks a second on {loop}:")
    print(f"{'':28}{'CPU, µs':>8}{'age, ms':>11}{'oldest':>9}", flush=True)
    wrong: list[str] = []
    async with model_server() as (_, port):
        base_url = f"http://127.0.0.1:{port}/v1"
        print(f"{'sockets and presenters alone':28}{await bare(port)}", flush=True)
        figures: dict[str, Cost] = {}
        for made in (OpenAIChat, OpenAIResponses, AnthropicMessages):
            provider = made(base_url, "none", "m")
            figures[made.kind] = figure = await ours(provider)
            print(f"{'telex, ' + made.kind:28}{figure}   bound {BOUND * 1e6:.0f} µs", flush=True)
            if figure.cpu > BOUND:
                wrong.append(f"{made.kind} takes {figure.cpu * 1e6:.1f} µs, more than {BOUND * 1e6:.0f}")
        for name, measure, kind in (
            ("openai", with_openai, OpenAIChat.kind),
            ("anthropic", with_anthropic, AnthropicMessages.kind),
        ):
            if importlib.util.find_spec(name) is None:
                print(f"{name + ' SDK':28} not installed, so not compared")
                continue
            figure = await measure(base_url)
            share = figures[kind].cpu / figure.cpu
            print(f"{name + ' SDK':28}{figure}   telex takes 1/{1 / share:.1f} of its CPU", flush=True)
            if name == "openai" and share > SHARE:
                wrong.append(f"telex takes 1/{1 / share:.1f} of the openai SDK's time, more than 1/{1 / SHARE:.0f}")
    for line in wrong:
        print(f"BEYOND ITS BOUND: {line}")
    if not wrong:
        print("All within their bounds.")
    return 1 if wrong else 0
