"""Every surface that telex brings passes the suite that other people's must pass."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from telex.config import RichMessages
from telex.display.frame import (
    Again,
    Closed,
    Elsewhere,
    NoTransport,
    Outcome,
    Plain,
    Smaller,
    TryLater,
    Unknown,
    Vanished,
)
from telex.display.pace import Bucket, Pace
from telex.simulator.faults import FaultPlan
from telex.simulator.record import text_of
from telex.simulator.server import Simulator
from telex.simulator.state import draft_event
from telex.surfaces.base import Surface
from telex.surfaces.memory import MemorySurface
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.chats import Telegram
from telex.surfaces.telegram.surface import TelegramSurface
from telex.surfaces.terminal.surface import TerminalSurface
from telex.testing import Place, SurfaceSuite
from tests.surfaces.telegram.stage import ADA, LAB, WORKSHOP
from tests.surfaces.terminal.emulator import Terminal

OUTCOMES = (
    TryLater(3.0), Again(1.0), Plain(), Smaller(100), Vanished(), Elsewhere(), NoTransport(), Closed("gone"), Unknown(),
)  # fmt: skip


class Turns:
    """The turns of a place in memory, and what all of them showed."""

    def __init__(self, made: type[MemorySurface]) -> None:
        self._made = made
        self._surfaces: list[MemorySurface] = []
        self._pace = Pace(Bucket(rate=1, burst=5))

    def surface(self) -> Surface:
        self._surfaces.append(self._made(paces=[self._pace], limit=400))
        return self._surfaces[-1]

    def next(self, outcome: Outcome) -> None:
        """The next call of the turn that runs meets this."""
        self._surfaces[-1].script, self._surfaces[-1]._script = [outcome], None

    def seen(self) -> list[str]:
        return [message.text for surface in self._surfaces for _, message in sorted(surface.messages.items())]


class TestMemory(SurfaceSuite):
    made = MemorySurface

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        turns = Turns(self.made)
        yield Place(turns.surface, turns.seen, {type(outcome): partial(turns.next, outcome) for outcome in OUTCOMES})


FAULTS: dict[type[Outcome], str] = {
    TryLater: "*#1=429:7",
    Unknown: "*#1=reset_after",
    Plain: "*#1=entities",
    Closed: "*#1=blocked",
}
OF_DRAFTS = {**FAULTS, NoTransport: "*#1=draft_peer"}
OF_EDITS = {**FAULTS, Vanished: "*#1=deleted"}
OF_GROUPS = {**OF_EDITS, Elsewhere: "*#1=migrated"}
OF_RICH = {  # rich markup that is refused is shown as usual markup before it is shown as none
    **{outcome: fault for outcome, fault in FAULTS.items() if outcome is not Plain},
    NoTransport: FAULTS[Plain],
}
EDIT, OFF = {"transport": "edit"}, {"transport": "off"}


class TelegramSuite(SurfaceSuite):
    chat = ADA
    thread: int | None = None
    how: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it
    faults = FAULTS
    rich: RichMessages = "auto"

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        simulator = Simulator(clock=asyncio.get_running_loop().time)
        api = BotApi(simulator.token, await simulator.start())
        telegram = Telegram(api, rich=self.rich)

        def surface() -> Surface:
            question = simulator.say(self.chat, "?", thread_id=self.thread)["message_id"]
            telegram.chat(self.chat).ids.saw(question)
            return TelegramSurface(telegram, self.chat, thread_id=self.thread, **self.how)

        def seen() -> list[str]:
            chat = simulator.state.chats[self.chat].migrated_to or self.chat
            messages = [m for m in simulator.messages(chat, self.thread) if m["from"]["is_bot"]]
            draft = simulator.draft(chat, self.thread)
            return [text_of(message) for message in [*messages, *([draft_event(draft)] if draft else [])]]

        def strike(plan: str) -> None:
            simulator.faults = FaultPlan.parse(plan)

        yield Place(surface, seen, {kind: partial(strike, plan) for kind, plan in self.faults.items()})
        await api.close()
        await simulator.stop()


class TestDrafts(TelegramSuite):
    faults = OF_DRAFTS


class TestEdits(TelegramSuite):
    how = EDIT
    faults = OF_EDITS


class TestGroup(TelegramSuite):
    chat = LAB
    faults = OF_GROUPS


class TestTopic(TelegramSuite):
    chat, thread = WORKSHOP, 2
    faults = OF_EDITS


class TestRichDrafts(TestDrafts):
    rich = "on"
    faults = OF_RICH


class TestRichEdits(TestEdits):
    rich = "on"
    faults = OF_RICH


class TestWithoutPreviews(TelegramSuite):
    how = OFF


class TestTerminal(SurfaceSuite):
    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        terminal = Terminal()
        yield Place(lambda: TerminalSurface(terminal.live, lambda: 0.0), lambda: [terminal.text()])
