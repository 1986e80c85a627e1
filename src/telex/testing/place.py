"""A place to try a surface in, and what is done there."""

import asyncio
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from telex.display.frame import Again, Frame, Outcome, Plain, Shown, TryLater
from telex.surfaces.base import Surface
from telex.testing.watch import Timed, at_work

TRIES = 40
FIRST_EMOJI = "\U0001f300"
NOT_IN_A_SIGN = frozenset("LNP")  # Unicode's letters, digits and punctuation: a cursor and a spinner are symbols


@dataclass(frozen=True, slots=True)
class Place:
    """A place to try, empty at first.

    Attributes:
        surface: makes a surface for one more turn there.
        seen: what a person reads there: the text of each message, oldest first, as the platform shows it. A preview is part of
            it, in whatever way it is shown.
        troubles: by the outcome that it must lead to (`TryLater`, `Unknown`, …), what makes the next call meet a trouble.
            The answer has to be on the screen once afterwards, but for `Closed`.
    """

    surface: Callable[[], Surface]
    seen: Callable[[], Sequence[str]]
    troubles: Mapping[type[Outcome], Callable[[], object]] = field(default_factory=dict)

    def letters(self) -> str:
        """All that a person reads there, without blanks and marks."""
        return letters("".join(self.seen()))


def letters(text: str) -> str:
    """The letters, digits and emoji."""
    return "".join(letter for letter in text if letter.isalnum() or letter >= FIRST_EMOJI)


def is_sign(text: str) -> bool:
    """Nothing to read: at most blanks and symbols, as a cursor is one."""
    return not any(unicodedata.category(letter)[0] in NOT_IN_A_SIGN for letter in text)


def numbered(count: int) -> str:
    """Words that tell their place: one that is lost or doubled shows."""
    return " ".join(f"w{number}" for number in range(count))


def filled(surface: Surface, word: str) -> str:
    """Numbered words that are as long as the limit, as the surface measures."""
    low, high = 0, surface.limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if surface.measure(_words(word, middle)) <= surface.limit else (low, middle - 1)
    text = _words(word, low)
    for _ in range(TRIES):
        if surface.measure(text + "x") > surface.limit:
            break
        text += "x"
    return text


def _words(word: str, count: int) -> str:
    return " ".join(f"{word}{number}" for number in range(count))


async def until_shown(surface: Surface, frame: Frame) -> None:
    """Show a frame as a driver would, through refusals that are no failure."""
    outcome: Outcome | None = None
    for _ in range(TRIES):
        match outcome := await surface.show(frame):
            case Shown():
                return
            case TryLater(after) | Again(after):
                await asyncio.sleep(after)
            case Plain():
                frame = replace(frame, plain=True)
            case _:  # asked again at once
                pass
    pytest.fail(f"{frame} was not shown; the last outcome was {outcome}")


async def costs(surface: Surface, frame: Frame) -> tuple[float, float]:
    """Show a frame; the loop's seconds that the call took, and the real ones for which it kept the loop."""
    loop = asyncio.get_running_loop()
    for _ in range(TRIES):
        began, call = loop.time(), Timed(surface.show(frame))
        outcome = await call
        if not isinstance(outcome, TryLater | Again):
            break
        await asyncio.sleep(outcome.after)
    return loop.time() - began, call.longest


async def abandoned(surface: Surface, frame: Frame, turns: int) -> None:
    """Begin to show a frame, and give up after so many turns of the loop."""
    call = asyncio.ensure_future(surface.show(frame))
    for _ in range(turns):
        await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait([call])
    assert call.cancelled() or call.exception() is None, "a call that is given up on is cancelled, or done"  # noqa: S101 - a test's
    assert not at_work(surface), "a call that is given up on runs on in another task"  # noqa: S101 - the same
