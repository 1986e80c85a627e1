"""How old letters are when they become visible: from their token's arrival to the answer of the call that shows them."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ages:
    """What one streamed answer came to; all in seconds.

    Attributes:
        letters: the age of each letter, in order.
        first: from the first token to the first visible words.
        final: from the last token to the answer of the call that completed it.
        calls: calls that showed something or tried to.
        refused: calls that were answered with 429.
    """

    letters: Sequence[float]
    first: float
    final: float
    calls: int
    refused: int

    @property
    def mean(self) -> float:
        """The mean over all letters."""
        return statistics.fmean(self.letters)

    @property
    def worst(self) -> float:
        """The oldest letter's."""
        return max(self.letters)

    def quantile(self, share: float) -> float:
        """The age that ``share`` of all letters stay below."""
        return sorted(self.letters)[min(len(self.letters) - 1, int(share * len(self.letters)))]


def ages(
    arrivals: Sequence[tuple[float, int]], shown: Sequence[tuple[float, int]], *, calls: int, refused: int
) -> Ages:
    """Put arrivals and frames together.

    Args:
        arrivals: when a token came, and how many letters there were with it; in order.
        shown: when a call was answered, and how many letters were visible then; in order.
        calls: see `Ages`.
        refused: see `Ages`.

    Raises:
        ValueError: the answer never became visible whole.
    """
    total = arrivals[-1][1]
    letters: list[float] = []
    frames = iter(shown)
    at, visible = next(frames)
    first = at - arrivals[0][0]
    before = 0
    for came, count in arrivals:
        for letter in range(before + 1, count + 1):
            while visible < letter:
                at, visible = next(frames, (0.0, -1))
                if visible < 0:
                    raise ValueError(f"only {letter - 1} of {total} letters were ever visible")
            letters.append(at - came)
        before = count
    return Ages(letters, first, shown[-1][0] - arrivals[-1][0], calls, refused)
