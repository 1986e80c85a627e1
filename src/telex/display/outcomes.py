"""What each outcome of a call means for the two pictures, and for when the next call may go."""

from telex.display.book import Page
from telex.display.frame import (
    Again,
    Closed,
    Elsewhere,
    NoTransport,
    Outcome,
    Plain,
    Shown,
    Smaller,
    TryLater,
    Unknown,
    Vanished,
)
from telex.display.screen import Kind
from telex.display.state import Flight, State

MOST_CONFIRMATIONS = 3
MOST_REFUSALS = 8  # in a row of a text without markup; a server that is confused for a moment does not end an answer


def apply(state: State, result: Outcome, now: float) -> None:
    """How the call in flight went. Every outcome is handled here and nowhere below."""
    flight, state.flight = state.flight, None
    assert flight is not None, "an outcome without a call in flight"  # noqa: S101 - the driver's contract
    page = state.book.pages[flight.frame.page]
    if isinstance(result, Shown):
        _shown(state, flight, page, now)
        return
    if state.book.is_done(flight.frame.page):  # it was shown once more to make sure, and stands in any case
        _not_confirmed(state, flight, result, now)
        return
    if flight.kind is not Kind.ALIVE:
        state.mark = flight.mark
    if not isinstance(result, Unknown):
        page.seen = flight.seen
    elif flight.frame.text:
        page.words = flight.frame.text
    _refused(state, flight, page, result, now)


def _shown(state: State, flight: Flight, page: Page, now: float) -> None:
    state.standing.failures = 0
    state.last_sign = now
    state.screen.trip.took(now - flight.sent)
    if flight.taken_off:
        return
    if flight.frame.text or not page.words:
        page.shown, page.words = flight.frame, flight.frame.text
        if state.confirm.get(flight.frame.page, flight.sent) < flight.sent:  # too late to be overwritten
            del state.confirm[flight.frame.page]


def _not_confirmed(state: State, flight: Flight, result: Outcome, now: float) -> None:
    """Showing a final once more failed; worth another try where time is all that was missing."""
    state.standing.failures += 1
    if isinstance(result, TryLater):
        state.standing.freeze(flight.lines, result, now)
    if isinstance(result, TryLater | Unknown | Again) and state.standing.failures <= MOST_CONFIRMATIONS:
        state.confirm[flight.frame.page] = now + state.pacing.preview_bound


def _plain(state: State, page: Page) -> None:
    if page.plain and state.standing.failures >= MOST_REFUSALS:
        state.closed = "the platform refuses this text, also without markup"
    page.plain = state.standing.urgent = True


def _refused(state: State, flight: Flight, page: Page, result: Outcome, now: float) -> None:
    number = flight.frame.page
    match result:
        case TryLater():
            state.standing.freeze(flight.lines, result, now)
            return
        case Again(after):
            state.standing.rest(now + after)
            return
        case Plain():
            _plain(state, page)
        case NoTransport() | Elsewhere():
            state.book.forget_previews()
            state.unseen(state.book.undone or 0, now)
            state.standing.urgent = True
        case Smaller(limit):
            state.book.cut_again(number, limit)
            state.unseen(number, now)
            state.standing.urgent = True
        case Vanished():
            page.forget()
            state.unseen(number, now)
        case Closed(reason):
            state.closed = reason
        case Unknown():
            if flight.frame.text and not flight.frame.final and state.screen.overwrites:
                state.confirm[number] = flight.sent + state.pacing.final_bound
    state.standing.failed(now)
