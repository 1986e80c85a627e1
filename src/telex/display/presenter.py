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

What to do next is in `steps`, what the outcomes mean in `outcomes`; both work on the `State`.
"""

from telex.display.frame import Frame, Outcome, Step
from telex.display.outcomes import apply
from telex.display.screen import Pacing, Screen
from telex.display.state import State
from telex.display.steps import next_step
from telex.events import Event


class Presenter:
    """Shows one turn in one place; the module's docstring is its contract.

    Args:
        screen: where to.
        pacing: how.
        now: when the turn began (the loop's seconds).
    """

    def __init__(self, screen: Screen, pacing: Pacing, now: float) -> None:
        self._state = State(screen, pacing, now)
        self.view = self._state.view

    def __repr__(self) -> str:
        state = self._state
        shown = [page.shown and ("final" if page.shown.final else "live") for page in state.book.pages]
        flight = state.flight and state.flight.kind.value
        ended = self.view.ended and self.view.ended.end.value
        return f"Presenter(pages={shown}, letters={state.mark.letters}/{self.view.letters}, {flight=!s}, {ended=!s})"

    # -- in ----------------------------------------------------------------------------------------------------------

    def feed(self, event: Event, now: float) -> None:
        """Something happened in the turn. Constant time; nothing is parsed here."""
        view = self.view
        if view.ended:
            return
        letters, changes = view.letters, view.changes
        view.feed(event)
        if view.letters != letters or view.changes != changes:
            self._state.news(now)
        if view.ended:
            self._state.ended_at = now

    def vanished(self, page: int, now: float) -> None:
        """Something else took this page's preview off the screen; it is shown anew."""
        book, flight = self._state.book, self._state.flight
        if page > book.last or book.is_done(page):
            return
        book.pages[page].forget()
        self._state.unseen(page, now)
        if flight and flight.frame.page == page and not flight.frame.final:
            flight.taken_off = True

    def leave(self) -> None:
        """Driving is over: give up the places in the lines."""
        self._state.standing.leave()

    # -- what is known -----------------------------------------------------------------------------------------------

    @property
    def already_sent(self) -> bool:
        """The complete answer is on the screen. Computed from the two pictures, never remembered."""
        return self.view.ended is not None and self._state.closed is None and self._state.book.undone is None

    @property
    def closed(self) -> str | None:
        """Why nothing can be shown here any more, where that is so."""
        return self._state.closed

    @property
    def frames(self) -> list[Frame | None]:
        """What each page shows, as far as it is known."""
        return [page.shown for page in self._state.book.pages]

    @property
    def unfinished(self) -> list[tuple[int, str]]:
        """The pages that are not known to be shown to their end, with the Markdown they have so far."""
        return self._state.book.unfinished

    # -- what next, and how it went ----------------------------------------------------------------------------------

    def next_step(self, now: float) -> Step:
        """The one thing to do now."""
        return next_step(self._state, now)

    def outcome(self, result: Outcome, now: float) -> None:
        """How the call in flight went. Every outcome is handled here and nowhere below."""
        apply(self._state, result, now)
