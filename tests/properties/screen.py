"""A place on a platform as the presenter plans by it, and its limits as the platform counts them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from telex.display.pace import Bucket, Pace, Trip
from telex.display.screen import Kind

LIMIT = 64
MARGIN = 0.5  # calls by which a `Pace` may be more careful than need be


class Line:
    """One limit as the platform counts it, beside the `Pace` that is believed in."""

    def __init__(self, bucket: Bucket) -> None:
        self.pace = Pace(bucket)
        self._bucket = bucket
        self._tokens, self._at = bucket.burst, 0.0
        self._frozen_until = -1.0
        self.thawed = False  # no call was made since it was frozen: the platform named the time of the next

    def take(self, now: float, *, urgent: bool) -> None:
        """A call is made; an urgent one need not wait for the limit, but for a freeze."""
        assert now >= self._frozen_until, "law 3: a call was made inside a freeze"
        self._tokens = min(self._bucket.burst, self._tokens + (now - self._at) * self._bucket.rate)
        self._at = now
        assert urgent or self._tokens >= 1 - 1e-6, "faster than the limit"
        self._tokens = max(0.0, self._tokens - 1)
        self.thawed = False

    def refuse(self, until: float) -> None:
        """Nothing may be called before ``until``."""
        self._frozen_until = max(self._frozen_until, until)
        self.thawed = True

    def lets_a_final(self, now: float, finals: int) -> bool:
        """Could a final have gone at once, were ``finals`` in line?"""
        return self.pace.frozen_until <= now and self.pace.tokens(now) >= finals + MARGIN


@dataclass
class Lines:
    """The limits of one bot in one chat: its drafts, its messages, and all its calls."""

    drafts: Line = field(default_factory=lambda: Line(Bucket(rate=2.0, burst=4)))
    messages: Line = field(default_factory=lambda: Line(Bucket(rate=1.0, burst=3)))
    bot: Line = field(default_factory=lambda: Line(Bucket(rate=4.0, burst=6)))


class Screen:
    """A topic: previews are drafts until that does not work, or edits; all its limits are shared."""

    def __init__(self, lines: Lines, *, drafting: bool) -> None:
        self.limit, self.refresh, self.previews = LIMIT, 2.0, True
        self.drafting = drafting
        self.trip = Trip()
        self._lines = lines

    @property
    def overwrites(self) -> bool:
        return not self.drafting

    def measure(self, markdown: str) -> int:
        return len(markdown)

    def charged(self, kind: Kind) -> list[Line]:
        if kind is Kind.FINAL or (kind is Kind.LIVE and not self.drafting):
            return [self._lines.messages, self._lines.bot]
        return [self._lines.drafts, self._lines.bot] if self.drafting else [self._lines.bot]

    def lines(self, kind: Kind) -> Sequence[Pace]:
        return [line.pace for line in self.charged(kind)]
