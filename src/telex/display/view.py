"""The events of a turn as what a person reads: text, tool lines and notices, in their order, as growing Markdown.

Text only grows. A tool's line changes while it runs and stands where the tool was started. A place in the view is a
`Place`: a block and how far into it; pages are cut at places, so what stands before a cut never moves.
"""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from telex.display.screen import Reasoning
from telex.display.styled_prepare import COLLAPSED, THINKING
from telex.events import (
    End,
    Event,
    Notice,
    ReasoningDelta,
    SegmentEnded,
    TextDelta,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    TurnEnded,
)

BREAK = "\n\n"
LAST_THOUGHTS = 280  # characters of the reasoning that are shown while the model thinks
MOST_KEPT = 1500  # and that are kept
_FRESH_THOUGHTS = 40  # characters after which they are shown anew
MOST_TOOL_LINES = 3  # of tools in a row that are done; more are one line
NOTHING_SAID = "The model ended its answer without a word."


class Place(NamedTuple):
    """A point in the view: before character ``offset`` of block ``block``."""

    block: int
    offset: int


class _Text:
    """A stretch of the answer; deltas are joined when somebody reads.

    ``goes_on``: only reasoning that is not shown any more stands between it and the stretch before.
    """

    def __init__(self, *, goes_on: bool = False) -> None:
        self._parts: list[str] = []
        self.goes_on = goes_on

    def add(self, text: str) -> None:
        self._parts.append(text)

    def read(self) -> str:
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""


@dataclass(slots=True)
class _Line:
    """A line of telex itself: a notice, or a tool and its state."""

    text: str

    def read(self) -> str:
        return self.text


@dataclass(slots=True)
class _Tool(_Line):
    """A tool; ``took``: the seconds of one that is done, -1 while it runs or where it failed."""

    label: str = ""
    name: str = ""
    took: float = -1.0


@dataclass(slots=True)
class _Thoughts(_Line):
    """The model's reasoning: its last words while it thinks; then nothing, or a folded quote."""

    said: str = ""
    shown: int = 0  # characters of ``said`` when it was last brought up to date

    def think(self, text: str) -> None:
        """More of it."""
        self.said += text
        if len(self.said) - self.shown >= _FRESH_THOUGHTS or not self.shown:
            self.shown = len(self.said)
            words = " ".join(self.said[-2 * LAST_THOUGHTS :].split())
            last = f"…{words[-LAST_THOUGHTS:].partition(' ')[2]}" if len(words) > LAST_THOUGHTS else words
            self.text = _quote(last, THINKING)

    def end(self, *, keep: bool) -> None:
        """The model has thought enough."""
        words = " ".join(self.said.split())
        if len(words) > MOST_KEPT:
            words = f"{words[:MOST_KEPT].rpartition(' ')[0]} …"
        self.text = _quote(words, COLLAPSED) if keep else ""


def _quote(words: str, mark: str = "") -> str:
    return f"> {mark}💭 {plain(words)}" if words else ""


