"""Calls whose outcome nobody knows, with several chats and topics busy at once.

Whatever is lost, and whether or not it had been carried out: at the end each answer stands exactly once where it belongs,
and no call ever wrote on a message of another answer.
"""

import asyncio
import os
from collections import defaultdict

import pytest

from telex.display.screen import Pacing
from telex.surfaces.telegram.lost import MOST_PROBES
from tests.surfaces.telegram.stage import ADA, CODE, GRACE, IDEAS, LAB, WORKSHOP, Stage, numbered, play

ALL = os.environ.get("CI") == "true"
EVE = 1003
WORDS = 60
# Who answers where, how, and with which words; the answers of a forum share their ids, and so do the private chats.
PLACES = {
    "a": (ADA, None, "auto"),
    "b": (GRACE, None, "auto"),
    "c": (EVE, None, "edit"),
    "d": (LAB, None, "auto"),
    "e": (WORKSHOP, IDEAS, "auto"),
    "f": (WORKSHOP, CODE, "auto"),
}
LOST = ("reset_after", "hang_after", "502_after", "reset_before", "hang_before", "502")
POSTS = [f"sendMessage#{number}={kind}" for number in range(1, 9) for kind in LOST]
DRAFTS = [f"sendMessageDraft#{number}={kind}" for number in range(1, 19, 2) for kind in LOST]
EDITS = [f"editMessageText#{number}={kind}" for number in range(1, 10) for kind in LOST]
ONE_LOST = POSTS + DRAFTS + EDITS
SEVERAL_LOST = [
    f"sendMessage#{first}-{first + more}={kind}" for kind in LOST for first in (1, 3, 5) for more in (1, 3, 7)
]
SEEDS = range(1, 41)


def at_random(seed: int) -> str:
    """About every third call is lost in some way."""
    return f"seed={seed}; " + "; ".join(f"*%0.06={kind}" for kind in LOST)


async def all_at_once(stage: Stage) -> None:
    """Six answers stream side by side to their end."""
    for person, name in ((GRACE, "Grace"), (EVE, "Eve")):
        stage.simulator.add_private(person, name)
    pacing = Pacing(final_bound=1.0, preview_bound=0.3)
    await asyncio.gather(
        *(one_answer(stage, mark, pacing, after) for after, mark in enumerate(PLACES)),
    )


async def one_answer(stage: Stage, mark: str, pacing: Pacing, after: int) -> None:
    chat, thread, transport = PLACES[mark]
    answer = stage.answer(chat, thread, pacing=pacing, transport=transport)
    await asyncio.sleep(0.02 * after)  # virtual time
    await answer.say(numbered(WORDS, mark), 0.1, words=2)
    assert await answer.end(), f"answer {mark} is not shown to its end"


def check(stage: Stage) -> None:
    """Each answer once and whole, and no message ever bore the words of two."""
    for mark, (chat, thread, _) in PLACES.items():
        assert stage.texts(chat, thread) == [numbered(WORDS, mark)], f"in chat {chat}, topic {thread}"
    assert stage.texts(WORKSHOP) == []
    assert stage.simulator.state.drafts == {}
    marks: dict[tuple[int, int | None], set[str]] = defaultdict(set)
    for frame in stage.simulator.frames:
        if frame.kind in {"message", "edit"}:
            marks[frame.chat_id, frame.message_id].add(frame.text[0])
    assert all(len(seen) == 1 for seen in marks.values()), "a call wrote on another answer's message"


def with_these_lost(faults: str) -> None:
    async def story(stage: Stage) -> None:
        await all_at_once(stage)
        check(stage)

    play(story, faults=faults)


def some(cases: list[str], every: int) -> list[str]:
    return cases if ALL else cases[::every]


def test_the_placements_are_reached():
    async def story(stage: Stage) -> None:
        await all_at_once(stage)
        check(stage)
        assert len(stage.calls("sendMessage")) == 6
        assert len(stage.calls("sendMessageDraft")) >= 17
        assert len(stage.calls("editMessageText")) >= 9

    play(story)


@pytest.mark.parametrize("fault", some(POSTS, 3) + some(DRAFTS, 17) + some(EDITS, 11))
def test_a_lost_call_leaves_every_answer_exactly_once(fault: str):
    with_these_lost(fault)


