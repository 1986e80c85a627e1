"""What people do in chats and what the gateway answers, over real sockets."""

import itertools
import logging

import pytest

from telex.gateway.commands import GREETING, HELP
from telex.gateway.conversation import GO_ON_QUESTION
from tests.gateway.playground import (
    ADA,
    CODE,
    CURSOR,
    GRACE,
    IDEAS,
    LAB,
    WORKSHOP,
    Playground,
    numbered,
    play,
)

BOT = "@telex_demo_bot"


def sends(here: Playground) -> list[dict[str, str]]:
    """Arguments of the calls that made or changed a message or a draft."""
    return [call.params for call in here.calls("sendMessage", "editMessageText", "sendMessageDraft")]


# -- who may --------------------------------------------------------------------------------------------------------


def test_who_is_not_allowed_is_told_their_id_once_and_never_answered():
    async def story(here: Playground) -> None:
        here.simulator.add_private(4711, "Mallory")
        for _ in range(3):
            here.say(4711, "say 3")
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        await here.until(lambda: here.texts(4711))
        assert len(here.texts(4711)) == 1
        assert "4711" in here.texts(4711)[0]
        assert len(here.model.asked) == 1

    play(story, allow=(ADA,))


def test_an_empty_list_lets_nobody_in():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 3")
        await here.until(lambda: here.texts(ADA))
        assert str(ADA) in here.texts(ADA)[0]
        assert not here.model.asked

    play(story, allow=())


def test_in_a_group_only_those_who_may_use_it_are_answered():
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} say 3", user_id=GRACE)
        here.say(LAB, f"{BOT} say 4", user_id=ADA)
        await here.answered(LAB, numbered(4))
        assert len(here.model.asked) == 1

    play(story, allow=(ADA,))


# -- commands -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "said"), [("/start", GREETING), ("/help", HELP), ("/help@telex_demo_bot", HELP)])
def test_commands_that_tell_something(command: str, said: str):
    async def story(here: Playground) -> None:
        here.say(ADA, command)
        await here.until(lambda: here.texts(ADA))
        assert here.texts(ADA)[0].split()[0].strip("*") == said.split(maxsplit=1)[0].strip("*")
        assert "/new" in here.texts(ADA)[0]

    play(story)


def test_a_command_for_another_bot_is_not_ours_in_a_group():
    async def story(here: Playground) -> None:
        here.say(LAB, "/help@another_bot")
        here.say(LAB, "/help@telex_demo_bot")
        await here.until(lambda: here.texts(LAB))
        here.say(LAB, f"{BOT} say 2")
        await here.answered(LAB, numbered(2))
        assert len(here.texts(LAB)) == 2

    play(story)


def test_an_unknown_command_is_named_and_the_known_ones_told():
    async def story(here: Playground) -> None:
        here.say(ADA, "/fly")
        await here.until(lambda: here.texts(ADA))
        assert "/fly" in here.texts(ADA)[0]
        assert "/new" in here.texts(ADA)[0]

    play(story)


def test_the_menu_of_commands_is_set():
    async def story(here: Playground) -> None:
        await here.until(lambda: [call for call in here.calls("setMyCommands") if call.status == 200])

    play(story)


def test_new_forgets_what_was_said():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 2")
        await here.answered(ADA, numbered(2))
        here.say(ADA, "/new")
        await here.until(lambda: len(here.texts(ADA)) == 2)
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        contents = [message["content"] for message in here.model.asked[-1]]
        assert "say 3" in contents
        assert "say 2" not in contents

    play(story)


def test_what_was_said_is_remembered():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 2")
        await here.answered(ADA, numbered(2))
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        contents = [str(message["content"]).strip() for message in here.model.asked[-1]]
        assert contents[-3:] == ["say 2", numbered(2), "say 3"]

    play(story)


