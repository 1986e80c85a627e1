"""The bench of pacing: its oracle is honest, and what it says of telex holds for a few conversations."""

import os

import pytest

from telex.bench.pace import CONTESTS, MOST_REFUSED, RIGHT_AFTER, WRONG_BELIEFS, contest, learning
from telex.bench.pace_answers import Habits, conversations
from telex.bench.pace_oracle import KNOTS, Oracle
from telex.simulator.limits import Rate, Window

COUNT = 12 if os.environ.get("CI") == "true" else 2


@pytest.mark.parametrize("limit", [Rate(1.0, 5), Window(20, 60.0)])
def test_no_even_spacing_beats_the_oracle(limit: Rate | Window):
    oracle = Oracle(limit)
    training, tested = conversations(10, Habits(), 1), conversations(10, Habits(), 2)
    best = oracle.mean_age(tested, oracle.best(training))
    for spacing in (0.06, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0):
        assert best <= 1.02 * oracle.mean_age(tested, (spacing,) * len(KNOTS))


def test_an_oracle_without_a_limit_waits_for_nothing_but_its_own_call():
    oracle = Oracle(Rate(1000.0, 1000))
    age = oracle.mean_age(conversations(2, Habits(), 1), (0.06,) * len(KNOTS))
    assert age == pytest.approx(0.09, rel=0.05)  # half a call's time until it is sent, and one call's time


@pytest.mark.parametrize(("profile", "transport"), WRONG_BELIEFS)
def test_a_limit_that_is_not_the_documented_one_is_soon_known(profile: str, transport):
    for played in learning(profile, transport, seed=11, count=COUNT):
        assert sum(played.refused) <= MOST_REFUSED
        assert not any(played.refused[RIGHT_AFTER:])


def test_in_a_private_chat_the_pacing_is_close_to_the_oracle_and_never_refused():
    ours, best, refused = contest(CONTESTS[0], seed=5)
    assert ours <= CONTESTS[0].bound * best
    assert refused == 0
