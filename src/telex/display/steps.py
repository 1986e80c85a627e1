"""What to do next, from the two pictures and the clock.

First match wins::

    a sealed page is not yet shown as sealed      FINAL of that page
    the turn has ended, its last page not shown   FINAL
    letters or tool lines that are not yet seen   LIVE, spread over time
    nothing new for a while                       ALIVE, so that a draft or a typing sign does not die
    an edit given up on may still overwrite       FINAL once more, when it no longer can
"""

from collections.abc import Iterator

from telex.display.book import Page
from telex.display.frame import Abandon, Finished, Frame, Show, Step, Wait
from telex.display.screen import Kind
from telex.display.state import NEVER_YET, Flight, Mark, State

PREVIEW_GRACE = 0.5  # the longest that a preview in flight may hold up the final
OLDEST_UNSEEN = 0.3  # seconds for which `buffer_threshold` may hold letters back
FIRST_SIGN = 0.25  # a sign of life before the first words is not sent earlier, lest it hold them up


def next_step(state: State, now: float) -> Step:
    """The one thing to do now."""
    if state.flight:
        return _while_in_flight(state, state.flight, now)
    if state.closed is not None:
        return Finished()
    if state.view.ended or state.book.pending_final is not None:
        return _show_final(state, now)
    return _show_preview(state, now)


def _while_in_flight(state: State, flight: Flight, now: float) -> Step:
    give_up, why = flight.give_up, "a call is in flight"
    if flight.kind is not Kind.FINAL and state.ended_at is not None:
        grace = max(flight.sent, state.ended_at) + min(PREVIEW_GRACE, state.screen.trip.usual)
        if grace < give_up:
            give_up, why = grace, "a preview must not hold up the final"
    return Abandon(why) if now >= give_up else Wait(give_up, why)


def _show_final(state: State, now: float) -> Step:
    state.book.seal_rest()
    page = state.book.pending_final
    if page is None:
        return _after_final(state, now)
    due, why = _when(state, Kind.FINAL, now)
    if due > now:
        return _meanwhile(state, page, Wait(due, why), now)
    return _show(state, _frame(state, page, state.book.pages[page].text or "", final=True), Kind.FINAL, now)


def _meanwhile(state: State, number: int, wait: Wait, now: float) -> Step:
    """While a final waits out a limit, its preview shows all there is and does not die."""
    page = state.book.pages[number]
    text = page.text or ""
    if not _previews(state) or wait.until - now < 1.0:
        return wait
    due = wait.until
    for kind, wanted in _meanwhile_wanted(state, page):
        free = _when(state, kind, now)[0] if wanted <= now else wanted
        if free <= now:
            return _show(state, _frame(state, number, text if kind is Kind.LIVE else _sign(state, page)), kind, now)
        due = min(due, free)
    _when(state, Kind.FINAL, now)  # it stands in its own line again
    return Wait(due, wait.why)


def _meanwhile_wanted(state: State, page: Page) -> Iterator[tuple[Kind, float]]:
    """What may be called for a page whose final waits, and from when on."""
    if page.shown is None or page.shown.text != page.text:
        yield Kind.LIVE, state.last_preview + state.pacing.edit_interval
    yield Kind.ALIVE, state.last_sign + state.screen.refresh


def _after_final(state: State, now: float) -> Step:
    """Everything is shown; a preview that was given up on may still arrive and overwrite its page."""
    if not state.confirm:
        return Finished()
    page, until = min(state.confirm.items(), key=lambda item: item[1])
    if now < until:
        return Wait(until, "a preview that was given up on may still arrive")
    due, why = _when(state, Kind.FINAL, now)
    if due > now:
        return Wait(due, why)
    del state.confirm[page]
    shown = state.book.pages[page].shown
    assert shown is not None  # noqa: S101 - for the type checker; all pages are done
    return _show(state, shown, Kind.FINAL, now)


def _show_preview(state: State, now: float) -> Step:
    if state.mark.since is None or not _previews(state):
        return _alive(state, now)
    ready = _ready_at(state, state.mark.since, now)
    if ready > now:
        return Wait(ready, "more letters to come first")
    due, why = _when(state, Kind.LIVE, now)
    if due > now:
        sign = state.last_sign + state.screen.refresh
        return _alive(state, now) if sign <= now else Wait(min(due, sign), why)
    if state.book.seal_open_page():
        return _show_final(state, now)
    text = state.book.open_text()
    if not text.strip():  # nothing a person could read is in it yet
        state.all_seen()
        return _alive(state, now)
    return _show(state, _frame(state, state.book.last, text), Kind.LIVE, now)


def _alive(state: State, now: float) -> Step:
    """Nothing new, or it must wait: keep the picture from dying."""
    untouched = state.last_preview == NEVER_YET and all(page.shown is None for page in state.book.pages)
    wanted = state.last_sign + (FIRST_SIGN if untouched else state.screen.refresh)
    if wanted > now:
        state.standing.step_out()
        return Wait(wanted, "nothing new")
    due, why = _when(state, Kind.ALIVE, now)
    if due > now:
        return Wait(due, why)
    return _show(state, _frame(state, state.book.last, _sign(state, state.book.pages[-1])), Kind.ALIVE, now)


def _sign(state: State, page: Page) -> str:
    """What a sign of life shows: the picture, for a draft dies without it.

    Where previews are messages and something waits for its turn, or it is not known what they show, it has no words: that
    would be an edit outside its limit.
    """
    known = page.shown is not None and page.shown.text == page.words
    waits = state.mark.since is not None or page.text is not None or not known
    return page.words if _previews(state) and not (waits and state.screen.overwrites) else ""


def _frame(state: State, page: int, text: str, *, final: bool = False) -> Frame:
    return Frame(page, text, final=final, plain=state.book.pages[page].plain, busy=not final)


def _previews(state: State) -> bool:
    return state.pacing.previews and state.screen.previews


def _ready_at(state: State, since: float, now: float) -> float:
    """When the unseen letters are enough for a preview."""
    if state.standing.urgent:
        return now
    few = state.view.letters - state.mark.letters < state.pacing.buffer_threshold
    waits = few and state.last_preview > NEVER_YET and state.view.changes == state.mark.changes
    return max(since + OLDEST_UNSEEN if waits else now, state.last_preview + state.pacing.edit_interval)


def _when(state: State, kind: Kind, now: float) -> tuple[float, str]:
    since = state.waiting_since(now)
    if kind is Kind.FINAL and state.ended_at is not None:  # or two whose drafts show all would let each other go first
        since = min(since, state.ended_at)
    return state.standing.when(kind, since, now)


def _show(state: State, frame: Frame, kind: Kind, now: float) -> Show:
    page = state.book.pages[frame.page]
    preview_bound = max(state.pacing.preview_bound, 4 * state.screen.trip.usual)
    give_up = now + (state.pacing.final_bound if frame.final else preview_bound)
    lines = state.standing.spend(kind, now)
    before = Mark(state.mark.letters, state.mark.changes, state.waiting_since(now))
    state.flight = Flight(frame, kind, now, give_up, lines, before, page.seen)
    if kind is Kind.LIVE:
        state.last_preview = now
    if kind is not Kind.ALIVE:
        page.seen = state.view.end
        if frame.page < state.book.last:
            state.unseen(frame.page + 1, now)
        else:
            state.all_seen()
    return Show(frame)