def code_span(text: str) -> str:
    """A code span that holds ``text``, whatever it contains."""
    text = " ".join(text.split())
    fence = "`"
    while fence in text:
        fence += "`"
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def plain(text: str) -> str:
    """Words that are no Markdown, whatever they contain."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()#+-.!|~>$<&" else char for char in " ".join(text.split()))


class View:
    """What there is to read, and how much of it is the answer's own text.

    Attributes:
        letters: characters of answer text so far.
        changes: grows whenever a tool line or notice is added or changed: news that never waits for more letters.
        ended: the turn's last event, once it came.
    """

    def __init__(self, reasoning: Reasoning = "off") -> None:
        self._reasoning = reasoning
        self._thoughts: _Thoughts | None = None  # while the model thinks
        self.letters = 0
        self.changes = 0
        self.ended: TurnEnded | None = None
        self._blocks: list[_Text | _Line] = []
        self._tools: dict[str, _Tool] = {}

    def feed(self, event: Event) -> None:  # noqa: C901, PLR0912 - one case an event
        """Take an event in, in constant time."""
        if self._thoughts and not isinstance(event, ReasoningDelta | ToolProgress | ToolFinished):
            self._thoughts.end(keep=self._reasoning == "keep")
            self._thoughts = None
            self.changes += 1
        match event:
            case TextDelta():
                last = self._blocks[-1] if self._blocks else None
                if not isinstance(last, _Text):
                    last = _Text(goes_on=isinstance(last, _Thoughts) and not last.text)
                    self._blocks.append(last)
                last.add(event.text)
                self.letters += len(event.text)
            case SegmentEnded():
                if self._blocks and isinstance(self._blocks[-1], _Text):
                    self._blocks.append(_Text())
            case ToolStarted(call, name, summary):
                label = f"{code_span(name)} {plain(summary)}".strip()
                self._tools[call] = _Tool(f"⏳ {label} …", label, name)
                self._blocks.append(self._tools[call])
                self.changes += 1
            case ToolProgress(call, text) if call in self._tools:
                tool = self._tools[call]
                self._set(tool, f"⏳ {tool.label} {plain(text)} …")
            case ToolFinished(call, ok, seconds) if call in self._tools:
                tool = self._tools.pop(call)
                took = "" if seconds is None else f" ({seconds:.1f} s)"
                self._set(tool, f"{'✅' if ok else '❌'} {tool.label}{took}")
                if ok:
                    tool.took = seconds or 0.0
                    self._collapse(tool)
            case Notice(text):
                self._say(text)
            case TurnEnded():
                self._end(event)
            case ReasoningDelta(text) if self._reasoning != "off":
                self._think(text)
            case ToolProgress() | ToolFinished() | ReasoningDelta():
                pass  # of a tool nobody announced; reasoning is no part of the answer

    def _collapse(self, tool: _Tool) -> None:
        """Of many tools in a row, one line says what is done: the last one's, for those before may be on a full page."""
        run: list[_Tool] = []
        for block in self._blocks:
            if isinstance(block, _Tool):
                run.append(block)
            elif block.read().strip():
                if tool in run:
                    break
                run = []
        done = [other for other in run if other.took >= 0]
        if len(done) <= MOST_TOOL_LINES:
            return
        for other in done[:-1]:
            other.text = ""
        counts = Counter(other.name for other in done)
        names = ", ".join(code_span(name) + (f" ×{count}" if count > 1 else "") for name, count in counts.items())
        self._set(done[-1], f"✅ {len(done)} tools: {names} ({sum(other.took for other in done):.1f} s)")

    def _set(self, line: _Line, text: str) -> None:
        if line.text != text:
            line.text = text
            self.changes += 1

    def _think(self, text: str) -> None:
        if self._thoughts is None:
            self._thoughts = _Thoughts("")
            self._blocks.append(self._thoughts)
        before = self._thoughts.text
        self._thoughts.think(text)
        self.changes += self._thoughts.text != before

    def _say(self, text: str) -> None:
        if text.strip():
            self._blocks.append(_Line(f"⚠️ {plain(text)}"))
            self.changes += 1

    def _end(self, event: TurnEnded) -> None:
        if self.ended:
            return
        self.ended = event
        for tool in self._tools.values():
            self._set(tool, f"⏹ {tool.label}")
        self._say(event.message)
        said = (block for block in self._blocks if not isinstance(block, _Thoughts))
        if not event.message and not any(block.read().strip() for block in said):
            self._say(NOTHING_SAID if event.end is End.FINISHED else "Stopped before the first word.")

    def read(self, start: Place) -> tuple[str, list[tuple[int, Place]]]:
        """The Markdown from ``start`` to the end, and where in it each block begins."""
        pieces: list[str] = []
        begins: list[tuple[int, Place]] = []
        length = 0
        for number in range(start.block, len(self._blocks)):
            offset = start.offset if number == start.block else 0
            text = self._blocks[number].read()[offset:]
            if not text.strip() and not (number == len(self._blocks) - 1 and text):
                continue
            block = self._blocks[number]
            if pieces and not (isinstance(block, _Text) and block.goes_on):
                ends = len(pieces[-1]) - len(pieces[-1].rstrip("\n"))
                gap = BREAK[min(ends, 2) :]
                pieces.append(gap)
                length += len(gap)
            begins.append((length, Place(number, offset)))
            pieces.append(text)
            length += len(text)
        return "".join(pieces), begins

    @staticmethod
    def place(begins: list[tuple[int, Place]], index: int) -> Place:
        """The place of character ``index`` of what `read` returned."""
        at, place = max((begin for begin in begins if begin[0] <= index), default=(0, Place(0, 0)))
        return Place(place.block, place.offset + index - at)

    @property
    def end(self) -> Place:
        """The place behind the last of the answer's text; tool lines and notices after it may still move."""
        for number in range(len(self._blocks) - 1, -1, -1):
            if isinstance(self._blocks[number], _Text):
                return Place(number, len(self._blocks[number].read()))
        return Place(0, 0)

    def index(self, begins: list[tuple[int, Place]], place: Place) -> int:
        """Where ``place`` is in what `read` returned; what lies before it is 0. The inverse of `place`."""
        at, begin = max((begin for begin in begins if begin[1] <= place), default=(0, place))
        if begin.block < place.block:  # its own block shows nothing
            return at + len(self._blocks[begin.block].read()) - begin.offset
        return at + place.offset - begin.offset

    def whole(self, begins: list[tuple[int, Place]], index: int) -> int:
        """``index``, or the beginning of the tool line or notice that it would part."""
        at, begin = max((begin for begin in begins if begin[0] <= index), default=(0, Place(0, 0)))
        inside = begin.block < len(self._blocks) and isinstance(self._blocks[begin.block], _Line)
        return at if inside and index < at + len(self._blocks[begin.block].read()) else index

    def letters_before(self, place: Place) -> int:
        """Characters of answer text that stand before ``place``."""
        before = sum(len(block.read()) for block in self._blocks[: place.block] if isinstance(block, _Text))
        if place.block < len(self._blocks) and isinstance(self._blocks[place.block], _Text):
            before += min(place.offset, len(self._blocks[place.block].read()))
        return before
