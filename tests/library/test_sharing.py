"""Answers of one bot, each with a place of its own: the limits are the bot's, and so is what is known of its chats."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

import telex
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.refusals import Why
from telex.simulator.server import Simulator
from telex.surfaces.telegram.bots import shared_bot
from tests.library.stage import ADA, LAB, answer, play, refused, texts

WORDS = [f"w{number}" for number in range(20)]
TABLE = ["| a | b |\n|---|---|\n| 1 | 2 |\n"]


def test_answers_in_many_chats_at_once_keep_the_limit_of_the_bot():
    async def story(simulator: Simulator) -> None:
        chats = range(2001, 2032)
        for chat in chats:
            simulator.add_private(chat, f"P{chat}")
        await asyncio.gather(*(answer(simulator, WORDS, chat) for chat in chats))
        assert all(texts(simulator, chat) == [" ".join(WORDS)] for chat in chats)
        assert refused(simulator) == []

    play(story)


def test_answers_one_after_the_other_keep_the_limit_of_their_group():
    async def story(simulator: Simulator) -> None:
        late = [await answer(simulator, WORDS, LAB) for _ in range(4)]
        assert texts(simulator, LAB) == [" ".join(WORDS)] * 4
        assert max(late) < 1.0
        assert refused(simulator) == []

    play(story)


def test_answers_that_are_shown_in_different_ways_share_their_limits_all_the_same():
    ways: list[dict[str, Any]] = [
        {"streaming": {"transport": "edit"}},
        {"streaming": {"edit_interval": 0}, "rich": "off"},
        {"streaming": {"on_unknown": "give_up"}},
        {"reasoning": "keep"},
    ]

    async def story(simulator: Simulator) -> None:
        for how in ways:
            await answer(simulator, WORDS, LAB, **how)
        assert texts(simulator, LAB) == [" ".join(WORDS)] * len(ways)
        assert refused(simulator) == []

    play(story)


@pytest.mark.parametrize(
    ("interval", "most", "least"), [(0, 10_000, 100), (0.3, 40, 10)], ids=["lifted", "as it is believed"]
)
def test_an_interval_of_0_lifts_the_limit_that_drafts_are_believed_to_have(interval: float, most: int, least: int):
    """A second of 10 drafts and 2 in each further one is what is believed otherwise."""

    async def story(simulator: Simulator) -> None:
        ways: list[dict[str, Any]] = [{}, {"streaming": {"edit_interval": interval, "buffer_threshold": 1}}]
        for how in ways:
            before = len(simulator.frames)
            await answer(simulator, WORDS * 10, every=0.05, **how)
            drafts = [frame for frame in simulator.frames[before:] if frame.kind == "draft"]
        assert least < len(drafts) < most

    play(story, latency=0.01, limits=Limits.none())


def test_a_lost_message_is_found_behind_an_earlier_answer():
    async def story(simulator: Simulator) -> None:
        await answer(simulator, WORDS)
        simulator.faults = FaultPlan.parse("sendMessage#1=reset_after")
        before = len(simulator.calls)
        await answer(simulator, WORDS)
        assert texts(simulator) == [" ".join(WORDS)] * 2
        assert "deleteMessage" not in {call.method for call in simulator.calls[before:]}

    play(story)


def test_a_server_without_rich_messages_is_asked_for_one_once():
    async def story(simulator: Simulator) -> None:
        simulator.bot.rich_refusal = Why.METHOD_NOT_FOUND
        for _ in range(2):
            await answer(simulator, TABLE)
        assert [call.method for call in simulator.calls].count("sendRichMessage") == 1

    play(story)


def test_an_answer_that_ends_leaves_the_connection_to_the_others():
    async def story(simulator: Simulator) -> None:
        simulator.faults = FaultPlan.parse("sendMessage#2=slow:9")
        short = asyncio.create_task(answer(simulator, ["Short."], LAB, every=6.0))
        await answer(simulator, ["Long."], every=5.0)
        await short
        assert (texts(simulator), texts(simulator, LAB)) == (["Long."], ["Short."])
        assert [call.status for call in simulator.calls if call.method == "sendMessage"] == [200, 200]

    play(story)


def test_the_last_answer_closes_the_connection_and_the_next_opens_another():
    complaints: list[str] = []

    async def story(simulator: Simulator) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what["message"]))
        await asyncio.gather(answer(simulator, WORDS), answer(simulator, WORDS, LAB))
        await answer(simulator, WORDS)

    play(story)
    gc.collect()
    assert complaints == []


def test_several_objects_of_one_bot_share_its_limits_too():
    async def story(simulator: Simulator) -> None:
        for _ in range(4):
            async with telex.Telegram(simulator.token, api_base=f"{simulator.base_url}/") as bot:
                await answer(simulator, WORDS, bot.chat(LAB))
        assert texts(simulator, LAB) == [" ".join(WORDS)] * 4
        assert refused(simulator) == []

    play(story)


def test_what_is_known_of_a_bot_goes_with_its_event_loop():
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def two_calls_in_one_chat() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        bot = shared_bot("1:a", "http://127.0.0.1:1").join(limit_drafts=True, on_unknown="repeat", rich="off")

        async def call() -> None:
            async with bot.chat(ADA).place(None).lock:  # who waits for a lock ties it to its loop
                await asyncio.sleep(0)

        await asyncio.gather(call(), call())

    for _ in range(2):
        asyncio.run(two_calls_in_one_chat())
    gc.collect()
    assert loops[0]() is None
