from itertools import pairwise

import pytest

from telex.simulator import PROFILES, Limits, Rate, Window
from telex.simulator.limits import BucketMeter, Limiter, WindowMeter

ADA, LAB = 1001, -1001000000001
BOTH = Limits(private=Rate(1, 5), group=Window(3, 60), bot=None, drafts=Rate(2, 2), min_retry=3)


def test_a_bucket_lets_its_burst_pass_and_then_its_rate():
    meter = BucketMeter(Rate(2.0, 3))
    passed = []
    for tenth in range(30):
        now = tenth / 10
        if meter.wait(now) == 0:
            meter.spend(now)
            passed.append(now)
    assert passed == [0.0, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 2.5]


def test_a_bucket_never_holds_more_than_its_burst():
    meter = BucketMeter(Rate(1.0, 2))
    for _ in range(2):
        assert meter.wait(1000) == 0
        meter.spend(1000)
    assert meter.wait(1000) == 1


def test_a_window_holds_in_any_stretch_of_time_and_not_per_minute():
    meter = WindowMeter(Window(2, 60))
    for now in (0.0, 50.0):
        assert meter.wait(now) == 0
        meter.spend(now)
    assert meter.wait(59) == 1
    assert meter.wait(60) == 0
    meter.spend(60)
    assert meter.wait(61) == 49


def test_a_refusal_names_whole_seconds_and_at_least_the_minimum():
    limiter = Limiter(BOTH)
    assert [limiter.refusal(ADA, draft=False, now=0) for _ in range(6)] == [0, 0, 0, 0, 0, 3]
    assert [limiter.refusal(LAB, draft=False, now=0.5) for _ in range(4)] == [0, 0, 0, 60]


def test_a_call_inside_the_wait_doubles_it():
    limiter = Limiter(BOTH)
    for _ in range(5):
        limiter.refusal(ADA, draft=False, now=0)
    assert [limiter.refusal(ADA, draft=False, now=now) for now in (0, 1, 2)] == [3, 6, 12]


def test_a_client_that_waits_as_long_as_it_was_told_passes_and_never_sees_the_wait_grow():
    limiter = Limiter(BOTH)
    now, waits = 0.0, []
    for _ in range(30):
        wait = limiter.refusal(LAB, draft=False, now=now)
        waits.append(wait)
        now += wait
    assert set(waits) == {0, 60}
    assert all(not (first and second) for first, second in pairwise(waits))


def test_drafts_have_a_bucket_of_their_own():
    limiter = Limiter(BOTH)
    assert [limiter.refusal(ADA, draft=True, now=0) for _ in range(3)] == [0, 0, 3]
    assert limiter.refusal(ADA, draft=False, now=0) == 0


def test_the_whole_bot_shares_one_limit_over_sends_and_drafts():
    limiter = Limiter(Limits(private=None, drafts=None, bot=Rate(30, 2)))
    assert limiter.refusal(1, draft=False, now=0) == 0
    assert limiter.refusal(2, draft=True, now=0) == 0
    assert limiter.refusal(3, draft=False, now=0) == 3


def test_a_call_refused_by_one_limit_is_not_counted_by_the_other():
    limiter = Limiter(Limits(private=Rate(1, 1), bot=Rate(1, 2)))
    assert limiter.refusal(1, draft=False, now=0) == 0
    assert limiter.refusal(1, draft=False, now=0) == 3
    assert limiter.refusal(2, draft=False, now=0) == 0


def test_a_call_refused_for_its_content_counts_as_spent():
    limiter = Limiter(BOTH)
    for _ in range(5):
        limiter.spend(ADA, draft=False, now=0)
    assert limiter.refusal(ADA, draft=False, now=0) == 3


def test_a_frozen_chat_refuses_until_the_end_of_its_wait():
    limiter = Limiter(BOTH)
    limiter.freeze(ADA, draft=False, now=0, seconds=7)
    assert limiter.refusal(2002, draft=False, now=1) == 0
    assert limiter.refusal(ADA, draft=False, now=7) == 0


def test_without_limits_everything_passes():
    limiter = Limiter(Limits.none())
    assert not any(limiter.refusal(ADA, draft=draft, now=0) for draft in (True, False) for _ in range(100))


@pytest.mark.parametrize(
    ("profile", "drafts"),
    [("drafts-2", Rate(2, 10)), ("drafts-1", Rate(1, 5)), ("drafts-3", Rate(3, 5)), ("drafts-none", None)],
)
def test_profiles_change_one_limit_and_keep_the_others(profile, drafts):
    limits = Limits.named(profile)
    assert limits.drafts == drafts
    assert limits.group == Window(20, 60.0)


def test_profiles_can_be_joined():
    limits = Limits.named("drafts-none", "edits-slow")
    assert (limits.drafts, limits.private) == (None, Rate(0.5, 3))
    assert Limits.named("none") == Limits.none()
    assert Limits.named(*PROFILES) is not None


def test_calls_that_cannot_know_of_the_bots_wait_do_not_lengthen_it():
    limiter = Limiter(Limits(private=None, drafts=None, bot=Rate(30, 1)))
    refusals = [limiter.refusal(chat, draft=False, now=0.1) for chat in range(1, 5)]
    assert refusals == [0, 3, 3, 3]
    assert limiter.refusal(9, draft=False, now=1.0) == 6


def test_no_wait_grows_beyond_ten_minutes():
    limiter = Limiter(BOTH)
    waits = [limiter.refusal(ADA, draft=False, now=0) for _ in range(30)]
    assert waits[-1] == max(waits) == 600


def test_asking_how_long_to_wait_changes_nothing():
    limiter = Limiter(BOTH)
    limiter.freeze(ADA, draft=False, now=0, seconds=7)
    assert [limiter.wait(ADA, draft=False, now=now) for now in (1.0, 1.0, 8.0)] == [6.0, 6.0, 0.0]
    assert limiter.refusal(ADA, draft=False, now=8.0) == 0
