"""The presenter of today, given what a recording says: does it take the same steps? Pure."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from telex.display.frame import Abandon, Finished, Show, Step, Wait
from telex.display.pace import Ticket, Trip
from telex.display.presenter import Presenter
from telex.display.screen import Kind, Line
from telex.recording.coder import common
from telex.recording.entries import Answered, Changed, Entry, Fed, Header, Raised, Screen, Stepped, TakenOff
from telex.recording.recorder import digest

NEAR = 24  # characters that are named on either side of where two texts part


@dataclass(frozen=True, slots=True)
class Difference:
    """The first step that the presenter does not take any more.

    Attributes:
        entry: its number in the recording, from 0.
        after: seconds since the turn began.
        recorded: what it was, in words.
        now: what it is.
    """

    entry: int
    after: float
    recorded: str
    now: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it.

    Attributes:
        steps: how many the presenter takes as recorded, up to the first difference.
        difference: the first step that is another; ``None``: all are the same.
    """

    steps: int
    difference: Difference | None = None


def replay(header: Header, entries: Iterable[Entry], measure: Callable[[str], int] = len) -> Verdict:
    """Give the presenter what it was given, at the same times, and compare each step.

    Args:
        header: of the recording.
        entries: its entries.
        measure: the length of what was not measured when it was recorded.
    """
    screen = _Screen(measure)
    presenter = Presenter(screen, header.pacing, header.began)
    steps = 0
    for number, entry in enumerate(entries):
        recorded = step = ""
        try:
            match entry:
                case Fed(t, event):
                    presenter.feed(event, t)
                case TakenOff(t, page):
                    presenter.vanished(page, t)
                case Answered(t, outcome):
                    presenter.outcome(outcome, t)
                case Changed(_, known):
                    screen.become(known)
                case Stepped(t, recorded_step, turns, lengths):
                    screen.answer(turns, lengths)
                    recorded, step = _compared(recorded_step, presenter.next_step(t))
                    steps += 1
        except Exception as error:  # noqa: BLE001 - whatever the presenter raises is what it does
            recorded = _words(entry.step) if isinstance(entry, Stepped) else f"takes {_what(entry)}"
            step = f"raises {type(error).__name__}: {error}"
        if recorded != step:
            return Verdict(max(0, steps - 1), Difference(number, entry.t - header.began, recorded, step))
    return Verdict(steps)


def _what(entry: Entry) -> str:
    match entry:
        case Fed(_, event):
            return f"the event {type(event).__name__}"
        case Answered(_, outcome):
            return f"the outcome {type(outcome).__name__}"
        case _:
            return "what happened"


def _compared(recorded: Step | Raised, now: Step) -> tuple[str, str]:
    """The two in words, which are equal where the steps are. Why a step waits is for people, and may be said otherwise."""
    if isinstance(recorded, Wait | Abandon) and type(recorded) is type(now):
        same = not isinstance(recorded, Wait) or (isinstance(now, Wait) and recorded.until == now.until)
        return ("", "") if same else (_words(recorded), _words(now))
    if recorded == now:
        return "", ""
    around = 0
    if isinstance(recorded, Show) and isinstance(now, Show):
        around = common(recorded.frame.text, now.frame.text)
    return _words(recorded, around), _words(now, around)


def _words(step: Step | Raised, around: int | None = None) -> str:
    """A step in words; of a long text what stands ``around`` there, or its end."""
    match step:
        case Show(frame):
            kind = "the final" if frame.final else "a preview"
            at = len(frame.text) if around is None else around
            begin = max(0, at - NEAR)
            piece = frame.text[begin : at + NEAR]
            how = " as plain text" if frame.plain else ""
            return (
                f"shows {kind} of page {frame.page}{how}, {len(frame.text)} characters, at character {begin}: {piece!r}"
            )
        case Wait(until, why):
            return f"waits until {until:.6f} ({why})"
        case Abandon(why):
            return f"gives up on the call in flight ({why})"
        case Finished():
            return "is finished"
        case Raised(error):
            return f"raises {error}"


class _Screen:
    """Stands in for the surface, with the answers that it gave."""

    def __init__(self, measure: Callable[[str], int]) -> None:
        self._measure = measure
        self._lengths: dict[str, int] = {}
        self._lines: list[_Line] = []
        self.trip = _Trip()
        self.become(Screen(limit=1, refresh=1.0, previews=True, overwrites=False, trip=0.0))

    def become(self, known: Screen) -> None:
        """Be as the surface was then."""
        self._known = known
        self.trip.seconds = known.trip
        self._lines += [_Line() for _ in known.frozen[len(self._lines) :]]
        for line, until in zip(self._lines, known.frozen, strict=False):
            line.frozen_until = until

    def answer(self, turns: Iterable[tuple[int, bool, float]], lengths: Mapping[str, int]) -> None:
        """Have these answers for the next step."""
        self._lengths.update(lengths)
        for line in self._lines:
            line.answers.clear()
        for number, final, at in turns:
            self._lines[number].answers[final].append(at)

    @property
    def limit(self) -> int:
        return self._known.limit

    @property
    def refresh(self) -> float:
        return self._known.refresh

    @property
    def previews(self) -> bool:
        return self._known.previews

    @property
    def overwrites(self) -> bool:
        return self._known.overwrites

    def measure(self, markdown: str) -> int:
        length = self._lengths.get(digest(markdown))
        return self._measure(markdown) if length is None else length

    def lines(self, kind: Kind) -> Sequence[Line]:
        known = {Kind.LIVE: self._known.live, Kind.ALIVE: self._known.alive, Kind.FINAL: self._known.final}[kind]
        return [self._lines[number] for number in known]


class _Trip(Trip):
    """As long as it was."""

    seconds = 0.0

    def took(self, seconds: float) -> None:
        """What it teaches is recorded."""

    @property
    def usual(self) -> float:
        return self.seconds


class _Line:
    """A limit, with the answers that it gave."""

    def __init__(self) -> None:
        self.frozen_until = 0.0
        self.answers: defaultdict[bool, deque[float]] = defaultdict(deque)

    def turn(self, ticket: Ticket, now: float) -> float:
        """As recorded; where nobody asked then, nothing but the ice holds it up."""
        answers = self.answers[ticket.final]
        if not answers:
            return max(now, self.frozen_until)
        return answers.popleft() if len(answers) > 1 else answers[0]

    def spend(self, ticket: Ticket, now: float) -> None:
        """Recorded with what it leads to."""

    def freeze(self, until: float, now: float, *, teaches: bool = True) -> None:
        """The same."""

    def step_out(self, ticket: Ticket) -> None:
        """The same."""

    def leave(self, ticket: Ticket) -> None:
        """The same."""
