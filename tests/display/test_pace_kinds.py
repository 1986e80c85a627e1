"""What limits of one kind teach each other, and how a limit that is only guessed is outgrown."""

from dataclasses import asdict

import pytest

from telex.display.pace import Bucket, Kind, Learned, Pace, Ticket

GUESS = Bucket(rate=2.0, burst=10, guess=True)
DAY = 86_400.0


def busy(pace: Pace, now: float, minutes: int = 1) -> float:
    """Use the limit up, minute after minute, with nothing refused; returns when."""
    for _ in range(minutes):
        for _ in range(int(pace.tokens(now))):
            pace.spend(Ticket(), now)
        now += 61.0
        pace.spend(Ticket(), now)
    return now


def refuse(pace: Pace, now: float) -> None:
    """Spend what is believed to be there, and be refused at the last call."""
    for _ in range(max(1, int(pace.tokens(now)))):
        pace.spend(Ticket(), now)
    pace.freeze(now + 3, now)


def test_a_guess_that_is_used_up_and_never_refused_is_outgrown_by_a_few_percent_a_minute():
    pace = Pace(GUESS)
    now = busy(pace, 1000.0)
    assert pace.scale == pytest.approx(1.04)
    busy(pace, now, 9)
    assert 1.3 < pace.scale < 1.5


def test_what_is_documented_is_never_outgrown():
    pace = Pace(Bucket(2.0, 10))
    busy(pace, 1000.0, 10)
    assert pace.scale == 1.0


def test_a_guess_that_holds_nobody_up_is_not_outgrown():
    pace, now = Pace(GUESS), 1000.0
    for _ in range(30):
        pace.spend(Ticket(), now)
        now += 61.0
    assert pace.scale == 1.0


def test_one_of_a_kind_tries_more_and_the_others_follow_only_what_passed():
    kind = Kind()
    first, second = Pace(GUESS, kind=kind), Pace(GUESS, kind=kind)
    now = busy(first, 1000.0)
    busy(second, 1000.0)
    assert first.scale == pytest.approx(1.04)
    assert second.scale == 1.0
    busy(first, now)
    assert second.scale == pytest.approx(1.04)


def test_more_than_the_guess_that_was_refused_once_is_not_tried_again_that_day_by_any_of_the_kind():
    kind = Kind()
    first, second = Pace(GUESS, kind=kind), Pace(GUESS, kind=kind)
    now = busy(first, 1000.0)
    refuse(first, now + 30.0)
    busy(second, now + 100.0, 60)
    assert second.scale == 1.0
    busy(second, now + DAY + 200.0)
    assert second.scale > 1.0


def test_a_refusal_of_what_its_kind_is_allowed_is_that_ones_own():
    kind = Kind()
    first, second = Pace(GUESS, kind=kind), Pace(GUESS, kind=kind)
    for number in range(5):
        first.spend(Ticket(), 1000.0 + number / 10)
    first.freeze(1004.0, 1000.4)
    assert first.scale < 0.6
    assert second.scale == 1.0


def test_a_belief_in_no_limit_at_all_ends_with_the_first_refusal():
    pace = Pace(GUESS, kind=Kind(float("inf")))
    for number in range(7):
        assert pace.turn(Ticket(), number / 10) == number / 10
        pace.spend(Ticket(), number / 10)
    pace.freeze(3.6, 0.6)
    assert pace.scale < 0.7
    assert pace.tokens(3.6) < 5


def test_what_a_kind_was_refused_outlives_a_restart():
    pace = Pace(GUESS)
    now = busy(pace, 1000.0)
    refuse(pace, now + 30.0)
    kept = Learned.of(asdict(pace.learned(now + 40.0)))
    kind = Kind()
    Pace(GUESS, kind=kind).restore(kept, 5.0, 60.0)
    other = Pace(GUESS, kind=kind)
    busy(other, 100.0, 20)
    assert other.scale == 1.0


def test_what_a_kind_has_outgrown_outlives_a_restart():
    pace = Pace(GUESS)
    now = busy(pace, 1000.0, 5)
    kind = Kind()
    Pace(GUESS, kind=kind).restore(Learned.of(asdict(pace.learned(now))), 5.0, 60.0)
    assert Pace(GUESS, kind=kind).scale == pytest.approx(pace.scale)
