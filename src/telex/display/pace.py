"""One rate limit: stand in line, spend, freeze, learn. All arithmetic: no clock, no locks.

Theory of operation:

- A limit is a `Bucket` (rate and burst), a `Window` (so many calls in any period) or absent. One `Pace` guards one limit
  and is shared by everybody who shares that limit.
- Who wants to call holds a `Ticket`, one per turn. ``turn(ticket, now)`` answers when it may go: not after ``now`` means
  "go, and ``spend``". It is charged when sent, never when booked; a refused call counts as spent.
- Finals stand before previews, then the stalest screen goes first. Standing k-th costs k more calls of patience, so
  nobody is starved and nobody books ahead.
- One call for each open turn is kept in reserve: previews never spend what a final will need.
- Previews are spread. A burst used up in the first 0.3 s leaves the rest of the answer to the bare rate; so the next
  preview waits ``R / (a + r * R)``, where ``a`` is what is left, ``r`` the rate, and ``R`` how long the answer may still go
  on: at least ``R0``, and a share of how long it has gone on already.
- A refusal ("retry after n") freezes the line for the whole n. It also teaches: the belief is scaled down to just below
  the largest one that would have refused that call, and grows again by a few percent a quiet minute, not past what was
  refused in the last ten.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import count

from telex.display.pace_belief import UNLIMITED, Belief, Kind, Learned
from telex.display.pace_limit import Bucket, Limit, Window, use

__all__ = ["Bucket", "Kind", "Learned", "Limit", "Pace", "Ticket", "Trip", "Window"]

USED = 0.5  # a bucket that was never emptier than this share of it has held nobody up
EVIDENCE = 60.0  # seconds of calls that a refusal is explained by
GO_ON_SHARE = 0.5  # an answer that has gone on for t seconds is expected to go on for this share of t
SLACK = 0.1  # seconds by which a limit is taken stricter, for the way there is not always equally long


@dataclass(slots=True, eq=False)
class Ticket:
    """One turn's place in the lines it shares with others.

    Attributes:
        final: it stands for a frame that will never change again.
        since: when the oldest unseen letter came; the line serves the stalest first.
        started: when the turn's first frame was sent; ``None`` before.
        last: when its latest preview was sent.
        left: what was left in the narrowest line after that, for the spreading, by line.
        number: of equals the one that was made first goes first.
    """

    final: bool = False
    since: float = 0.0
    started: float | None = None
    last: float | None = None
    left: "dict[Pace, float]" = field(default_factory=dict)
    number: int = field(default_factory=count().__next__)


class Pace:
    """One limit and the line before it.

    Args:
        limit: what the platform allows, as documented or believed.
        most_reserved: at most so many calls are kept back for finals. A chat reserves for each of its turns; a whole
            bot need not, for finals stand first in its line.
        kind: what limits of its kind share.
        patient: many share it, each with a limit of its own, so one refusal says little: only the third in a minute teaches.
    """

    def __init__(
        self, limit: Limit, *, most_reserved: float = 1e9, kind: Kind | None = None, patient: bool = False
    ) -> None:
        self.limit = limit
        self.belief = Belief(limit, kind, patient=patient)
        self.frozen_until = float("-inf")
        self._most_reserved = most_reserved
        self._calls: deque[float] = deque()
        self._tokens: float | None = None  # None: full
        self._at = 0.0
        self._open: set[Ticket] = set()
        self._line: set[Ticket] = set()
        self._least_left = 1.0  # the smallest share of a bucket that was left since the belief last grew
        self._thawed = False  # nothing was called since the line was last frozen

    @property
    def scale(self) -> float:
        """The share of the limit that is believed in; infinite: no limit."""
        return self.belief.scale

    def __repr__(self) -> str:
        return f"Pace({self.limit}, scale={self.scale:.2f}, open={len(self._open)}, line={len(self._line)})"

    # -- asking and charging ---------------------------------------------------------------------------------------

    def turn(self, ticket: Ticket, now: float) -> float:
        """When ``ticket`` may call; not after ``now``: at once. Joins the line as soon as its own spreading lets it."""
        self._open.add(ticket)
        if self.belief.scale == UNLIMITED and now >= self.frozen_until:
            return now
        if not ticket.final:
            due = self._spread(ticket)
            if due > now:
                self._line.discard(ticket)
                return max(due, self.frozen_until)
        self._line.add(ticket)
        if now < self.frozen_until:
            return self.frozen_until
        if ticket.final and self._thawed:
            return now  # the platform itself named this time
        ahead = sum(1 for other in self._line if self._rank(other) < self._rank(ticket))
        return self._when(1 + ahead + (0.0 if ticket.final else self._reserve()), now)

    def spend(self, ticket: Ticket, now: float) -> None:
        """A call was sent."""
        self._line.discard(ticket)
        self._thawed = False
        self.belief.grow(now, used=self._least_left < USED)
        if self.belief.quiet_since == now:
            self._least_left = 1.0
        self._charge(now)
        left = self.tokens(now)
        ticket.left[self] = max(0.0, left - self._reserve())
        if isinstance(self.limit, Bucket) and self.belief.scale < UNLIMITED:
            self._least_left = min(self._least_left, left / self._bucket()[1])

    def _charge(self, now: float) -> None:
        if isinstance(self.limit, Bucket):
            self._tokens = max(0.0, self.tokens(now) - 1)  # the platform's own bucket owes nothing either
            self._at = now
        self._calls.append(now)
        self.belief.called(now, self.usage(now))
        keep = max(EVIDENCE, self.limit.period + SLACK if isinstance(self.limit, Window) else 0.0)
        while self._calls and self._calls[0] < now - keep:
            self._calls.popleft()

    def freeze(self, until: float, now: float, *, teaches: bool = True) -> None:
        """The platform refused a call at ``now`` and asks to wait until ``until``.

        Args:
            until: nothing is called before.
            now: when the refusal came.
            teaches: this limit is what was exceeded, as far as can be told.
        """
        if teaches and now >= self.frozen_until:  # what was on its way when the ice came teaches nothing new
            self._learn(now)
        self.frozen_until = max(self.frozen_until, until)
        self.belief.quiet_since = self.frozen_until
        self._thawed = True

    def drain(self, now: float) -> None:
        """Count a bucket's burst as spent: somebody before us may have."""
        if isinstance(self.limit, Bucket):
            self._tokens, self._at = 0.0, now

    def usage(self, now: float) -> float:
        """The share of the limit that the calls so far have used: the largest scale at which the latest would be refused."""
        return use(self.limit, self._evidence(now)).share

    def step_out(self, ticket: Ticket) -> None:
        """Leave the line, but stay an open turn for which a call is reserved."""
        self._line.discard(ticket)

    def leave(self, ticket: Ticket) -> None:
        """The turn is over."""
        self._line.discard(ticket)
        self._open.discard(ticket)

    # -- arithmetic ------------------------------------------------------------------------------------------------

    def tokens(self, now: float) -> float:
        """How many calls would pass at ``now``, by what is believed."""
        match self.limit:
            case Bucket():
                rate, burst = self._bucket()
                return (
                    burst
                    if self._tokens is None or burst == UNLIMITED
                    else min(burst, self._tokens + max(0.0, now - self._at) * rate)
                )
            case Window(_, period):
                return self._window() - sum(1 for at in self._calls if at > now - period - SLACK)
            case None:
                return float("inf")

    def _bucket(self) -> tuple[float, float]:
        assert isinstance(self.limit, Bucket)  # noqa: S101 - for the type checker; only called for buckets
        scale = self.belief.scale
        return self.limit.rate * scale, max(1.0, self.limit.burst * scale)

    def _window(self) -> int:
        assert isinstance(self.limit, Window)  # noqa: S101 - for the type checker; only called for windows
        return max(1, int(self.limit.calls * self.scale))

    def _reserve(self) -> float:
        size = self._bucket()[1] if isinstance(self.limit, Bucket) else self._window() if self.limit else 1.0
        return max(0.0, min(len(self._open), self._most_reserved, size - 1))

    def _when(self, need: float, now: float) -> float:
        """When ``need`` calls are there; where the limit never holds so many, when it would, had it room for them.

        So whoever stands further back lets the others go first, and yet does not wait for one who never goes.
        """
        match self.limit:
            case Bucket():
                if self._tokens is None or self._tokens == UNLIMITED:
                    return now
                rate, burst = self._bucket()
                wanted = max(need, min(need + rate * SLACK, burst))
                missing = wanted - min(burst, self._tokens) - max(0.0, now - self._at) * rate
                return now if missing <= 1e-9 else now + missing / rate
            case Window(_, period):
                size = self._window()
                recent = [at for at in self._calls if at > now - period - SLACK]
                surplus = len(recent) + int(need) - size
                if surplus <= 0 or not self._calls:
                    return now
                if surplus <= len(recent):
                    return recent[surplus - 1] + period + SLACK
                return max(now, self._calls[-1] + period + SLACK + (surplus - len(recent)) * period / size)
            case None:
                return now

    def _spread(self, ticket: Ticket) -> float:
        """When the next preview of this turn is due, were it alone."""
        if ticket.last is None or ticket.started is None or self.limit is None or self.belief.scale == UNLIMITED:
            return float("-inf")
        rest = max(self.limit.horizon, GO_ON_SHARE * (ticket.last - ticket.started))
        share = max(1, len(self._open))
        left = ticket.left.get(self, 0.0)
        if isinstance(self.limit, Bucket):
            refill = self._bucket()[0] * rest
        else:
            refill = sum(1.0 for at in self._calls if at + self.limit.period + SLACK <= ticket.last + rest)
        return ticket.last + rest * share / max(left + refill, rest / 60.0)

    def _rank(self, ticket: Ticket) -> tuple[bool, float, int]:
        return (not ticket.final, ticket.since, ticket.number)

    # -- learning --------------------------------------------------------------------------------------------------

    def _evidence(self, now: float) -> list[float]:
        return [at for at in self._calls if at >= now - EVIDENCE]

    def _learn(self, now: float) -> None:
        if self.belief.refused(self._evidence(now), now):
            self.drain(now)  # whatever was believed to be left is not there

    def learned(self, now: float) -> Learned:
        """What to keep over a restart."""
        scale, refused = self.belief.learned(now)
        return Learned(
            scale=scale,
            refused=refused,
            calls=tuple(now - at for at in self._evidence(now)),
            frozen=max(0.0, self.frozen_until - now),
            quiet=max(0.0, now - self.belief.quiet_since),
        )

    def restore(self, learned: Learned, now: float, away: float) -> None:
        """Take up what was learned ``away`` seconds before ``now``."""
        self.belief.restore(learned, now - away)
        self.frozen_until = now - away + learned.frozen
        for age in learned.calls:
            self._charge(now - away - age)


class Trip:
    """How long a call usually takes: a smoothed mean and deviation, as TCP keeps them (RFC 6298)."""

    def __init__(self) -> None:
        self._mean: float | None = None
        self._deviation = 0.0

    def took(self, seconds: float) -> None:
        """A call was answered after ``seconds``."""
        if self._mean is None:
            self._mean, self._deviation = seconds, seconds / 2
            return
        self._deviation += (abs(seconds - self._mean) - self._deviation) / 4
        self._mean += (seconds - self._mean) / 8

    @property
    def usual(self) -> float:
        """Seconds within which nearly every call is answered; a guess of 0.5 before the first."""
        return 0.5 if self._mean is None else self._mean + 4 * self._deviation + 0.02
