"""One rate limit in simulated time: `Crowd` drives several turns through one `Pace` against a platform that counts."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.display.pace import Bucket, Learned, Limit, Pace, Ticket, Trip, Window
from telex.simulator.limits import Line, Rate
from telex.simulator.limits import Window as StrictWindow

BUCKET = Bucket(rate=1.0, burst=5)
WINDOW = Window(calls=20, period=60.0)


@dataclass
class Crowd:
    """Turns that always have something new to show; each call is put to the platform's own line, where there is one."""

    pace: Pace
    platform: Line | None = None
    now: float = 0.0
    calls: list[tuple[float, Ticket]] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)

    def call(self, ticket: Ticket) -> bool:
        self.pace.spend(ticket, self.now)
        ticket.started = self.now if ticket.started is None else ticket.started
        ticket.last = ticket.since = self.now
        wait = self.platform.refusal(self.now) if self.platform else 0
        if wait:
            self.refusals.append(self.now)
            self.pace.freeze(self.now + wait, self.now)
            return False
        if self.platform:
            self.platform.spend(self.now)
        self.calls.append((self.now, ticket))
        return True

    def play(self, tickets: list[Ticket], until: float) -> None:
        """Everybody previews as often as the pace lets them."""
        while self.now < until:
            dues = {ticket: self.pace.turn(ticket, self.now) for ticket in tickets}
            due = min(dues.values())
            if due > self.now:
                self.now = min(due, until)
                continue
            for ticket in tickets:
                if self.pace.turn(ticket, self.now) <= self.now:
                    self.call(ticket)

    def answer(self, seconds: float) -> float:
        """One turn from its first preview to its shown final; returns how long the final waited."""
        ticket = Ticket(since=self.now)
        self.play([ticket], self.now + seconds)
        ended = self.now
        ticket.final = True
        while True:
            due = self.pace.turn(ticket, self.now)
            if due > self.now:
                self.now = due
            elif self.call(ticket):
                break
        self.pace.leave(ticket)
        return self.now - ended


def most_in(calls: list[float], seconds: float) -> int:
    """The most calls in any such stretch of time."""
    return max((sum(1 for at in calls if start <= at < start + seconds) for start in calls), default=0)


# -- the limit holds --------------------------------------------------------------------------------------------------

buckets = st.builds(Bucket, rate=st.sampled_from([0.3, 1.0, 2.5]), burst=st.sampled_from([1, 2, 5]))
windows = st.builds(Window, calls=st.integers(1, 8), period=st.sampled_from([5.0, 20.0]))
limits = st.one_of(buckets, windows)


def strict(limit: Limit) -> Line:
    """The platform's side of the same limit."""
    if isinstance(limit, Bucket):
        return Line(Rate(limit.rate, int(limit.burst)), 3)
    assert isinstance(limit, Window)
    return Line(StrictWindow(limit.calls, limit.period), 3)


@given(limits, st.lists(st.tuples(st.integers(1, 3), st.floats(0, 40), st.floats(0, 20)), min_size=1, max_size=4))
def test_no_crowd_of_turns_is_ever_faster_than_the_limit(limit, rounds):
    crowd = Crowd(Pace(limit), strict(limit))
    for turns, seconds, pause in rounds:
        tickets = [Ticket(since=crowd.now) for _ in range(turns)]
        crowd.play(tickets, crowd.now + seconds)
        for ticket in tickets:
            crowd.pace.leave(ticket)
        crowd.now += pause
    assert crowd.refusals == []


@given(limits, st.lists(st.floats(0, 30), min_size=1, max_size=5))
def test_finals_too_keep_within_the_limit(limit, answers):
    crowd = Crowd(Pace(limit), strict(limit))
    for seconds in answers:
        crowd.answer(seconds)
    assert crowd.refusals == []


def test_a_window_holds_for_any_stretch_of_its_length():
    crowd = Crowd(Pace(WINDOW))
    crowd.play([Ticket()], 300.0)
    assert most_in([at for at, _ in crowd.calls], 60.0) <= 20


