"""A turn's place in the lines that its calls stand in: when the next may go, and what it is charged to."""

from collections.abc import Sequence

from telex.display.frame import TryLater
from telex.display.pace import Ticket
from telex.display.screen import Kind, Line, Screen

MOST_BACKOFF = 8.0
PATIENCE = 2  # refusals in a row that cost no time


class Standing:
    """One turn in the lines of its screen.

    Attributes:
        urgent: the next call takes no pacing wait: it was refused for its form, not for its time.
        failures: how often in a row the screen refused or was not heard of.
    """

    def __init__(self, screen: Screen, now: float) -> None:
        self.urgent = False
        self.failures = 0
        self._screen = screen
        self._ticket = Ticket(since=now)
        self._lines: tuple[Line, ...] = ()
        self._entered: set[Line] = set()
        self._not_before = float("-inf")

    def when(self, kind: Kind, since: float, now: float) -> tuple[float, str]:
        """When a call of this kind may go, and why not before: the narrowest line first, then the next.

        Args:
            kind: what for.
            since: when the oldest letter came that is not on the screen.
            now: the loop's seconds.
        """
        lines = tuple(self._screen.lines(kind))
        self.step_out(but=lines)
        self._lines = lines
        self._entered.update(lines)
        self._ticket.final = kind is Kind.FINAL
        self._ticket.since = since
        if self._not_before > now:
            self.step_out()
            return self._not_before, "a failed call is not repeated at once"
        for number, pace in enumerate(lines):
            due = max(pace.frozen_until, now) if self.urgent else pace.turn(self._ticket, now)
            if due > now:
                self.step_out(but=lines[: number + 1])  # in the wider lines others go first
                return due, f"{kind.value}: {pace}"
        return now, ""

    def spend(self, kind: Kind, now: float) -> Sequence[Line]:
        """A call is sent: charged to these lines."""
        self.urgent = False
        if kind is Kind.LIVE:
            if self._ticket.started is None:
                self._ticket.started = now
            self._ticket.last = now
        lines = self._screen.lines(kind)
        for pace in lines:
            pace.spend(self._ticket, now)
        return lines

    def step_out(self, but: Sequence[Line] = ()) -> None:
        """There is nothing to send (in other lines than these): nobody has to wait behind this turn."""
        for pace in self._lines:
            if pace not in but:
                pace.step_out(self._ticket)

    def leave(self) -> None:
        """The turn is over."""
        for pace in self._entered:
            pace.leave(self._ticket)
        self._entered.clear()

    # -- refusals ----------------------------------------------------------------------------------------------------

    def freeze(self, lines: Sequence[Line], asked: TryLater, now: float) -> None:
        """The narrowest limit waits and learns; where the whole bot is meant, the widest does.

        Args:
            lines: what the refused call was charged to.
            asked: how long to wait.
            now: the loop's seconds.
        """
        until = now + asked.after
        if not lines:
            self._not_before = until
            return
        narrow, wide = lines[0], lines[-1]
        narrow.freeze(until, now, teaches=not asked.whole or narrow is wide)
        if asked.whole and narrow is not wide:
            wide.freeze(until, now)

    def rest(self, until: float) -> None:
        """Nothing is sent before ``until``."""
        self._not_before = until

    def failed(self, now: float) -> None:
        """Whoever refuses three times in a row is given time, however he words it."""
        self.failures += 1
        if self.failures > PATIENCE:
            self.urgent = False
            self._not_before = now + min(MOST_BACKOFF, 0.25 * 2 ** (self.failures - PATIENCE - 1))
