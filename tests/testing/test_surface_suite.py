"""Every surface that telex brings passes the suite that other people's must pass."""

import asyncio
import contextlib
import importlib.util
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from telex.display.frame import Frame, Outcome, Shown
from telex.display.pace import Bucket, Pace
from telex.display.screen import Kind
from telex.simulator.server import Simulator
from telex.surfaces.base import Surface
from telex.surfaces.memory import MemorySurface
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.chats import Telegram
from telex.surfaces.telegram.surface import TelegramSurface
from telex.surfaces.terminal.surface import TerminalSurface
from telex.testing.surface_suite import Place, SurfaceSuite
from tests.surfaces.telegram.stage import ADA, LAB, WORKSHOP
from tests.surfaces.terminal.emulator import Terminal

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


class Turns:
    """The turns of a place in memory, and what all of them showed."""

    def __init__(self, made: type[MemorySurface] = MemorySurface) -> None:
        self._made = made
        self._surfaces: list[MemorySurface] = []
        self._pace = Pace(Bucket(rate=1, burst=5))

    def surface(self) -> Surface:
        self._surfaces.append(self._made(paces=[self._pace], limit=400))
        return self._surfaces[-1]

    def seen(self) -> list[str]:
        return [message.text for surface in self._surfaces for _, message in sorted(surface.messages.items())]


class TestMemory(SurfaceSuite):
    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        turns = Turns()
        yield Place(turns.surface, turns.seen)


class TelegramSuite(SurfaceSuite):
    chat = ADA
    thread: int | None = None
    how: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        simulator = Simulator(clock=asyncio.get_running_loop().time)
        api = BotApi(simulator.token, await simulator.start())
        telegram = Telegram(api)

        def surface() -> Surface:
            question = simulator.say(self.chat, "?", thread_id=self.thread)["message_id"]
            telegram.chat(self.chat).ids.saw(question)
            return TelegramSurface(telegram, self.chat, thread_id=self.thread, **self.how)

        yield Place(
            surface,
            lambda: [m["text"] for m in simulator.messages(self.chat, self.thread) if m["from"]["is_bot"]],
        )
        await api.close()
        await simulator.stop()


class TestDrafts(TelegramSuite):
    pass


class TestEdits(TelegramSuite):
    how = {"transport": "edit"}  # noqa: RUF012 - nobody changes it


class TestGroup(TelegramSuite):
    chat = LAB


class TestTopic(TelegramSuite):
    chat, thread = WORKSHOP, 2


class TestWithoutPreviews(TelegramSuite):
    how = {"transport": "off"}  # noqa: RUF012 - nobody changes it


class TestTerminal(SurfaceSuite):
    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        terminal = Terminal()
        yield Place(lambda: TerminalSurface(terminal.live, lambda: 0.0), lambda: [terminal.text()])


def example(name: str) -> Any:
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(module := importlib.util.module_from_spec(spec))
    return module


class TestExample(SurfaceSuite):
    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[Place]:
        made, pace = example("add_a_platform").FolderSurface, Pace(Bucket(rate=5, burst=5))
        with tempfile.TemporaryDirectory() as folder:
            turns = count()

            def surface() -> Surface:
                (turn := Path(folder) / f"{next(turns)}").mkdir()
                made_here: Surface = made(turn, pace)
                return made_here

            yield Place(surface, lambda: [file.read_text() for file in sorted(Path(folder).glob("*/*.md"), key=order)])


def order(file: Path) -> tuple[int, int]:
    return int(file.parent.name), int(file.stem)


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


class Forgetful(MemorySurface):
    """Has a limit of its own each turn."""

    def lines(self, kind: Kind) -> Sequence[Pace]:
        return [Pace(Bucket(rate=1, burst=5))]


@pytest.mark.parametrize(
    ("made", "broken"),
    [
        (Doubling, "test_previews_become_the_final"),
        (Doubling, "test_a_final_that_is_shown_again_changes_nothing"),
        (Talking, "test_signs_of_life_leave_nothing_behind"),
        (Cutting, "test_a_message_as_long_as_the_limit_is_taken"),
        (Cutting, "test_a_message_that_is_too_long_is_refused_and_never_cut"),
        (Cutting, "test_answers_are_shown_whole_one_after_the_other"),
        (Forgetful, "test_turns_of_one_place_share_its_limits"),
    ],
)
def test_the_suite_notices_a_surface_that_does_wrong(made: type[MemorySurface], broken: str) -> None:
    class Suite(TestMemory):
        @contextlib.asynccontextmanager
        async def place(self) -> AsyncIterator[Place]:
            turns = Turns(made)
            yield Place(turns.surface, turns.seen)

    with pytest.raises(AssertionError):
        getattr(Suite(), broken)()
