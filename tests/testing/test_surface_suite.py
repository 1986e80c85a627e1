"""Every surface that telex brings passes the suite that other people's must pass."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from telex.config import RichMessages
from telex.display.frame import (
    Again,
    Closed,
    Elsewhere,
    Frame,
    NoTransport,
    Outcome,
    Plain,
    Shown,
    Smaller,
    TryLater,
    Unknown,
    Vanished,
)
from telex.display.pace import Bucket, Pace
from telex.display.screen import Kind
from telex.simulator.faults import FaultPlan
from telex.simulator.record import text_of
from telex.simulator.server import Simulator
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
            return [text_of(m) for m in simulator.messages(chat, self.thread) if m["from"]["is_bot"]]

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


# -- the suite itself: what it must notice ---------------------------------------------------------------------------------


class Doubling(MemorySurface):
    """Posts every frame as a message of its own."""

    async def show(self, frame: Frame) -> Outcome:
        self.messages[len(self.messages)] = frame
        return Shown()


class Talking(MemorySurface):
    """Says that it is at work, and leaves it standing."""

    async def show(self, frame: Frame) -> Outcome:
        if not frame.text:
            self.messages[-1] = replace(frame, text="typing")
            return Shown()
        return await super().show(frame)


class Cutting(MemorySurface):
    """Cuts what is too long."""

    async def show(self, frame: Frame) -> Outcome:
        return await super().show(replace(frame, text=frame.text[:100]))


class Blind(MemorySurface):
    """Takes every refusal for a success."""

    async def show(self, frame: Frame) -> Outcome:
        await super().show(frame)
        return Shown()


class Reposting(MemorySurface):
    """Posts again what may have been posted already."""

    async def show(self, frame: Frame) -> Outcome:
        outcome = await super().show(frame)
        if outcome == Unknown():
            self.messages[len(self.messages) + 100] = frame
        return outcome


class Forgetful(MemorySurface):
    """Has a limit of its own each turn."""

    def lines(self, kind: Kind) -> Sequence[Pace]:
        return [Pace(Bucket(rate=1, burst=5))]


A_TROUBLE = "test_a_trouble_is_its_outcome_and_the_answer_is_seen_once"


@pytest.mark.parametrize(
    ("made", "broken", "how"),
    [
        (Doubling, "test_previews_become_the_final", ()),
        (Doubling, "test_a_final_that_is_shown_again_changes_nothing", ()),
        (Talking, "test_signs_of_life_leave_nothing_behind", ()),
        (Cutting, "test_a_message_as_long_as_the_limit_is_taken", ()),
        (Cutting, "test_a_message_that_is_too_long_is_refused_and_never_cut", ()),
        (Cutting, "test_answers_are_shown_whole_one_after_the_other", ()),
        (Blind, A_TROUBLE, (TryLater, False)),
        (Blind, A_TROUBLE, (Unknown, True)),
        (Reposting, A_TROUBLE, (Unknown, False)),
        (Forgetful, "test_turns_of_one_place_share_its_limits", ()),
    ],
)
def test_the_suite_notices_a_surface_that_does_wrong(
    made: type[MemorySurface], broken: str, how: tuple[object, ...]
) -> None:
    suite = TestMemory()
    suite.made = made
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(suite, broken)(*how)
