"""Tools that wait for a yes, as the people in a chat see them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.agent.tool_runs import DECLINED, UNANSWERED, ToolRequest
from telex.config_agent import AgentConfig
from telex.gateway.approvals import ANSWERED, NOT_YOURS, OUT_OF_DATE, Ending, question
from telex.gateway.desk import STRANGER
from telex.providers.base import Emit, Reply, Request
from telex.providers.scripted import Piece, Scripted
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.dialect import render, utf16_length
from tests.gateway.playground import ADA, CODE, GRACE, LAB, WORKSHOP, Playground, Words, play

STRANGERS = 1003
QUESTION = '🔐 May I run calculator with this?\n\n{\n  "expression": "6 * 7"\n}'


class Calculating(Words):
    """Asks the calculator, and says what it said."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer the last question."""
        self.asked.append(list(request.messages))
        said = [message["content"] for message in request.messages if message["role"] == "tool"]
        arguments = json.dumps({"expression": "6 * 7"})
        script = [Piece(0, arguments, "call", "calculator"), Piece(0, f"It said: {said[-1] if said else '?'}")]
        return await Scripted(script).stream(request, emit)


def asking(timeout: float = 60.0) -> dict[str, Any]:
    return {"model": Calculating(), "agent": AgentConfig(approve=("calculator",), approval_timeout=timeout)}


async def asked(here: Playground, chat: int, thread: int | None = None) -> dict[str, Any]:
    """Wait for a question with buttons, and return its message."""

    def questions() -> list[dict[str, Any]]:
        return [message for message in here.messages(chat, thread) if "reply_markup" in message]

    await here.until(questions)
    (message,) = questions()
    return message


def tap(here: Playground, message: dict[str, Any], number: int, **who: Any) -> None:
    """Press the first or the second button under a message."""
    data = message["reply_markup"]["inline_keyboard"][0][number]["callback_data"]
    here.simulator.press(message["chat"]["id"], message["message_id"], data, **who)


def toasts(here: Playground) -> list[str]:
    return [call.params.get("text", "") for call in here.calls("answerCallbackQuery")]


async def ended(here: Playground, message: dict[str, Any], ending: Ending) -> None:
    """Wait until the question says what became of it, and see that its buttons are gone."""
    messages = here.simulator.state.chats[message["chat"]["id"]].messages
    await here.until(lambda: messages[message["message_id"]]["text"] == f"{QUESTION}\n\n{ending.value}")
    assert "reply_markup" not in messages[message["message_id"]]


def test_a_tool_runs_after_a_yes_that_is_tapped_in_the_chat():
    async def story(here: Playground) -> None:
        here.say(ADA, "How much?")
        message = await asked(here, ADA)
        assert message["text"] == QUESTION
        assert {entity["type"] for entity in message["entities"]} == {"code", "pre"}
        await here.until(lambda: "waits for your yes" in getattr(here.simulator.draft(ADA), "text", ""))
        tap(here, message, 0)
        await ended(here, message, Ending.ALLOWED)
        await here.until(lambda: here.texts(ADA)[-1].endswith("It said: 42"))
        assert len(here.texts(ADA)) == 2
        await here.until(lambda: toasts(here) == ["Allowed."])

    play(story, **asking())


@pytest.mark.parametrize(("chat", "thread"), [(LAB, None), (WORKSHOP, CODE)])
def test_in_a_group_only_who_asked_may_answer_and_the_question_stands_where_they_asked(chat: int, thread: int | None):
    async def story(here: Playground) -> None:
        here.simulator.add_private(STRANGERS, "Mallory")
        first = here.say(chat, "@telex_demo_bot how much?", user_id=GRACE, thread_id=thread)
        message = await asked(here, chat, thread)
        assert message["reply_to_message"]["message_id"] == first
        tap(here, message, 0, user_id=ADA)
        tap(here, message, 0, user_id=STRANGERS)
        await here.until(lambda: len(toasts(here)) == 2)
        assert sorted(toasts(here)) == sorted([NOT_YOURS, STRANGER])
        assert (await asked(here, chat, thread))["text"] == QUESTION
        tap(here, message, 1, user_id=GRACE)
        await ended(here, message, Ending.DENIED)
        await here.until(lambda: any(text.endswith(f"It said: {DECLINED}") for text in here.texts(chat, thread)))

    play(story, **asking())


