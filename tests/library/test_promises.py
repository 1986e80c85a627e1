"""What `telex.live` promises, under faults that are drawn: one final, whole, within the limits, in pages."""

import asyncio
import os

import pytest

import telex
from telex.simulator.faults import FaultPlan
from telex.simulator.server import Simulator
from telex.testing import Clock

ADA, LAB = 1001, -1001000000001
FAULTS = ("429:2", "502", "502_after", "reset_before", "reset_after", "hang_before", "hang_after", "slow:3", "entities")
SEEDS = 50 if os.environ.get("CI") == "true" else 10
WORDS = [f"w{number}" for number in range(1200)]  # 5,900 characters: two pages


async def story(simulator: Simulator, seed: int, chat: int, *, asked: bool) -> None:
    simulator.faults = FaultPlan.parse(";".join([f"seed={seed}", *(f"*%0.05={fault}" for fault in FAULTS)]))
    question = simulator.say(chat, "Hi")["message_id"] if asked else None
    async with telex.Telegram(simulator.token, api_base=simulator.base_url) as bot:
        async with telex.live(bot.chat(chat, reply_to=question)) as out:
            for start in range(0, len(WORDS), 40):
                out.feed(" ".join(WORDS[start : start + 40]) + " ")
                await asyncio.sleep(0.1)
        assert out.already_sent


@pytest.mark.parametrize("chat", [ADA, LAB], ids=["drafts", "edits"])
@pytest.mark.parametrize("asked", [True, False], ids=["question", "no question"])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_answer_is_there_once_and_whole_whatever_fails(seed: int, chat: int, asked: bool) -> None:
    clock = Clock()
    simulator = Simulator(clock=clock.time)
    clock.run(simulator.start())
    clock.run(story(simulator, seed, chat, asked=asked))
    said = [message["text"] for message in simulator.messages(chat) if message["from"]["is_bot"]]
    clock.run(simulator.stop())
    clock.close()
    assert " ".join(said).split() == WORDS
    assert len(said) == 2
