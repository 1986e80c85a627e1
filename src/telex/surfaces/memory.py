"""A screen in memory that refuses as a real platform does. For tests, and for whoever writes a platform.

It enforces what a platform enforces: a length, a rate limit with growing penalties for calling into a freeze, and, of
those who drive it, one call in flight. What would be a client's bug is an ``AssertionError``, not an outcome.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from telex.display.frame import Frame, Outcome, Shown, Smaller, TryLater
from telex.display.pace import Bucket, Pace, Trip
from telex.display.screen import Kind


@dataclass(slots=True)
class Seen:
    """One change of what a person sees: when it came, ``at``, in the loop's seconds, and the ``frame``."""

    at: float
    frame: Frame


@dataclass(slots=True)
class MemorySurface:
    """A place in memory.

    Attributes:
        limit: how long a message may be, in characters of its Markdown.
        refresh: seconds after which an unchanged preview dies.
        previews: whether an unfinished answer can be shown.
        overwrites: whether a preview that was given up on may still overwrite the final.
        round_trip: seconds a call takes.
        strict: the limit that this "platform" enforces; ``None`` for none.
        paces: the limits that the client believes in, narrowest first.
        trip: how long calls take; share it among the turns of one place.
        on_vanished: set by the driver, called by ``take_away``.
        calls: how often ``show`` was called.
        refusals: how often the strict limit refused.
        script: outcomes to give for the next calls, before anything is shown.
        seen: everything that was ever visible, in order.
        messages: the lasting messages and previews by page.
    """

    limit: int = 4096
    refresh: float = 20.0
    previews: bool = True
    overwrites: bool = True
    round_trip: float = 0.06
    strict: Bucket | None = None
    paces: Sequence[Pace] = ()
    script: Iterable[Outcome | None] = ()
    trip: Trip = field(default_factory=Trip)
    seen: list[Seen] = field(default_factory=list)
    messages: dict[int, Frame] = field(default_factory=dict)
    on_vanished: Callable[[int], None] | None = None
    calls: int = 0
    refusals: int = 0
    _script: deque[Outcome | None] | None = None
    _busy: bool = False
    _tokens: float | None = None
    _at: float = 0.0
    _frozen_until: float = float("-inf")
    _penalty: float = 0.0

    def measure(self, markdown: str) -> int:
        """Every character counts as one."""
        return len(markdown)

    def lines(self, kind: Kind) -> Sequence[Pace]:  # noqa: ARG002 - the protocol's signature
        """One set of limits for everything."""
        return self.paces

    def leave(self) -> None:
        """Nothing is shared, so nothing is to be freed."""

    def take_away(self, page: int) -> None:
        """Something else takes this page's preview off the screen."""
        self.messages.pop(page, None)
        if self.on_vanished:
            self.on_vanished(page)

    async def show(self, frame: Frame) -> Outcome:
        """Show the frame, or refuse it."""
        assert not self._busy, "two calls in flight in one place"  # noqa: S101 - strictness is this fake's purpose
        if self._script is None:
            self._script = deque(self.script)
        self._busy = True
        try:
            self.calls += 1
            await asyncio.sleep(self.round_trip / 2)
            outcome = self._apply(frame, asyncio.get_running_loop().time())
            await asyncio.sleep(self.round_trip / 2)
            return outcome
        finally:
            self._busy = False

    def _apply(self, frame: Frame, now: float) -> Outcome:
        if (wait := self._overload(now)) is not None:
            self.refusals += 1
            return TryLater(wait)
        scripted = self._script.popleft() if self._script else None
        if scripted is not None and not isinstance(scripted, Shown):
            return scripted
        if len(frame.text) > self.limit:
            return Smaller(self.limit - 1)
        before = self.messages.get(frame.page)
        assert not (before and before.final and frame != before), "a sealed message was changed"  # noqa: S101 - as above
        self.messages[frame.page] = frame
        self.seen.append(Seen(now, frame))
        return Shown()

    def _overload(self, now: float) -> float | None:
        """The platform's own bucket; calling into the freeze doubles it."""
        if self.strict is None:
            return None
        if now < self._frozen_until:
            self._penalty *= 2
            self._frozen_until = now + self._penalty
            return self._penalty
        burst, rate = self.strict.burst, self.strict.rate
        tokens = burst if self._tokens is None else min(burst, self._tokens + (now - self._at) * rate)
        self._at = now
        if tokens < 1:
            self._tokens = tokens
            self._penalty = max(3.0, (1 - tokens) / rate)
            self._frozen_until = now + self._penalty
            return self._penalty
        self._tokens = tokens - 1
        return None
