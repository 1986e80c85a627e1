"""What every surface must do, as a suite for pytest.

A test module of a platform holds a class of its own, whose ``place`` gives an empty `Place` for each fact; docs/add-a-platform.md
shows one.

What is compared are letters, digits and emoji, and how a final ends: how a platform shows Markdown is its own business.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, get_args

import pytest

from telex.display.frame import Closed, Frame, NoTransport, Outcome, Shown, Smaller, TryLater, Vanished
from telex.display.pace import Trip
from telex.display.screen import Kind, Line, Pacing
from telex.events import TextDelta
from telex.live import GatewayStreamConsumer
from telex.testing import virtual_time
from telex.testing.place import Place, abandoned, costs, filled, is_sign, letters, numbered, until_shown
from telex.testing.watch import BLOCKED

ENDLESS = 1 << 24  # a limit that nobody reaches: such a place shows an answer as one page
SAMPLE = "# Title\n\nSome **bold**, *italic* and `code`.\n\n```py\nprint('hi')\n```\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> 東京 😀 done."
SCRIPTS = "Grüße, Привет, 東京, שלום, 😀🎉."
WORDS = ["w", "é", "東", "😀"]  # of one to four bytes, and of one and two UTF-16 units
TROUBLES = [outcome for outcome in get_args(Outcome) if outcome is not Shown]
HELLO = Frame(0, "Hello **dear** world.", final=True)


class SurfaceSuite:
    """What every surface must do; a subclass adds ``place``, and pytest runs the facts.

    Attributes:
        bound: seconds of the loop's time that one fact may take; in virtual time even an hour of waiting is short.
        trip: seconds of the loop's time in which a call is answered, at least one of several.
    """

    bound: float = 3600.0
    trip: float = 0.5

    def place(self) -> AbstractAsyncContextManager[Place]:
        """A new place, for one fact."""
        raise NotImplementedError

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """Run a fact: in virtual time. A platform whose other side is not in this process takes ``asyncio.run``."""
        virtual_time.run(main, sockets=True)

    def _fact(self, fact: Callable[[Place], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            async with self.place() as place, asyncio.timeout(self.bound):
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
                assert all(isinstance(line, Line) for line in surface.lines(kind))
            surface.leave()

        self._fact(fact)

    def test_turns_of_one_place_share_its_limits(self) -> None:
        async def fact(place: Place) -> None:
            one, two = place.surface(), place.surface()
            for kind in Kind:
                mine, theirs = one.lines(kind), two.lines(kind)
                assert len(mine) == len(theirs)
                assert all(line == other for line, other in zip(mine, theirs, strict=True))
            one.leave()
            two.leave()

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
            await until_shown(surface, HELLO)
            surface.leave()
            assert place.letters() == "Hellodearworld"

        self._fact(fact)

    def test_a_final_is_seen_in_every_script(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            await until_shown(surface, Frame(0, SCRIPTS, final=True))
            surface.leave()
            assert sorted(place.letters()) == sorted(letters(SCRIPTS))  # what runs from the right may be turned round

        self._fact(fact)

    def test_each_preview_is_seen_and_they_become_the_final(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            for count in (1, 2, 2, 3, 5) if surface.previews else ():
                await until_shown(surface, Frame(0, numbered(count), final=False, busy=True))
                assert place.letters() == letters(numbered(count)), "a preview counts as shown and is not seen"
            await until_shown(surface, Frame(0, f"{numbered(8)}.", final=True))
            surface.leave()
            assert place.letters() == letters(numbered(8))
            assert place.seen()[-1].rstrip().endswith(" w7."), "a final ends with its last word, without a cursor"

        self._fact(fact)

    def test_a_call_takes_no_time_of_its_own_and_does_not_block_the_loop(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            frames = [Frame(0, numbered(count), final=False, busy=True) for count in range(1, 6)]
            shown = frames if surface.previews else [Frame(page, "Hello.", final=True) for page in range(5)]
            taken = [await costs(surface, frame) for frame in shown]
            surface.leave()
            assert min(waited for waited, _ in taken) < self.trip, "a call waits: that is the presenter's business"
            assert min(blocked for _, blocked in taken) < BLOCKED, "a call keeps the loop from its other work"

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
                assert is_sign("".join(place.seen())), "a sign of life is not to be read"
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
            await until_shown(surface, replace(HELLO, plain=True))
            surface.leave()
            assert place.letters() == "Hellodearworld"

        self._fact(fact)

    @pytest.mark.parametrize("word", WORDS)
    def test_a_message_as_long_as_the_limit_is_taken(self, word: str) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            if surface.limit >= ENDLESS:
                pytest.skip("one page without end")
            text = filled(surface, word)
            for final in (False, True) if surface.previews else (True,):  # a preview has room for its cursor
                await until_shown(surface, Frame(0, text, final=final, busy=not final))
                assert place.letters() == letters(text)
            surface.leave()

        self._fact(fact)

    def test_a_message_that_is_too_long_is_refused_and_never_cut(self) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            if surface.limit >= ENDLESS:
                pytest.skip("one page without end")
            text = numbered(surface.limit)
            limit = surface.limit
            outcome = await surface.show(Frame(0, text, final=True))
            surface.leave()
            assert isinstance(outcome, Smaller | Shown)
            assert not isinstance(outcome, Smaller) or 0 < outcome.limit < limit, "the page would be cut as before"
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

    # -- troubles ------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("previewed", [False, True], ids=["at once", "after a preview"])
    @pytest.mark.parametrize("kind", TROUBLES, ids=lambda kind: kind.__name__)
    def test_a_trouble_is_its_outcome_and_the_answer_is_seen_once(self, kind: type[Outcome], previewed: bool) -> None:
        async def fact(place: Place) -> None:
            if kind not in place.troubles or (kind is Vanished and not previewed):
                return
            surface = place.surface()
            if previewed and surface.previews:
                await until_shown(surface, Frame(0, "Hel", final=False, busy=True))
            place.troubles[kind]()
            limit = surface.limit
            outcome = await surface.show(replace(HELLO, final=kind is not NoTransport))
            assert isinstance(outcome, kind), f"{outcome} instead of {kind.__name__}"
            assert not isinstance(outcome, TryLater) or outcome.after > 0
            assert not isinstance(outcome, Smaller) or 0 < outcome.limit < limit, "the page would be cut as before"
            assert not isinstance(outcome, Closed) or outcome.reason
            if kind is not Closed:
                await until_shown(surface, HELLO)
                assert place.letters() == "Hellodearworld"
            surface.leave()

        self._fact(fact)

    @pytest.mark.parametrize("kind", TROUBLES, ids=lambda kind: kind.__name__)
    def test_a_trouble_of_a_preview_is_its_outcome_too(self, kind: type[Outcome]) -> None:
        async def fact(place: Place) -> None:
            surface = place.surface()
            if kind not in place.troubles or not surface.previews:
                return
            await until_shown(surface, Frame(0, "Hel", final=False, busy=True))
            place.troubles[kind]()
            outcome = await surface.show(Frame(0, "Hello", final=False, busy=True))
            surface.leave()
            assert isinstance(outcome, kind), f"{outcome} instead of {kind.__name__}"

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
