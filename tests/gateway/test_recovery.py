"""A gateway killed at any moment of a turn, and started again: every question is answered, or visibly cut off."""

import asyncio
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from telex.gateway.turn import GO_ON
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from tests.cli.processes import TOKEN, line_with, model_server, running, written
from tests.gateway.playground import ADA, CURSOR, LAB, numbered, until

WORDS = [f"{word} " for word in numbered(40).split()]
LONG = [f"{word} " for word in numbered(1100).split()]  # two messages
ALL = os.environ.get("CI") == "true"


def bots(simulator: Simulator, chat: int) -> list[dict[str, Any]]:
    return [message for message in simulator.messages(chat) if message["from"]["is_bot"]]


def buttons(message: dict[str, Any]) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["callback_data"] for row in rows for button in row]


def settled(simulator: Simulator, chat: int, words: list[str]) -> bool:
    """Is what stands there the whole answer, or the beginning of it, marked as cut off?"""
    messages = bots(simulator, chat)
    said = " ".join(message["text"] for message in messages)
    if not messages or CURSOR in said or simulator.draft(chat) is not None:
        return False
    if said.split() == "".join(words).split():
        return True
    return "Cut off" in said and buttons(messages[-1]) == [GO_ON]


def check(simulator: Simulator, chat: int, words: list[str]) -> None:
    """No word twice, none left out, no page cut in its middle."""
    shown = [word for message in bots(simulator, chat) for word in message["text"].split() if word.startswith("w")]
    shown = [word for word in shown if word[1:].isdigit()]
    assert shown == "".join(words).split()[: len(shown)]


async def configured(folder: Path, simulator: Simulator, address: str, transport: str) -> str:
    base = simulator.base_url or await simulator.start()
    return written(
        folder,
        f"telegram: {{api_base: '{base}', allow: [{ADA}]}}\n"
        f"provider: {{kind: openai, base_url: '{address}', model: m}}\n"
        f"streaming: {{transport: {transport}, edit_interval: 0}}\n"
        f"data_dir: '{folder}'\n",
    )


def hangs(simulator: Simulator, fault: str) -> bool:
    """Has the call that hangs by ``fault`` come, and been carried out where it is to be?"""
    method, number = re.split("[#=-]", fault)[:2]
    calls = [call for call in simulator.calls if call.method == method]
    return len(calls) >= int(number) and ("before" in fault or calls[int(number) - 1].result is not None)


def killed(folder: Path, fault: str, *, chat: int = ADA, transport: str = "auto", words: list[str] = WORDS) -> None:
    """Ask, kill the gateway at the call that hangs by ``fault``, start it again, and look."""

    async def main() -> None:
        simulator = Simulator(limits=Limits.none(), faults=FaultPlan.parse(fault))
        async with model_server(words, pause=0.04 if words is WORDS else 0.001) as (address, asked):
            path = await configured(folder, simulator, address, transport)
            async with running("gateway", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN) as process:
                await line_with(process.stderr, "answers with")
                simulator.say(chat, "go @telex_demo_bot")

                await until(simulator, lambda: hangs(simulator, fault))
                process.send_signal(signal.SIGKILL)
                await process.wait()
            simulator.faults = FaultPlan()
            async with running("gateway", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN) as process:
                await until(simulator, lambda: settled(simulator, chat, words))
                check(simulator, chat, words)
                await pressed(simulator, chat, asked)
        await simulator.stop()

    asyncio.run(main())


async def pressed(simulator: Simulator, chat: int, asked: list[Any]) -> None:
    """The button of an answer that was cut off goes on with it, once."""
    last = bots(simulator, chat)[-1]
    if not buttons(last):
        return
    before = len(asked)
    simulator.press(chat, last["message_id"], GO_ON)
    simulator.press(chat, last["message_id"], GO_ON)
    await until(simulator, lambda: bots(simulator, chat)[-1]["message_id"] > last["message_id"])
    await until(simulator, lambda: simulator.draft(chat) is None and CURSOR not in bots(simulator, chat)[-1]["text"])
    await until(simulator, lambda: not buttons(simulator.state.chats[chat].messages[last["message_id"]]))
    assert len(asked) == before + 1


def test_the_first_words_that_were_seen_are_still_there_after_a_kill(tmp_path):
    async def main() -> None:
        simulator = Simulator(limits=Limits.none(), latency=0.2)  # a draft is seen half of it after the call
        async with model_server(WORDS, pause=0.5) as (address, asked):
            path = await configured(tmp_path, simulator, address, "auto")
            async with running("gateway", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN) as process:
                await line_with(process.stderr, "answers with")
                simulator.say(ADA, "go")
                await until(simulator, lambda: (draft := simulator.draft(ADA)) and "w0" in draft.text)
                process.send_signal(signal.SIGKILL)
                await process.wait()
            async with running("gateway", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN):
                await until(simulator, lambda: settled(simulator, ADA, WORDS))
            assert "w0" in bots(simulator, ADA)[-1]["text"]
            assert len(asked) == 1
        await simulator.stop()

    asyncio.run(main())


MOMENTS = [
    *[(ADA, "auto", f"sendMessageDraft#{n}=hang_{when}", WORDS) for n in (1, 2, 4) for when in ("before", "after")],
    *[(ADA, "auto", f"sendMessage#1=hang_{when}", WORDS) for when in ("before", "after")],
    *[(LAB, "auto", f"sendMessage#1=hang_{when}", WORDS) for when in ("before", "after")],
    *[(ADA, "edit", f"editMessageText#{n}=hang_{when}", WORDS) for n in (1, 3) for when in ("before", "after")],
    *[(ADA, "auto", f"sendMessage#{n}=hang_{when}", LONG) for n in (1, 2) for when in ("before", "after")],
    *[(ADA, "off", f"sendMessage#{n}=hang_{when}", LONG) for n in (1, 2) for when in ("before", "after")],
    (ADA, "auto", "sendMessageDraft#3-99=hang_before", WORDS),
]
FEW = [MOMENTS[n] for n in (0, 3, 6, 7, 9, 11, 15, 17)]


@pytest.mark.parametrize(
    ("chat", "transport", "fault", "words"),
    MOMENTS if ALL else FEW,
    ids=lambda value: str(value) if not isinstance(value, list) else f"{len(value)} words",
)
def test_a_killed_gateway_started_again_answers_or_says_that_it_was_cut_off(
    tmp_path, chat: int, transport: str, fault: str, words: list[str]
):
    killed(tmp_path, fault, chat=chat, transport=transport, words=words)
