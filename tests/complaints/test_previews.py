"""What people complain of while an answer grows: frozen text, vanished drafts, needless edits, wrong topics.

The long ones play in virtual time, with the real driver and surface; only HTTP is left out.
"""

import asyncio
import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from telex.bench.pace_play import Platform
from telex.display.screen import Pacing
from telex.events import SegmentEnded, TextDelta, ToolFinished, ToolStarted
from telex.live import GatewayStreamConsumer
from telex.simulator.limits import Limits
from telex.surfaces.telegram.chats import Telegram
from telex.surfaces.telegram.surface import TelegramSurface
from telex.testing.virtual_time import run
from tests.gateway.playground import ADA, CODE, IDEAS, LAB, WORKSHOP, Playground, numbered, play

BOT = "@telex_demo_bot"


class Noted(Platform):
    """Remembers every call with its time."""

    def __init__(self) -> None:
        super().__init__(Limits(), 1)
        self.noted: list[tuple[float, str, Mapping[str, Any]]] = []

    async def call(self, method: str, parameters: Mapping[str, Any], *, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - the connection's signature
        self.noted.append((asyncio.get_running_loop().time(), method, dict(parameters)))
        return await super().call(method, parameters, timeout=timeout)

    def times(self, *methods: str) -> list[float]:
        return [at for at, method, _ in self.noted if method in methods]


def with_a_long_tool(chat: int) -> Noted:
    """An answer with a tool in its middle that runs for 100 seconds."""
    platform = Noted()

    async def main() -> None:
        consumer = GatewayStreamConsumer(TelegramSurface(Telegram(platform), chat), Pacing())
        driving = asyncio.create_task(consumer.run())
        consumer.emit(TextDelta("Let me look."))
        consumer.emit(SegmentEnded())
        consumer.emit(ToolStarted("1", "search", "cats"))
        await asyncio.sleep(100)
        consumer.emit(ToolFinished("1"))
        consumer.emit(TextDelta("Found."))
        consumer.finish()
        await driving

    run(main())
    return platform


def test_a_draft_does_not_vanish_while_a_tool_runs():
    times = with_a_long_tool(ADA).times("sendMessageDraft")
    assert times[-1] > 80
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 30  # a draft's life


def test_a_typing_sign_does_not_vanish_while_a_tool_runs():
    times = [at for at in with_a_long_tool(LAB).times("sendChatAction") if at > 1]
    assert times[-1] > 94
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 5  # a typing sign's


def test_an_edit_that_would_change_nothing_is_never_sent():
    platform = with_a_long_tool(LAB)
    texts = [parameters["text"] for _, method, parameters in platform.noted if method == "editMessageText"]
    assert len(texts) == len(set(texts))
    assert len(texts) <= 3


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_while_a_limit_is_waited_out_the_text_grows_on_and_is_shown_whole_at_its_end(chat: int):
    async def story(here: Playground) -> None:
        here.say(chat, f"{BOT} hold 100")
        shows = ("sendMessage", "editMessageText", "sendMessageDraft")
        await here.until(lambda: [call for call in here.calls(*shows) if call.status == 429])
        refused = next(call for call in here.calls(*shows) if call.status == 429)
        await here.until(lambda: [call for call in here.calls(*shows) if call.at > refused.at])
        again = next(call for call in here.calls(*shows) if call.at > refused.at)
        assert again.at - refused.at >= 1
        assert "w99" in again.params["text"]
        here.model.go_on.set()
        await here.answered(chat, f"{numbered(100)} the end")

    play(story, faults="sendMessageDraft#1=429:1; editMessageText#1=429:1; sendMessage#1=429:1")


def test_nothing_is_called_inside_a_flood_window():
    async def story(here: Playground) -> None:
        for number in (200, 201, 202):
            here.say(LAB, f"{BOT} say {number}")
            await here.answered(LAB, numbered(number))
        windows = [(call.at, call.at + 1) for call in here.simulator.calls if call.status == 429]
        assert windows
        for call in here.calls("sendMessage", "editMessageText"):
            assert not [begin for begin, end in windows if begin < call.at < end]

    play(story, faults=f"editMessageText@{LAB}%0.4=429:1; seed=3")


def test_answers_stay_in_their_topic_also_when_several_stream_at_once_and_calls_are_lost():
    async def story(here: Playground) -> None:
        for thread, count in ((IDEAS, 200), (CODE, 210)):
            here.say(WORKSHOP, f"{BOT} say {count}", thread_id=thread)
        here.say(WORKSHOP, f"{BOT} say 220")
        await here.answered(WORKSHOP, numbered(200), IDEAS)
        await here.answered(WORKSHOP, numbered(210), CODE)
        await here.answered(WORKSHOP, numbered(220))
        assert [len(here.texts(WORKSHOP, thread)) for thread in (IDEAS, CODE, None)] == [1, 1, 1]

    for fault in ("reset_after", "hang_after", "reset_before"):
        play(story, faults=f"sendMessage#1-3={fault}", streaming={"preview_timeout": 1.0, "final_timeout": 1.0})
