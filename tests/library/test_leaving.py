"""Leaving the block of `telex.live`: when it is cancelled, and what settings make of the answer."""

import asyncio
from typing import Any

import pytest

import telex
from telex.errors import PlatformError
from telex.library import PARTING
from telex.simulator.faults import FaultPlan
from telex.simulator.server import Simulator
from tests.library.stage import ADA, LAB, answer, play, texts

HALF = "Half an answer"


async def half(simulator: Simulator, **how: Any) -> None:
    """An answer that goes on for ever."""
    how = {"api_base": simulator.base_url, **how}
    async with telex.live(telex.telegram(simulator.token, ADA, **how)) as out:
        out.feed(HALF)
        await asyncio.sleep(3600)


async def whole(simulator: Simulator, **how: Any) -> None:
    """An answer that is left at once."""
    how = {"api_base": simulator.base_url, **how}
    async with telex.live(telex.telegram(simulator.token, ADA, **how)) as out:
        out.feed(HALF)


async def cancelled(task: asyncio.Task[None]) -> float:
    """Cancel it; the virtual seconds until it has ended so."""
    before = asyncio.get_running_loop().time()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return asyncio.get_running_loop().time() - before


async def final_on_its_way(simulator: Simulator) -> None:
    await simulator.wait_for(lambda: any(call.method == "sendMessage" for call in simulator.calls))


def test_what_was_said_stays_when_the_task_is_cancelled_and_nothing_is_said_of_a_failure():
    async def story(simulator: Simulator) -> None:
        task = asyncio.create_task(half(simulator))
        await asyncio.sleep(3)
        await cancelled(task)
        (text,) = texts(simulator)
        assert text.startswith(HALF)
        assert "broke off" not in text

    play(story)


def test_what_was_said_stays_when_the_task_is_cancelled_again_while_that_is_being_shown():
    async def story(simulator: Simulator) -> None:
        simulator.faults = FaultPlan.parse("sendMessage#1=slow:2")
        task = asyncio.create_task(half(simulator))
        await asyncio.sleep(3)
        task.cancel()
        await final_on_its_way(simulator)
        assert await cancelled(task) < PARTING
        assert [text.startswith(HALF) for text in texts(simulator)] == [True]

    play(story)


def test_a_whole_answer_stays_when_the_task_is_cancelled_while_its_end_is_being_shown():
    async def story(simulator: Simulator) -> None:
        simulator.faults = FaultPlan.parse("sendMessage#1=slow:2")
        task = asyncio.create_task(whole(simulator))
        await final_on_its_way(simulator)
        assert await cancelled(task) < PARTING
        assert texts(simulator) == [HALF]

    play(story)


def test_where_nothing_can_be_shown_who_cancels_waits_a_moment_and_not_for_ever():
    async def story(simulator: Simulator) -> None:
        task = asyncio.create_task(whole(simulator, api_base="http://127.0.0.1:1"))
        await asyncio.sleep(3)
        assert await cancelled(task) == pytest.approx(PARTING)

    play(story)


def test_who_cancels_again_while_that_moment_passes_waits_no_longer():
    async def story(simulator: Simulator) -> None:
        task = asyncio.create_task(whole(simulator, api_base="http://127.0.0.1:1"))
        await asyncio.sleep(3)
        task.cancel()
        await asyncio.sleep(1)
        assert await cancelled(task) == 0

    play(story)


# -- settings ----------------------------------------------------------------------------------------------------------

LONG = [f"word{number}" for number in range(1200)]


@pytest.mark.parametrize("numbered", [True, False])
def test_an_answer_of_several_messages_numbers_them_where_that_was_asked_for(numbered: bool):
    async def story(simulator: Simulator) -> None:
        await answer(simulator, LONG, every=0.01, page_numbers=numbered)
        shown = texts(simulator)
        assert len(shown) == 3
        assert ["(1/" in shown[0], "(2/" in shown[1], "(3/3)" in shown[2]] == [numbered] * 3

    play(story)


@pytest.mark.parametrize("chat", [ADA, LAB], ids=["drafts", "edits"])
def test_where_streaming_is_not_enabled_only_what_is_complete_is_shown(chat: int):
    async def story(simulator: Simulator) -> None:
        await answer(simulator, ["One", "two", "three."], chat, every=2.0, streaming={"enabled": False})
        assert [frame.text for frame in simulator.frames] == ["One two three."]

    play(story)


@pytest.mark.parametrize("on_unknown", ["repeat", "give_up"])
def test_a_message_that_may_have_been_posted_is_posted_again_or_given_up_as_was_asked_for(on_unknown: str):
    async def story(simulator: Simulator) -> None:
        simulator.faults = FaultPlan.parse("sendMessage#1=reset_before")
        await whole(simulator, streaming={"on_unknown": on_unknown})

    if on_unknown == "repeat":
        play(story)
    else:
        with pytest.raises(PlatformError, match="give_up"):
            play(story)


@pytest.mark.parametrize(("faults", "why"), [("*#1-9=reset_before", "no proper answer"), ("*#1-9=502", "no JSON")])
def test_an_answer_that_waits_for_telegram_says_so_once_and_without_the_token(
    faults: str, why: str, caplog: pytest.LogCaptureFixture
):
    async def story(simulator: Simulator) -> None:
        simulator.faults = FaultPlan.parse(faults)
        await whole(simulator)
        said = [record.getMessage() for record in caplog.records if record.name == "telex.telegram"]
        assert [text.partition(":")[0] for text in said] == ["answers wait for Telegram", "Telegram answers again"]
        assert why in said[0]
        assert simulator.token not in said[0]

    with caplog.at_level("INFO"):
        play(story)
