"""Tools that wait for a yes, while Telegram refuses, breaks off or does not answer."""

import os
from typing import Any

import pytest

from telex.agent.tool_runs import DECLINED
from telex.config_agent import AgentConfig
from telex.gateway.approvals import Ending
from tests.gateway.playground import ADA, GRACE, LAB, Playground, play
from tests.gateway.test_approvals import QUESTION, Calculating, asked, tap, toasts

FAULTS = ["429:1", "500", "502_after", "reset_before", "reset_after", "hang_before", "hang_after"]
METHODS = ["sendMessage", "answerCallbackQuery", "editMessageText"]
EVERY = [(ADA, f"{method}#1={fault}") for method in METHODS for fault in FAULTS]
EVERY += [(LAB, f"{method}#{n}={fault}") for method in METHODS for fault in FAULTS for n in (1, 2)]
FEW = [EVERY[n] for n in (0, 1, 2, 3, 5, 6, 7, 8, 11, 14, 15, 16, 18, 20, 21, 26, 49, 55, 61)]
CHOSEN = EVERY if os.environ.get("CI") == "true" else FEW


def world(faults: str) -> dict[str, Any]:
    return {
        "faults": faults,
        "model": Calculating(),
        "agent": AgentConfig(approve=("calculator",)),
        "streaming": {"final_timeout": 1.0, "preview_timeout": 0.2},
    }


def ask(here: Playground, chat: int) -> None:
    here.say(chat, "@telex_demo_bot how much?", user_id=ADA if chat == ADA else GRACE)


async def ended(here: Playground, chat: int, ending: Ending, answer: str) -> None:
    """Wait until one question, with its ending and without buttons, and one answer stand there."""

    def so() -> bool:
        questions = [message for message in here.messages(chat) if "🔐" in message.get("text", "")]
        answers = [text for text in here.texts(chat) if "🔐" not in text]
        return (
            [message["text"] for message in questions] == [f"{QUESTION}\n\n{ending.value}"]
            and "reply_markup" not in questions[0]
            and [text.endswith(answer) for text in answers] == [True]
        )

    await here.until(so)


@pytest.mark.parametrize(("chat", "fault"), CHOSEN)
def test_a_yes_runs_the_tool_once_and_the_question_stands_once_with_its_ending(chat: int, fault: str):
    async def story(here: Playground) -> None:
        ask(here, chat)
        tap(here, await asked(here, chat), 0, user_id=ADA if chat == ADA else GRACE)
        await ended(here, chat, Ending.ALLOWED, "It said: 42")
        assert len(here.model.asked) == 2
        await here.until(lambda: set(toasts(here)) == {"Allowed."})

    play(story, **world(fault))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_stop_while_the_question_is_on_its_way_leaves_no_buttons(fault: str):
    async def story(here: Playground) -> None:
        ask(here, ADA)
        await here.until(lambda: here.calls("sendMessage"))
        here.say(ADA, "/stop")
        await here.stop()
        assert not any("reply_markup" in message for message in here.messages(ADA))
        assert not any("42" in str(request) for request in here.model.asked)

    play(story, **world(f"sendMessage#1={fault}"))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_no_is_a_no_whatever_becomes_of_the_word_to_who_pressed(fault: str):
    async def story(here: Playground) -> None:
        ask(here, ADA)
        tap(here, await asked(here, ADA), 1)
        await ended(here, ADA, Ending.DENIED, DECLINED)
        assert not any("42" in str(request) for request in here.model.asked)

    play(story, **world(f"answerCallbackQuery#1={fault}; editMessageText#1={fault}"))
