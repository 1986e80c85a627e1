"""``telex bench pace``: how close the pacing comes to an oracle, and how quickly it learns a limit that it did not know.

Virtual time, the real driver, presenter, pacing and Telegram surface; only HTTP is left out.
"""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
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


@dataclass(frozen=True, slots=True)
class Wrong:
    """A belief that is wrong: what telex believes at first is not what the platform does.

    Attributes:
        name: for the table; the limit there really is.
        profile: the same limit, by the simulator's name.
        truth: what the oracle knows.
        edit_interval: 0 stands for the belief that drafts have no limit.
        least: seconds that the oracle leaves between previews, where telex is configured to leave so many.
    """

    name: str
    profile: str
    truth: Rate
    transport: Transport = "auto"
    edit_interval: float = 0.3
    least: float = 0.06
    bound: float | None = 1.25


WRONG_BELIEFS = (
    Wrong("drafts 1/s burst 5", "drafts-1", Rate(1.0, 5)),
    Wrong("drafts 3/s burst 5", "drafts-3", Rate(3.0, 5)),
    Wrong("drafts without a limit", "drafts-none", Rate(1000.0, 1000), least=0.3),
    Wrong("edits 0.5/s burst 3", "edits-slow", Rate(0.5, 3), "edit"),
    Wrong("no limit believed, drafts 1/s", "drafts-1", Rate(1.0, 5), edit_interval=0),
    Wrong("no limit believed, drafts 3/s", "drafts-3", Rate(3.0, 5), edit_interval=0, bound=None),
)
MOST_REFUSED = 2  # in one conversation, before the limit is known
RIGHT_AFTER = 2  # answers; from the next on nothing is refused
MANY = 40  # answers after which the absence of a limit is found out


def mean_age(played: Iterable[Played]) -> float:
    """The mean over all letters of all conversations."""
    return statistics.fmean(chain.from_iterable(chain.from_iterable(one.letters for one in played)))


def contest(wanted: Contest, seed: int) -> tuple[float, float, int]:
    """Mean ages of telex and of the oracle, and how many calls were refused."""
    count, answers = (50, 2) if wanted.together else (60, 5)  # the more it learns from, the better the oracle
    training = conversations(count, replace(wanted.habits, answers=answers), seed + 1)
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


def learning(wrong: Wrong, seed: int, count: int = 8, answers: int = 5) -> tuple[list[Played], float]:
    """Conversations with a platform whose limits are not the believed ones, and the oracle's mean age in them."""
    habits = Habits(answers=answers)
    tested = conversations(count, habits, seed)
    oracle = Oracle(wrong.truth, least=wrong.least)
    limits, play_one = PROFILES[wrong.profile](Limits()), partial(crowd, edit_interval=wrong.edit_interval)
    played = [
        run(play_one([one], limits, wrong.transport, chat_id=CHAT, seed=seed + number))[0]
        for number, one in enumerate(tested)
    ]
    return played, oracle.mean_age(tested, oracle.best(conversations(count, habits, seed + 1)))


def learned(played: Iterable[Played], after: int) -> float:
    """The mean age in the answers that come later."""
    return statistics.fmean(chain.from_iterable(chain.from_iterable(one.letters[after:] for one in played)))


def _contests(seed: int) -> bool:
    """Print the first table; true when a bound is exceeded."""
    failed = False
    print(f"{'Mean age of a letter, seconds':34}{'telex':>8}{'oracle':>8}{'ratio':>8}{'bound':>8}{'429':>6}")
    for wanted in CONTESTS:
        ours, best, refused = contest(wanted, seed)
        beyond = ours > wanted.bound * best or refused > 0
        failed |= beyond
        sign = "  <- beyond" if beyond else ""
        row = f"{wanted.name:34}{ours:8.3f}{best:8.3f}{ours / best:8.2f}{wanted.bound:8.2f}{refused:6}{sign}"
        print(row, flush=True)
    return failed


def _lessons(seed: int) -> bool:
    """Print the second table; true when a bound is exceeded."""
    failed = False
    print(
        f"\n{'Wrong beliefs; really:':34}{'telex':>8}{'oracle':>8}{'ratio':>8}{'bound':>8}  429s by answer, all; most in one"
    )
    for wrong in WRONG_BELIEFS:
        played, best = learning(wrong, seed)
        by_answer = [sum(one.refused[number] for one in played) for number in range(5)]
        most, ours = max(sum(one.refused) for one in played), learned(played, RIGHT_AFTER)
        beyond = most > MOST_REFUSED or any(by_answer[RIGHT_AFTER:]) or ours > (wrong.bound or 1e9) * best
        failed |= beyond
        bound = f"{wrong.bound:8.2f}" if wrong.bound else f"{'':8}"
        row = f"{wrong.name:34}{ours:8.3f}{best:8.3f}{ours / best:8.2f}{bound}  {' '.join(map(str, by_answer))}; {most}"
        print(row + "  <- beyond" * beyond, flush=True)
    played, best = learning(WRONG_BELIEFS[2], seed, count=1, answers=MANY)
    ours = learned(played, MANY - 5)
    print(
        f"{f'without a limit, after {MANY - 5} answers':34}{ours:8.3f}{best:8.3f}{ours / best:8.2f}{1.10:8.2f}  {sum(played[0].refused)}"
    )
    return failed or ours > 1.10 * best


def main(seed: int = 1) -> int:
    """Print both tables; 1 when a bound is exceeded.

    Args:
        seed: which conversations are played.
    """
    print(f"Conversations of five answers of 8 to 30 s, seed {seed}; virtual time, a call takes 60 ms\n", flush=True)
    failed = [_contests(seed), _lessons(seed)]
    print("Beyond a bound." if any(failed) else "All within their bounds.")
    return int(any(failed))
