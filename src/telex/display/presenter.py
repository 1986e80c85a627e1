"""The state machine between a turn's events and one place on a screen. Pure: time is an argument.

Theory of operation. The presenter holds two pictures, *what the screen should show* and *what it does show*, and acts
on the difference:

- What it should show follows from the view (the events so far) and the pages (where that text is cut).
- What it does show is, for each page, the last frame whose `Shown` came back; nothing after an outcome that leaves doubt.
- ``next_step`` names one step; ``outcome`` reports how it went. One call is in flight at a time, and nothing below retries.

The driver's contract:

1. ``feed`` events at any time; then, and after every outcome and at every deadline, ask ``next_step``.
2. `Show`: make exactly one call and report its ``outcome``. Meanwhile keep asking; the answer is `Wait` or `Abandon`.
3. `Abandon`: close the call and report `Unknown` for it.
4. `Wait`: ask again at ``until``, or earlier if something was fed.
5. `Finished`: there is nothing more to do. Call ``leave`` when driving ends, whatever the reason.

What to do next, first match wins (``_next``)::

    a sealed page is not yet shown as sealed      FINAL of that page
    the turn has ended, its last page not shown   FINAL
    letters or tool lines that are not yet seen   LIVE, spread over time
    nothing new for a while                       ALIVE, so that a draft or a typing sign does not die
    an edit given up on may still overwrite       FINAL once more, when it no longer can
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from telex.display.frame import (
    Abandon,
    Again,
    Closed,
    Elsewhere,
    Finished,
    Frame,
    NoTransport,
    Outcome,
    Plain,
    Show,
    Shown,
    Smaller,
    Step,
    TryLater,
    Unknown,
    Vanished,
    Wait,
)
from telex.display.markdown import cut, heal
from telex.display.pace import Pace, Ticket, Trip
from telex.display.pages import seal_at, skip_white
from telex.display.view import Place, View
from telex.events import Event

NEVER = float("inf")
PREVIEW_GRACE = 0.5  # the longest that a preview in flight may hold up the final
OLDEST_UNSEEN = 0.3  # seconds for which `buffer_threshold` may hold letters back
FIRST_SIGN = 0.25  # a sign of life before the first words is not sent earlier, lest it hold them up
MOST_BACKOFF = 8.0
SMALLEST_PAGE = 32
MOST_CONFIRMATIONS = 3
NOWHERE = Place(0, 0)


class Kind(Enum):
    """What a call is for; which limits it falls under depends on it."""

    LIVE = "live"
    ALIVE = "alive"
    FINAL = "final"


class Screen(Protocol):
    """What the presenter must know of a surface. Attributes may change between steps, as transports do."""

    @property
    def limit(self) -> int:
        """How long a message may be, as ``measure`` counts; the cursor is already taken off."""
        ...

    @property
    def refresh(self) -> float:
        """Seconds after which an unfinished picture that did not change is shown again, lest it die."""
        ...

    @property
    def previews(self) -> bool:
        """Can an unfinished answer be shown here at all?"""
        ...

    @property
    def overwrites(self) -> bool:
        """May a preview that was given up on still overwrite the final (an edit), or not (a draft)?"""
        ...

    @property
    def trip(self) -> Trip:
        """How long calls to this place usually take; shared by its turns."""
        ...

    def measure(self, markdown: str) -> int:
        """The length of this Markdown once rendered."""
        ...

    def lines(self, kind: Kind) -> Sequence[Pace]:
        """The limits that such a call falls under, narrowest first."""
        ...


@dataclass(frozen=True, slots=True)
class Pacing:
    """How a turn is to be shown.

    Attributes:
        previews: show the answer as it grows; otherwise only what will never change.
        edit_interval: least seconds between the starts of two previews.
        buffer_threshold: a preview waits for so many new characters, or `OLDEST_UNSEEN` seconds.
        final_bound: seconds after which an unanswered final counts as unknown.
        preview_bound: the same for a preview; four usual trips if that is longer.
    """

    previews: bool = True
    edit_interval: float = 0.3
    buffer_threshold: int = 40
    final_bound: float = 10.0
    preview_bound: float = 2.0


@dataclass(slots=True)
class _Page:
    start: Place
    opener: str = ""  # what is open where the page before was cut
    text: str | None = None  # once sealed
    shown: Frame | None = None
    plain: bool = False
    seen: Place = NOWHERE  # everything before it has been, or may have been, on the screen


@dataclass(slots=True)
class _Flight:
    frame: Frame
    kind: Kind
    sent: float
    give_up: float
    lines: Sequence[Pace]
    letters: int
    changes: int
    since: float
    seen: Place  # of the frame's page, before


class Presenter:
    """Shows one turn in one place; the module's docstring is its contract.

    Args:
        screen: where to.
        pacing: how.
        now: when the turn began (the loop's seconds).
    """

    def __init__(self, screen: Screen, pacing: Pacing, now: float) -> None:
        self.view = View()
        self._screen = screen
        self._pacing = pacing
        self._ticket = Ticket(since=now)
        self._pages = [_Page(Place(0, 0))]
        self._flight: _Flight | None = None
        self._standing: tuple[Pace, ...] = ()
        self._entered: set[Pace] = set()
        self._limit = NEVER  # what the platform said, where it is less than what the surface says
        self._closed: str | None = None
        self._seen_letters = 0
        self._seen_changes = 0
        self._unseen_since: float | None = None
        self._last_preview = float("-inf")  # when one was started
        self._last_sign = now  # when the screen last got anything
        self._preview_began = False
        self._failures = 0
        self._not_before = float("-inf")
        self._urgent = False  # the next call takes no pacing wait: it was refused for its form, not for its time
        self._confirm: dict[int, float] = {}  # pages that a preview given up on may overwrite, and until when
        self._ended_at: float | None = None

    def __repr__(self) -> str:
        shown = [page.shown and ("final" if page.shown.final else "live") for page in self._pages]
        return f"Presenter(pages={shown}, letters={self._seen_letters}/{self.view.letters}, flight={self._flight and self._flight.kind.value}, ended={self.view.ended and self.view.ended.end.value})"

    # -- in ----------------------------------------------------------------------------------------------------------

    def feed(self, event: Event, now: float) -> None:
        """Something happened in the turn. Constant time; nothing is parsed here."""
        if self.view.ended:
            return
        before = (self.view.letters, self.view.changes)
        self.view.feed(event)
        if before != (self.view.letters, self.view.changes) and self._unseen_since is None:
            self._unseen_since = now
        if self.view.ended:
            self._ended_at = now

    def vanished(self, page: int, now: float) -> None:  # noqa: ARG002 - time is an argument of every input
        """Something else took this page's preview off the screen; it is shown anew."""
        if page < len(self._pages) and not self._is_done(page):
            self._pages[page].shown = None
            self._seen_letters = min(self._seen_letters, self.view.letters_before(self._pages[page].start))

    def leave(self) -> None:
        """Driving is over: give up the places in the lines."""
        for pace in self._entered:
            pace.leave(self._ticket)
        self._entered.clear()

    # -- what is known -----------------------------------------------------------------------------------------------

    @property
    def already_sent(self) -> bool:
        """The complete answer is on the screen. Computed from the two pictures, never remembered."""
        return self.view.ended is not None and self._closed is None and self._pending_final() is None

    @property
    def closed(self) -> str | None:
        """Why nothing can be shown here any more, where that is so."""
        return self._closed

    @property
    def frames(self) -> list[Frame | None]:
        """What each page shows, as far as it is known."""
        return [page.shown for page in self._pages]

    @property
    def unfinished(self) -> list[tuple[int, str]]:
        """The pages that are not known to be shown to their end, with the Markdown they have so far."""
        numbers = [number for number in range(len(self._pages)) if not self._is_done(number)]
        texts = [self._pages[number].text for number in numbers]
        return [
            (number, self._source(self._pages[number])[0] if text is None else text)
            for number, text in zip(numbers, texts, strict=True)
        ]

    # -- what next ---------------------------------------------------------------------------------------------------

    def next_step(self, now: float) -> Step:
        """The one thing to do now."""
        if self._flight:
            return self._while_in_flight(self._flight, now)
        if self._closed is not None:
            return Finished()
        if self.view.ended or any(page.text is not None and not self._is_done(n) for n, page in enumerate(self._pages)):
            return self._show_final(now)
        return self._show_preview(now)

    def _while_in_flight(self, flight: _Flight, now: float) -> Step:
        give_up, why = flight.give_up, "a call is in flight"
        if flight.kind is not Kind.FINAL and self._ended_at is not None:
            grace = max(flight.sent, self._ended_at) + min(PREVIEW_GRACE, self._screen.trip.usual)
            if grace < give_up:
                give_up, why = grace, "a preview must not hold up the final"
        return Abandon(why) if now >= give_up else Wait(give_up, why)

    def _show_final(self, now: float) -> Step:
        self._seal_rest()
        page = self._pending_final()
        if page is None:
            return self._after_final(now)
        due, why = self._when(Kind.FINAL, now)
        if due <= now:
            text = self._pages[page].text or ""
            return self._show(Frame(page, text, final=True, plain=self._pages[page].plain), Kind.FINAL, now)
        return self._meanwhile(page, due, why, now)

    def _meanwhile(self, page: int, due: float, why: str, now: float) -> Step:
        """While a final waits out a limit, its preview shows all there is and does not die."""
        if not self._previews or due - now < 1.0:
            return Wait(due, why)
        text = self._pages[page].text or ""
        shown = self._pages[page].shown
        kind = Kind.ALIVE if shown and shown.text == text else Kind.LIVE
        wanted = (
            self._last_sign + self._screen.refresh
            if kind is Kind.ALIVE
            else self._last_preview + self._pacing.edit_interval
        )
        if set(self._screen.lines(kind)) & set(self._screen.lines(Kind.FINAL)[:1]):
            return Wait(due, why)  # it would spend what the final waits for
        when = max(wanted, self._when(kind, now)[0] if wanted <= now else wanted)
        if when <= now:
            return self._show(Frame(page, text, final=False, plain=self._pages[page].plain, busy=True), kind, now)
        return Wait(min(due, when), why)

    def _after_final(self, now: float) -> Step:
        """Everything is shown; a preview that was given up on may still arrive and overwrite its page."""
        if not self._confirm:
            return Finished() if self.view.ended else self._show_preview(now)
        page, until = min(self._confirm.items(), key=lambda item: item[1])
        if now < until:
            return Wait(until, "a preview that was given up on may still arrive")
        due, why = self._when(Kind.FINAL, now)
        if due > now:
            return Wait(due, why)
        del self._confirm[page]
        shown = self._pages[page].shown
        return self._show(shown, Kind.FINAL, now) if shown else self.next_step(now)

    def _show_preview(self, now: float) -> Step:
        if self._unseen_since is None or not self._previews:
            return self._alive(now)
        ready = self._ready_at(now)
        if ready > now:
            return Wait(ready, "more letters to come first")
        due, why = self._when(Kind.LIVE, now)
        if due > now:
            if self._last_sign + self._screen.refresh <= now:
                return self._alive(now)
            return Wait(min(due, self._last_sign + self._screen.refresh), why)
        if self._seal_open_page():
            return self._show_final(now)
        source = self._source(self._pages[-1])[0]
        text = heal(source)
        if not text.strip():  # nothing a person could read is in it yet
            self._mark_seen()
            return self._alive(now)
        page = self._pages[-1]
        return self._show(Frame(len(self._pages) - 1, text, final=False, plain=page.plain, busy=True), Kind.LIVE, now)

    def _alive(self, now: float) -> Step:
        """Nothing new: keep the picture from dying."""
        page = self._pages[-1]
        untouched = all(page.shown is None for page in self._pages)
        wanted = self._last_sign + (FIRST_SIGN if untouched and not self._preview_began else self._screen.refresh)
        if wanted > now:
            return Wait(wanted, "nothing new")
        due, why = self._when(Kind.ALIVE, now)
        if due > now:
            return Wait(due, why)
        text = page.shown.text if page.shown and self._previews else ""
        return self._show(Frame(len(self._pages) - 1, text, final=False, plain=page.plain, busy=True), Kind.ALIVE, now)

    @property
    def _previews(self) -> bool:
        return self._pacing.previews and self._screen.previews

    def _ready_at(self, now: float) -> float:
        """When the unseen letters are enough for a preview."""
        if self._urgent:
            return now
        since = self._unseen_since if self._unseen_since is not None else now
        new = self.view.letters - self._seen_letters
        waits = self._preview_began and new < self._pacing.buffer_threshold and self.view.changes == self._seen_changes
        return max(since + OLDEST_UNSEEN if waits else now, self._last_preview + self._pacing.edit_interval)

    def _when(self, kind: Kind, now: float) -> tuple[float, str]:
        """When a call of this kind may go: the narrowest line first, the next only when that one lets it."""
        lines = tuple(self._screen.lines(kind))
        for pace in self._standing:
            if pace not in lines:
                pace.step_out(self._ticket)
        self._standing = lines
        self._entered.update(lines)
        self._ticket.final = kind is Kind.FINAL
        self._ticket.since = self._unseen_since if self._unseen_since is not None else now
        if self._not_before > now:
            return self._not_before, "a failed call is not repeated at once"
        for pace in lines:
            due = max(pace.frozen_until, now) if self._urgent else pace.turn(self._ticket, now)
            if due > now:
                return due, f"{kind.value}: {pace}"
        return now, ""

    def _show(self, frame: Frame, kind: Kind, now: float) -> Show:
        lines = self._screen.lines(kind)
        if kind is Kind.LIVE:
            self._last_preview = now
            self._preview_began = True
            if self._ticket.started is None:
                self._ticket.started = now
            self._ticket.last = now
        for pace in lines:
            pace.spend(self._ticket, now)
        bound = (
            self._pacing.final_bound if frame.final else max(self._pacing.preview_bound, 4 * self._screen.trip.usual)
        )
        since = self._unseen_since if self._unseen_since is not None else now
        page = self._pages[frame.page]
        self._flight = _Flight(
            frame, kind, now, now + bound, lines, self._seen_letters, self._seen_changes, since, page.seen
        )
        self._urgent = False
        if kind is not Kind.ALIVE:
            page.seen = self.view.end
            self._mark_seen(frame)
        return Show(frame)

    def _mark_seen(self, frame: Frame | None = None) -> None:
        """All that is there now is on its way to the screen; a sealed page leaves the rest unseen."""
        if frame and frame.final and frame.page + 1 < len(self._pages):
            self._seen_letters = self.view.letters_before(self._pages[frame.page + 1].start)
            return
        self._seen_letters, self._seen_changes = self.view.letters, self.view.changes
        self._unseen_since = None

    # -- pages -------------------------------------------------------------------------------------------------------

    def _source(self, page: _Page) -> tuple[str, list[tuple[int, Place]]]:
        text, begins = self.view.read(page.start)
        return page.opener + text, [(at + len(page.opener), place) for at, place in begins]

    def _room(self) -> int:
        return int(min(self._limit, self._screen.limit))

    def _seal_open_page(self) -> bool:
        """Seal the open page where its text has grown enough; the next page begins behind it."""
        page = self._pages[-1]
        source, begins = self._source(page)
        if 2 * len(source) < self._room() and "|" not in source:  # rendering lengthens little but tables
            return False
        kept = max(self.view.index(begins, page.seen), len(page.opener))
        at = seal_at(source, kept, self._room(), self._screen.measure, ended=self.view.ended is not None)
        if at is None:
            return False
        whole = self.view.whole(begins, at)
        at = whole if whole >= kept and source[:whole].strip() else at
        page.text = source[:at].rstrip() + cut(source[:at].rstrip()).closer
        goes_on = skip_white(source, at)
        self._pages.append(_Page(self.view.place(begins, goes_on), cut(source[:goes_on]).opener))
        return True

    def _seal_rest(self) -> None:
        """The turn has ended: everything is cut and sealed."""
        if not self.view.ended or self._pages[-1].text is not None:
            return
        while self._seal_open_page():
            pass
        page = self._pages[-1]
        source = self._source(page)[0].rstrip()
        if len(self._pages) > 1 and not source[len(page.opener) :].strip():
            self._pages.pop()
            return
        page.text = source + cut(source).closer

    def _is_done(self, page: int) -> bool:
        """Does the screen show this page as it will stay?"""
        sealed = self._pages[page]
        return sealed.text is not None and sealed.shown == Frame(page, sealed.text, final=True, plain=sealed.plain)

    def _pending_final(self) -> int | None:
        """The first page that should be shown as final and is not."""
        for number, page in enumerate(self._pages):
            if not self._is_done(number):
                return number if page.text is not None or self.view.ended else None
        return None

    # -- how it went -------------------------------------------------------------------------------------------------

    def outcome(self, result: Outcome, now: float) -> None:
        """How the call in flight went. Every outcome is handled here and nowhere below."""
        flight, self._flight = self._flight, None
        assert flight is not None, "an outcome without a call in flight"  # noqa: S101 - the driver's contract
        page = self._pages[flight.frame.page]
        if isinstance(result, Shown):
            self._shown(flight, page, now)
            return
        if self._is_done(flight.frame.page):  # it was shown once more to make sure, and stands in any case
            self._not_confirmed(flight, result, now)
            return
        if flight.kind is not Kind.ALIVE:
            self._seen_letters, self._seen_changes = flight.letters, flight.changes
            self._unseen_since = flight.since
        if not isinstance(result, Unknown):
            page.seen = flight.seen
        self._refused(flight, page, result, now)

    def _shown(self, flight: _Flight, page: _Page, now: float) -> None:
        page.shown = flight.frame
        self._failures = 0
        self._last_sign = now
        self._screen.trip.took(now - flight.sent)

    def _not_confirmed(self, flight: _Flight, result: Outcome, now: float) -> None:
        """Showing a final once more failed; worth another try where time is all that was missing."""
        self._failures += 1
        if isinstance(result, TryLater):
            self._try_later(flight, result, now)
        if isinstance(result, TryLater | Unknown | Again) and self._failures <= MOST_CONFIRMATIONS:
            self._confirm[flight.frame.page] = now + self._pacing.preview_bound

    def _refused(self, flight: _Flight, page: _Page, result: Outcome, now: float) -> None:  # noqa: C901 - one case an outcome
        match result:
            case TryLater():
                self._try_later(flight, result, now)
                return
            case Again(after):
                self._not_before = now + after
                return
            case Plain():
                page.plain = self._urgent = True
            case NoTransport() | Elsewhere():
                for unfinished in self._pages:
                    if not (unfinished.shown and unfinished.shown.final):
                        unfinished.shown = None
                self._urgent = True
            case Smaller(limit):
                self._cut_again(flight.frame.page, limit)
            case Vanished():
                page.shown = None
            case Closed(reason):
                self._closed = reason
            case Unknown():
                if not flight.frame.final and self._screen.overwrites:
                    self._confirm[flight.frame.page] = flight.sent + self._pacing.final_bound
        self._failures += 1
        if self._failures > 2:  # whoever refuses three times in a row is given time, however he words it
            self._urgent = False
            self._not_before = now + min(MOST_BACKOFF, 0.25 * 2 ** (self._failures - 3))

    def _try_later(self, flight: _Flight, result: TryLater, now: float) -> None:
        """The narrowest limit waits, and the one that was nearest to being exceeded too, which also learns."""
        until = now + result.after
        if not flight.lines:
            self._not_before = until
            return
        narrow, wide = flight.lines[0], flight.lines[-1]  # of equals the narrowest is suspected
        culprit = wide if result.whole else max(flight.lines, key=lambda pace: pace.suspicion(now))
        narrow.freeze(until, now, teaches=culprit is narrow)
        if culprit is not narrow:
            culprit.freeze(until, now)

    def _cut_again(self, number: int, limit: int) -> None:
        """The page was too long after all: cut it, and what follows it, anew."""
        self._limit = max(SMALLEST_PAGE, min(limit, self._room() * 9 // 10))
        page = self._pages[number]
        if page.text is not None:
            del self._pages[number + 1 :]
            page.text = None
        self._urgent = True
