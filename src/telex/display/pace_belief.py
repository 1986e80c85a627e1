"""What is believed of a limit, and how that changes: less after a refusal, a little more after a quiet minute.

A belief is a scale: the share of the documented limit (its rate and its burst alike) that is believed in. A chat has its
own once it was refused, and follows its kind before and after.

- A refusal: the largest scale at which the calls of the last minute would have been refused here, and some caution.
  A short stretch of calls shows how deep a bucket is and hardly how quickly it fills: the shorter, the more caution.
- A quiet minute: a few percent more, but for ten minutes not past what was refused.
- A documented limit is the most that is believed. Where it is only a guess, one line of the kind at a time tries a
  little more; what it was not refused all of them believe from then on, and what it was is not tried for a day.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telex.display.pace_limit import Bucket, Limit, Window, use

GROWTH_A_MINUTE = 1.04
CAUTION = 0.75  # of what a moment's calls have shown to be too fast,
LEAST_CAUTION = 0.95  # and of what `LONG_STRETCH` seconds of them have
LONG_STRETCH = 20.0
HOPE = 0.8  # of it may be reached again
AGAIN = 0.9  # times so much where the belief so found was refused too
MEMORY = 600.0  # seconds for which a refused scale is not tried again,
LONG_MEMORY = 86_400.0  # and where more than a guess was tried
QUIET = 60.0  # seconds without a refusal, after which more is believed
SLOWEST = 0.2  # no belief is scaled down further: even a call every five seconds is what careful bots make
MOST_CUT = 0.5  # and by one refusal not to less than half: calls that nobody here made may have caused it
UNSURE = 2.0  # seconds after which a call that was not refused has passed
CLEARLY = 1.3  # times as much
HARDLY = 0.3  # of the limit
MOST_DOUBTS = 2  # refusals in a minute that may be somebody else's
UNLIMITED = float("inf")


@dataclass(frozen=True, slots=True)
class Learned:
    """What a line knows that its documentation does not, with times as seconds from now: it outlives a restart.

    Attributes:
        scale: the share of the documented limit that is believed in.
        refused: for how long yet which scale is not passed.
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
        refused = tuple((left, scale) for left, scale in values["refused"])
        return cls(values["scale"], refused, tuple(values["calls"]), values["frozen"], values["quiet"])


class Proven:
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

    def contradicts(self, usage: float, now: float, *, sudden: bool) -> bool:
        """Has clearly more than ``usage`` passed lately, or is it so little that nobody would refuse it for that?"""
        self._pending.clear()  # the one that was refused is among them
        return usage < HARDLY or (sudden and self._at >= now - MEMORY and self._best >= CLEARLY * usage)

    def doubt(self, now: float) -> bool:
        """Is a refusal somebody else's? A few in a minute may be."""
        while self._doubts and self._doubts[0] < now - QUIET:
            self._doubts.popleft()
        self._doubts.append(now)
        if len(self._doubts) <= MOST_DOUBTS:
            return True
        self._doubts.clear()
        self._best = 0.0
        return False


@dataclass(slots=True, eq=False)
class Kind:
    """What all limits of one kind share: whether there is more than the documents say.

    Attributes:
        scale: what passed for a minute, at least the documented; infinite: no limit is believed in.
        tries: who is trying more, on behalf of all.
        ceiling: until when which scale is not passed.
    """

    scale: float = 1.0
    tries: "Belief | None" = None
    ceiling: tuple[float, float] = (0.0, UNLIMITED)


