"""What happens in a turn: everything a model, a tool or a person can add to an answer.

The order within one turn::

    (TextDelta | ReasoningDelta | SegmentEnded | ToolStarted (ToolProgress)* ToolFinished | Notice)*  TurnEnded

``TurnEnded`` comes last and exactly once, whatever happened; failures are events, so no consumer needs a ``try``.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More words of the answer (Markdown source)."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of what the model thinks before it answers; never part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class SegmentEnded:
    """The text so far is a paragraph of its own; what follows starts a new one."""


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool runs: ``call`` names this run, ``name`` the tool, ``summary`` what it was asked in a few words."""

    call: str
    name: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A running tool says how far it is: ``call`` names the run, ``text`` is for people."""

    call: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A tool is done: ``call`` names the run, ``ok`` is false where it failed, ``seconds`` is how long it took."""

    call: str
    ok: bool = True
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A line that telex itself adds, such as "the model's server did not answer"."""

    text: str


class End(Enum):
    """How a turn ended."""

    FINISHED = "finished"  # the model said all
    FAILED = "failed"  # the model's side did not
    INTERRUPTED = "interrupted"  # somebody stopped it


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The last event of a turn.

    Attributes:
        end: how it ended.
        message: says to the reader what went wrong, when something did.
        can_go_on: the answer broke off after words were shown, and the model can be asked to go on from there.
    """

    end: End = End.FINISHED
    message: str = ""
    can_go_on: bool = False


Event: TypeAlias = (
    TextDelta | ReasoningDelta | SegmentEnded | ToolStarted | ToolProgress | ToolFinished | Notice | TurnEnded
)
