"""The bench of pacing: its oracle is honest, and what it says of telex holds for a few conversations."""

import os
import statistics

import pytest

from telex.bench.pace import CONTESTS, MOST_REFUSED, RIGHT_AFTER, WRONG_BELIEFS, Wrong, contest, learned, learning
from telex.bench.pace_answers import Habits, conversations
from telex.bench.pace_oracle import KNOTS, Oracle
from telex.simulator.limits import Rate, Window

COUNT = 12 if os.environ.get("CI") == "true" else 2


@pytest.mark.parametrize("limit", [Rate(1.0, 5), Window(20, 60.0)])
def test_no_even_spacing_beats_the_oracle(limit: Rate | Window):
    oracle = Oracle(limit)
    training, tested = conversations(60, Habits(), 1), conversations(60, Habits(), 2)
    best = oracle.mean_age(tested, oracle.best(training))
    for spacing in (0.06, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0):
        assert best <= 1.02 * oracle.mean_age(tested, (spacing,) * len(KNOTS))


def test_an_oracle_without_a_limit_waits_for_nothing_but_its_own_call():
    oracle = Oracle(Rate(1000.0, 1000))
    age = oracle.mean_age(conversations(2, Habits(), 1), (0.06,) * len(KNOTS))
    assert age == pytest.approx(0.09, rel=0.05)  # half a call's time until it is sent, and one call's time


def growing(first: float) -> tuple[float, ...]:
    """Gaps that grow in proportion to how long the answer has gone on."""
    return tuple(first * (1 + age / 4) for age in KNOTS)


@pytest.mark.parametrize("limit", [Rate(1.0, 5), Window(20, 60.0)])
def test_no_growing_gaps_beat_the_oracle(limit: Rate | Window):
    oracle = Oracle(limit)
    training, tested = conversations(60, Habits(), 3), conversations(60, Habits(), 4)
    best = oracle.mean_age(tested, oracle.best(training))
    for first in (0.06, 0.2, 0.4, 0.8, 1.6):
        assert best <= 1.02 * oracle.mean_age(tested, growing(first))


@pytest.mark.parametrize("wrong", WRONG_BELIEFS, ids=lambda wrong: wrong.name)
def test_a_limit_that_is_not_the_believed_one_is_soon_known(wrong: Wrong):
    played, best = learning(wrong, seed=11, count=COUNT)
    for one in played:
        assert sum(one.refused) <= MOST_REFUSED
        assert not any(one.refused[RIGHT_AFTER:])
    assert learned(played, RIGHT_AFTER) <= (wrong.bound or 2) * best


def test_that_drafts_have_no_limit_is_found_out_without_a_refusal():
    played, best = learning(WRONG_BELIEFS[2], seed=7, count=1, answers=30)
    assert not any(played[0].refused)
    assert statistics.fmean(played[0].letters[0]) > 1.15 * best
    assert learned(played, 25) < 1.1 * best


def test_in_a_private_chat_the_pacing_is_close_to_the_oracle_and_never_refused():
    ours, best, refused = contest(CONTESTS[0], seed=5)
    assert ours <= CONTESTS[0].bound * best
    assert refused == 0
