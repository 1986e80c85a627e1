"""Writes down what a presenter is given and what it does, without changing either. Pure: times are given in.

The presenter of a recorded turn sees its surface through a `_Window`: what it asks there is what the file says. So the same
answers can be given again, to the presenter of another day.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TypeAlias

from telex.display.frame import Outcome, Step
from telex.display.pace import Ticket, Trip
from telex.display.presenter import Presenter
from telex.display.screen import Kind, Line, Pacing
from telex.display.screen import Screen as Surface
from telex.events import Event
from telex.recording.entries import Answered, Changed, Entry, Fed, Header, Left, Raised, Screen, Stepped, TakenOff

Take: TypeAlias = Callable[[Header | Entry], object]


def digest(text: str) -> str:
    """Stands for a text that was measured."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Recorder:
    """Records one turn.

    Args:
        take: is given the header and then each entry.
        place: which place it is, by a number and not by its id.
    """

    def __init__(self, take: Take, place: str = "") -> None:
        self._take = take
        self._place = place

    def presenter(self, surface: Surface, pacing: Pacing, now: float) -> Presenter:
        """A presenter that is recorded."""
        self._take(Header(type(surface).__name__, now, pacing, place=self._place))
        return _Recorded(surface, pacing, now, self._take)


class _Recorded(Presenter):
    def __init__(self, surface: Surface, pacing: Pacing, now: float, take: Take) -> None:
        self._window = _Window(surface)
        self._take = take
        self._known: Screen | None = None
        super().__init__(self._window, pacing, now)

    def feed(self, event: Event, now: float) -> None:
        if not self.view.ended:
            self._take(Fed(now, event))
        super().feed(event, now)

    def vanished(self, page: int, now: float) -> None:
        self._take(TakenOff(now, page))
        super().vanished(page, now)

    def outcome(self, result: Outcome, now: float) -> None:
        self._look(now)
        self._take(Answered(now, result))
        super().outcome(result, now)

    def next_step(self, now: float) -> Step:
        self._look(now)
        try:
            step = super().next_step(now)
        except Exception as error:
            self._step(now, Raised(f"{type(error).__name__}: {error}"))
            raise
        self._step(now, step)
        return step

    def leave(self) -> None:
        self._take(Left(self._window.now))
        super().leave()

    def _look(self, now: float) -> None:
        known = self._window.look(now)
        if known != self._known:
            self._known = known
            self._take(Changed(now, known))

    def _step(self, now: float, step: Step | Raised) -> None:
        window = self._window
        self._take(Stepped(now, step, tuple(window.turns), dict(window.lengths)))
        window.turns.clear()
        window.lengths.clear()


class _Window:
    """A surface as its presenter sees it; between two looks nothing changes.

    Attributes:
        now: when it was last looked through.
        turns, lengths: what was asked since, as `Stepped` has it.
    """

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._lines: dict[int, _NotedLine] = {}  # by the identity of what they stand for
        self._numbered: list[_NotedLine] = []
        self.turns: list[tuple[int, bool, float]] = []
        self.lengths: dict[str, int] = {}
        self._odd: set[str] = set()
        self.now = 0.0
        self.look(0.0)

    def look(self, now: float) -> Screen:
        """Take in how things stand."""
        surface = self._surface
        by_kind = {kind: tuple(self._number(line) for line in surface.lines(kind)) for kind in Kind}
        self.now = now
        self._seen = Screen(
            limit=surface.limit,
            refresh=surface.refresh,
            previews=surface.previews,
            overwrites=surface.overwrites,
            trip=surface.trip.usual,
            live=by_kind[Kind.LIVE],
            alive=by_kind[Kind.ALIVE],
            final=by_kind[Kind.FINAL],
            frozen=tuple(max(0.0, line.frozen_until) for line in self._numbered),
        )
        return self._seen

    def _number(self, line: Line) -> int:
        noted = self._lines.get(id(line))
        if noted is None:
            noted = self._lines[id(line)] = _NotedLine(line, len(self._numbered), self.turns)
            self._numbered.append(noted)
        return noted.number

    @property
    def limit(self) -> int:
        return self._seen.limit

    @property
    def refresh(self) -> float:
        return self._seen.refresh

    @property
    def previews(self) -> bool:
        return self._seen.previews

    @property
    def overwrites(self) -> bool:
        return self._seen.overwrites

    @property
    def trip(self) -> Trip:
        return self._surface.trip

    def measure(self, markdown: str) -> int:
        length, text = self._surface.measure(markdown), digest(markdown)
        if length != len(markdown) or text in self._odd:  # it may be another later: of a rich message, and without
            self.lengths[text] = length
            self._odd.add(text)
        return length

    def lines(self, kind: Kind) -> Sequence[Line]:
        numbers = {Kind.LIVE: self._seen.live, Kind.ALIVE: self._seen.alive, Kind.FINAL: self._seen.final}[kind]
        return [self._numbered[number] for number in numbers]


class _NotedLine:
    """A limit whose answers are noted."""

    def __init__(self, line: Line, number: int, turns: list[tuple[int, bool, float]]) -> None:
        self._line = line
        self._turns = turns
        self.number = number
        self.spend, self.freeze, self.step_out, self.leave = line.spend, line.freeze, line.step_out, line.leave

    def __repr__(self) -> str:
        return repr(self._line)

    @property
    def frozen_until(self) -> float:
        return self._line.frozen_until

    def turn(self, ticket: Ticket, now: float) -> float:
        at = self._line.turn(ticket, now)
        self._turns.append((self.number, ticket.final, at))
        return at
