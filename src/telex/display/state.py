"""What a presenter knows: the two pictures, the call in flight, and when what happened last."""

from collections.abc import Sequence
from dataclasses import dataclass

from telex.display.book import Book
from telex.display.frame import Frame
from telex.display.screen import Kind, Line, Pacing, Screen
from telex.display.standing import Standing
from telex.display.view import Place, View

NEVER_YET = float("-inf")


@dataclass(frozen=True, slots=True)
class Mark:
    """How much of the view is on the screen or on its way.

    Attributes:
        letters: characters of answer text.
        changes: the view's count of changed lines; -1 where a page has to be shown anew.
        since: when there came to be more than that; ``None`` where there is not.
    """

    letters: int = 0
    changes: int = 0
    since: float | None = None


@dataclass(slots=True)
class Flight:
    """The call in flight.

    Attributes:
        frame: what it shows.
        kind: what it is for.
        sent: when it was.
        give_up: when it counts as unknown.
        lines: what it was charged to.
        mark: what was seen before it.
        seen: of its page, what was seen before it.
        taken_off: something else took the page's preview off meanwhile, before it came or after.
    """

    frame: Frame
    kind: Kind
    sent: float
    give_up: float
    lines: Sequence[Line]
    mark: Mark
    seen: Place
    taken_off: bool = False


class State:
    """One turn in one place.

    Attributes:
        view: what there is to read.
        book: its pages, and what the screen shows of each.
        standing: when calls may go.
        flight: the call in flight, if there is one.
        mark: how much is seen.
        closed: why nothing can be shown any more, where that is so.
        ended_at: when the turn ended.
        last_preview: when the last one was started.
        last_sign: when the screen last got anything.
        confirm: pages that a preview given up on may overwrite, and until when.
    """

    def __init__(self, screen: Screen, pacing: Pacing, now: float) -> None:
        self.screen = screen
        self.pacing = pacing
        self.view = View(pacing.reasoning)
        self.book = Book(self.view, screen, numbered=pacing.page_numbers)
        self.standing = Standing(screen, now)
        self.flight: Flight | None = None
        self.mark = Mark()
        self.closed: str | None = None
        self.ended_at: float | None = None
        self.last_preview = NEVER_YET
        self.last_sign = now
        self.confirm: dict[int, float] = {}

    def waiting_since(self, now: float) -> float:
        """When the oldest news came that is not seen yet; ``now`` where there is none."""
        return now if self.mark.since is None else self.mark.since

    def news(self, now: float) -> None:
        """The view has changed."""
        if self.mark.since is None:
            self.mark = Mark(self.mark.letters, self.mark.changes, now)

    def all_seen(self) -> None:
        """All that is there now is on its way to the screen."""
        self.mark = Mark(self.view.letters, self.view.changes)

    def unseen(self, page: int, now: float) -> None:
        """The screen shows nothing of this page or those behind it."""
        letters = min(self.mark.letters, self.book.letters_before(page))
        self.mark = Mark(letters, -1, self.waiting_since(now))
