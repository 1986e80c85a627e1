"""Chats and topics beside one another: each has its own conversation, its own answer, its own end."""

import pytest

from telex.gateway.conversation import GO_ON_QUESTION
from tests.gateway.playground import ADA, CODE, CURSOR, IDEAS, LAB, WORKSHOP, Playground, Words, numbered, play

BOT = "@telex_demo_bot"
MADE = ("sendMessage", "sendMessageDraft", "sendChatAction")


async def streams(here: Playground, chat: int, thread: int | None, word: str) -> None:
    """Wait until a reader sees ``word`` there."""
    place = (chat, thread)
    await here.until(
        lambda: any(word in frame.text for frame in here.simulator.frames if (frame.chat_id, frame.thread_id) == place)
    )


def questions(model: Words) -> list[list[str]]:
    """What the model was shown of people's words, for each time it was asked."""
    return [[str(said["content"]) for said in asked if said["role"] == "user"] for asked in model.asked]


def test_a_question_in_one_topic_leaves_the_answer_in_another_alone():
    async def story(here: Playground) -> None:
        here.say(WORKSHOP, f"{BOT} hold 5", thread_id=IDEAS)
        await streams(here, WORKSHOP, IDEAS, "w4")
        here.say(WORKSHOP, f"{BOT} say 3", thread_id=CODE)
        here.say(WORKSHOP, f"{BOT} say 4")
        await here.answered(WORKSHOP, numbered(3), CODE)
        await here.answered(WORKSHOP, numbered(4))
        here.say(WORKSHOP, f"/stop{BOT}", thread_id=CODE)
        await here.answered(WORKSHOP, "Nothing is running.", CODE)
        assert here.model.cancelled == 0
        here.model.go_on.set()
        await here.answered(WORKSHOP, f"{numbered(5)} the end", IDEAS)

    play(story)


def test_every_place_remembers_what_was_said_in_it_and_nothing_else():
    async def story(here: Playground) -> None:
        topic = here.simulator.add_topic(ADA, "Plans").id
        places = [(ADA, None), (ADA, topic), (LAB, None), (WORKSHOP, None), (WORKSHOP, IDEAS), (WORKSHOP, CODE)]
        for round_ in (10, 20):
            for number, (chat, thread) in enumerate(places, round_):
                here.say(chat, f"{BOT} say {number}", thread_id=thread)
                await here.answered(chat, numbered(number), thread)
        assert questions(here.model)[6:] == [[f"say {number}", f"say {number + 10}"] for number in range(10, 16)]

    play(story)


def test_new_in_one_topic_is_forgotten_there_only():
    async def story(here: Playground) -> None:
        for thread in (IDEAS, CODE):
            here.say(WORKSHOP, f"{BOT} say 2", thread_id=thread)
            await here.answered(WORKSHOP, numbered(2), thread)
        here.say(WORKSHOP, f"/new{BOT}", thread_id=IDEAS)
        for thread in (IDEAS, CODE):
            here.say(WORKSHOP, f"{BOT} say 3", thread_id=thread)
            await here.answered(WORKSHOP, numbered(3), thread)
        assert questions(here.model)[2:] == [["say 3"], ["say 2", "say 3"]]

    play(story)


def test_everything_said_in_a_topic_of_a_private_chat_names_it_also_its_stop_button():
    async def story(here: Playground) -> None:
        topic = here.simulator.add_topic(ADA, "Plans").id
        here.say(ADA, "hold 5", thread_id=topic)
        await streams(here, ADA, topic, "w4")
        assert here.simulator.press_stop(ADA, topic)
        await here.answered(ADA, numbered(5), topic)
        here.say(ADA, "/help", thread_id=topic)
        here.say(ADA, "break", thread_id=topic)
        await here.until(lambda: len(here.texts(ADA, topic)) == 3)
        assert {call.params.get("message_thread_id") for call in here.calls(*MADE)} == {str(topic)}

    play(story)


@pytest.mark.parametrize("thread", [None, IDEAS])
def test_an_answer_over_several_messages_stays_in_its_place(thread: int | None):
    async def story(here: Playground) -> None:
        here.say(WORKSHOP, f"{BOT} say 1100", thread_id=thread)
        await here.until(lambda: any(text.rstrip().endswith("w1099") for text in here.texts(WORKSHOP, thread)))
        assert " ".join(" ".join(here.texts(WORKSHOP, thread)).split()) == numbered(1100)
        assert {call.params.get("message_thread_id") for call in here.calls(*MADE)} == {thread and str(thread)}

    play(story, streaming={"transport": "off"})


def test_a_stop_closes_the_answers_of_all_places_without_a_cursor():
    async def story(here: Playground) -> None:
        places = [(ADA, None), (LAB, None), (WORKSHOP, IDEAS), (WORKSHOP, CODE)]
        for chat, thread in places:
            here.say(chat, f"{BOT} hold 5", thread_id=thread)
        for chat, thread in places:
            await streams(here, chat, thread, "w4")
        assert await here.stop() < 5
        for chat, thread in places:
            (text,) = here.texts(chat, thread)
            assert text.startswith(numbered(5))
            assert "telex was stopped" in text
            assert CURSOR not in text

    play(story)


def test_a_stop_that_was_pressed_just_before_another_message_came_between_stops_the_answer():
    async def story(here: Playground) -> None:
        here.say(ADA, "hold 5")
        await streams(here, ADA, None, "w4")
        before = here.simulator.draft(ADA)
        here.say(ADA, "/help")
        await here.until(lambda: (draft := here.simulator.draft(ADA)) and draft is not before and "w4" in draft.text)
        assert before is not None
        chat = here.simulator.state.chat_object(here.simulator.state.chats[ADA])
        here.simulator.notify("stopped_message_generation", {"chat": chat, "draft_id": before.draft_id})
        await here.answered(ADA, numbered(5))
        assert here.model.cancelled == 1

    play(story)


def test_help_in_the_middle_of_an_answer_is_told_at_once_and_the_answer_stays_whole():
    async def story(here: Playground) -> None:
        here.say(ADA, "hold 5")
        await streams(here, ADA, None, "w4")
        here.say(ADA, "/help")
        await here.until(lambda: len(here.texts(ADA)) == 1)
        await here.until(lambda: (draft := here.simulator.draft(ADA)) and "w4" in draft.text)
        assert here.simulator.press_stop(ADA)
        await here.answered(ADA, numbered(5))
        assert here.model.cancelled == 1

    play(story)


def test_an_answer_that_moved_out_of_a_closed_topic_goes_on_in_its_own_conversation():
    async def story(here: Playground) -> None:
        here.say(WORKSHOP, f"{BOT} fail 400", thread_id=IDEAS)
        await streams(here, WORKSHOP, IDEAS, "w9")
        here.simulator.delete_topic(WORKSHOP, IDEAS)
        await here.until(lambda: any(text.endswith("broke.") for text in here.texts(WORKSHOP)))
        message = here.messages(WORKSHOP)[-1]
        here.simulator.press(WORKSHOP, message["message_id"], "go_on", user_id=ADA)
        await here.until(lambda: len(here.model.asked) == 2)
        assert questions(here.model)[1] == ["fail 400", GO_ON_QUESTION]

    play(story)
