"""Where an answer stands: its topic on every call, and what happens when a topic, a chat or a message goes away."""

import asyncio
from typing import Any

import pytest

from telex.display.frame import Closed
from tests.surfaces.telegram.stage import (
    ADA,
    BASIC,
    CODE,
    IDEAS,
    LAB,
    WORKSHOP,
    Answer,
    Stage,
    final,
    numbered,
    option,
    play,
    preview,
)


def with_one_more_sentence(text: str) -> bool:
    """One line, and then the whole answer."""
    line, _, rest = text.partition("\n\n")
    return "topic" in line and "\n" not in line and rest == numbered(80)


async def half_said(stage: Stage, chat: int, thread: int | None = None, **how: Any) -> Answer:
    """An answer of 80 words of which half has been said and shown."""
    answer = stage.answer(chat, thread, **how)
    first = numbered(80).split()[:40]
    await answer.say(" ".join(first))
    await asyncio.sleep(4)  # virtual time
    return answer


async def say_the_rest(answer: Answer) -> bool:
    """The other half."""
    await answer.say(" ".join(numbered(80).split()[40:]))
    return await answer.end()


# -- topics -----------------------------------------------------------------------------------------------------------


def test_every_call_in_a_topic_of_a_forum_names_it_also_the_typing_sign():
    async def story(stage: Stage) -> None:
        answer = stage.answer(WORKSHOP, IDEAS)
        await asyncio.sleep(10)
        await answer.say(numbered(20))
        assert await answer.end()
        posts = stage.calls("sendMessage", "sendChatAction")
        assert len(posts) > 2
        assert {call.params.get("message_thread_id") for call in posts} == {str(IDEAS)}
        assert stage.texts(WORKSHOP, IDEAS) == [numbered(20)]

    play(story)


def test_general_is_addressed_by_leaving_the_topic_out():
    async def story(stage: Stage) -> None:
        answer = stage.answer(WORKSHOP)
        await asyncio.sleep(10)
        await answer.say(numbered(20))
        assert await answer.end()
        assert {call.params.get("message_thread_id") for call in stage.calls("sendMessage", "sendChatAction")} == {None}
        assert stage.texts(WORKSHOP) == [numbered(20)]

    play(story)


def test_an_answer_to_a_closed_topic_goes_on_in_general_as_a_reply_and_one_line_says_where_from():
    async def story(stage: Stage) -> None:
        stage.simulator.close_topic(WORKSHOP, IDEAS)
        answer = await half_said(stage, WORKSHOP, IDEAS)
        assert await say_the_rest(answer)
        assert stage.texts(WORKSHOP, IDEAS) == []
        (message,) = stage.messages(WORKSHOP)
        assert with_one_more_sentence(message["text"])
        assert "closed" in message["text"]
        assert message["reply_to_message"]["text"] == "Why?"

    play(story)


@pytest.mark.parametrize("before", [True, False])
def test_an_answer_to_a_deleted_topic_goes_on_in_general(before: bool):
    async def story(stage: Stage) -> None:
        if before:
            answer = stage.answer(WORKSHOP, IDEAS)
            stage.simulator.delete_topic(WORKSHOP, IDEAS)
        else:
            answer = await half_said(stage, WORKSHOP, IDEAS)
            stage.simulator.delete_topic(WORKSHOP, IDEAS)
        await answer.say(numbered(80) if before else " ".join(numbered(80).split()[40:]))
        assert await answer.end()
        (text,) = stage.texts(WORKSHOP)
        assert with_one_more_sentence(text)
        posted = [
            call for call in stage.calls("sendMessage") if call.status == 200 and "message_thread_id" not in call.params
        ]
        assert option(posted[-1], "reply_parameters")["allow_sending_without_reply"] is True

    play(story)


def test_what_stands_in_a_topic_stays_there_and_what_follows_its_end_is_a_reply_in_general():
    async def story(stage: Stage) -> None:
        answer = stage.answer(WORKSHOP, IDEAS)
        await answer.say(numbered(600), 0.1, words=5)
        stage.simulator.close_topic(WORKSHOP, IDEAS)
        await answer.say(numbered(800, "x"), 0.1, words=5)
        assert await answer.end()
        shown = [*stage.texts(WORKSHOP, IDEAS), *stage.texts(WORKSHOP)]
        words = [word for text in shown for word in text.split() if word[1:].isdigit()]
        assert words == [*numbered(600).split(), *numbered(800, "x").split()]
        assert len(stage.texts(WORKSHOP, IDEAS)) == 1
        assert "reply_to_message" in stage.messages(WORKSHOP)[0]

    play(story)


def test_a_deleted_topic_of_a_private_chat_is_left_for_the_chat_itself():
    async def story(stage: Stage) -> None:
        topic = stage.simulator.add_topic(ADA, "Plans").id
        answer = await half_said(stage, ADA, topic)
        stage.simulator.delete_topic(ADA, topic)
        assert await say_the_rest(answer)
        (text,) = stage.texts(ADA)
        assert with_one_more_sentence(text)

    play(story)


def test_where_general_is_closed_too_it_ends_without_a_storm_of_calls():
    async def story(stage: Stage) -> None:
        stage.simulator.close_topic(WORKSHOP, IDEAS)
        stage.simulator.close_topic(WORKSHOP, 1)
        answer = stage.answer(WORKSHOP, IDEAS)
        await answer.say(numbered(80))
        assert not await answer.end()
        assert answer.consumer.presenter.closed
        assert len(stage.calls()) <= 4

    play(story)


