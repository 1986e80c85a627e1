"""Frames, the steps that ask for them, and the outcomes that come back.

A frame is absolute: it says what one message should show, whole. Skipping one loses nothing and repeating one
changes nothing, so latest-wins, retries, rate limits and slow platforms are one case.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Frame:
    """What one message of a turn should show.

    Attributes:
        page: which message of this turn, from 0.
        text: Markdown, with nothing left open. Empty: nothing to read yet, but somebody is at work.
        final: this message will never change again.
        plain: show the rendered letters without markup (never the source), after markup was refused.
        busy: more is to come; a surface that shows a cursor or a typing sign shows it. Never with ``final``.
    """

    page: int
    text: str
    final: bool
    plain: bool = False
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """Show this frame now: exactly one call to the platform, then report its outcome."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before ``until`` (the loop's seconds) unless something is fed; ``why`` is for people."""

    until: float
    why: str


@dataclass(frozen=True, slots=True)
class Abandon:
    """Close the call in flight and report `Unknown` for it: it may or may not have been carried out."""

    why: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The screen shows its last frame (or never can); there is nothing more to do."""


Step: TypeAlias = Show | Wait | Abandon | Finished


@dataclass(frozen=True, slots=True)
class Shown:
    """The frame is on the screen."""


@dataclass(frozen=True, slots=True)
class TryLater:
    """The platform asks to wait ``after`` seconds; the line is frozen and nothing is called before.

    With ``whole`` it is the widest line that is meant (the bot's), and not the narrowest (the chat's).
    """

    after: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """Nothing was shown, and asking again is right, in one's turn and not before ``after`` seconds.

    A lost message was looked for in one more place, or the server could not be reached at all.
    """

    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Plain:
    """The markup was refused: ask again at once with ``plain``."""


@dataclass(frozen=True, slots=True)
class Smaller:
    """The frame was too long: no message may measure more than ``limit``."""

    limit: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """The message is gone (a person deleted it): its page goes on in a new message."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The place is gone and the surface now posts in another one: every unfinished page is posted there anew."""


@dataclass(frozen=True, slots=True)
class NoTransport:
    """This way of showing previews does not work here; the surface has chosen the other one. Ask again at once."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing can be shown here any more (blocked, kicked); ``reason`` is the platform's."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The call may or may not have been carried out."""


Outcome: TypeAlias = Shown | TryLater | Again | Plain | Smaller | Vanished | Elsewhere | NoTransport | Closed | Unknown
