"""A place to try a surface in, and what is done there."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from telex.display.frame import Again, Frame, Outcome, Plain, Shown, TryLater
from telex.surfaces.base import Surface

TRIES = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A place to try, empty at first.

    Attributes:
        surface: makes a surface for one more turn there.
        seen: what a person reads there: the text of each message, oldest first, as the platform shows it.
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
    """The letters and digits."""
    return "".join(letter for letter in text if letter.isalnum())


def numbered(count: int) -> str:
    """Words that tell their place: one that is lost or doubled shows."""
    return " ".join(f"w{number}" for number in range(count))


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


async def abandoned(surface: Surface, frame: Frame, turns: int) -> None:
    """Begin to show a frame, and give up after so many turns of the loop."""
    call = asyncio.ensure_future(surface.show(frame))
    for _ in range(turns):
        await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait([call])
    assert call.cancelled() or call.exception() is None, "a call that is given up on is cancelled, or done"  # noqa: S101 - a test's
