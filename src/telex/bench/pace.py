"""``telex bench pace``: how close the pacing comes to an oracle, and how quickly it learns a limit that it did not know.

Virtual time, the real driver, presenter, pacing and Telegram surface; only HTTP is left out.
"""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from telex.bench.pace_answers import Conversation, Habits, conversations
from telex.bench.pace_oracle import Oracle
from telex.bench.pace_play import Played, crowd
from telex.config import Transport
from telex.simulator.limits import PROFILES, Limits, Rate, Window
from telex.testing.virtual_time import run

CHAT, GROUP = 1000, -1_001_000_000_000


@dataclass(frozen=True, slots=True)
class Contest:
    """One comparison with the oracle.

    Attributes:
        name: for the table.
        count: how many conversations are played.
        together: they share one bot and run side by side.
        bound: the most that telex's mean age may be, as a multiple of the oracle's.
    """

    name: str
    limits: Limits
    transport: Transport
    chat_id: int
    oracle: Oracle
    bound: float
    habits: Habits = field(default_factory=Habits)
    count: int = 24
    together: bool = False


CONTESTS = (
    Contest("private chat, edits", Limits(), "edit", CHAT, Oracle(Rate(1.0, 5)), 1.25),
    Contest("group, 20 in any 60 s", Limits(), "auto", GROUP, Oracle(Window(20, 60.0)), 1.5),
    Contest(
        "50 chats, bot of 30 a second", Limits(), "auto", CHAT, Oracle(Rate(2.0, 10), Rate(30.0, 30)), 1.25,
        Habits(gaps=(0.5, 3.0)), 50, together=True,
    ),
)  # fmt: skip

WRONG_BELIEFS: tuple[tuple[str, Transport], ...] = (
    ("drafts-1", "auto"), ("drafts-3", "auto"), ("drafts-none", "auto"), ("edits-slow", "edit"),
)  # fmt: skip
MOST_REFUSED = 2  # in one conversation, before the limit is known
RIGHT_AFTER = 2  # answers; from the next on nothing is refused


def mean_age(played: Iterable[Played]) -> float:
    """The mean over all letters of all conversations."""
    return statistics.fmean(chain.from_iterable(chain.from_iterable(one.letters for one in played)))


def contest(wanted: Contest, seed: int) -> tuple[float, float, int]:
    """Mean ages of telex and of the oracle, and how many calls were refused."""
    training = conversations(wanted.count, wanted.habits, seed + 1)
    tested = conversations(wanted.count, wanted.habits, seed)
    played = play(tested, wanted, seed)
    best = wanted.oracle.mean_age(tested, wanted.oracle.best(training))
    return mean_age(played), best, sum(sum(one.refused) for one in played)


def play(tested: list[Conversation], wanted: Contest, seed: int) -> list[Played]:
    """Play the conversations with telex."""
    if wanted.together:
        return run(crowd(tested, wanted.limits, wanted.transport, chat_id=wanted.chat_id, seed=seed))
    return [
        run(crowd([one], wanted.limits, wanted.transport, chat_id=wanted.chat_id, seed=seed + number))[0]
        for number, one in enumerate(tested)
    ]


def learning(profile: str, transport: Transport, seed: int, count: int = 12) -> list[Played]:
    """Conversations with a platform whose limits are not the documented ones."""
    limits = PROFILES[profile](Limits())
    return [
        run(crowd([one], limits, transport, chat_id=CHAT, seed=seed + number))[0]
        for number, one in enumerate(conversations(count, Habits(), seed))
    ]


def main(seed: int = 1) -> int:
    """Print both tables; 1 when a bound is exceeded."""
    failed = False
    print(f"Mean age of a letter in seconds, seed {seed}")
    print(f"{'':32}{'telex':>8}{'oracle':>8}{'ratio':>8}{'bound':>8}{'429':>6}")
    for wanted in CONTESTS:
        ours, best, refused = contest(wanted, seed)
        beyond = ours > wanted.bound * best or refused > 0
        failed |= beyond
        sign = "  <- beyond" if beyond else ""
        print(f"{wanted.name:32}{ours:8.3f}{best:8.3f}{ours / best:8.2f}{wanted.bound:8.2f}{refused:6}{sign}")
    print("\nStarted from a wrong belief: 429s by answer, the most of 12 conversations")
    for profile, transport in WRONG_BELIEFS:
        played = learning(profile, transport, seed)
        worst = [max(one.refused[number] for one in played) for number in range(5)]
        total = max(sum(one.refused) for one in played)
        beyond = total > MOST_REFUSED or any(worst[RIGHT_AFTER:])
        failed |= beyond
        sign = "  <- beyond" if beyond else ""
        print(
            f"{profile:32}{' '.join(map(str, worst))}   in a conversation {total}, mean age {mean_age(played):.3f}{sign}"
        )
    print("Beyond a bound." if failed else "All within their bounds.")
    return int(failed)