def test_without_a_limit_a_call_may_go_at_any_time():
    pace, ticket = Pace(None), Ticket()
    for now in (0.0, 0.0, 0.001):
        assert pace.turn(ticket, now) == now
        pace.spend(ticket, now)


@given(limits, st.floats(0, 30), st.floats(0.1, 30))
def test_a_freeze_is_obeyed_by_previews_and_finals(limit, at, seconds):
    pace = Pace(limit)
    for final in (False, True):
        pace.freeze(at + seconds, at)
        assert pace.turn(Ticket(final=final), at) >= at + seconds


def test_a_freeze_without_a_limit_is_obeyed_too():
    pace = Pace(None)
    pace.freeze(7.0, 1.0)
    assert pace.turn(Ticket(final=True), 2.0) == 7.0


def test_a_shorter_freeze_does_not_end_a_longer_one():
    pace = Pace(BUCKET)
    pace.freeze(30.0, 0.0)
    pace.freeze(5.0, 0.1)
    assert pace.turn(Ticket(), 6.0) == 30.0


# -- the order of the line --------------------------------------------------------------------------------------------


def exhausted() -> Pace:
    """A bucket of one call, spent at 0: the next call is there at 1."""
    pace = Pace(Bucket(rate=1.0, burst=1))
    pace.spend(Ticket(), 0.0)
    return pace


def test_a_final_goes_before_previews_that_stood_there_first():
    pace = exhausted()
    preview, final = Ticket(since=0.0), Ticket(since=5.0, final=True)
    pace.turn(preview, 0.1)
    assert pace.turn(final, 0.2) == pytest.approx(1.0)


def test_of_two_previews_the_stalest_goes_first():
    pace = Pace(Bucket(rate=1.0, burst=4))
    for _ in range(4):
        pace.spend(Ticket(), 0.0)
    fresh, stale = Ticket(since=0.9), Ticket(since=0.5)
    pace.turn(fresh, 1.0)
    pace.turn(stale, 1.0)
    assert [pace.turn(stale, 1.0), pace.turn(fresh, 1.0)] == pytest.approx([3.1, 4.0])


def test_where_a_bucket_holds_one_call_the_stalest_still_goes_first():
    pace = Pace(Bucket(rate=1.0, burst=1))
    pace.spend(Ticket(), 0.0)
    fresh, stale = Ticket(since=0.9), Ticket(since=0.5)
    pace.turn(fresh, 0.95)
    pace.turn(stale, 0.95)
    assert pace.turn(fresh, 1.2) > 1.2
    assert pace.turn(stale, 1.2) <= 1.2
    assert pace.turn(fresh, 2.2) <= 2.2  # who does not go holds nobody up for ever


def test_where_a_window_holds_one_call_the_stalest_still_goes_first():
    pace = Pace(Window(1, 10.0))
    pace.spend(Ticket(), 0.0)
    fresh, stale = Ticket(since=0.9), Ticket(since=0.5)
    pace.turn(fresh, 0.95)
    pace.turn(stale, 0.95)
    assert pace.turn(fresh, 10.2) > 10.2
    assert pace.turn(stale, 10.2) <= 10.2
    assert pace.turn(fresh, 20.2) <= 20.2


def test_who_leaves_the_line_no_longer_holds_up_the_others():
    pace = exhausted()
    gone, next_one = Ticket(since=0.0, final=True), Ticket(since=1.0, final=True)
    pace.turn(gone, 0.1)
    pace.leave(gone)
    assert pace.turn(next_one, 0.2) == pytest.approx(1.0)


def test_stepping_out_gives_up_the_place_but_not_the_reserve():
    pace = Pace(BUCKET)
    ticket, other = Ticket(), Ticket()
    pace.turn(ticket, 0.0)
    pace.step_out(ticket)
    for _ in range(3):
        pace.spend(Ticket(), 0.0)
    assert pace.turn(other, 0.2) > 0.2  # two are left, one for each open turn
    pace.leave(ticket)
    assert pace.turn(other, 0.2) == 0.2


