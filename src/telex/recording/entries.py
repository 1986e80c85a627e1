"""What a recording holds. Pure.

A recording is JSON Lines. The first line is the header; every other line has ``t``, the loop's seconds, and one of::

    event      what happened in the turn: the event's type, with its fields
    screen     what the presenter could know of the surface from then on; only what has changed
    step       what the presenter did next: its type, with its fields; and what it asked on the way
    outcome    how the call went: the outcome's type, with its fields
    vanished   the page whose preview something else took off the screen
    left       the driver has ended
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from telex.display.frame import Outcome, Step
from telex.display.screen import Pacing
from telex.events import Event

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Header:
    """The first line.

    Attributes:
        surface: the surface's class.
        began: when the turn began, in the loop's seconds.
        pacing: how it was to be shown.
        version: of the telex that made it.
        at: when the turn began, as a date and a time.
        place: which of the places that were recorded, by a number of its own and not by its id.
        format: of the file.
    """

    surface: str
    began: float
    pacing: Pacing
    version: str = ""
    at: str = ""
    place: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Screen:
    """What the presenter can know of a surface between two steps.

    Attributes:
        limit: as the surface has it.
        refresh: the same.
        previews: the same.
        overwrites: the same.
        trip: seconds within which nearly every call is answered.
        live: the numbers of the limits that a preview falls under, narrowest first;
        alive: that a sign of life falls under;
        final: that a final falls under.
        frozen: until when each limit is frozen, by its number.
    """

    limit: int
    refresh: float
    previews: bool
    overwrites: bool
    trip: float
    live: tuple[int, ...] = ()
    alive: tuple[int, ...] = ()
    final: tuple[int, ...] = ()
    frozen: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """A step that failed: a bug in telex, as a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class Fed:
    """Something happened in the turn: the ``event``, at ``t``, in the loop's seconds."""

    t: float
    event: Event


@dataclass(frozen=True, slots=True)
class Changed:
    """What the presenter can know of its surface has changed: the ``screen`` from then on, at ``t``, in the loop's seconds."""

    t: float
    screen: Screen


@dataclass(frozen=True, slots=True)
class Stepped:
    """The presenter was asked for the next step.

    Attributes:
        t: when, in the loop's seconds.
        step: what it did.
        turns: what limits answered to the question when a call may go: limit, whether for a final, and the time.
        lengths: what was measured, where that is not the number of characters: a text's digest, and its length.
    """

    t: float
    step: Step | Raised
    turns: tuple[tuple[int, bool, float], ...] = ()
    lengths: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """How the call in flight went: its ``outcome``, at ``t``, in the loop's seconds."""

    t: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TakenOff:
    """Something else took the preview of a ``page`` off the screen, at ``t``, in the loop's seconds."""

    t: float
    page: int


@dataclass(frozen=True, slots=True)
class Left:
    """The driver has ended, at ``t``, in the loop's seconds."""

    t: float


Entry: TypeAlias = Fed | Changed | Stepped | Answered | TakenOff | Left