@pytest.mark.parametrize("faults", some(SEVERAL_LOST, 7))
def test_several_posts_lost_at_once_leave_every_answer_exactly_once(faults: str):
    with_these_lost(faults)


@pytest.mark.parametrize("seed", SEEDS if ALL else SEEDS[:5])
def test_calls_lost_at_random_leave_every_answer_exactly_once(seed: int):
    with_these_lost(at_random(seed))


# -- where a lost message is looked for -------------------------------------------------------------------------------


async def lost_behind(stage: Stage, strangers: int) -> bool:
    """An answer whose only post is lost, behind messages of people that the bot is not told of."""
    answer = stage.answer(LAB, transport="off")
    for number in range(strangers):
        stage.simulator.say(LAB, f"Not for the bot {number}")
    await answer.say("It is so.")
    return await answer.end()


@pytest.mark.parametrize("strangers", [0, 1, 5])
def test_a_lost_message_is_found_behind_messages_that_the_bot_never_hears_of(strangers: int):
    async def story(stage: Stage) -> None:
        assert await lost_behind(stage, strangers)
        assert stage.texts(LAB) == ["It is so."]
        people = [message["text"] for message in stage.simulator.messages(LAB) if not message["from"]["is_bot"]]
        assert people == ["Why?", *(f"Not for the bot {number}" for number in range(strangers))]

    play(story, faults="sendMessage#1=reset_after")


def test_a_message_that_cannot_be_found_is_posted_again_and_taken_away_where_it_stands_shortly_before():
    async def story(stage: Stage) -> None:
        assert await lost_behind(stage, 20)
        assert stage.texts(LAB) == ["It is so."]
        searched = stage.calls("sendMessage", "editMessageText", "deleteMessage")
        assert [call.method for call in searched] == [
            "sendMessage", *["editMessageText"] * MOST_PROBES, "sendMessage",  # lost, looked for, posted again
            "sendMessage", "deleteMessage", "deleteMessage", "editMessageText",
        ]  # fmt: skip

    play(story, faults="sendMessage#1=reset_after")


def test_with_give_up_a_message_that_cannot_be_found_is_not_posted_again():
    async def story(stage: Stage) -> None:
        stage.telegram.on_unknown = "give_up"
        assert not await lost_behind(stage, 20)
        assert stage.texts(LAB) == ["It is so."]

    play(story, faults="sendMessage#1=reset_after")


def test_with_give_up_a_message_that_can_be_found_is_found():
    async def story(stage: Stage) -> None:
        stage.telegram.on_unknown = "give_up"
        assert await lost_behind(stage, 2)
        assert stage.texts(LAB) == ["It is so."]

    play(story, faults="sendMessage#1=reset_after")


def test_a_server_that_cannot_be_reached_has_carried_out_nothing_and_nothing_is_looked_for():
    async def story(stage: Stage) -> None:
        port = int(stage.simulator.base_url.rpartition(":")[2])
        await stage.simulator.stop()
        answer = stage.answer(LAB)
        await answer.say("It is so.")
        answer.consumer.finish()
        await asyncio.sleep(5)
        await stage.simulator.start(port=port)
        await answer.driving
        assert answer.consumer.already_sent
        assert [call.method for call in stage.calls()] == ["sendMessage"]
        assert stage.texts(LAB) == ["It is so."]

    play(story)


def test_topics_that_wait_for_anothers_search_leave_it_the_calls_that_it_needs():
    took = []

    async def story(stage: Stage) -> None:
        now = asyncio.get_running_loop().time
        forum = stage.simulator.add_forum(-1001000000077, "Busy", ADA, GRACE, topics=tuple("abcdefgh"))
        topics = [topic for topic in forum.topics if topic != 1]
        answers = [stage.answer(forum.id, topic, transport="off") for topic in topics]
        for number in range(MOST_PROBES - 1):
            stage.simulator.say(forum.id, f"Not for the bot {number}")
        for number, answer in enumerate(answers):
            await answer.say(f"Answer {number}.", 0.001)
        began = now()
        assert all(await asyncio.gather(*(answer.end() for answer in answers)))
        took.append(now() - began)
        assert [stage.texts(forum.id, topic) for topic in topics] == [[f"Answer {number}."] for number in range(8)]

    play(story, faults="sendMessage#1=reset_after")
    assert took[0] < 10.0  # where those who wait call as well, the group's minute is used up before the post is found