def test_stop_ends_the_answer_where_it_stands():
    async def story(here: Playground) -> None:
        here.say(ADA, "hold 5")
        await here.until(lambda: (draft := here.simulator.draft(ADA)) and "w4" in draft.text)
        here.say(ADA, "/stop")
        await here.until(lambda: here.texts(ADA))
        assert here.texts(ADA)[0].startswith(numbered(5))
        assert "the end" not in here.texts(ADA)[0]
        assert here.model.cancelled == 1
        assert here.simulator.draft(ADA) is None

    play(story)


def test_stop_where_nothing_runs_says_so():
    async def story(here: Playground) -> None:
        here.say(ADA, "/stop")
        await here.answered(ADA, "Nothing is running.")

    play(story)


def test_what_is_no_text_gets_a_clear_answer():
    async def story(here: Playground) -> None:
        message = here.simulator.say(ADA, "x")
        await here.until(lambda: here.texts(ADA))
        photo = {key: value for key, value in message.items() if key != "text"}
        here.simulator.notify("message", {**photo, "message_id": message["message_id"] + 50, "photo": []})
        await here.answered(ADA, "I can read text only.")

    play(story)


# -- groups and topics ----------------------------------------------------------------------------------------------


def test_in_a_group_a_mention_or_a_reply_is_answered_and_nothing_else():
    async def story(here: Playground) -> None:
        here.say(LAB, "say 9")
        here.say(LAB, f"say 3 {BOT}")
        await here.answered(LAB, numbered(3))
        answer = here.messages(LAB)[-1]["message_id"]
        here.say(LAB, "say 4", reply_to=answer)
        await here.answered(LAB, numbered(4))
        assert len(here.model.asked) == 2

    play(story)


def test_an_edited_message_is_not_answered_again():
    async def story(here: Playground) -> None:
        message = here.simulator.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        here.simulator.notify("edited_message", {**message, "text": "say 4"})
        here.say(ADA, "say 5")
        await here.answered(ADA, numbered(5))
        assert len(here.model.asked) == 2

    play(story)


def test_each_topic_has_its_own_conversation_and_its_thread_on_every_call():
    async def story(here: Playground) -> None:
        here.say(WORKSHOP, f"{BOT} say 30", thread_id=IDEAS)
        here.say(WORKSHOP, f"{BOT} say 40", thread_id=CODE)
        await here.answered(WORKSHOP, numbered(30), IDEAS)
        await here.answered(WORKSHOP, numbered(40), CODE)
        for asked in here.model.asked:
            assert len([message for message in asked if message["role"] == "user"]) == 1
        posts = here.calls("sendMessage", "sendChatAction", "sendMessageDraft")
        assert {call.params.get("message_thread_id") for call in posts} == {str(IDEAS), str(CODE)}
        assert len(here.texts(WORKSHOP, IDEAS)) == len(here.texts(WORKSHOP, CODE)) == 1

    play(story)


def test_general_is_addressed_by_leaving_the_thread_out():
    async def story(here: Playground) -> None:
        here.say(WORKSHOP, f"{BOT} say 3")
        await here.answered(WORKSHOP, numbered(3))
        assert all("message_thread_id" not in params for params in sends(here))

    play(story)


def test_a_thread_of_replies_is_no_topic():
    async def story(here: Playground) -> None:
        message = here.simulator.say(LAB, f"{BOT} say 1")
        await here.answered(LAB, numbered(1))
        number = message["message_id"] + 50
        threaded = {**message, "message_id": number, "text": f"{BOT} say 3", "message_thread_id": message["message_id"]}
        here.simulator.notify("message", threaded)
        await here.until(lambda: len(here.model.asked) == 2)
        await here.answered(LAB, numbered(3))
        assert all("message_thread_id" not in params for params in sends(here))

    play(story)


def test_a_topic_of_a_private_chat_is_answered_in_it():
    async def story(here: Playground) -> None:
        topic = here.simulator.add_topic(ADA, "Plans")
        here.say(ADA, "say 30", thread_id=topic.id)
        await here.answered(ADA, numbered(30), topic.id)
        assert {params.get("message_thread_id") for params in sends(here)} == {str(topic.id)}

    play(story)


