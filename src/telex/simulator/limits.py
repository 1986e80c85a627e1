"""Rate limits as Telegram shows them: token buckets, a group's sliding window, and a penalty for calling too soon.

Everything here is pure: ``now`` is an argument, in seconds of whatever clock the caller keeps.

A limit that is spent answers how many whole seconds to wait. A call inside that wait is refused again and doubles
it; a client that never calls inside a wait never sees it grow.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

ON_ITS_WAY = 0.5  # seconds for which the bot's calls in other chats cannot know of a refusal
MOST_PENALTY = 600  # seconds; the longest waits reported after calls inside a wait are about that long


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: ``per_second`` calls on average, ``burst`` at once."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window: at most ``calls`` in any ``seconds``."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Which limits the server keeps; None lifts one.

    Attributes:
        private: sends and edits of one private chat.
        group: sends and edits of one group, all its topics together.
        bot: sends, edits and drafts of the whole bot.
        drafts: drafts of one private chat.
        min_retry: the least ``retry_after``, in seconds.
    """

    private: Rate | Window | None = field(default=Rate(1.0, 5))
    group: Rate | Window | None = field(default=Window(20, 60.0))
    bot: Rate | Window | None = field(default=Rate(30.0, 30))
    drafts: Rate | Window | None = field(default=Rate(2.0, 10))
    min_retry: int = 3

    @classmethod
    def none(cls) -> "Limits":
        """No limit at all."""
        return cls(private=None, group=None, bot=None, drafts=None)

    @classmethod
    def named(cls, *profiles: str) -> "Limits":
        """The default limits, changed by profiles of `PROFILES`, the later ones winning.

        Raises:
            KeyError: no profile has this name.
        """
        limits = cls()
        for profile in profiles:
            limits = PROFILES[profile](limits)
        return limits


PROFILES: dict[str, Callable[[Limits], Limits]] = {
    "default": lambda _: Limits(),
    "none": lambda _: Limits.none(),
    "drafts-2": lambda limits: replace(limits, drafts=Rate(2.0, 10)),
    "drafts-1": lambda limits: replace(limits, drafts=Rate(1.0, 5)),
    "drafts-3": lambda limits: replace(limits, drafts=Rate(3.0, 5)),
    "drafts-none": lambda limits: replace(limits, drafts=None),
    "edits-slow": lambda limits: replace(limits, private=Rate(0.5, 3)),
}


class Meter(Protocol):
    """Counts the calls under one limit."""

    def wait(self, now: float) -> float:
        """Seconds until the next call passes; 0 when it passes now."""
        ...

    def spend(self, now: float) -> None:
        """Count one call."""
        ...


class BucketMeter:
    """A `Rate` and how much of it is left."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.tokens = float(rate.burst)
        self.at: float | None = None

    def _refill(self, now: float) -> None:
        if self.at is not None and now > self.at:
            self.tokens = min(self.rate.burst, self.tokens + (now - self.at) * self.rate.per_second)
        self.at = now if self.at is None else max(self.at, now)

    def wait(self, now: float) -> float:
        """Seconds until one token is there."""
        self._refill(now)
        # A client that waits exactly as long as it was told must pass, whatever rounding does to the sum.
        return 0.0 if self.tokens >= 1 - 1e-9 else (1 - self.tokens) / self.rate.per_second

    def spend(self, now: float) -> None:
        """Take one token; an empty bucket stays empty."""
        self._refill(now)
        self.tokens = max(0.0, self.tokens - 1)


class WindowMeter:
    """A `Window` and the calls inside it."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.calls: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until the oldest of too many calls has left the window."""
        while self.calls and self.calls[0] <= now - self.window.seconds:
            self.calls.popleft()
        if len(self.calls) < self.window.calls:
            return 0.0
        return max(0.0, self.calls[len(self.calls) - self.window.calls] + self.window.seconds - now)

    def spend(self, now: float) -> None:
        """Count one call."""
        self.calls.append(now)


class Line:
    """One limit with its penalty; for ``grace`` seconds after a refusal, calls cannot know of it and are not punished."""

    def __init__(self, limit: Rate | Window | None, min_retry: int, *, grace: float = 0.0) -> None:
        self.meter: Meter | None = None
        if limit is not None:
            self.meter = BucketMeter(limit) if isinstance(limit, Rate) else WindowMeter(limit)
        self.min_retry = min_retry
        self.until: float | None = None
        self.told = 0.0  # when the wait began
        self.grace = grace
        self.penalty = 0

    def refusal(self, now: float) -> int:
        """Seconds this call must wait, 0 when it may pass. A refusal starts or lengthens the wait."""
        if self.until is not None and now < self.until:
            left = math.ceil(self.until - now)
            if now >= self.told + self.grace:
                self._hold(now, max(min(2 * self.penalty, MOST_PENALTY), left))
            return math.ceil(self.until - now)
        self.until = None
        wait = self.meter.wait(now) if self.meter else 0.0
        if wait <= 0:
            self.penalty = 0
            return 0
        self.freeze(now, max(self.min_retry, math.ceil(wait)))
        return self.penalty

    def freeze(self, now: float, seconds: int) -> None:
        """Refuse everything for ``seconds``."""
        self.told = now
        self._hold(now, seconds)

    def _hold(self, now: float, seconds: int) -> None:
        self.penalty = seconds
        self.until = now + seconds

    def wait(self, now: float) -> float:
        """Seconds until a call may pass; asking changes nothing."""
        frozen = 0.0 if self.until is None else max(0.0, self.until - now)
        return max(frozen, self.meter.wait(now) if self.meter else 0.0)

    def spend(self, now: float) -> None:
        """Count one call, passed or refused for another reason."""
        if self.meter:
            self.meter.spend(now)


class Limiter:
    """All limits of one bot, each kept where Telegram keeps it: per chat, per chat's drafts, per bot."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._bot = Line(limits.bot, limits.min_retry, grace=ON_ITS_WAY)
        self._lines: dict[tuple[int, bool], Line] = {}

    def _line(self, chat_id: int, draft: bool) -> Line:
        line = self._lines.get((chat_id, draft))
        if line is None:
            limits = self.limits
            limit = limits.drafts if draft else limits.private if chat_id > 0 else limits.group
            line = self._lines[chat_id, draft] = Line(limit, limits.min_retry)
        return line

    def refusal(self, chat_id: int, *, draft: bool, now: float) -> int:
        """Whole seconds to wait before such a call may pass; 0: it passes and is counted."""
        lines = (self._line(chat_id, draft), self._bot)
        wait = max(line.refusal(now) for line in lines)
        if not wait:
            for line in lines:
                line.spend(now)
        return wait

    def wait(self, chat_id: int, *, draft: bool, now: float) -> float:
        """Seconds until such a call may pass; asking changes nothing."""
        return max(line.wait(now) for line in (self._line(chat_id, draft), self._bot))

    def spend(self, chat_id: int, *, draft: bool, now: float) -> None:
        """Count a call that was refused for another reason."""
        self._line(chat_id, draft).spend(now)
        self._bot.spend(now)

    def freeze(self, chat_id: int, *, draft: bool, now: float, seconds: int) -> None:
        """Refuse such calls for ``seconds``, as after a flood that no documented limit explains."""
        self._line(chat_id, draft).freeze(now, seconds)
