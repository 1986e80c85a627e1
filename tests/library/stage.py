"""A simulated Telegram in virtual time, for stories of the library."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import telex
from telex.library import TelegramChat
from telex.simulator.limits import Limits
from telex.simulator.record import text_of
from telex.simulator.server import Simulator
from telex.testing import Clock

ADA, LAB = 1001, -1001000000001
BOUND = 1000.0  # virtual seconds that a story may take


def play(
    story: Callable[[Simulator], Coroutine[Any, Any, None]], *, latency: float = 0.05, limits: Limits | None = None
) -> None:
    """Tell ``story`` in a new world; seconds in it are virtual, sockets are real."""
    clock = Clock()
    simulator = Simulator(clock=clock.time, latency=latency, limits=limits)
    try:
        clock.run(simulator.start())
        clock.run(asyncio.wait_for(story(simulator), BOUND))
        clock.run(simulator.stop())
    finally:
        clock.close()


async def answer(
    simulator: Simulator, words: list[str], chat: int | TelegramChat = ADA, every: float = 0.5, **how: Any
) -> float:
    """One answer of the three lines, a word at a time; the virtual seconds that leaving the block took."""
    place = telex.telegram(simulator.token, chat, api_base=simulator.base_url, **how) if isinstance(chat, int) else chat
    async with telex.live(place) as out:
        for word in words:
            out.feed(f"{word} ")
            await asyncio.sleep(every)
        said = asyncio.get_running_loop().time()
    return asyncio.get_running_loop().time() - said


def texts(simulator: Simulator, chat: int = ADA) -> list[str]:
    """What the bot's messages in a chat say, oldest first."""
    return [text_of(message) for message in simulator.messages(chat) if message["from"]["is_bot"]]


def refused(simulator: Simulator) -> list[str]:
    """The methods that were called too early."""
    return [call.method for call in simulator.calls if call.status == 429]
