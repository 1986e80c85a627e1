"""What every surface must do, as a suite for pytest.

A test module of a platform holds a class of its own::

    class TestFolder(SurfaceSuite):
        @contextlib.asynccontextmanager
        async def place(self):
            with tempfile.TemporaryDirectory() as folder:
                yield Place(lambda: FolderSurface(Path(folder)), lambda: texts_in(folder))

What is compared are letters and digits only: how a platform shows Markdown is its own business.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from telex.display.frame import Again, Frame, Plain, Shown, Smaller, TryLater
from telex.display.pace import Pace, Trip
from telex.display.screen import Kind, Pacing
from telex.events import TextDelta
from telex.live import GatewayStreamConsumer
from telex.surfaces.base import Surface
from telex.testing import virtual_time

ENDLESS = 1 << 24  # a limit that nobody reaches: such a place shows an answer as one page
TRIES = 40
BOUND = 3600.0  # seconds of the loop's time for one fact
SAMPLE = "# Title\n\nSome **bold**, *italic* and `code`.\n\n```py\nprint('hi')\n```\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> 東京 😀 done."


@dataclass(frozen=True, slots=True)
class Place:
    """A place to try, empty at first.

    Attributes:
        surface: makes a surface for one more turn there.
        seen: what a person reads there: the text of each message, oldest first, as the platform shows it.
    """

    surface: Callable[[], Surface]
    seen: Callable[[], Sequence[str]]

    def letters(self) -> str:
        """All that a person reads there, without blanks and marks."""
        return letters("".join(self.seen()))


def letters(text: str) -> str:
    """The letters and digits."""
    return "".join(letter for letter in text if letter.isalnum())


def numbered(count: int) -> str:
    """Words that tell their place: one that is lost or doubled shows."""
    return " ".join(f"w{number}" for number in range(count))


async def until_shown(surface: Surface, frame: Frame) -> None:
    """Show a frame as a driver would, through refusals that are no failure."""
    for _ in range(TRIES):
        match outcome := await surface.show(frame):
            case Shown():
                return
            case TryLater(after) | Again(after):
                await asyncio.sleep(after)
            case Plain():
                frame = replace(frame, plain=True)
            case Smaller():
                pytest.fail(f"{frame} was within the limit and refused as too long: {outcome}")
    pytest.fail(f"{frame} was not shown; the last outcome was {outcome}")


async def abandoned(surface: Surface, frame: Frame, turns: int) -> None:
    """Begin to show a frame, and give up after so many turns of the loop."""
    call = asyncio.ensure_future(surface.show(frame))
    for _ in range(turns):
        await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait([call])
    assert call.cancelled() or call.exception() is None, "a call that is given up on is cancelled, or done"


class SurfaceSuite:
    """The facts; ``place`` is what a platform adds."""

    def place(self) -> AbstractAsyncContextManager[Place]:
        """A new place, for one fact."""
        raise NotImplementedError

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """Run a fact: in virtual time. A platform whose other side is not in this process takes ``asyncio.run``."""
        virtual_time.run(main, sockets=True)

    def _fact(self, fact: Callable[[Place], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            async with self.place() as place, asyncio.timeout(BOUND):
                await fact(place)

        self.run(main())

    # -- what the presenter plans by -----------------------------------------------------------------------------------

    def test_it_tells_what_the_presenter_plans_by(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            assert surface.limit > 0
            assert surface.refresh > 0
            assert isinstance(surface.previews, bool)
            assert isinstance(surface.overwrites, bool)
            assert isinstance(surface.trip, Trip)
            for kind in Kind:
                assert all(isinstance(line, Pace) for line in surface.lines(kind))
            surface.leave()

        self._fact(fact)

    def test_turns_of_one_place_share_its_limits(self) -> None:
        async def fact(place: Place) -> None:
            one, other = place.surface(), place.surface()
            for kind in Kind:
                assert [id(line) for line in one.lines(kind)] == [id(line) for line in other.lines(kind)]
            one.leave()
            other.leave()

        self._fact(fact)

    def test_it_measures_every_beginning_of_an_answer(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            assert surface.measure("") == 0
            assert all(surface.measure(SAMPLE[:end]) >= 0 for end in range(len(SAMPLE) + 1))
            assert surface.measure("word " * 20 + "word") > surface.measure("word " * 10 + "word")
            surface.leave()

        self._fact(fact)

    # -- single frames -------------------------------------------------------------------------------------------------

    def test_a_final_is_seen_once(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            await until_shown(surface, Frame(0, "Hello **dear** world.", final=True))
            surface.leave()
            assert place.letters() == "Hellodearworld"

        self._fact(fact)

    def test_previews_become_the_final(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            for count in (1, 2, 2, 5) if surface.previews else ():
                await until_shown(surface, Frame(0, numbered(count), final=False, busy=True))
            await until_shown(surface, Frame(0, numbered(8), final=True))
            surface.leave()
            assert place.letters() == letters(numbered(8))

        self._fact(fact)

    def test_a_final_that_is_shown_again_changes_nothing(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            for _ in range(2):
                await until_shown(surface, Frame(0, "Hello.", final=True))
            surface.leave()
            assert place.letters() == "Hello"

        self._fact(fact)

    def test_signs_of_life_leave_nothing_behind(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            for _ in range(2):
                await until_shown(surface, Frame(0, "", final=False, busy=True))
            await until_shown(surface, Frame(0, "Hello.", final=True))
            surface.leave()
            assert place.letters() == "Hello"

        self._fact(fact)

    def test_a_sealed_message_stays_when_the_next_one_begins(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            if surface.limit >= ENDLESS:
                pytest.skip("one page without end")
            await until_shown(surface, Frame(0, "One.", final=True))
            if surface.previews:
                await until_shown(surface, Frame(1, "Tw", final=False, busy=True))
            await until_shown(surface, Frame(1, "Two.", final=True))
            surface.leave()
            assert [letters(text) for text in place.seen()] == ["One", "Two"]

        self._fact(fact)

    def test_what_is_plain_is_shown_without_loss(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            await until_shown(surface, Frame(0, "Hello **dear** world.", final=True, plain=True))
            surface.leave()
            assert place.letters() == "Hellodearworld"

        self._fact(fact)

    def test_a_message_as_long_as_the_limit_is_taken(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            if surface.limit >= ENDLESS:
                pytest.skip("one page without end")
            text = (numbered(surface.limit) + " ")[: surface.limit - 1] + "x"
            assert surface.measure(text) <= surface.limit
            await until_shown(surface, Frame(0, text, final=True))
            surface.leave()
            assert place.letters() == letters(text)

        self._fact(fact)

    def test_a_message_that_is_too_long_is_refused_and_never_cut(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            if surface.limit >= ENDLESS:
                pytest.skip("one page without end")
            text = numbered(surface.limit)
            outcome = await surface.show(Frame(0, text, final=True))
            surface.leave()
            assert isinstance(outcome, Smaller | Shown)
            assert place.letters() == (letters(text) if outcome == Shown() else "")

        self._fact(fact)

    @pytest.mark.parametrize("turns", [1, 2, 4, 8, 16, 32, 64, 128])
    def test_what_was_given_up_on_is_never_seen_twice(self, turns: int) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            if surface.previews:
                await abandoned(surface, Frame(0, "Hel", final=False, busy=True), turns)
            await abandoned(surface, Frame(0, "Hello.", final=True), turns)
            await until_shown(surface, Frame(0, "Hello.", final=True))
            surface.leave()
            assert place.letters() == "Hello"

        self._fact(fact)

    # -- whole turns ---------------------------------------------------------------------------------------------------

    def test_answers_are_shown_whole_one_after_the_other(self) -> None:
        async def fact(place: Place) -> None:
            said = ""
            surface = place.surface()
            for text in ("One.", numbered(min(surface.limit, 4096) // 2), "Two."):  # the second needs several messages
                driver = GatewayStreamConsumer(surface, Pacing())
                driving = asyncio.create_task(driver.run())
                for start in range(0, len(text), 100):
                    driver.emit(TextDelta(text[start : start + 100]))
                    await asyncio.sleep(0.02)
                driver.finish()
                await driving
                said += letters(text)
                assert driver.already_sent
                assert place.letters() == said
                surface = place.surface()
            surface.leave()

        self._fact(fact)
