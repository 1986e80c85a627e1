"""`Stage` is a driver for the presenter alone, in simulated time; it answers each call after one trip."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from telex.display.frame import (
    Abandon,
    Finished,
    Frame,
    Outcome,
    Show,
    Shown,
    Unknown,
    Wait,
)
from telex.display.pace import Pace, Trip
from telex.display.presenter import Presenter
from telex.display.screen import Kind, Pacing
from telex.events import End, Event, TextDelta, TurnEnded

TRIP = 0.05


@dataclass
class Screen:
    limit: int = 4096
    refresh: float = 20.0
    previews: bool = True
    overwrites: bool = True
    trip: Trip = field(default_factory=Trip)
    live: Sequence[Pace] = ()
    final: Sequence[Pace] = ()
    signs: Sequence[Pace] | None = None  # as `live`

    def measure(self, markdown: str) -> int:
        return len(markdown)

    def lines(self, kind: Kind) -> Sequence[Pace]:
        signs = self.live if self.signs is None else self.signs
        return {Kind.FINAL: self.final, Kind.LIVE: self.live, Kind.ALIVE: signs}[kind]


class Stage:
    """Plays events and answers; ``hang`` names the calls (from 0) that are never answered."""

    def __init__(
        self,
        screen: Screen | None = None,
        answers: dict[int, Outcome] | None = None,
        hang: frozenset[int] | set[int] = frozenset(),
        pacing: Pacing | None = None,
    ) -> None:
        self.screen = screen or Screen()
        self.presenter = Presenter(self.screen, pacing or Pacing(), 0.0)
        self.answers = answers or {}
        self.hang = hang
        self.now = 0.0
        self.calls: list[tuple[float, Frame]] = []
        self.abandoned: list[float] = []
        self._answer_at: float | None = None

    def play(self, events: Sequence[tuple[float, Event]] = (), until: float = 600.0) -> "Stage":
        """Run until the presenter is finished, or ``until``."""
        coming = sorted(events, key=lambda item: item[0])
        while True:
            while coming and coming[0][0] <= self.now:
                self.presenter.feed(coming.pop(0)[1], self.now)
            if self._answer_at is not None and self._answer_at <= self.now:
                self._answer_at = None
                self.presenter.outcome(self.answers.get(len(self.calls) - 1, Shown()), self.now)
            step = self.presenter.next_step(self.now)
            match step:
                case Show(frame):
                    hangs = len(self.calls) in self.hang
                    self.calls.append((self.now, frame))
                    self._answer_at = float("inf") if hangs else self.now + TRIP
                    continue
                case Abandon():
                    self.abandoned.append(self.now)
                    self._answer_at = None
                    self.presenter.outcome(Unknown(), self.now)
                    continue
                case Finished():
                    return self
                case Wait(deadline):
                    ahead = [deadline, *([self._answer_at] if self._answer_at else []), *(at for at, _ in coming[:1])]
                    if min(ahead) > until:
                        self.now = until
                        return self
                    self.now = min(ahead)

    @property
    def frames(self) -> list[Frame]:
        return [frame for _, frame in self.calls]

    @property
    def previews(self) -> list[tuple[float, str]]:
        return [(round(at, 3), frame.text) for at, frame in self.calls if not frame.final]

    @property
    def finals(self) -> list[str]:
        return [frame.text for frame in self.frames if frame.final]


def words(*pages: str) -> list[str]:
    """What a person reads; a page that goes on in a paragraph may begin with a word joiner."""
    return " ".join(pages).replace("\u2060", "").split()


def say(at: float, text: str) -> tuple[float, Event]:
    return at, TextDelta(text)


def end(at: float, how: End = End.FINISHED, message: str = "") -> tuple[float, Event]:
    return at, TurnEnded(how, message)
