"""A lost first post where no message of the chat is known, as for a bot that asks telex for one answer and names no question."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import telex
from telex.simulator.faults import FaultPlan
from telex.simulator.record import text_of
from telex.simulator.server import Simulator
from telex.surfaces.telegram import api_rich
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.lost import MOST_PROBES
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


async def answer(
    simulator: Simulator, chat: int, thread: int | None = None, fault: str = "", reply_to: int | None = None
) -> None:
    """One answer of a bot that knows nothing of what was before."""
    simulator.faults = FaultPlan.parse(fault if "=" in fault else f"sendMessage#1={fault}" if fault else "")
    place = telex.telegram(simulator.token, chat, thread_id=thread, reply_to=reply_to, api_base=simulator.base_url)
    async with telex.live(place) as out:
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


@pytest.mark.parametrize("chat", [ADA, LAB], ids=["drafts", "edits"])
@pytest.mark.parametrize("fault", [*DONE_ALL, *DONE_NOTHING, "429:2", "entities"])
@pytest.mark.parametrize("call", ["sendMessage#3", "sendMessage#3-4", "deleteMessage#1", "deleteMessage#2"])
def test_a_search_that_is_disturbed_goes_on_and_leaves_nothing_of_its_own(chat: int, call: str, fault: str):
    async def story(simulator: Simulator) -> None:
        await answer(simulator, chat, fault=f"sendMessage#1=reset_after;{call}={fault}")
        assert texts(simulator, chat) == [SAID]

    play(story)


def test_a_search_that_only_ever_fails_ends_and_the_answer_is_whole():
    async def story(simulator: Simulator) -> None:
        await answer(simulator, LAB, fault="sendMessage#1=reset_after;sendMessage#3-99=502")
        assert texts(simulator, LAB)[-1] == SAID

    play(story)


def test_each_of_several_lost_posts_of_the_same_words_is_taken_away():
    async def story(simulator: Simulator) -> None:
        await answer(simulator, ADA, fault="sendMessage#1=hang_after;sendMessage#2=hang_after")
        assert texts(simulator, ADA) == [SAID]

    play(story)


def test_ids_that_are_known_to_be_somebodys_do_not_use_up_the_search():
    """Twenty answers elsewhere come between, of one bot: private chats share their ids."""

    async def story(simulator: Simulator) -> None:
        simulator.faults = FaultPlan.parse("sendMessage#1=hang_after")
        async with telex.Telegram(simulator.token, api_base=simulator.base_url) as bot:

            async def one(chat: int) -> None:
                async with telex.live(bot.chat(chat)) as out:
                    out.feed(ANSWER)

            lost = asyncio.create_task(one(ADA))
            await simulator.wait_for(lambda: texts(simulator, ADA) == [SAID])
            for chat in range(2001, 2021):
                simulator.add_private(chat, "P")
                await one(chat)
            await lost
        assert texts(simulator, ADA) == [SAID]

    play(story)


def test_behind_more_messages_than_are_tried_it_stays():
    async def story(simulator: Simulator) -> None:
        answering = asyncio.create_task(answer(simulator, ADA, fault="hang_after"))
        await simulator.wait_for(lambda: texts(simulator, ADA) == [SAID])
        for number in range(MOST_PROBES + 1):
            simulator.say(ADA, f"Well? {number}")
        await answering
        assert texts(simulator, ADA).count(SAID) == 2

    play(story)


def test_where_the_question_is_known_it_is_found_behind_messages_of_other_chats():
    async def story(simulator: Simulator) -> None:
        question = simulator.say(ADA, "Do it")["message_id"]
        simulator.add_private(2001, "P")
        for number in range(5):
            simulator.say(2001, f"In another chat {number}")
        await answer(simulator, ADA, fault="reset_after", reply_to=question)
        assert texts(simulator, ADA) == ["Do it", SAID]

    play(story)


@pytest.mark.parametrize("fault", DONE_ALL + DONE_NOTHING)
def test_a_rich_message_is_looked_for_too(fault: str):
    async def story(simulator: Simulator) -> None:
        simulator.faults = FaultPlan.parse(f"sendRichMessage#1={fault}")
        async with telex.live(telex.telegram(simulator.token, ADA, api_base=simulator.base_url)) as out:
            out.feed("As [it](https://e.org/is) stands:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
        assert [text_of(message) for message in simulator.messages(ADA)] == ["As it stands:\na\nb\n1\n2"]

    play(story)


def test_another_rich_message_of_the_bot_is_not_taken_for_it():
    table = "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"

    async def story(simulator: Simulator) -> None:
        other = BotApi(simulator.token, simulator.base_url)
        simulator.faults = FaultPlan.parse("sendRichMessage#1=hang_after")

        async def say(words: str) -> None:
            async with telex.live(telex.telegram(simulator.token, ADA, api_base=simulator.base_url)) as out:
                out.feed(words + table)

        answering = asyncio.create_task(say("This is what was asked for:"))
        await simulator.wait_for(lambda: len(simulator.messages(ADA)) == 1)
        await api_rich.send(other, ADA, {"markdown": f"Something else that has got a table:{table}"})
        await answering
        await other.close()
        said = [text_of(message).splitlines()[0] for message in simulator.messages(ADA)]
        assert said == ["Something else that has got a table:", "This is what was asked for:"]

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