def test_a_question_that_nobody_answers_is_a_no_and_says_so():
    async def story(here: Playground) -> None:
        here.say(ADA, "How much?")
        message = await asked(here, ADA)
        await ended(here, message, Ending.LATE)
        await here.until(lambda: here.texts(ADA)[-1].endswith(f"It said: {UNANSWERED}"))

    play(story, **asking(timeout=1.0))


@pytest.mark.parametrize("how", ["/stop", "button", "message", "end"])
def test_an_interrupt_takes_the_question_back(how: str):
    async def story(here: Playground) -> None:
        here.say(ADA, "How much?")
        message = await asked(here, ADA)
        if how == "button":
            await here.until(lambda: here.simulator.press_stop(ADA))
        elif how == "end":
            assert await here.stop() < 5
        else:
            here.say(ADA, {"/stop": "/stop", "message": "And now?"}[how])
        await ended(here, message, Ending.STOPPED)
        assert not any("42" in str(request) for request in here.model.asked)
        if how == "message":  # whose own question is open
            tap(here, await asked(here, ADA), 0)
            await here.until(lambda: here.texts(ADA)[-1].endswith("It said: 42"))

    play(story, **asking())


def test_a_second_tap_changes_nothing():
    async def story(here: Playground) -> None:
        here.say(ADA, "How much?")
        message = await asked(here, ADA)
        tap(here, message, 1)
        tap(here, message, 0)
        await ended(here, message, Ending.DENIED)
        await here.until(lambda: len(toasts(here)) == 2)
        assert ANSWERED in toasts(here)
        await here.until(lambda: here.texts(ADA)[-1].endswith(DECLINED))

    play(story, **asking())


def test_a_button_of_a_former_run_says_so_and_goes():
    async def story(here: Playground) -> None:
        api = BotApi(here.simulator.token, here.simulator.base_url)
        key = {"inline_keyboard": [[{"text": "Allow", "callback_data": "tool:0badcafe:1:y"}]]}
        number = await api.send_raw(ADA, QUESTION, reply_markup=key)
        await api.close()
        tap(here, await asked(here, ADA), 0)
        await here.answered(ADA, f"🔐 May I run calculator with this?\n\n{Ending.OUT_OF_DATE.value}")
        assert here.messages(ADA)[-1]["message_id"] == number
        assert "reply_markup" not in here.messages(ADA)[-1]
        await here.until(lambda: toasts(here) == [OUT_OF_DATE])
        assert here.model.asked == []

    play(story, **asking())


def test_a_question_whose_post_was_not_answered_is_found_and_stands_once():
    async def story(here: Playground) -> None:
        here.say(ADA, "How much?")
        tap(here, await asked(here, ADA), 0)
        await here.until(lambda: here.texts(ADA)[-1].endswith("It said: 42"))
        assert [text.endswith(Ending.ALLOWED.value) for text in here.texts(ADA)] == [True, False]

    play(story, faults="sendMessage#1=reset_after", **asking())


def test_a_question_that_waits_for_a_rate_limit_is_not_posted_after_a_stop():
    async def story(here: Playground) -> None:
        here.say(ADA, "How much?")
        await here.until(lambda: any(call.status == 429 for call in here.calls("sendMessage")))
        here.say(ADA, "/stop")
        await here.until(lambda: here.texts(ADA))
        assert not any("🔐" in text for text in here.texts(ADA))

    play(story, faults="sendMessage#1=429:1", **asking())


@given(name=st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True), arguments=st.text(max_size=6000))
def test_a_question_fits_in_a_message_and_hides_nothing(name: str, arguments: str):
    for given_as in (arguments, json.dumps({"path": arguments})):
        shown = render(question(ToolRequest("1", name, "", given_as))).text
        assert utf16_length(shown) < 4000
        assert name in shown
        assert all(char.isprintable() or char == "\n" for char in shown)


def test_the_direction_of_writing_cannot_be_turned_in_a_question():
    shown = question(ToolRequest("1", "delete", "", json.dumps({"path": "a\u202egpj.exe"})))
    assert r"a\u202egpj.exe" in shown
