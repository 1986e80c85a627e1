"""The conversations that ``telex bench pace`` plays: the same for telex and for the oracle it is measured against."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from telex.bench.trace import prose

TOKENS_A_SECOND = 40.0
LETTERS = 4  # in a token; ages are counted by token, which weighs all letters alike
LONGEST = 30.0
TEXT = prose(int(1.2 * LONGEST * TOKENS_A_SECOND * LETTERS))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a conversation.

    Attributes:
        gap: seconds from the end of the answer before, as it was shown, to this one's first token.
        tokens: when each token comes, in seconds after the first.
    """

    gap: float
    tokens: Sequence[float]

    @property
    def source(self) -> str:
        """Its letters."""
        return TEXT[: len(self.tokens) * LETTERS].rstrip()


@dataclass(frozen=True, slots=True)
class Habits:
    """What is known of a kind of conversation; lengths and gaps are uniform between their bounds, in seconds."""

    gaps: tuple[float, float] = (3.0, 60.0)
    lengths: tuple[float, float] = (8.0, LONGEST)
    answers: int = 5


Conversation = Sequence[Answer]


def conversations(count: int, habits: Habits, seed: int) -> list[Conversation]:
    """``count`` conversations, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - a bench, not a secret
    return [[_answer(rng, habits) for _ in range(habits.answers)] for _ in range(count)]


def _answer(rng: random.Random, habits: Habits) -> Answer:
    gap, length = rng.uniform(*habits.gaps), rng.uniform(*habits.lengths)
    tokens, at = [], 0.0
    while at < length:
        tokens.append(at)
        at += rng.uniform(0.5, 1.5) / TOKENS_A_SECOND
    return Answer(gap, tokens)
