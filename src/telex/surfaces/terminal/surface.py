"""One answer on a terminal."""

from collections.abc import Callable, Sequence

from telex.display.frame import Frame, Outcome, Shown
from telex.display.pace import Pace, Trip
from telex.display.screen import Kind
from telex.surfaces.terminal.dialect import DIM, EMPTY, Line, lines, open_table, plain_cells, plain_lines
from telex.surfaces.terminal.screen import LiveLines
from telex.surfaces.terminal.thoughts import Thoughts

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ENDLESS = 1 << 30


class TerminalSurface:
    """Shows one turn at the end of a terminal, as one page without end.

    Args:
        live: the terminal's last lines.
        clock: the loop's time in seconds; moves the spinner.
        thoughts: what the model thinks, shown above the answer; whoever drives the surface lets it hear the events.
    """

    limit = _ENDLESS
    refresh = 0.1  # the spinner's pace; a frame that changes nothing writes nothing
    previews = True
    overwrites = False

    def __init__(self, live: LiveLines, clock: Callable[[], float], thoughts: Thoughts | None = None) -> None:
        self.on_vanished: Callable[[int], None] | None = None
        self.trip = Trip()
        self.thoughts = thoughts or Thoughts(clock)
        self._live = live
        self._clock = clock
        self._began = clock()
        self._frame = Frame(0, "", final=False)
        self._question = ""
        self._left = False

    def measure(self, markdown: str) -> int:
        """Characters; there is no limit to hold to."""
        return len(markdown)

    def lines(self, kind: Kind) -> Sequence[Pace]:  # noqa: ARG002 - the protocol's signature
        """A terminal has no limits."""
        return ()

    def leave(self) -> None:
        """The line is the next one's."""
        self._left = True
        self._live.end()

    async def show(self, frame: Frame) -> Outcome:
        """Write what changed."""
        self._frame = frame
        self._draw()
        return Shown()

    def fold(self, *, folded: bool) -> None:
        """Hide or show the thoughts, where nothing of the answer has left the screen yet."""
        if self._live.whole:
            self.thoughts.folded = folded
            self._draw()

    def ask(self, question: str) -> None:
        """Show a question below everything until it is answered; then an empty one takes it away."""
        self._question = question
        if not self._left:
            self._draw()

    def _draw(self) -> None:
        self._live.fit()
        frame, width = self._frame, self._live.width
        shown = self.thoughts.lines(width)
        answer = lines(frame.text, width) if frame.text.strip() else []
        more = 0
        status: list[Line] = []
        if frame.busy:
            answer, more = self._held(answer)
            if more:
                status = [Line.of(plain_cells(f"⋯ {more} more lines", DIM))]
            if self._question:
                status += plain_lines(self._question, width)
            elif self.thoughts.going_on is not None or not answer:
                status = [self._spinner()]
        if shown and answer:
            shown.append(EMPTY)
        shown += answer
        if shown and status and not more:
            shown.append(EMPTY)
        self._live.show(shown, status)

    def _held(self, answer: list[Line]) -> tuple[list[Line], int]:
        """What can be shown, and how many lines cannot yet.

        A growing table changes all over with each row, so none of it may leave the screen before it is whole.
        """
        begin = open_table(answer)
        more = max(0, len(answer) - begin - (self._live.reachable - 2)) if begin < len(answer) else 0
        return answer[: len(answer) - more], more

    def _spinner(self) -> Line:
        began = self.thoughts.going_on
        waited = self._clock() - (self._began if began is None else began)
        what = "" if began is None else " thinking"
        seconds = f" {waited:.0f} s" if waited >= 1 else ""
        return Line.of(plain_cells(f"{_SPINNER[int(waited / self.refresh) % len(_SPINNER)]}{what}{seconds}", DIM))
