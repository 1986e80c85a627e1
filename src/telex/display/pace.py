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
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

GROWTH_A_MINUTE = 1.04
CAUTION = 0.75  # of what was surely too fast: a first refusal shows how deep the bucket is, hardly how quickly it fills
MEMORY = 600.0  # seconds for which a refused scale is not tried again
EVIDENCE = 60.0  # seconds of calls that a refusal is explained by
SLOWEST = 0.2  # no belief is scaled down further: even a call every five seconds is what careful bots make
UNSURE = 2.0  # seconds after which a call that was not refused has passed
CLEARLY = 1.3  # times as much
HARDLY = 0.3  # of the limit
MOST_DOUBTS = 2  # refusals in a minute that may be somebody else's
MOST_CUT = 0.5  # and by one refusal not to less than half: calls that nobody here made may have caused it


@dataclass(frozen=True, slots=True)
class Bucket:
    """``burst`` calls at once, refilled by ``rate`` calls a second."""

    rate: float
    burst: float

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
        return 30.0


Limit: TypeAlias = Bucket | Window | None
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


@dataclass(frozen=True, slots=True)
class Learned:
    """What a line knows that its documentation does not, with times as ages in seconds: it outlives a restart.

    Attributes:
        scale: the share of the documented limit that is believed in.
        refused: how long ago which scale was refused.
        calls: how long ago calls were made.
        frozen: seconds for which nothing may be called.
        quiet: seconds since the last refusal was over, or since the scale last grew.
    """

    scale: float = 1.0
    refused: tuple[tuple[float, float], ...] = ()
    calls: tuple[float, ...] = ()
    frozen: float = 0.0
    quiet: float = 0.0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Learned":
        """From plain values, as ``dataclasses.asdict`` or JSON gives them."""
        refused = tuple((age, scale) for age, scale in values["refused"])
        return cls(values["scale"], refused, tuple(values["calls"]), values["frozen"], values["quiet"])


class _Proven:
    """The most of a limit that was used and let through, lately."""

    def __init__(self) -> None:
        self._best = 0.0
        self._at = float("-inf")
        self._pending: deque[tuple[float, float]] = deque()  # calls that may still be refused
        self._doubts: deque[float] = deque()

    def called(self, now: float, usage: float) -> None:
        """A call was sent, with which so much of the limit is used."""
        while self._pending and self._pending[0][0] < now - UNSURE:
            at, passed = self._pending.popleft()
            if passed >= self._best or self._at < at - MEMORY:
                self._best, self._at = passed, at
        self._pending.append((now, usage))

    def contradicts(self, usage: float, now: float) -> bool:
        """Has clearly more than ``usage`` passed lately, or is it so little that nobody would refuse it for that?"""
        self._pending.clear()  # the one that was refused is among them
        return usage < HARDLY or (self._at >= now - MEMORY and self._best >= CLEARLY * usage)

    def doubt(self, now: float) -> bool:
        """Is a refusal somebody else's? A few in a minute may be."""
        while self._doubts and self._doubts[0] < now - EVIDENCE:
            self._doubts.popleft()
        self._doubts.append(now)
        if len(self._doubts) <= MOST_DOUBTS:
            return True
        self._doubts.clear()
        self._best = 0.0
        return False