# -- chats that move or close -----------------------------------------------------------------------------------------


def test_an_answer_in_a_group_that_becomes_a_supergroup_goes_on_there():
    async def story(stage: Stage) -> None:
        stage.simulator.add_group(BASIC, "Small", ADA, kind="group")
        answer = await half_said(stage, BASIC)
        new = stage.simulator.migrate(BASIC)
        assert await say_the_rest(answer)
        assert stage.texts(new) == [numbered(80)]
        await stage.shown(5, new)
        assert stage.texts(new)[-1] == numbered(5)
        assert len([call for call in stage.calls() if call.status == 400]) == 1

    play(story)


def test_an_answer_of_the_old_group_never_edits_a_message_of_the_new_one():
    async def story(stage: Stage) -> None:
        stage.simulator.add_group(BASIC, "Small", ADA, kind="group")
        for _ in range(3):  # ids below those that the new group begins with
            stage.simulator.say(ADA, "Hello")
        answer = await half_said(stage, BASIC)
        new = stage.simulator.migrate(BASIC)
        stage.simulator.state.chats[new].last_id = stage.messages(BASIC)[0]["message_id"] - 2
        other = stage.surface(new)  # its question takes the id before
        stage.telegram.migrate(BASIC, new)
        await other.show(final("Another answer."))
        assert stage.messages(new)[0]["message_id"] == stage.messages(BASIC)[0]["message_id"]
        assert await say_the_rest(answer)
        assert stage.texts(new) == ["Another answer.", numbered(80)]

    play(story)


@pytest.mark.parametrize("chat", [ADA, LAB])
@pytest.mark.parametrize("before", [True, False])
def test_a_bot_that_is_blocked_or_thrown_out_ends_its_answer_and_calls_no_more(chat: int, before: bool):
    async def story(stage: Stage) -> None:
        if before:
            answer = stage.answer(chat)
            stage.simulator.block(chat)
        else:
            answer = await half_said(stage, chat)
            stage.simulator.block(chat)
        await answer.say(numbered(100))
        assert not await answer.end()
        assert answer.consumer.presenter.closed
        refused = [call for call in stage.simulator.calls if call.status == 403]
        assert len(refused) == 1
        assert stage.simulator.calls[-1] is refused[0]

    play(story)


# -- messages that are deleted ----------------------------------------------------------------------------------------


def test_an_answer_whose_message_is_deleted_goes_on_in_a_new_one_with_all_its_words():
    async def story(stage: Stage) -> None:
        answer = await half_said(stage, LAB)
        stage.simulator.delete(LAB, stage.messages(LAB)[0]["message_id"])
        assert await say_the_rest(answer)
        assert stage.texts(LAB) == [numbered(80)]

    play(story)


@pytest.mark.parametrize("chat", [LAB, WORKSHOP])
def test_a_reply_to_a_deleted_question_still_arrives(chat: int):
    async def story(stage: Stage) -> None:
        answer = stage.answer(chat)
        (question,) = stage.simulator.messages(chat)
        stage.simulator.delete(chat, question["message_id"])
        await answer.say(numbered(80))
        assert await answer.end()
        assert stage.texts(chat) == [numbered(80)]

    play(story)


def test_in_a_group_only_the_first_message_of_an_answer_is_a_reply():
    async def story(stage: Stage) -> None:
        await stage.shown(1500, LAB)
        replies = ["reply_to_message" in message for message in stage.messages(LAB)]
        assert replies[0]
        assert not any(replies[1:])
        assert len(replies) > 1

    play(story)


def test_a_refused_typing_sign_changes_nothing():
    async def story(stage: Stage) -> None:
        surface = stage.surface(LAB)
        stage.simulator.faults = stage.simulator.faults.parse("sendChatAction#1=entities")
        await surface.show(preview(""))
        await surface.show(final("*Well*."))
        assert stage.texts(LAB) == ["Well."]
        assert stage.messages(LAB)[0]["entities"]

    play(story)


def test_two_topics_that_learn_at_once_that_there_are_no_drafts_both_go_on_by_edits():
    async def story(stage: Stage) -> None:
        topics = [stage.simulator.add_topic(ADA, name).id for name in ("Plans", "Cats")]
        await asyncio.gather(*(stage.shown(60, ADA, topic) for topic in topics))
        assert [stage.texts(ADA, topic) for topic in topics] == [[numbered(60)], [numbered(60)]]
        assert len(stage.calls("sendMessageDraft")) == 2

    play(story, faults="sendMessageDraft#1=no_drafts")


def test_a_place_that_is_closed_says_why():
    async def story(stage: Stage) -> None:
        surface = stage.surface(LAB)
        stage.simulator.block(LAB)
        outcome = await surface.show(final("Well."))
        assert isinstance(outcome, Closed)
        assert "kicked" in outcome.reason

    play(story)


def test_topics_of_one_forum_stream_side_by_side_each_in_its_own():
    async def story(stage: Stage) -> None:
        await asyncio.gather(
            stage.shown(200, WORKSHOP, IDEAS), stage.shown(210, WORKSHOP, CODE), stage.shown(220, WORKSHOP)
        )
        assert stage.texts(WORKSHOP, IDEAS) == [numbered(200)]
        assert stage.texts(WORKSHOP, CODE) == [numbered(210)]
        assert stage.texts(WORKSHOP) == [numbered(220)]

    play(story)