class Belief:
    """What is believed of one limit.

    Args:
        limit: as documented or guessed.
        kind: what is shared with the others of its kind.
        patient: many share it, each with a limit of its own, so one refusal says little.

    Attributes:
        own: below 1 the scale of a limit that was refused, above it of one that tries more for its kind.
        ceilings: until when which scale is not passed.
        quiet_since: when the last refusal was over, or more was last believed.
    """

    def __init__(self, limit: Limit, kind: Kind | None = None, *, patient: bool = False) -> None:
        self.limit = limit
        self.kind = kind or Kind()
        self._patient = patient
        self._proven = Proven()
        self.quiet_since = 0.0
        self.own = 1.0
        self.ceilings: list[tuple[float, float]] = []

    @property
    def scale(self) -> float:
        """The share of the limit that is believed in; infinite: no limit."""
        if self.limit is None:
            return UNLIMITED
        return self.own if self.own < 1.0 else max(self.own, self.kind.scale)

    @property
    def taught(self) -> bool:
        """Was it refused, so that it knows better than its kind?"""
        return self.own < 1.0

    def follow(self, other: "Belief") -> None:
        """Begin with what another of the kind was taught."""
        self.own, self.ceilings, self.quiet_since = other.own, list(other.ceilings), other.quiet_since

    def called(self, now: float, usage: float) -> None:
        """A call was sent, with which so much of the limit is used."""
        self._proven.called(now, usage)

    def refused(self, calls: Sequence[float], now: float) -> bool:
        """The latest of these calls was refused; false when that teaches nothing.

        A refusal of less than what passed a while ago is not of this limit's making, unless it comes again and again, or
        at the end of a long stretch: a bucket that took as much at once may yet fill more slowly.
        """
        if self.limit is None:
            return False
        used, before = use(self.limit, calls), self.scale
        scale = min(before, used.share)
        sudden = isinstance(self.limit, Window) or used.stretch < LONG_STRETCH
        if (self._proven.contradicts(scale, now, sudden=sudden) or self._patient) and self._proven.doubt(now):
            return False
        caution = CAUTION + (LEAST_CAUTION - CAUTION) * min(1.0, used.stretch / LONG_STRETCH)
        if _ceiling(self.ceilings, now) < UNLIMITED:
            caution *= AGAIN
        least = max(SLOWEST, min(1.0, before) * MOST_CUT)
        self.own = max(least, min(1.0, scale * caution))
        self.ceilings.append((now + MEMORY, min(1.0, max(self.own, scale * max(caution, HOPE)))))
        if before > 1.0:
            self._warn(scale * caution, now)
        return True

    def _warn(self, scale: float, now: float) -> None:
        """More than the documented was tried, and too much: all of the kind take it back."""
        kind = self.kind
        if kind.tries is self:
            kind.tries = None
        elif kind.scale < UNLIMITED and scale < CAUTION:
            return  # that one is special
        kind.scale = max(1.0, min(kind.scale, scale))
        kind.ceiling = (now + LONG_MEMORY, kind.scale)

    def grow(self, now: float, *, used: bool) -> None:
        """Time has passed. ``used``: the limit has lately been what held things up."""
        quiet = now - self.quiet_since
        if quiet < QUIET:
            return
        self.quiet_since = now
        if self.own < 1.0:
            ceiling = _ceiling(self.ceilings, now)
            self.own = max(self.own, min(1.0, ceiling, self.own * GROWTH_A_MINUTE ** (quiet / 60.0)))
        elif isinstance(self.limit, Bucket) and self.limit.guess and used:
            self._try_more(now)

    def _try_more(self, now: float) -> None:
        """What passed is believed by all of the kind; this one tries a little more, unless another does."""
        kind = self.kind
        if kind.tries not in {None, self}:
            if now - kind.tries.quiet_since < MEMORY:
                return
            kind.tries.own = 1.0  # its chat has fallen silent
        kind.scale = self.scale
        more = min(kind.scale * GROWTH_A_MINUTE, _ceiling([kind.ceiling], now))
        kind.tries, self.own = (self, more) if kind.scale < more < UNLIMITED else (None, 1.0)

    def learned(self, now: float) -> tuple[float, tuple[tuple[float, float], ...]]:
        """The scale and the ceilings, as `Learned` has them."""
        known = [*self.ceilings, self.kind.ceiling]
        return (1.0 if self.scale == UNLIMITED else self.scale), tuple(
            (t - now, scale) for t, scale in known if t > now
        )

    def restore(self, learned: Learned, then: float) -> None:
        """Take up what was learned at ``then``."""
        for left, scale in learned.refused:
            if scale < 1.0:
                self.ceilings.append((then + left, scale))
            else:
                self.kind.ceiling = (then + left, scale)
                self.kind.scale = max(1.0, learned.scale)
        if learned.scale > 1.0:
            self.kind.scale = learned.scale
        self.own = min(1.0, learned.scale)
        self.quiet_since = then - learned.quiet


def _ceiling(ceilings: Sequence[tuple[float, float]], now: float) -> float:
    return min((scale for until, scale in ceilings if until > now), default=UNLIMITED)
