"""The presenter against every outcome in every order, in virtual time, with small constants."""

import os
import re
from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from telex.display.frame import (
    Abandon,
    Again,
    Elsewhere,
    Finished,
    Frame,
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
from telex.display.pace import Bucket, Pace, Trip
from telex.display.presenter import Presenter
from telex.display.screen import Kind, Pacing
from telex.events import End, Notice, SegmentEnded, TextDelta, ToolFinished, ToolStarted, TurnEnded

SCHEDULES = int(os.environ.get("TELEX_SCHEDULES", "10000" if os.environ.get("CI") == "true" else "1500"))
LIMIT = 64
BUCKET = Bucket(rate=1.0, burst=3)
OWN_LINE = re.compile(r"^(?:⏳|✅|❌|⏹|⚠️).*$", re.MULTILINE)


def letters(text: str) -> str:
    """What a person reads of the answer itself: no white space, no lines of telex's own."""
    return re.sub(r"\s", "", OWN_LINE.sub("", text.replace("\u2060", "").replace("\n ", "\n").strip()))


class Strict:
    """A screen with one limit; what is on it is kept by the machine."""

    def __init__(self) -> None:
        self.limit, self.refresh, self.previews, self.overwrites = LIMIT, 20.0, True, True
        self.trip = Trip()
        self.pace = Pace(BUCKET)

    def measure(self, markdown: str) -> int:
        return len(markdown)

    def lines(self, kind: Kind) -> Sequence[Pace]:
        return (self.pace,)


class PresenterMachine(RuleBasedStateMachine):
    """One turn, any events, any outcomes; the laws are checked at every call."""

    @initialize()
    def begin(self) -> None:
        self.now = 0.0
        self.screen = Strict()
        self.presenter = Presenter(self.screen, Pacing(edit_interval=0.3, buffer_threshold=4), 0.0)
        self.source = ""
        self.flight: Frame | None = None
        self.visible: dict[int, Frame] = {}
        self.sealed: dict[int, str] = {}
        self.frozen_until = -1.0
        self.thawed_early = False  # an outcome that is repeated at once may outrun the limit
        self.tokens, self.at = float(BUCKET.burst), 0.0
        self.idle_calls = 0
        self.limit = LIMIT
        self.most_read = 0
        self.tools = 0
        self.ended = False

    # -- what comes in -----------------------------------------------------------------------------------------------

    @precondition(lambda self: not self.ended)
    @rule(
        words=st.lists(
            st.sampled_from(["word", "x", "and", "longerword", "end.", "So!", "\n\n", "\n", " "]),
            min_size=1,
            max_size=12,
        )
    )
    def say(self, words: list[str]) -> None:
        text = " ".join(words) + " "
        self.source += text
        self.presenter.feed(TextDelta(text), self.now)

    @precondition(lambda self: not self.ended)
    @rule(kind=st.sampled_from(["segment", "tool", "done", "notice"]))
    def other_event(self, kind: str) -> None:
        if kind == "tool":
            self.tools += 1
            self.presenter.feed(ToolStarted(str(self.tools), "find"), self.now)
        elif kind == "done":
            self.presenter.feed(ToolFinished(str(self.tools), seconds=1.0), self.now)
        elif kind == "notice":
            self.presenter.feed(Notice("careful"), self.now)
        else:
            self.presenter.feed(SegmentEnded(), self.now)

    @precondition(lambda self: not self.ended and len(self.source) > 40)
    @rule(end=st.sampled_from(list(End)))
    def end_turn(self, end: End) -> None:
        self.ended = True
        self.presenter.feed(TurnEnded(end, "" if end is End.FINISHED else "sorry"), self.now)

    # -- time and calls ------------------------------------------------------------------------------------------------

    @rule(seconds=st.floats(0.0, 4.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.idle_calls = 0
        self.ask()

    @rule()
    def ask(self) -> None:
        step = self.presenter.next_step(self.now)
        match step:
            case Show(frame):
                self.call(frame)
            case Wait(until):
                assert until > self.now, "a wait that is over already would spin"
            case Abandon():
                assert self.flight is not None, "LAW 6: only what is in flight is abandoned"
                self.answer(Unknown(), applied=False)
            case Finished():
                assert self.ended, "LAW 8: a turn that goes on is not finished"

    def call(self, frame: Frame) -> None:
        assert self.flight is None, "LAW 6: one request in flight"
        assert self.now >= self.frozen_until, "LAW 3: nothing is called inside a freeze"
        assert len(frame.text) <= max(self.limit, 0), "a frame is longer than the message may be"
        assert not frame.final or self.sealed.get(frame.page, frame.text) == frame.text, "LAW 7: a sealed page changed"
        assert frame.final or frame.page not in self.sealed, "LAW 7: a preview of a sealed page"
        self.tokens = min(BUCKET.burst, self.tokens + (self.now - self.at) * BUCKET.rate) - 1
        self.at = self.now
        assert self.thawed_early or self.tokens >= -1e-6, "faster than the limit"
        self.idle_calls += 1
        assert self.idle_calls < 25, "a busy loop"
        self.flight = frame

    def read(self) -> str:
        return "".join(letters(frame.text) for _, frame in sorted(self.visible.items()))

    def answer(self, outcome: Outcome, *, applied: bool) -> None:
        frame, self.flight = self.flight, None
        assert frame is not None
        if applied and frame.text:
            self.visible[frame.page] = frame
            read = self.read()
            assert letters(self.source).startswith(read), "LAW 1: a frame shows what was never said, or out of order"
            assert len(read) >= self.most_read, "LAW 7: words on screen were taken back"
            self.most_read = len(read)
        if applied and frame.final and isinstance(outcome, Shown):
            self.sealed[frame.page] = frame.text
        self.presenter.outcome(outcome, self.now)

    @precondition(lambda self: self.flight is not None)
    @rule()
    def shown(self) -> None:
        self.answer(Shown(), applied=True)

    @precondition(lambda self: self.flight is not None)
    @rule(applied=st.booleans())
    def unknown(self, applied: bool) -> None:
        self.answer(Unknown(), applied=applied)

    @precondition(lambda self: self.flight is not None)
    @rule(after=st.floats(0.1, 9.0))
    def try_later(self, after: float) -> None:
        self.frozen_until = max(self.frozen_until, self.now + after)
        self.answer(TryLater(after), applied=False)

    @precondition(lambda self: self.flight is not None)
    @rule(outcome=st.sampled_from([Again(), Again(1.0), Plain(), NoTransport()]))
    def refused(self, outcome: Outcome) -> None:
        assert self.flight is not None
        if isinstance(outcome, NoTransport):
            if self.flight.final:
                return
            self.forget_previews()
        self.thawed_early = self.thawed_early or not isinstance(outcome, Again)
        self.answer(outcome, applied=False)

    @precondition(lambda self: self.flight is not None)
    @rule()
    def vanished(self) -> None:
        assert self.flight is not None
        if self.flight.page in self.sealed:
            return
        self.visible.pop(self.flight.page, None)
        self.most_read = 0
        self.answer(Vanished(), applied=False)

    @precondition(lambda self: self.flight is not None)
    @rule()
    def elsewhere(self) -> None:
        self.forget_previews()
        self.thawed_early = True
        self.answer(Elsewhere(), applied=False)

    @precondition(lambda self: self.flight is not None and len(self.flight.text) > 40 and self.limit > 36)
    @rule()
    def smaller(self) -> None:
        assert self.flight is not None
        self.limit = max(36, len(self.flight.text) - 4)
        self.limit = min(self.limit, max(32, LIMIT * 9 // 10))
        self.screen.limit = min(self.screen.limit, self.limit)
        self.thawed_early = True
        self.most_read = 0  # what does not fit cannot stay
        self.answer(Smaller(self.limit), applied=False)
        self.limit = LIMIT  # smaller pages are the presenter's to make; it may take its time for those in doubt

    @rule()
    def interposed(self) -> None:
        """Something else takes the open page's preview off the screen."""
        open_pages = [page for page, frame in self.visible.items() if not frame.final]
        if open_pages:
            page = max(open_pages)
            del self.visible[page]
            self.most_read = 0
            self.presenter.vanished(page, self.now)

    def forget_previews(self) -> None:
        self.visible = {page: frame for page, frame in self.visible.items() if page in self.sealed}
        self.most_read = 0

    # -- the laws, at any time and at the end -----------------------------------------------------------------------

    @invariant()
    def already_sent_is_the_truth(self) -> None:
        if getattr(self, "presenter", None) and self.presenter.already_sent:
            assert self.ended
            assert self.read() == letters(self.source), "LAW 2: already_sent, and the answer is not on the screen"

    def teardown(self) -> None:
        if not hasattr(self, "presenter"):
            return
        if not self.ended:
            self.ended = True
            self.presenter.feed(TurnEnded(), self.now)
        for _ in range(400):
            if self.flight is not None:
                self.answer(Shown(), applied=True)
            self.idle_calls = 0
            step = self.presenter.next_step(self.now)
            if isinstance(step, Finished):
                break
            if isinstance(step, Wait):
                assert step.until < float("inf"), "LAW 5: a final is waited for for ever"
                self.now = step.until
            elif isinstance(step, Show):
                self.call(step.frame)
            else:
                self.presenter.outcome(Unknown(), self.now)
                self.flight = None
        else:
            raise AssertionError("LAW 8: the screen never gets its last frame")
        assert self.presenter.already_sent
        assert self.read() == letters(self.source), "LAW 5: not exactly one complete answer"
        assert all(frame.final and not frame.busy for frame in self.visible.values()), "LAW 8: a cursor is left"
        self.presenter.leave()


TestPresenter = PresenterMachine.TestCase
TestPresenter.settings = settings(max_examples=SCHEDULES, stateful_step_count=40, deadline=None)
