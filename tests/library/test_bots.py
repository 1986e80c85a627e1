"""The bots among the examples, each a process on the simulator: what people see when they write to it."""

import asyncio
import contextlib
import importlib.util
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telex.simulator.server import Simulator

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
ADA, WORKSHOP, IDEAS = 1001, -1001000000002, 2
BOUND = 60.0  # seconds

bots = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.skipif(not importlib.util.find_spec(library), reason=f"needs {library}"))
        for name, library in (("bot_aiogram.py", "aiogram"), ("bot_python_telegram_bot.py", "telegram"))
    ],
)


@contextlib.asynccontextmanager
async def running(name: str, simulator: Simulator) -> AsyncIterator[None]:
    """The bot, from its first question for updates until Ctrl-C, after which it has nothing to complain of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", str(EXAMPLES / name),
        env={**os.environ, "BOT_TOKEN": simulator.token, "API_BASE": simulator.base_url},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        await simulator.wait_for(lambda: any(call.method == "getUpdates" for call in simulator.calls))
        yield
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = await process.communicate()
    assert (process.returncode, said.decode().removeprefix("Received SIGINT signal\n")) == (0, "")


def answers(simulator: Simulator, chat: int, thread: int | None = None) -> list[str]:
    return [message["text"] for message in simulator.messages(chat, thread) if message["from"]["is_bot"]]


@bots
def test_a_bot_answers_a_chat_and_a_topic_side_by_side_each_growing_and_once_in_full(name: str) -> None:
    async def main() -> None:
        simulator = Simulator()
        await simulator.start()
        async with asyncio.timeout(BOUND), running(name, simulator):
            simulator.say(ADA, "hello there")
            simulator.say(WORKSHOP, "dear topic", thread_id=IDEAS)
            await simulator.wait_for(lambda: bool(answers(simulator, ADA) and answers(simulator, WORKSHOP, IDEAS)))
            await simulator.wait_for(lambda: answers(simulator, WORKSHOP, IDEAS)[0].endswith("word: dear topic"))
        await simulator.stop()
        assert answers(simulator, ADA) == ["You said hello there, and I say it again, word by word: hello there"]
        drafts = [(n, frame.text) for n, frame in enumerate(simulator.frames) if frame.kind == "draft"]
        assert all(answers(simulator, ADA)[0].startswith(text.rstrip()) for _, text in drafts)
        shared = [n for n, frame in enumerate(simulator.frames) if frame.chat_id == WORKSHOP]
        assert drafts[0][0] < shared[-1], "the topic waited for nobody"
        assert shared[1] < drafts[-1][0], "nobody waited for the topic"

    asyncio.run(main())


@bots
def test_what_was_said_stays_when_the_bot_is_stopped_with_ctrl_c(name: str) -> None:
    async def main() -> None:
        simulator = Simulator()
        await simulator.start()
        async with asyncio.timeout(BOUND):
            async with running(name, simulator):
                simulator.say(ADA, "word " * 200)
                await simulator.wait_for(lambda: simulator.draft(ADA) is not None)
            (answer,) = answers(simulator, ADA)
            assert answer.startswith("You said")
        await simulator.stop()

    asyncio.run(main())
