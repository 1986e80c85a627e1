"""What a model thinks before it answers: one dim line, or all of it."""

from collections.abc import Callable
from functools import lru_cache

from telex.events import Event, ReasoningDelta, TextDelta, ToolStarted, TurnEnded
from telex.surfaces.terminal.dialect import DIM, Line, plain_lines


class Thoughts:
    """The thoughts of one turn.

    Those before the first word stand above the answer; once it has begun they stay as they are. Later ones, between tools, are
    kept and only told of while they last.

    Args:
        clock: the loop's time in seconds.
        folded: show one line instead of all.
        hint: says behind that line how to see them.

    Attributes:
        folded: see above; may change.
        going_on: since when the model has been thinking, while it does.
    """

    def __init__(self, clock: Callable[[], float], *, folded: bool = True, hint: str = "") -> None:
        self.folded = folded
        self.going_on: float | None = None
        self._clock = clock
        self._hint = hint
        self._first: list[str] = []
        self._seconds: float | None = None  # how long the first ones took, once they are over
        self._answering = False

    def hear(self, event: Event) -> None:
        """Something happened in the turn."""
        match event:
            case ReasoningDelta(text):
                self.going_on = self._clock() if self.going_on is None else self.going_on
                if not self._answering:
                    self._first.append(text)
            case TextDelta() | ToolStarted() | TurnEnded():
                if not self._answering and self.going_on is not None:
                    self._seconds = self._clock() - self.going_on
                self._answering, self.going_on = True, None

    def lines(self, width: int) -> list[Line]:
        """What stands above the answer."""
        text = "".join(self._first).strip()
        if not text:
            return []
        shown = [] if self.folded else list(_wrapped(text, width))
        if self._seconds is not None:
            sign = "▸" if self.folded else "▴"
            hint = f" · {self._hint}" if self._hint and self.folded else ""
            shown += plain_lines(f"{sign} thought for {self._seconds:.0f} s{hint}", width, DIM)
        return shown


@lru_cache(maxsize=8)
def _wrapped(text: str, width: int) -> tuple[Line, ...]:
    return tuple(plain_lines(text, width, DIM))