def test_previews_leave_a_call_for_the_final_of_each_open_turn():
    pace = Pace(Bucket(rate=0.001, burst=6))
    turns = [Ticket(since=float(n)) for n in range(2)]
    crowd = Crowd(pace)
    crowd.play(turns, 60.0)
    assert pace.tokens(crowd.now) >= 2
    for ticket in turns:
        ticket.final = True
        assert pace.turn(ticket, crowd.now) == crowd.now
        pace.spend(ticket, crowd.now)


def test_the_whole_bots_line_reserves_at_most_what_it_is_told():
    pace = Pace(Bucket(rate=30.0, burst=30), most_reserved=1)
    for n in range(25):
        pace.turn(Ticket(since=float(n)), 0.0)
    for _ in range(3):
        pace.spend(Ticket(), 0.0)
    assert pace.turn(Ticket(since=-1.0), 0.0) == 0.0


@pytest.mark.parametrize("limit", [BUCKET, WINDOW, Bucket(rate=2.0, burst=10)])
def test_a_final_after_a_long_answer_goes_at_once(limit):
    assert Crowd(Pace(limit), strict(limit)).answer(45.0) == 0.0


@pytest.mark.parametrize("turns", [2, 3, 5])
def test_topics_that_share_a_limit_share_it_fairly(turns):
    tickets = [Ticket() for _ in range(turns)]
    crowd = Crowd(Pace(BUCKET))
    crowd.play(tickets, 120.0)
    shares = [sum(1 for _, who in crowd.calls if who is ticket) for ticket in tickets]
    assert min(shares) >= 0.7 * max(shares)
    for ticket in tickets:
        times = [at for at, who in crowd.calls if who is ticket]
        assert max(later - at for at, later in pairwise(times)) <= 3 * turns / BUCKET.rate


# -- spreading --------------------------------------------------------------------------------------------------------


def gaps(limit: Limit, seconds: float) -> list[float]:
    crowd = Crowd(Pace(limit))
    crowd.play([Ticket()], seconds)
    times = [at for at, _ in crowd.calls]
    return [later - at for at, later in pairwise(times)]


@pytest.mark.parametrize("limit", [BUCKET, Bucket(rate=2.0, burst=10), WINDOW])
def test_the_burst_is_spread_over_the_answer_and_not_spent_at_once(limit):
    found = gaps(limit, 6.0)
    assert min(found) > 0.2
    assert max(found) < 4.0


def test_the_gaps_between_previews_grow_smoothly_to_the_bare_rate():
    found = gaps(BUCKET, 60.0)
    assert all(later <= 1.5 * earlier for earlier, later in pairwise(found))
    assert found[-1] == pytest.approx(1.0, rel=0.2)


def test_the_first_preview_of_an_answer_is_not_spread():
    assert Pace(BUCKET).turn(Ticket(), 3.0) == 3.0


# -- learning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", [Rate(0.5, 3), Rate(0.8, 3), Rate(0.3, 2), Rate(1.0, 3)], ids=str)
def test_against_a_stricter_platform_it_settles_by_the_third_answer(platform):
    crowd = Crowd(Pace(BUCKET), Line(platform, 3))
    refused = []
    for _ in range(8):
        before = len(crowd.refusals)
        crowd.answer(15.0)
        refused.append(len(crowd.refusals) - before)
        crowd.now += 5.0
    assert refused[0] > 0
    assert refused[2:] == [0] * 6


@pytest.mark.parametrize("platform", [Rate(0.5, 3), Rate(0.5, 5), Rate(0.8, 3), Rate(0.3, 2), Rate(1.0, 3)], ids=str)
def test_once_settled_it_is_refused_at_most_once_in_ten_minutes(platform):
    crowd = Crowd(Pace(BUCKET), Line(platform, 3))
    while crowd.now < 3600.0:
        crowd.answer(40.0)
        crowd.now += 5.0
    assert most_in([at for at in crowd.refusals if at > 90.0], 600.0) <= 1


