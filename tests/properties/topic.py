"""One place on a platform and the turn shown in it: what is truly on the screen, and the laws at every call.

A law is named in the message of the assertion that holds it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from telex.display.frame import (
    Again,
    Closed,
    Elsewhere,
    Frame,
    NoTransport,
    Outcome,
    Plain,
    Shown,
    Smaller,
    Step,
    TryLater,
    Unknown,
    Vanished,
    Wait,
)
from telex.display.presenter import Presenter
from telex.display.screen import Kind, Pacing, Reasoning
from telex.display.styled_prepare import COLLAPSED, THINKING
from telex.events import Event, TextDelta, TurnEnded
from tests.properties.screen import LIMIT, Line, Screen

PACING = Pacing(edit_interval=0.3, buffer_threshold=4, final_bound=10.0, preview_bound=2.0)
MANY = 1000  # pages
GRACE = 0.5  # what a hanging preview may cost the final
THOUGHT = "z"  # what models think here; nothing that they say has this letter
QUOTE = re.compile(f"[>💭{THINKING}{COLLAPSED}{THOUGHT}]")
OWN_LINE = re.compile(r"^(?:⏳|✅|❌|⏹|⚠️).*$", re.MULTILINE)


def letters(text: str) -> str:
    """What a person reads of the answer itself: no white space, no lines of telex's own, no thoughts."""
    return re.sub(r"\s", "", OWN_LINE.sub("", QUOTE.sub("", text).replace("\u2060", "").replace("\n ", "\n").strip()))


@dataclass
class Flight:
    frame: Frame
    sent: float
    charged: list[Line]


@dataclass
class Late:
    """A preview that was given up on and arrives when it is least wanted."""

    frame: Frame
    lands: float


