"""One answer on a terminal."""

from collections.abc import Callable, Sequence

from telex.display.frame import Frame, Outcome, Shown
from telex.display.pace import Pace, Trip
from telex.display.screen import Kind
from telex.surfaces.terminal.dialect import Line, Style, lines, plain_cells
from telex.surfaces.terminal.screen import LiveLines

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_DIM = Style("2")
_ENDLESS = 1 << 30


class TerminalSurface:
    """Shows one turn at the end of a terminal, as one page without end.

    Args:
        live: the terminal's last lines.
        clock: the loop's time in seconds; moves the spinner.
    """

    limit = _ENDLESS
    refresh = 0.1  # the spinner's pace; a frame that changes nothing writes nothing
    previews = True
    overwrites = False

    def __init__(self, live: LiveLines, clock: Callable[[], float]) -> None:
        self.on_vanished: Callable[[int], None] | None = None
        self.trip = Trip()
        self._live = live
        self._clock = clock
        self._began = clock()

    def measure(self, markdown: str) -> int:
        """Characters; there is no limit to hold to."""
        return len(markdown)

    def lines(self, kind: Kind) -> Sequence[Pace]:  # noqa: ARG002 - the protocol's signature
        """A terminal has no limits."""
        return ()

    def leave(self) -> None:
        """The line is the next one's."""
        self._live.end()

    async def show(self, frame: Frame) -> Outcome:
        """Write what changed."""
        if frame.text.strip():
            self._live.show(lines(frame.text, self._live.width))
        else:
            self._live.show([self._spinner()] if frame.busy else [])
        return Shown()

    def _spinner(self) -> Line:
        waited = self._clock() - self._began
        sign = _SPINNER[int(waited / self.refresh) % len(_SPINNER)]
        return Line.of(plain_cells(f"{sign} {waited:.0f} s" if waited >= 1 else sign, _DIM))
