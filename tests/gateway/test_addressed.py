"""Whom the gateway answers and what it leaves alone, over real sockets."""

import logging
from typing import Any

import pytest

from tests.gateway.playground import ADA, GRACE, LAB, WORKSHOP, Playground, numbered, play

BOT = "@telex_demo_bot"
MALLORY = 4711
TEXT_ONLY = "I can read text only."


def send(here: Playground, chat: int, **content: Any) -> None:
    """Ada sends something that is no text."""
    state = here.simulator.state
    where = {"chat": state.chat_object(state.chats[chat]), "from": state.users[ADA], "date": 0}
    here.simulator.notify("message", state.post(state.chats[chat], {**where, **content}))


async def all_taken(here: Playground) -> None:
    """Wait until everything that people did so far was acted on: another chat's question comes after it."""
    here.simulator.add_private(GRACE, "Grace")
    here.say(GRACE, "say 2")
    await here.answered(GRACE, numbered(2))


# -- who may --------------------------------------------------------------------------------------------------------


def test_a_stranger_in_a_group_is_told_once_and_for_every_chat(caplog: pytest.LogCaptureFixture):
    async def story(here: Playground) -> None:
        here.simulator.add_private(MALLORY, "Mallory")
        for _ in range(2):
            here.say(LAB, f"{BOT} say 3", user_id=MALLORY)
        here.say(MALLORY, "say 3")
        await all_taken(here)
        assert [str(MALLORY) in text for text in here.texts(LAB)] == [True]
        assert here.texts(MALLORY) == []
        assert len(here.model.asked) == 1

    play(story)
    assert caplog.text.count("is not in telegram.allow") == 1


def test_a_stranger_who_only_talks_in_a_group_is_told_nothing():
    async def story(here: Playground) -> None:
        here.simulator.add_private(MALLORY, "Mallory")
        here.say(LAB, "what a day", user_id=MALLORY)
        here.say(LAB, "/fly", user_id=MALLORY)
        await all_taken(here)
        assert here.texts(LAB) == []

    play(story)


def test_a_stranger_cannot_stop_or_forget_what_others_asked():
    async def story(here: Playground) -> None:
        here.simulator.add_private(MALLORY, "Mallory")
        here.say(LAB, f"{BOT} hold 5")
        await here.until(lambda: any("w4" in text for text in here.texts(LAB)))
        here.say(LAB, "/stop", user_id=MALLORY)
        here.say(LAB, f"/new{BOT}", user_id=MALLORY)
        await all_taken(here)
        assert here.model.cancelled == 0
        here.model.go_on.set()
        await here.until(lambda: any(text.endswith("the end") for text in here.texts(LAB)))

    play(story)


def test_a_strangers_press_of_a_button_is_acknowledged_and_does_nothing():
    async def story(here: Playground) -> None:
        here.simulator.add_private(MALLORY, "Mallory")
        here.say(LAB, f"{BOT} say 3")
        await here.answered(LAB, numbered(3))
        stranger = here.simulator.state.users[MALLORY]
        query = {"id": "9", "from": stranger, "message": here.messages(LAB)[-1], "data": "go_on", "chat_instance": "1"}
        here.simulator.notify("callback_query", query)
        await here.until(lambda: here.calls("answerCallbackQuery"))
        await all_taken(here)
        assert len(here.model.asked) == 2
        assert not here.calls("editMessageReplyMarkup")

    play(story)


def test_the_stop_of_a_draft_from_another_chat_does_nothing():
    async def story(here: Playground) -> None:
        here.simulator.add_private(GRACE, "Grace")
        here.say(ADA, "hold 5")
        await here.until(lambda: (draft := here.simulator.draft(ADA)) and "w4" in draft.text)
        draft = here.simulator.draft(ADA)
        assert draft is not None
        chat = here.simulator.state.chat_object(here.simulator.state.chats[GRACE])
        here.simulator.notify("stopped_message_generation", {"chat": chat, "draft_id": draft.draft_id})
        await all_taken(here)
        assert here.model.cancelled == 0
        here.model.go_on.set()
        await here.answered(ADA, f"{numbered(5)} the end")

    play(story)


# -- what is for whom -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_a_command_for_another_bot_is_left_alone(chat: int):
    async def story(here: Playground) -> None:
        here.say(chat, f"{BOT} hold 5")
        await here.until(lambda: any("w4" in frame.text for frame in here.simulator.frames))
        here.say(chat, "/stop@another_bot")
        await all_taken(here)
        assert here.model.cancelled == 0
        assert len(here.model.asked) == 2
        here.model.go_on.set()
        await here.answered(chat, f"{numbered(5)} the end")

    play(story)