def test_a_reply_in_a_group_names_its_question_and_one_in_a_private_chat_does_not():
    async def story(here: Playground) -> None:
        question = here.say(LAB, f"{BOT} say 3")
        here.say(ADA, "say 3")
        await here.answered(LAB, numbered(3))
        await here.answered(ADA, numbered(3))
        assert here.messages(LAB)[0]["reply_to_message"]["message_id"] == question
        assert "reply_to_message" not in here.messages(ADA)[0]

    play(story)


# -- interrupting ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_a_message_that_arrives_while_an_answer_streams_interrupts_it(chat: int):
    async def story(here: Playground) -> None:
        here.say(chat, f"{BOT} hold 5")
        await here.until(lambda: len(here.model.asked) == 1)
        await here.until(lambda: any("w4" in params.get("text", "") for params in sends(here)))
        here.say(chat, f"{BOT} say 3")
        await here.answered(chat, numbered(3))
        old, new = here.texts(chat)
        assert old.startswith(numbered(5))
        assert new == numbered(3)
        assert not [text for text in (old, new) if CURSOR in text]

    play(story)


def test_of_three_quick_questions_the_last_is_answered_and_all_stand_in_order():
    async def story(here: Playground) -> None:
        for number in (11, 12, 13):
            here.say(ADA, f"hold {number}" if number < 13 else "say 13")
        await here.answered(ADA, numbered(13))
        assert not [text for text in here.texts(ADA) if CURSOR in text]
        assert here.texts(ADA).count(numbered(13)) == 1

    play(story)


def test_the_stop_button_makes_a_message_of_what_is_there_and_no_further_draft():
    async def story(here: Playground) -> None:
        here.say(ADA, "hold 5")
        await here.until(lambda: (draft := here.simulator.draft(ADA)) and "w4" in draft.text)
        assert here.simulator.press_stop(ADA)
        stopped = len(here.calls("sendMessageDraft"))
        await here.until(lambda: here.texts(ADA))
        assert here.texts(ADA)[0].startswith(numbered(5))
        here.say(ADA, "/stop")
        await here.answered(ADA, "Nothing is running.")
        assert len(here.calls("sendMessageDraft")) == stopped

    play(story)


def test_the_stop_of_a_draft_that_is_not_ours_does_nothing():
    async def story(here: Playground) -> None:
        here.simulator.add_private(GRACE, "Grace")
        here.say(ADA, "hold 5")
        await here.until(lambda: (draft := here.simulator.draft(ADA)) and "w4" in draft.text)
        chat = here.simulator.state.chat_object(here.simulator.state.chats[ADA])
        here.simulator.notify("stopped_message_generation", {"chat": chat, "draft_id": 1})
        here.say(GRACE, "say 2")
        await here.answered(GRACE, numbered(2))
        assert here.model.cancelled == 0
        here.model.go_on.set()
        await here.answered(ADA, f"{numbered(5)} the end")

    play(story)


# -- side by side ---------------------------------------------------------------------------------------------------


def test_a_chat_whose_calls_hang_delays_nobody_else():
    async def story(here: Playground) -> None:
        here.simulator.add_private(GRACE, "Grace")
        here.say(ADA, "say 20")
        await here.until(lambda: [call for call in here.calls("sendMessage", "sendMessageDraft") if call.status == 0])
        for number in (21, 22, 23):
            here.say(GRACE, f"say {number}")
            await here.answered(GRACE, numbered(number), None)
        assert here.texts(ADA) == []
        await here.answered(ADA, numbered(20))

    plan = f"sendMessageDraft@{ADA}#1-99=hang_before; sendMessage@{ADA}#1=hang_before"
    play(story, faults=plan, streaming={"preview_timeout": 2.0, "final_timeout": 2.0})


# -- failures -------------------------------------------------------------------------------------------------------