def test_a_stricter_window_is_learned_too():
    crowd = Crowd(Pace(WINDOW), Line(StrictWindow(12, 60.0), 3))
    refused = []
    for _ in range(8):
        before = len(crowd.refusals)
        crowd.answer(40.0)
        refused.append(len(crowd.refusals) - before)
        crowd.now += 5.0
    assert refused[2:] == [0] * 6


def test_a_refusal_lowers_the_belief_to_just_below_what_explains_it():
    pace = Pace(BUCKET)
    ticket = Ticket()
    for now in (0.0, 0.1, 0.2, 0.3):
        pace.spend(ticket, now)
    pace.freeze(3.3, 0.3)  # the fourth call of a burst was one too many: the burst is less than four
    assert 0.5 < pace.scale < 4 / 5


def test_a_call_that_was_on_its_way_when_the_ice_came_teaches_nothing_new():
    pace = Pace(BUCKET)
    for now in (0.0, 0.1, 0.2):
        pace.spend(Ticket(), now)
    pace.freeze(5.0, 0.2)
    learned = pace.scale
    pace.freeze(6.0, 0.3)
    assert pace.scale == learned


def grown(pace: Pace, minutes: int, at: float) -> list[float]:
    scales = []
    for minute in range(minutes):
        pace.spend(Ticket(), at + 60.0 * (minute + 1))
        scales.append(pace.scale)
    return scales


def test_a_quiet_minute_makes_it_grow_by_a_few_percent_and_no_more():
    pace = Pace(BUCKET)
    for now in (0.0, 0.1, 0.2):
        pace.spend(Ticket(), now)
    pace.freeze(3.0, 0.2)
    before = pace.scale
    scales = [before, *grown(pace, 40, 3.0)]
    assert all(later <= earlier * 1.041 for earlier, later in pairwise(scales))
    assert scales[-1] > before


def test_it_never_grows_past_the_documented_limit():
    pace = Pace(BUCKET)
    for now in (0.0, 0.1, 0.2):
        pace.spend(Ticket(), now)
    pace.freeze(3.0, 0.2)
    assert max(grown(pace, 300, 3.0)) == 1.0


def test_it_does_not_grow_past_what_was_refused_in_the_last_ten_minutes():
    pace = Pace(BUCKET)
    for now in (0.0, 0.1, 0.2):
        pace.spend(Ticket(), now)
    refused = pace.scale
    pace.freeze(3.0, 0.2)
    refused = pace.scale / 0.95
    assert max(grown(pace, 9, 3.0)) <= refused * 0.95 + 1e-9


def test_a_refusal_without_any_limit_still_freezes_and_teaches_nothing():
    pace = Pace(None)
    pace.spend(Ticket(), 0.0)
    pace.freeze(4.0, 0.0)
    assert (pace.turn(Ticket(), 0.0), pace.turn(Ticket(), 4.0)) == (4.0, 4.0)


@pytest.mark.parametrize("limit", [BUCKET, WINDOW, None])
def test_its_repr_says_what_it_believes(limit):
    assert repr(limit) in repr(Pace(limit))


# -- how long calls take ------------------------------------------------------------------------------------------------


def usual(times: Callable[[int], float], count: int = 40) -> float:
    trip = Trip()
    for n in range(count):
        trip.took(times(n))
    return trip.usual


def test_the_usual_trip_is_a_guess_before_the_first_call():
    assert Trip().usual == 0.5


def test_the_usual_trip_of_steady_calls_is_hardly_longer_than_one_of_them():
    assert 0.06 < usual(lambda _: 0.06) < 0.1


