"""What the presenter must know of where it shows a turn, and how it is told to show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from telex.display.pace import Ticket, Trip

Reasoning: TypeAlias = Literal["off", "live", "keep"]
"""What is shown of a model's reasoning."""


class Kind(Enum):
    """What a call is for; which limits it falls under depends on it."""

    LIVE = "live"  # a preview with words
    ALIVE = "alive"  # a sign of life, without words
    FINAL = "final"  # a frame that will never change again


@runtime_checkable
class Line(Protocol):
    """What the presenter must know of a limit: the line before it. See `telex.display.pace.Pace`."""

    @property
    def frozen_until(self) -> float:
        """Nothing is called before."""
        ...

    def turn(self, ticket: Ticket, now: float) -> float:
        """When ``ticket`` may call; not after ``now``: at once."""
        ...

    def spend(self, ticket: Ticket, now: float) -> None:
        """A call of ``ticket`` was sent at ``now``."""
        ...

    def freeze(self, until: float, now: float, *, teaches: bool = True) -> None:
        """The platform refused a call at ``now`` and asks to wait until ``until``; ``teaches``: its rate is believed less."""
        ...

    def step_out(self, ticket: Ticket) -> None:
        """Leave the line, but stay an open turn."""
        ...

    def leave(self, ticket: Ticket) -> None:
        """The turn is over."""
        ...


class Screen(Protocol):
    """What the presenter must know of a surface. Attributes may change between steps, as transports do."""

    @property
    def limit(self) -> int:
        """How long a message may be, as ``measure`` counts; the cursor is already taken off."""
        ...

    @property
    def refresh(self) -> float:
        """Seconds after which an unfinished picture that did not change is shown again, lest it die."""
        ...

    @property
    def previews(self) -> bool:
        """Can an unfinished answer be shown here at all?"""
        ...

    @property
    def overwrites(self) -> bool:
        """May a preview that was given up on still overwrite the final (an edit), or not (a draft)?"""
        ...

    @property
    def trip(self) -> Trip:
        """How long calls to this place usually take; shared by its turns."""
        ...

    def measure(self, markdown: str) -> int:
        """The length of this Markdown once rendered."""
        ...

    def lines(self, kind: Kind) -> Sequence[Line]:
        """The limits that such a call falls under, narrowest first."""
        ...


@dataclass(frozen=True, slots=True)
class Pacing:
    """How a turn is to be shown.

    Attributes:
        previews: show the answer as it grows; otherwise only what will never change.
        edit_interval: least seconds between the starts of two previews.
        buffer_threshold: a preview waits for so many new characters, or 0.3 seconds.
        final_bound: seconds after which an unanswered final counts as unknown.
        preview_bound: the same for a preview; four usual trips if that is longer.
        reasoning: what is shown of the model's reasoning: nothing (``off``), its last words while it thinks (``live``), and
            also a folded quote of it afterwards (``keep``).
        page_numbers: an answer of several messages numbers them: ``(1/…)``, ``(2/…)``, ``(3/3)``. How many there will be is
            not known before the last, and what is done stays as it is.
    """

    previews: bool = True
    edit_interval: float = 0.3
    buffer_threshold: int = 40
    final_bound: float = 10.0
    preview_bound: float = 2.0
    reasoning: Reasoning = "off"
    page_numbers: bool = False
