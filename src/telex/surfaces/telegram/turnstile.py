"""A chat's line for one turn: who could only wait for somebody else's first post does not stand in it.

A chat has one first post in flight, or looked for, at a time. Whoever took a call meanwhile would take it from the very turn
that looks for its post, and so wait the longer.
"""

from telex.display.pace import Pace, Ticket
from telex.surfaces.telegram.messages import Messages


class Turnstile:
    """The limit of a turn's sends and edits, with a barrier before it; a `telex.display.screen.Line`.

    Args:
        messages: the turn's.
    """

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._line: Pace = messages.chat.messages
        self.freeze, self.step_out, self.leave = self._line.freeze, self._line.step_out, self._line.leave

    def __eq__(self, other: object) -> bool:
        """Turns of one chat stand in the same line."""
        return isinstance(other, Turnstile) and other._line is self._line

    def __hash__(self) -> int:
        return hash(self._line)

    def __repr__(self) -> str:
        return repr(self._line)

    @property
    def frozen_until(self) -> float:
        """Nothing is called before."""
        return self._line.frozen_until

    def turn(self, ticket: Ticket, now: float) -> float:
        """When ``ticket`` may call; while another's first post is not known, it is to ask again."""
        if wait := self._messages.must_wait(now):
            self._line.step_out(ticket)
            return max(now + wait, self._line.frozen_until)
        return self._line.turn(ticket, now)

    def spend(self, ticket: Ticket, now: float) -> None:
        """A call was sent."""
        if not self._messages.edits:
            self._messages.chat.let_through = (self._messages, now)
        self._line.spend(ticket, now)
