"""The presenter against every outcome in every order: turns that share their limits, in simulated time.

``TELEX_SCHEDULES=20000 ./run test tests/properties`` plays so many schedules, and ``TELEX_SCHEDULES=deep`` an hour of them.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from telex.display.frame import (
    Abandon,
    Again,
    Closed,
    Elsewhere,
    Finished,
    NoTransport,
    Outcome,
    Plain,
    Show,
    Shown,
    Smaller,
    TryLater,
    Unknown,
    Vanished,
    Wait,
)
from telex.display.screen import Reasoning
from telex.events import (
    End,
    Event,
    Notice,
    ReasoningDelta,
    SegmentEnded,
    TextDelta,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    TurnEnded,
)
from tests.properties.screen import Lines, Screen
from tests.properties.topic import THOUGHT, Topic

WANTED = os.environ.get("TELEX_SCHEDULES", "10000" if os.environ.get("CI") == "true" else "400")
DEEP = 3600.0  # seconds
SCHEDULES = 5000 if WANTED == "deep" else int(WANTED)
STEPS = 40
LEAST_STEPS = 30
LEAST_SHARE = 0.05

TRIP = 0.05
PEACE = 600  # steps within which all must be well again once every call succeeds
OUTCOMES: dict[str, Outcome] = {
    "shown": Shown(),
    "try later": TryLater(2.0),
    "try later, all of the bot": TryLater(0.5, whole=True),
    "again": Again(),
    "again, and not at once": Again(1.0),
    "plain": Plain(),
    "smaller": Smaller(36),
    "vanished": Vanished(),
    "elsewhere": Elsewhere(),
    "no transport": NoTransport(),
    "closed": Closed("blocked"),
    "unknown, applied": Unknown(),
    "unknown, not applied": Unknown(),
    "unknown, applied late": Unknown(),
    "abandoned, applied": Unknown(),
    "abandoned, not applied": Unknown(),
    "abandoned, applied late": Unknown(),
    "abandoned, answered in that moment": Shown(),
}
DRAWN: Counter[str] = Counter()  # in how many schedules an outcome was drawn
SCHEDULE_LENGTHS: Counter[int] = Counter()

turns = st.integers(0, 2)
REASONING = get_args(Reasoning)
TRIPS = st.sampled_from([0.0, TRIP, 0.5])
WORDS = st.lists(
    st.sampled_from(["word", "x", "and", "longerword", "end.", "So!", "\n\n", "\n", " "]), min_size=1, max_size=12
)


def in_flight(machine: "PresenterMachine") -> bool:
    return any(topic.flight for topic in machine.topics)


class PresenterMachine(RuleBasedStateMachine):
    """One to three topics of a chat, each with one turn after another; what a driver would do is done after each rule."""

    @initialize(topics=st.sampled_from([1, 1, 2, 3]), drafting=st.booleans(), reasoning=st.sampled_from(REASONING))
    def begin(self, topics: int, drafting: bool, reasoning: Reasoning) -> None:
        self.now = 0.0
        self.lines = Lines()
        self.topics = [Topic(Screen(self.lines, drafting=drafting), 0.0, reasoning) for _ in range(topics)]
        self.tools = 0
        self.steps = 0
        self.drawn: set[str] = set()

    def turn(self, number: int) -> Topic:
        return self.topics[number % len(self.topics)]

    # -- what comes in -----------------------------------------------------------------------------------------------

    @rule(turn=turns, words=WORDS)
    def say(self, turn: int, words: list[str]) -> None:
        topic = self.turn(turn)
        if topic.ended_at is None:
            topic.feed(TextDelta(" ".join(words) + " "), self.now)
        self.drive()

    @rule(turn=turns, kind=st.sampled_from(["segment", "tool", "half", "done", "notice", "thought"]))
    def other_event(self, turn: int, kind: str) -> None:
        self.tools += kind == "tool"
        events: dict[str, Event] = {
            "segment": SegmentEnded(),
            "tool": ToolStarted(str(self.tools), "f"),
            "half": ToolProgress(str(self.tools), "half"),
            "done": ToolFinished(str(self.tools), seconds=1.0),
            "notice": Notice("careful"),
            "thought": ReasoningDelta(THOUGHT),
        }
        topic = self.turn(turn)
        if topic.ended_at is None:
            topic.feed(events[kind], self.now)
        self.drive()

    @precondition(lambda self: any(len(topic.source) > 40 and topic.ended_at is None for topic in self.topics))
    @rule(end=st.sampled_from(list(End)))
    def end_turn(self, end: End) -> None:
        topic = next(topic for topic in self.topics if len(topic.source) > 40 and topic.ended_at is None)
        topic.feed(TurnEnded(end, "" if end is End.FINISHED else "sorry"), self.now)
        self.drive()

    @precondition(lambda self: any(topic.finished for topic in self.topics))
    @rule(drafting=st.booleans(), reasoning=st.sampled_from(REASONING))
    def next_question(self, drafting: bool, reasoning: Reasoning) -> None:
        number = next(number for number, topic in enumerate(self.topics) if topic.finished)
        self.topics[number].presenter.leave()
        self.topics[number] = Topic(Screen(self.lines, drafting=drafting), self.now, reasoning)
        self.drive()

    @rule(turn=turns)
    def interposed(self, turn: int) -> None:
        self.turn(turn).interposed(self.now)
        self.drive()

    # -- time and outcomes -------------------------------------------------------------------------------------------

    @rule(seconds=st.floats(0.0, 4.0))
    def wait(self, seconds: float) -> None:
        self.pass_time(seconds)
        self.drive()

    @precondition(in_flight)
    @rule(turn=turns, seconds=TRIPS)
    def shown(self, turn: int, seconds: float) -> None:
        self.answer(turn, "shown", seconds)

    @precondition(in_flight)
    @rule(
        turn=turns, name=st.sampled_from(["try later", "try later, all of the bot", "again", "again, and not at once"])
    )
    def not_now(self, turn: int, name: str) -> None:
        self.answer(turn, name, TRIP)

    @precondition(in_flight)
    @rule(turn=turns, name=st.sampled_from(["plain", "smaller", "no transport"]))
    def not_so(self, turn: int, name: str) -> None:
        self.answer(turn, name, TRIP)

    @precondition(in_flight)
    @rule(turn=turns, name=st.sampled_from(["vanished", "elsewhere", "closed", "no transport"]))
    def not_here(self, turn: int, name: str) -> None:
        self.answer(turn, name, TRIP)

    @precondition(in_flight)
    @rule(turn=turns, name=st.sampled_from(["unknown, applied", "unknown, not applied", "unknown, applied late"]))
    def lost(self, turn: int, name: str) -> None:
        self.answer(turn, name, TRIP)

    @precondition(in_flight)
    @rule(turn=turns, name=st.sampled_from([name for name in OUTCOMES if name.startswith("abandoned")]))
    def hanging(self, turn: int, name: str) -> None:
        self.answer(turn, name, 0.0)

    def answer(self, turn: int, name: str, seconds: float) -> None:
        flying = [topic for topic in self.topics if topic.flight]
        topic = flying[turn % len(flying)]
        self.pass_time(seconds)
        name = self.possible(topic, name)
        self.drawn.add(name)
        if name.startswith("abandoned"):
            self.hang(topic)
        applied = name in {"shown", "unknown, applied", "abandoned, applied", "abandoned, answered in that moment"}
        topic.answer(OUTCOMES[name], self.now, applied=applied, late=name.endswith("late"))
        self.drive()

    def possible(self, topic: Topic, name: str) -> str:
        """The outcome, or another where no platform could give that one now."""
        assert topic.flight is not None
        frame = topic.flight.frame
        impossible = {
            "no transport": frame.final,
            "smaller": not frame.text or frame.page in topic.done,
            "vanished": frame.page in topic.done,
        }
        return "shown" if impossible.get(name) else name

    def hang(self, topic: Topic) -> None:
        """No answer, until the presenter gives the call up."""
        for _ in range(3):
            step = topic.presenter.next_step(self.now)
            if isinstance(step, Abandon):
                return
            assert isinstance(step, Wait), "law 6: one call in flight"
            topic.waits(step, self.now)
            self.pass_time(step.until - self.now)
        raise AssertionError("law 5: a call that hangs is never given up")

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for topic in self.topics:
            topic.time_passes(self.now)

    def drive(self) -> None:
        """What a driver does whenever something happened."""
        self.steps += 1
        for topic in self.topics:
            self.drive_one(topic)
            topic.check()

    def drive_one(self, topic: Topic) -> float:
        """Ask what to do next, and do it; when to ask again."""
        step = topic.presenter.next_step(self.now)
        match step:
            case Show(frame):
                finals = sum(1 for other in self.topics if other is not topic and other.wants_a_final)
                topic.call(frame, self.now, finals)
                return self.now + TRIP
            case Wait(until):
                topic.waits(step, self.now)
                return until
            case Abandon():
                assert topic.flight is not None, "law 6: only what is in flight is given up"
                topic.answer(Unknown(), self.now)
                return self.now
            case Finished():
                topic.finish()
        return float("inf")

    # -- peace ---------------------------------------------------------------------------------------------------------

    def settle(self, complaint: str, reached: Callable[[Topic], bool]) -> None:
        """Every call is answered after one trip, until all turns have ``reached`` what they should."""
        for _ in range(PEACE):
            due = min(self.drive_one(topic) for topic in self.topics)
            if all(reached(topic) for topic in self.topics):
                return
            self.pass_time(max(due - self.now, 0.0))
            for topic in self.topics:
                if topic.flight is not None:
                    topic.answer(Shown(), self.now, applied=True)
        raise AssertionError(complaint)

    def teardown(self) -> None:
        if sys.exc_info()[0] or self.steps < LEAST_STEPS:
            return  # failed, or given up by the engine
        SCHEDULE_LENGTHS[self.steps] += 1
        DRAWN.update(self.drawn)
        self.settle("law 2: the screen does not come to show what it should", Topic.converged)
        for topic in self.topics:
            if topic.ended_at is None:
                if not topic.source.strip():  # or a notice would say so that is longer than a page can be here
                    topic.feed(TextDelta("So!"), self.now)
                topic.feed(TurnEnded(), self.now)
        self.settle("law 8: the screen never gets its last frame", lambda topic: topic.finished)
        for topic in self.topics:
            topic.check()
            topic.presenter.leave()
        assert "open=0, line=0" in repr(self.lines.messages.pace), "law 6: a place in line is left behind"


def run_once() -> None:
    run_state_machine_as_test(
        PresenterMachine,
        settings=settings(max_examples=SCHEDULES, stateful_step_count=STEPS, deadline=None),
        _min_steps=LEAST_STEPS,
    )


def test_every_law_holds_after_any_outcome_in_any_order():
    DRAWN.clear()
    SCHEDULE_LENGTHS.clear()
    begun = time.monotonic()
    run_once()
    while WANTED == "deep" and time.monotonic() < begun + DEEP:
        run_once()
    schedules = SCHEDULE_LENGTHS.total()
    assert schedules >= SCHEDULES
    assert min(SCHEDULE_LENGTHS) >= LEAST_STEPS
    rare = {name: DRAWN[name] / schedules for name in OUTCOMES if DRAWN[name] < LEAST_SHARE * schedules}
    print(f"{schedules} schedules:", *(f"{name} {DRAWN[name] / schedules:.0%}," for name in OUTCOMES))  # noqa: T201 - for pytest -s
    assert not rare, f"of {schedules} schedules too few drew {rare}"
