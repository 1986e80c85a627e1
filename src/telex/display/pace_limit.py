"""What a limit allows, and what a refusal says of it. Arithmetic only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Bucket:
    """``burst`` calls at once, refilled by ``rate`` calls a second; ``guess``: not documented, there may be more."""

    rate: float
    burst: float
    guess: bool = False

    @property
    def horizon(self) -> float:
        """R0: seconds an answer is expected to go on when nothing is known of it."""
        return 6.0


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``calls`` in any ``period`` seconds."""

    calls: int
    period: float

    @property
    def horizon(self) -> float:
        """R0, long: what a window has lent comes back only after the whole period."""
        return 24.0


Limit: TypeAlias = Bucket | Window | None


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit calls have used.

    Attributes:
        share: the largest scale of the limit at which the latest of them would have been refused.
        stretch: seconds of calls that this follows from.
    """

    share: float = 0.0
    stretch: float = 0.0


def use(limit: Limit, calls: Sequence[float]) -> Use:
    """How much of ``limit`` these calls have used by the latest; their times are in order."""
    if limit is None or not calls:
        return Use()
    last = calls[-1]
    if isinstance(limit, Window):
        return Use(sum(1 for at in calls if at > last - limit.period) / limit.calls, limit.period)
    rate, burst, share, stretch = limit.rate, limit.burst, 0.0, 0.0
    for count, at in enumerate(reversed(calls), 1):
        if count > share * (burst + rate * (last - at)):
            share, stretch = count / (burst + rate * (last - at)), last - at
    return Use(share, stretch)