def test_a_model_that_fails_before_its_first_word_is_one_clear_line_and_the_next_question_works():
    async def story(here: Playground) -> None:
        here.say(ADA, "break")
        await here.until(lambda: here.texts(ADA))
        assert "The model's server broke." in here.texts(ADA)[0]
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        assert len(here.texts(ADA)) == 2

    play(story)


def test_a_model_that_fails_after_words_leaves_them_and_says_so():
    async def story(here: Playground) -> None:
        here.say(ADA, "fail 5")
        await here.until(lambda: here.texts(ADA))
        assert here.texts(ADA)[0].startswith(numbered(5))
        assert "Cut off: The model's server broke." in here.texts(ADA)[0]
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))

    play(story)


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_an_answer_that_broke_off_has_a_button_to_go_on_with(chat: int):
    async def story(here: Playground) -> None:
        here.say(chat, f"fail 5 {BOT}")
        await here.until(lambda: here.texts(chat) and "Cut off" in here.texts(chat)[0])
        (broken,) = here.messages(chat)
        ((button,),) = broken["reply_markup"]["inline_keyboard"]
        assert button["text"] == "▶ Continue"
        here.simulator.press(chat, broken["message_id"], button["callback_data"])
        await here.answered(chat, f"You said: {GO_ON_QUESTION}")
        await here.until(lambda: not here.messages(chat)[0].get("reply_markup"))

    play(story)


def test_an_answer_that_failed_before_its_first_word_has_no_button():
    async def story(here: Playground) -> None:
        here.say(ADA, "break")
        await here.until(lambda: here.texts(ADA))
        assert "reply_markup" not in here.messages(ADA)[0]

    play(story)


@pytest.mark.parametrize("fault", ["429:1", "502", "reset_before", "reset_after", "500"])
def test_trouble_while_polling_is_survived_and_no_update_is_taken_twice(fault: str, caplog: pytest.LogCaptureFixture):
    async def story(here: Playground) -> None:
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        here.say(ADA, "say 4")
        await here.answered(ADA, numbered(4))
        assert len(here.model.asked) == 2

    caplog.set_level(logging.DEBUG)
    play(story, faults=f"getUpdates#1-2={fault}")
    assert "telex-simulator" not in caplog.text
    assert "12345:" not in caplog.text


# -- settings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("streaming", [{"enabled": False}, {"transport": "off"}])
def test_without_streaming_there_is_one_message_and_nothing_before_it(streaming: dict[str, object]):
    async def story(here: Playground) -> None:
        here.say(ADA, "say 200")
        await here.answered(ADA, numbered(200))
        assert len(sends(here)) == 1

    play(story, streaming=streaming)


def test_transport_edit_edits_in_a_private_chat_too():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 300")
        await here.answered(ADA, numbered(300))
        assert here.calls("editMessageText")
        assert not here.calls("sendMessageDraft")

    play(story, streaming={"transport": "edit"})


def test_transport_draft_never_edits_a_growing_message():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 300")
        here.say(LAB, f"{BOT} say 300")
        await here.answered(ADA, numbered(300))
        await here.answered(LAB, numbered(300))
        assert here.calls("sendMessageDraft")
        assert not here.calls("editMessageText")

    play(story, streaming={"transport": "draft"})


def test_the_cursor_is_what_the_configuration_says():
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} say 300")
        await here.answered(LAB, numbered(300))
        growing = [frame.text for frame in here.simulator.frames if frame.chat_id == LAB]
        assert any(text.endswith(" <<") for text in growing)
        assert CURSOR not in "".join(growing)

    play(story, streaming={"cursor": " <<"})


def test_edit_interval_is_the_least_time_between_the_starts_of_two_previews():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 800")
        await here.answered(ADA, numbered(800))
        starts = [call.at for call in here.calls("sendMessageDraft") if call.params.get("text")]
        assert len(starts) > 1
        assert all(later - earlier >= 0.34 for earlier, later in itertools.pairwise(starts))

    play(story, streaming={"edit_interval": 0.35})