def test_stop_with_the_bots_name_stops_in_a_group():
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} hold 5")
        await here.until(lambda: any("w4" in text for text in here.texts(LAB)))
        here.say(LAB, f"/stop{BOT}", user_id=GRACE)
        await here.until(lambda: here.model.cancelled == 1)
        await here.answered(LAB, numbered(5))

    play(story)


def test_an_address_that_holds_the_bots_name_is_no_mention():
    async def story(here: Playground) -> None:
        here.say(LAB, "write to say@telex_demo_bot.com")
        here.say(LAB, f"{BOT} say 3")
        await here.answered(LAB, numbered(3))
        assert len(here.model.asked) == 1

    play(story)


def test_a_mention_in_a_caption_is_answered():
    async def story(here: Playground) -> None:
        mention = [{"type": "mention", "offset": 0, "length": len(BOT)}]
        send(here, LAB, photo=[], caption=f"{BOT} say 3", caption_entities=mention)
        await here.answered(LAB, numbered(3))

    play(story)


def test_a_mention_without_a_question_is_met_with_a_question():
    async def story(here: Playground) -> None:
        here.say(LAB, BOT)
        await here.until(lambda: here.texts(LAB))
        assert here.texts(LAB)[0].startswith("Yes?")
        assert here.model.asked == []

    play(story)


def test_an_edit_while_the_answer_grows_does_not_begin_another():
    async def story(here: Playground) -> None:
        message = here.simulator.say(ADA, "hold 5")
        await here.until(lambda: any("w4" in frame.text for frame in here.simulator.frames))
        here.simulator.notify("edited_message", {**message, "text": "say 4"})
        await all_taken(here)
        here.model.go_on.set()
        await here.answered(ADA, f"{numbered(5)} the end")
        assert len(here.model.asked) == 2

    play(story)


# -- what is no text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["photo", "sticker", "voice", "document", "location"])
def test_what_is_no_text_is_met_with_a_clear_answer_and_the_running_one_goes_on(kind: str):
    async def story(here: Playground) -> None:
        here.say(ADA, "hold 5")
        await here.until(lambda: any("w4" in frame.text for frame in here.simulator.frames))
        content: dict[str, Any] = {kind: {}}
        send(here, ADA, **content)
        await here.answered(ADA, TEXT_ONLY)
        here.model.go_on.set()
        await here.answered(ADA, f"{numbered(5)} the end")

    play(story)


def test_an_album_is_met_with_one_answer():
    async def story(here: Playground) -> None:
        for _ in range(4):
            send(here, ADA, photo=[], media_group_id="77")
        await all_taken(here)
        await here.until(lambda: here.texts(ADA))
        assert here.texts(ADA) == [TEXT_ONLY]

    play(story)


def test_an_album_with_a_question_is_answered_and_nothing_else_is_said():
    async def story(here: Playground) -> None:
        send(here, ADA, photo=[], media_group_id="77", caption="say 3")
        for _ in range(3):
            send(here, ADA, photo=[], media_group_id="77")
        await all_taken(here)
        await here.answered(ADA, numbered(3))
        assert here.texts(ADA) == [numbered(3)]

    play(story)


@pytest.mark.parametrize("chat", [ADA, WORKSHOP])
def test_news_of_the_chat_itself_is_not_answered(chat: int):
    async def story(here: Playground) -> None:
        send(here, chat, pinned_message={"message_id": 1})
        send(here, chat, forum_topic_created={"name": "Plans"})
        send(here, chat, message_auto_delete_timer_changed={"message_auto_delete_time": 60})
        await all_taken(here)
        assert here.texts(chat) == []

    play(story)


def test_an_update_of_a_form_that_nobody_knows_does_not_stop_the_others(caplog: pytest.LogCaptureFixture):
    async def story(here: Playground) -> None:
        here.simulator.notify("message", {"message_id": "seven", "chat": 5})
        here.simulator.notify("callback_query", {"from": None})
        await all_taken(here)

    caplog.set_level(logging.WARNING)
    play(story)
    assert "has a form that telex does not know" in caplog.text


def test_a_button_whose_acknowledgement_hangs_does_not_hold_up_the_end():
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} say 3")
        await here.answered(LAB, numbered(3))
        ada = here.simulator.state.users[ADA]
        query = {"id": "9", "from": ada, "message": here.messages(LAB)[-1], "data": "other", "chat_instance": "1"}
        here.simulator.notify("callback_query", query)
        await here.until(lambda: here.calls("answerCallbackQuery"))
        assert await here.stop() < 5

    play(story, faults="answerCallbackQuery#1=hang_before")
