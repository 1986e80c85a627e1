"""A lost first post where no message of the chat is known, as for a bot that asks telex for one answer and names no question."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import telex
from telex.simulator.faults import FaultPlan
from telex.simulator.server import Simulator
from telex.surfaces.telegram.rich_choice import Body
from telex.surfaces.telegram.twins import MOST_QUOTED, quotable
from telex.testing import Clock
from tests.surfaces.telegram.stage import ADA, IDEAS, LAB, WORKSHOP

DONE_ALL = ("reset_after", "hang_after", "502_after")
DONE_NOTHING = ("reset_before", "hang_before", "502")
ANSWER = "It is **done**, as you asked 😀 for it."
SAID = ANSWER.replace("**", "")


def play(story: Callable[[Simulator], Coroutine[Any, Any, None]]) -> None:
    clock = Clock()
    simulator = Simulator(clock=clock.time)
    clock.run(simulator.start())
    clock.run(story(simulator))
    clock.run(simulator.stop())
    clock.close()


async def answer(simulator: Simulator, chat: int, thread: int | None = None, fault: str = "") -> None:
    """One answer of a bot that knows nothing of what was before."""
    simulator.faults = FaultPlan.parse(f"sendMessage#1={fault}" if fault else "")
    async with telex.live(telex.telegram(simulator.token, chat, thread_id=thread, api_base=simulator.base_url)) as out:
        for word in ANSWER.split(" "):
            out.feed(f"{word} ")
            await asyncio.sleep(0.2)


def texts(simulator: Simulator, chat: int, thread: int | None = None) -> list[str]:
    return [message["text"] for message in simulator.messages(chat, thread)]


@pytest.mark.parametrize(
    ("chat", "thread"), [(ADA, None), (LAB, None), (WORKSHOP, IDEAS)], ids=["drafts", "edits", "topic"]
)
@pytest.mark.parametrize("fault", DONE_ALL + DONE_NOTHING)
def test_the_answer_stands_there_once(chat: int, thread: int | None, fault: str):
    async def story(simulator: Simulator) -> None:
        simulator.say(chat, "Do it", thread_id=thread)
        await answer(simulator, chat, thread, fault)
        assert texts(simulator, chat, thread) == ["Do it", SAID]

    play(story)


@pytest.mark.parametrize("fault", DONE_ALL + DONE_NOTHING)
def test_an_older_answer_of_the_same_words_is_not_taken_for_it(fault: str):
    async def story(simulator: Simulator) -> None:
        await answer(simulator, ADA)
        await asyncio.sleep(30)  # virtual time
        await answer(simulator, ADA, fault=fault)
        assert texts(simulator, ADA) == [SAID, SAID]

    play(story)


def test_it_is_found_behind_what_people_wrote_meanwhile():
    async def story(simulator: Simulator) -> None:
        answering = asyncio.create_task(answer(simulator, ADA, fault="hang_after"))
        await simulator.wait_for(lambda: texts(simulator, ADA) == [SAID])
        simulator.say(ADA, "Well?")
        simulator.say(ADA, SAID)
        await answering
        assert texts(simulator, ADA) == ["Well?", SAID, SAID]
        assert [message["from"]["is_bot"] for message in simulator.messages(ADA)] == [False, False, True]

    play(story)


def test_where_telegram_asks_to_wait_the_search_goes_on_afterwards():
    async def story(simulator: Simulator) -> None:
        simulator.faults = FaultPlan.parse("sendMessage#1=reset_after;sendMessage#3=429:3;deleteMessage#1-2=429:3")
        async with telex.live(telex.telegram(simulator.token, ADA, api_base=simulator.base_url)) as out:
            out.feed(ANSWER)
        assert texts(simulator, ADA) == [SAID]

    play(story)


@pytest.mark.parametrize(
    ("text", "bold", "quoted"),
    [
        ("plain words", [], "plain words"),
        ("😀 it is done", [(3, 2)], "is done"),
        ("a bold word", [(2, 4)], "word"),
        ("all of it", [(0, 9)], ""),
        ("nested here and there", [(0, 11), (2, 3)], "and there"),
        ("", [], ""),
        ("x" * 500, [], "x" * MOST_QUOTED),
    ],
)
def test_what_is_quoted_has_no_formatting(text: str, bold: list[tuple[int, int]], quoted: str):
    entities = [{"type": "bold", "offset": offset, "length": length} for offset, length in bold]
    assert quotable(Body(text, text, entities)) == quoted