class Pace:
    """One limit and the line before it.

    Args:
        limit: what the platform allows, as documented or believed.
        most_reserved: at most so many calls are kept back for finals. A chat reserves for each of its turns; a whole
            bot need not, for finals stand first in its line.
        scale: the share of the limit that others of its kind were taught to believe in.
        patient: many share it, each with a limit of its own, so one refusal says little: only the third in a minute teaches.
    """

    def __init__(self, limit: Limit, *, most_reserved: float = 1e9, scale: float = 1.0, patient: bool = False) -> None:
        self.limit = limit
        self._patient = patient
        self.scale = scale
        self.frozen_until = float("-inf")
        self._most_reserved = most_reserved
        self._calls: deque[float] = deque()
        self._tokens: float | None = None  # None: full
        self._at = 0.0
        self._open: set[Ticket] = set()
        self._line: set[Ticket] = set()
        self._refused: deque[tuple[float, float]] = deque()  # (when, the scale that was too fast)
        self._quiet_since = 0.0
        self._thawed = False  # nothing was called since the line was last frozen
        self._proven = _Proven()

    def __repr__(self) -> str:
        return f"Pace({self.limit}, scale={self.scale:.2f}, open={len(self._open)}, line={len(self._line)})"

    # -- asking and charging ---------------------------------------------------------------------------------------

    def turn(self, ticket: Ticket, now: float) -> float:
        """When ``ticket`` may call; not after ``now``: at once. Joins the line as soon as its own spreading lets it."""
        self._open.add(ticket)
        if self.limit is None and now >= self.frozen_until:
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
        self._grow(now)
        self._charge(now)
        ticket.left[self] = max(0.0, self.tokens(now) - self._reserve()) if self.limit else 0.0

    def _charge(self, now: float) -> None:
        if isinstance(self.limit, Bucket):
            self._tokens = self.tokens(now) - 1
            self._at = now
        self._calls.append(now)
        self._proven.called(now, self.usage(now))
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
        self._quiet_since = self.frozen_until
        self._thawed = True

    def drain(self, now: float) -> None:
        """Count a bucket's burst as spent: somebody before us may have."""
        if isinstance(self.limit, Bucket):
            self._tokens, self._at = 0.0, now

    def nearness(self, now: float) -> float:
        """How near the latest call came to what is believed to be the limit: 1 is at it."""
        return self.usage(now) / self.scale

    def usage(self, now: float) -> float:
        """The share of the limit that the calls so far have used: the largest scale at which the latest would be refused."""
        if self.limit is None:
            return 0.0
        calls = [at for at in self._calls if at >= now - EVIDENCE]
        if isinstance(self.limit, Window):
            return sum(1 for at in calls if at > now - self.limit.period) / self.limit.calls
        rate, burst, last = self.limit.rate, self.limit.burst, calls[-1] if calls else now
        return max(
            ((count + 1) / (burst + rate * (last - at)) for count, at in enumerate(reversed(calls))), default=0.0
        )

    def step_out(self, ticket: Ticket) -> None:
        """Leave the line, but stay an open turn for which a call is reserved."""
        self._line.discard(ticket)

    def leave(self, ticket: Ticket) -> None:
        """The turn is over."""
        self._line.discard(ticket)
        self._open.discard(ticket)

    @property
    def taught(self) -> bool:
        """Was it refused lately, so that it knows better than the documentation?"""
        return bool(self._refused)

    # -- arithmetic ------------------------------------------------------------------------------------------------

    def tokens(self, now: float) -> float:
        """How many calls would pass at ``now``, by what is believed."""
        match self.limit:
            case Bucket():
                rate, burst = self._bucket()
                return burst if self._tokens is None else min(burst, self._tokens + max(0.0, now - self._at) * rate)
            case Window(_, period):
                return self._window() - sum(1 for at in self._calls if at > now - period - SLACK)
            case None:
                return float("inf")

    def _bucket(self) -> tuple[float, float]:
        assert isinstance(self.limit, Bucket)  # noqa: S101 - for the type checker; only called for buckets
        return self.limit.rate * self.scale, max(1.0, self.limit.burst * self.scale)

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
                if self._tokens is None:
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
        if ticket.last is None or ticket.started is None or self.limit is None:
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

    def _learn(self, now: float) -> None:
        """Take the largest scale at which the call just refused would have been refused here, less a little.

        A refusal of less than what passed a while ago is not of this limit's making, unless it comes again and again.
        """
        if self.limit is None:
            return
        usage = min(self.scale, self.usage(now))
        if (self._proven.contradicts(usage, now) or self._patient) and self._proven.doubt(now):
            return
        self.scale = max(SLOWEST, usage * CAUTION, self.scale * MOST_CUT)
        self._refused.append((now, self.scale / CAUTION))

    def learned(self, now: float) -> Learned:
        """What to keep over a restart."""
        return Learned(
            scale=self.scale,
            refused=tuple((now - at, scale) for at, scale in self._refused if at > now - MEMORY),
            calls=tuple(now - at for at in self._calls if at > now - EVIDENCE),
            frozen=max(0.0, self.frozen_until - now),
            quiet=max(0.0, now - self._quiet_since),
        )

    def restore(self, learned: Learned, now: float, away: float) -> None:
        """Take up what was learned ``away`` seconds before ``now``."""
        self.scale = learned.scale
        for age, scale in learned.refused:
            self._refused.append((now - away - age, scale))
        self.frozen_until = now - away + learned.frozen
        for age in learned.calls:
            self._charge(now - away - age)
        self._quiet_since = min(now, now - away - learned.quiet)
        self._grow(now)

    def _grow(self, now: float) -> None:
        """A few percent a quiet minute; not past what was refused lately, nor past what is documented."""
        if self.scale >= 1.0:
            self._quiet_since = now
            return
        quiet = now - self._quiet_since
        if quiet < EVIDENCE:
            return
        while self._refused and self._refused[0][0] < now - MEMORY:
            self._refused.popleft()
        ceiling = min([1.0, *(scale * CAUTION for _, scale in self._refused)])
        self.scale = max(self.scale, min(ceiling, self.scale * GROWTH_A_MINUTE ** (quiet / 60.0)))
        self._quiet_since = now


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
