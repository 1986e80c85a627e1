"""What there is to see of a recording: its events, and the frames that came to the screen. Pure."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from telex.display.frame import Frame, Show, Shown
from telex.events import Event
from telex.recording.entries import Answered, Entry, Fed, Left, Stepped

Scene: TypeAlias = tuple[float, Event | Frame]


def scenes(entries: Iterable[Entry]) -> Iterator[Scene]:
    """Each event when it came, and each frame when it was known to be on the screen."""
    flight: Frame | None = None
    for entry in entries:
        match entry:
            case Fed(t, event):
                yield t, event
            case Stepped(_, Show(frame)):
                flight = frame
            case Answered(t, Shown()) if flight:
                yield t, flight


def troubles(entries: Iterable[Entry], began: float) -> list[str]:
    """What did not go as it should, in words."""
    said = [
        f"after {entry.t - began:.3f} s {entry.outcome}"
        for entry in entries
        if isinstance(entry, Answered) and not isinstance(entry.outcome, Shown)
    ]
    last = next(reversed(list(entries)), None)
    return said if isinstance(last, Left) else [*said, "then the recording breaks off"]