@given(st.lists(st.floats(0.05, 0.15), min_size=30, max_size=60))
def test_the_usual_trip_covers_every_one_of_a_narrow_range(times):
    assert usual(lambda n: times[n], len(times)) > sum(times[-5:]) / 5


def test_a_drained_bucket_begins_empty_and_fills_at_its_rate():
    pace, ticket = Pace(Bucket(rate=2, burst=4)), Ticket(final=True)
    pace.drain(10.0)
    assert pace.turn(ticket, 10.0) == pytest.approx(10.6)  # and a little, for the way there differs
    assert pace.tokens(12.0) == 4


def test_what_was_learned_outlives_a_restart():
    pace = Pace(Bucket(1.0, 5))
    ticket = Ticket(final=True)
    for at in (0.0, 0.1, 0.2):
        pace.spend(ticket, at)
    pace.freeze(10.0, 0.3)
    again = Pace(Bucket(1.0, 5))
    again.restore(Learned.of(asdict(pace.learned(2.0))), 100.0, 3.0)  # three seconds later, on another clock
    assert again.scale == pace.scale
    assert again.frozen_until == pytest.approx(105.0)
    assert again.turn(Ticket(final=True), 100.0) == pytest.approx(105.0)
    assert 0 < again.tokens(100.0) <= pace.tokens(5.0) + 0.5


def test_a_refusal_that_nothing_explains_teaches_only_when_it_comes_again_and_again_and_then_cuts_to_half():
    pace = Pace(Window(20, 60.0))
    for number in range(3):
        assert pace.scale == 1.0
        pace.spend(Ticket(), 10.0 * number)
        pace.freeze(10.0 * number + 5, 10.0 * number + 0.1)
    assert pace.scale == 0.5


def test_a_limit_that_many_share_learns_only_from_the_third_refusal_in_a_minute():
    pace = Pace(Bucket(30.0, 30), patient=True)
    for number in range(3):
        assert pace.scale == 1.0
        for call in range(30):
            pace.spend(Ticket(), 10.0 * number + call / 100)
        pace.freeze(10.0 * number + 5, 10.0 * number + 0.5)
    assert pace.scale < 1.0


def test_a_refusal_of_less_than_has_passed_is_not_this_limits():
    pace = Pace(Bucket(1.0, 5))
    for number in range(5):
        pace.spend(Ticket(), number / 10)
    pace.spend(Ticket(), 30.0)
    pace.spend(Ticket(), 30.1)
    pace.freeze(33.0, 30.2)
    assert pace.scale == 1.0


def test_after_a_freeze_a_final_goes_at_the_time_that_the_platform_named():
    pace = Pace(Window(2, 60.0))
    for at in (0.0, 0.1):
        pace.spend(Ticket(), at)
    pace.freeze(7.0, 0.2)
    assert pace.turn(Ticket(final=True), 0.3) == 7.0
    assert pace.turn(Ticket(), 7.0) > 7.0
    assert pace.turn(Ticket(final=True), 7.0) == 7.0


def test_refusals_that_nothing_explains_never_bring_a_group_to_a_standstill():
    pace, ticket, now = Pace(Window(calls=20, period=60.0)), Ticket(final=True), 0.0
    for _ in range(10):
        pace.spend(ticket, now)
        pace.freeze(now + 3.0, now)
        now += 61.0
    for _ in range(4):
        assert pace.turn(ticket, now) == now
        pace.spend(ticket, now)


def test_a_line_that_is_drained_after_a_restart_is_free_again_as_soon_as_its_rate_allows():
    former = Pace(Bucket(30.0, 30))
    for number in range(600):
        former.spend(Ticket(), number / 30)
    for drained_first in (True, False):
        pace = Pace(Bucket(30.0, 30))
        if drained_first:
            pace.drain(100.0)
        pace.restore(former.learned(20.0), 100.0, 5.0)
        if not drained_first:
            pace.drain(100.0)
        assert pace.turn(Ticket(final=True), 100.0) < 101.0