class Topic:
    """One turn in one topic."""

    def __init__(self, screen: Screen, now: float, reasoning: Reasoning) -> None:
        self.screen = screen
        self.presenter = Presenter(screen, replace(PACING, reasoning=reasoning), now)
        self.source = ""
        self.ended_at: float | None = None
        self.flight: Flight | None = None
        self.visible: dict[int, Frame] = {}
        self.done: dict[int, Frame] = {}  # shown as final, and known to be
        self.finals: dict[int, str] = {}  # sent as final, by page
        self.words: dict[int, str] = {}  # what a page shows or may show, by what was sent
        self.known: dict[int, str] = {}  # what a page shows for certain
        self.promised: dict[int, str] = {}  # previews of less than all there is: the page must end so
        self.late: list[Late] = []
        self.overwritten: set[int] = set()
        self.lost_page: int | None = None
        self.limit = LIMIT
        self.urgent = False
        self.unconfirmed = 0
        self.calls_at_once = 0
        self.finished = False

    # -- what comes in -----------------------------------------------------------------------------------------------

    def feed(self, event: Event, now: float) -> None:
        if isinstance(event, TextDelta):
            self.source += event.text
        if isinstance(event, TurnEnded):
            self.ended_at = now
        self.presenter.feed(event, now)

    def time_passes(self, now: float) -> None:
        self.calls_at_once = 0
        for late in [late for late in self.late if late.lands <= now]:
            self.late.remove(late)
            if late.frame.page in self.visible:
                self.visible[late.frame.page] = late.frame
                self.overwritten.add(late.frame.page)

    def interposed(self, now: float) -> None:
        """Something else takes the open page's preview off the screen."""
        previews = [page for page in self.visible if page not in self.done]
        if previews:
            self._gone(max(previews))
            self.presenter.vanished(max(previews), now)

    @property
    def wants_a_final(self) -> bool:
        return self.ended_at is not None or self.presenter._state.book.pending_final is not None

    # -- calls -------------------------------------------------------------------------------------------------------

    def waits(self, step: Step, now: float) -> None:
        """The presenter answered with something to wait for."""
        assert isinstance(step, Wait)
        assert step.until > now, "a busy loop: the wait is over already"
        if self.flight:
            bound = self.flight.sent + max(PACING.final_bound, 4 * self.screen.trip.usual)
            assert step.until <= bound, "law 5: a call that hangs is waited for without a bound"
            if self.ended_at is not None and not self.flight.frame.final:
                end = max(self.flight.sent, self.ended_at) + GRACE + 1e-6
                assert step.until <= end, "law 6: a preview that hangs holds up the final"

    def call(self, frame: Frame, now: float, finals_waiting: int) -> None:
        """The presenter makes a call."""
        assert self.flight is None, "law 6: two calls in flight in one place"
        assert not self.finished, "law 8: a call after the last frame"
        self.calls_at_once += 1
        assert self.calls_at_once < 12, "a busy loop: call upon call, and no time passes"
        again = frame == self.done.get(frame.page)
        assert len(frame.text) <= self.limit or again, "longer than the limit"
        assert self.lost_page in {None, frame.page} or again, "law 5: another page went before a lost call was solved"
        charged = self.screen.charged(self._kind(frame))
        if frame.final:
            self._check_final(frame)
        else:
            self._check_preview(frame, now, finals_waiting)
        for line in charged:
            line.take(now, urgent=self.urgent or (frame.final and line.thawed))
            assert line.pace._calls[-1] == now, "law 3: a call was not charged to its limit"
        self.urgent = False
        self.flight = Flight(frame, now, charged)

    def _kind(self, frame: Frame) -> Kind:
        """What the call costs: to repeat what is there is a sign of life, anything else is a preview."""
        if frame.final:
            return Kind.FINAL
        words = self.words.get(frame.page, "")
        repeats = frame.text in {"", words} and (self.screen.drafting or self.known.get(frame.page, "") == words)
        flight = self.presenter._state.flight
        more = flight is not None and flight.kind is Kind.LIVE  # what was taken off in flight may be charged as new
        return Kind.ALIVE if (repeats and not more) or not frame.text else Kind.LIVE

    def _check_final(self, frame: Frame) -> None:
        assert not frame.busy, "law 8: a final with a cursor"
        assert self.finals.get(frame.page, frame.text) == frame.text, "law 7: a sealed page changed"
        promised = self.promised.get(frame.page)
        assert promised in {None, frame.text}, "law 4: a preview of old text, though there was more to show"
        assert all(page in self.done for page in range(frame.page)), "order: a page is sealed before the one above it"
        self._check_words(frame)
        self.finals[frame.page] = frame.text

    def _check_preview(self, frame: Frame, now: float, finals_waiting: int) -> None:
        assert frame.page not in self.done, "law 7: a preview on a sealed page"
        if self.ended_at is not None:
            free = all(line.lets_a_final(now, 1 + finals_waiting) for line in self.screen.charged(Kind.FINAL))
            assert not free, "law 5: a preview went before the final"
        if not frame.text:
            words = self.words.get(frame.page, "")
            assert self.screen.overwrites or not words, "law 7: an empty draft took words off the screen"
            return
        self._check_words(frame)
        shown = "".join(letters(text.text) for page, text in sorted(self.done.items()) if page < frame.page)
        if shown + letters(frame.text) != letters(self.source) and self._is_news(frame):
            self.promised[frame.page] = frame.text

    def _is_news(self, frame: Frame) -> bool:
        """Or is it a sign of life, which repeats what stands there?"""
        flight = self.presenter._state.flight
        return flight is not None and flight.kind is Kind.LIVE and frame.text != self.words.get(frame.page)

    def _check_words(self, frame: Frame) -> None:
        shown = self.words.get(frame.page, "")
        grown = sum(map(len, OWN_LINE.findall(frame.text))) - sum(map(len, OWN_LINE.findall(shown)))
        new = letters(frame.text)
        if len(shown) + grown <= self.limit:  # a tool's line that grows may leave less room than there was
            assert new.startswith(letters(shown)), "law 7: words on the screen were taken back"
        above = "".join(letters(shown.text) for page, shown in sorted(self.done.items()) if page < frame.page)
        assert letters(self.source).startswith(above + new), (
            "law 1: a frame shows what was not said, or in another order"
        )

    # -- outcomes ----------------------------------------------------------------------------------------------------

    def answer(self, outcome: Outcome, now: float, *, applied: bool = False, late: bool = False) -> None:
        """How the call in flight went; ``late``: it is carried out when nobody expects it any more."""
        flight, self.flight = self.flight, None
        assert flight is not None
        frame, page = flight.frame, flight.frame.page
        confirming = page in self.done
        if applied and frame.text:
            self.visible[page] = frame
        if isinstance(outcome, Shown):
            self.overwritten.discard(page)
        self._doubt(outcome, frame)
        match outcome:
            case Shown() if frame.final:
                self.done[page] = frame
                self.promised.pop(page, None)
            case TryLater(after, whole):
                for line in [flight.charged[0], *([flight.charged[-1]] if whole else [])]:
                    line.refuse(now + after)
            case Smaller(limit) if not confirming:
                self.limit = max(32, min(limit, self.limit * 9 // 10))  # whoever says so twice means less than it says
                self._forget(range(page, MANY))
            case NoTransport() | Elsewhere():
                self.screen.drafting = self.screen.drafting and not isinstance(outcome, NoTransport)
                for other in [other for other in self.visible if other not in self.done]:
                    self._gone(other)
                self._forget(page for page in list(self.words) if page not in self.done)
            case Vanished() if not confirming:
                self._gone(page)
            case Closed():
                self.finished = not confirming or self.finished
            case Unknown() if late and self.screen.overwrites and frame.text and not frame.final:
                self.late.append(Late(frame, flight.sent + PACING.final_bound - 1e-3))
        if confirming and not isinstance(outcome, Shown):
            self._unconfirmed(outcome)
        self.urgent = isinstance(outcome, Plain | NoTransport | Elsewhere | Smaller)
        self.presenter.outcome(outcome, now)

    def _doubt(self, outcome: Outcome, frame: Frame) -> None:
        """Keep what is, or may be, on the screen."""
        self.lost_page = frame.page if isinstance(outcome, Unknown) else None
        if isinstance(outcome, Shown | Unknown) and frame.text:
            self.words[frame.page] = frame.text
            sure = isinstance(outcome, Shown) or self.known.get(frame.page) == frame.text
            self.known[frame.page] = frame.text if sure else ""

    def _unconfirmed(self, outcome: Outcome) -> None:
        """A final that stands could not be shown once more; that is tried a few times only."""
        self.unconfirmed += 1
        self.lost_page = None
        if self.unconfirmed > 3 or not isinstance(outcome, TryLater | Unknown | Again):
            self.late.clear()
            self.overwritten.clear()
            self.visible.update(self.done)

    def _forget(self, pages: Iterable[int]) -> None:
        """What was on these pages is cut anew, or shown anew."""
        for page in pages:
            for known in (self.finals, self.promised, self.words, self.known):
                known.pop(page, None)

    def _gone(self, page: int) -> None:
        self.visible.pop(page, None)
        self.words.pop(page, None)
        self.known.pop(page, None)
        self.overwritten.discard(page)
        self.late = [late for late in self.late if late.frame.page != page]

    # -- at any time and at the end ----------------------------------------------------------------------------------

    def read(self) -> str:
        return "".join(letters(frame.text) for _, frame in sorted(self.visible.items()))

    def check(self) -> None:
        """What holds at any time."""
        if self.presenter.already_sent and not self.overwritten:
            assert self.ended_at is not None, "law 2: already_sent before the end"
            assert self.read() == letters(self.source), "law 2: already_sent, and the answer is not on the screen"
        above = "".join(letters(frame.text) for _, frame in sorted(self.done.items()))
        rest = "".join(letters(text) for _, text in self.presenter.unfinished)
        assert above + rest == letters(self.source), "law 9: what is left to show is not what is left to say"

    def converged(self) -> bool:
        """Is everything to be read that was said?"""
        return bool(self.presenter.closed or self.late or self.overwritten) or self.read() == letters(self.source)

    def finish(self) -> None:
        """The presenter says that it is finished."""
        assert self.ended_at is not None or self.presenter.closed, "law 8: finished, though the turn goes on"
        self.finished = True
        if self.presenter.closed:
            return
        assert self.presenter.already_sent, "law 5: the final was dropped"
        assert not self.late, "law 6: a preview that was given up on may still overwrite the final"
        assert not self.overwritten, "law 6: a late preview overwrote the final, and nobody put it right"
        assert self.read() == letters(self.source), "law 5: not exactly one complete answer"
        assert all(f.final and not f.busy for f in self.visible.values()), "law 8: a cursor is left"
