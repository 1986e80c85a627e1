"""What a model thinks before it answers: nothing of it, its last words, one dim line, or all."""

from collections.abc import Callable
from functools import lru_cache

from telex.display.screen import Reasoning
from telex.events import Event, ReasoningDelta, TextDelta, ToolStarted, TurnEnded
from telex.surfaces.terminal.dialect import DIM, Line, plain_lines

_LAST_LINES = 3  # of the thoughts, while the model thinks
_ENOUGH, _STRIDE = 1000, 500  # characters that fill so many lines; see `_end`


class Thoughts:
    """The thoughts of one turn.

    What is shown is a choice, as in messengers: nothing (``off``), the last words while the model thinks (``live``), and also
    one line afterwards that unfolds (``keep``).

    Those before the first word stand above the answer; once it has begun they stay as they are. Later ones, between tools, are
    kept and only told of while they last.

    Args:
        clock: the loop's time in seconds.
        shown: see above.
        folded: show the last words, or one line, instead of all.
        hint: says behind that line how to see them.

    Attributes:
        folded: see above; may change.
        going_on: since when the model has been thinking, while it does.
    """

    def __init__(
        self, clock: Callable[[], float], shown: Reasoning = "keep", *, folded: bool = True, hint: str = ""
    ) -> None:
        self.folded = folded
        self.going_on: float | None = None
        self._clock = clock
        self._shown = shown
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
        over = self._seconds is not None
        if not text or self._shown == "off" or (self._shown == "live" and over):
            return []
        if not self.folded:
            shown = list(_wrapped(text, width))
        else:
            shown = [] if over else plain_lines(_end(text), width, DIM)[-_LAST_LINES:]
        if self._seconds is not None:
            sign = "▸" if self.folded else "▴"
            hint = f" · {self._hint}" if self._hint and self.folded else ""
            shown += plain_lines(f"{sign} thought for {self._seconds:.0f} s{hint}", width, DIM)
        return shown


def _end(text: str) -> str:
    """The last of it; where it begins moves only now and then, for everything behind is wrapped anew with it."""
    return text[max(0, len(text) - _ENOUGH) // _STRIDE * _STRIDE :]


@lru_cache(maxsize=8)
def _wrapped(text: str, width: int) -> tuple[Line, ...]:
    return tuple(plain_lines(text, width, DIM))
