"""The events of a turn as what a person reads: text, tool lines and notices, in their order, as growing Markdown.

Text only grows. A tool's line changes while it runs and stands where the tool was started. What the model thinks stands
below all of it while it thinks, and is no part of it. A place in the view is a `Place`: a block and how far into it; pages
are cut at places, so what stands before a cut never moves.
"""

from itertools import pairwise
from typing import NamedTuple

from telex.display.broken_off import broken_off
from telex.display.screen import Reasoning
from telex.display.view_thoughts import Quote, Seams, Thoughts
from telex.display.view_tools import State, Tool, ToolRow
from telex.display.view_words import BREAK, Line, plain
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

NOTHING_SAID = "The model ended its answer without a word."


class Place(NamedTuple):
    """A point in the view: before character ``offset`` of block ``block``."""

    block: int
    offset: int


class _Text:
    """A stretch of the answer; deltas are joined when somebody reads."""

    def __init__(self, opener: str = "") -> None:
        self._parts: list[str] = []
        self.opener = opener  # what goes on in it that a line of telex's own broke off
        self.closer = ""  # what ends in front of the line that follows
        self._begin = 0
        self._rest: list[str] = []  # what stands from there on: of a long text only the open page is joined every time
        self.length = 0

    def add(self, text: str) -> None:
        self._parts.append(text)
        self._rest.append(text)
        self.length += len(text)

    def read(self) -> str:
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    def since(self, begin: int) -> str:
        """What stands behind the first ``begin`` characters."""
        if begin != self._begin:
            self._begin, self._rest = begin, [self.read()[begin:]]
        elif len(self._rest) > 1:
            self._rest = ["".join(self._rest)]
        return self._rest[0] if self._rest else ""


def _between(before: str, closer: str, block: "_Text | Line") -> str:
    """What parts a block from the words before it."""
    if closer.startswith("\n") and before.endswith("\n"):
        closer = closer[1:]
    ends = 0 if closer else len(before) - len(before.rstrip("\n"))
    return closer + BREAK[ends:] + (block.opener if isinstance(block, _Text) else "")


def _notice(text: str) -> str:
    return f"⚠️ {plain(text)}"


class View:
    """What there is to read, and how much of it is the answer's own text.

    Attributes:
        letters: characters of answer text so far.
        changes: grows whenever a tool line, a notice or a thought is added or changed: news that never waits for more letters.
        ended: the turn's last event, once it came.
    """

    def __init__(self, reasoning: Reasoning = "off") -> None:
        self._reasoning = reasoning
        self._thoughts: Thoughts | None = None  # while the model thinks
        self._folded: list[str] = []  # quotes of thoughts that wait until the block ends that they came in
        self._seams = Seams()  # of the text; only where thoughts are kept
        self.letters = 0
        self.changes = 0
        self.ended: TurnEnded | None = None
        self._blocks: list[_Text | Line] = []
        self._unclosed = 0  # the block from which on the text has been followed by no line of telex's own
        self._opener = ""
        self._tools: dict[str, Tool] = {}  # those that run
        self._read: tuple[Place, str, list[tuple[int, Place]]] | None = None  # what was read since the last event
        self._row: ToolRow | None = None  # the tools that a further one stands in a row with

    def feed(self, event: Event) -> None:  # noqa: C901 - one case an event
        """Take an event in, in constant time."""
        self._read = None
        if self._thoughts and not isinstance(event, ReasoningDelta | ToolProgress | ToolFinished):
            self._thought_enough(self._thoughts)
        match event:
            case TextDelta(text):
                self._write(text)
            case SegmentEnded():
                self._break_off(whole=True)
                if self._blocks and isinstance(self._blocks[-1], _Text):
                    self._blocks.append(_Text())
                    self._break()
            case ToolStarted(call, name, summary):
                self._break_off(whole=True)
                self._break()
                self._row = self._row or ToolRow()
                self._tools[call] = self._row.start(name, summary)
                self._blocks.append(self._tools[call])
                self.changes += self._row.lay_out()
            case ToolProgress(call, text) if call in self._tools:
                self._tools[call].progress = text
                self.changes += self._tools[call].row.lay_out()
            case ToolFinished(call, ok, seconds) if call in self._tools:
                tool = self._tools.pop(call)
                tool.state, tool.took = State.DONE if ok else State.FAILED, seconds
                self.changes += tool.row.lay_out()
            case Notice(text):
                self._note(text)
            case TurnEnded():
                self._end(event)
            case ReasoningDelta(text) if self._reasoning != "off":
                self._think(text)
            case ToolProgress() | ToolFinished() | ReasoningDelta():
                pass  # of a tool nobody announced; reasoning is no part of the answer

    def _write(self, text: str) -> None:
        """More words of the answer."""
        self.letters += len(text)
        seam = self._seams.feed(text) if self._reasoning == "keep" else None
        if self._folded and seam is not None:
            self._add(text[:seam])
            self._place_folded()
            text = text[seam:]
        self._add(text)

    def _add(self, text: str) -> None:
        last = self._blocks[-1] if self._blocks else None
        if not text:
            return
        if not isinstance(last, _Text):
            last = _Text(self._opener)
            self._opener = ""
            self._blocks.append(last)
        last.add(text)
        if text.strip():
            self._row = None

    def _break(self) -> None:
        """What the answer says next begins a new line."""
        self._seams.break_here()
        if self._seams.here:
            self._place_folded()

    def _break_off(self, *, whole: bool) -> None:
        """Close what the text leaves open, for something else follows; ``whole``: it had come to its end."""
        texts = [block for block in self._blocks[self._unclosed :] if isinstance(block, _Text)]
        self._unclosed = len(self._blocks)
        between = broken_off("".join([block.opener + block.read() for block in texts]), whole=whole)
        self._opener = "" if whole else between.opener or self._opener
        if texts:
            texts[-1].closer = between.closer
        if whole:
            self._seams = Seams()

    def _put(self, line: Line) -> None:
        self._blocks.append(line)
        self._row = None
        self.changes += 1

    def _think(self, text: str) -> None:
        self._thoughts = self._thoughts or Thoughts()
        before = self._thoughts.quote
        self._thoughts.think(text)
        self.changes += self._thoughts.quote != before

    def _thought_enough(self, thoughts: Thoughts) -> None:
        self._thoughts = None
        self.changes += 1
        if self._reasoning == "keep" and (quote := thoughts.folded()):
            self._folded.append(quote)
            if self._seams.here:
                self._place_folded()

    def _place_folded(self) -> None:
        """Put the quotes here that waited."""
        for quote in self._folded:
            self._put(Quote(quote))
        self._folded.clear()

    def _note(self, text: str) -> None:
        if text.strip():
            self._break_off(whole=False)
            self._break()
            self._put(Line(_notice(text)))

    def _end(self, event: TurnEnded) -> None:
        if self.ended:
            return
        self.ended = event
        for tool in self._tools.values():
            tool.state = State.STOPPED
            self.changes += tool.row.lay_out()
        self._break_off(whole=event.end is End.FINISHED)
        self._place_folded()
        if event.message.strip():
            self._put(Line(_notice(event.message)))
        said = (block for block in self._blocks if not isinstance(block, Quote))
        if not event.message and not any(block.read().strip() for block in said):
            self._put(Line(_notice(NOTHING_SAID if event.end is End.FINISHED else "Stopped before the first word.")))

    @property
    def thinking(self) -> str:
        """What the model thinks at the moment, as Markdown to be shown below the rest."""
        return self._thoughts.quote if self._thoughts else ""

    def read(self, start: Place) -> tuple[str, list[tuple[int, Place]]]:
        """The Markdown from ``start`` to the end, and where in it each block begins."""
        if self._read is None or self._read[0] != start:
            self._read = (start, *self._joined(start))
        return self._read[1], self._read[2]

    def _joined(self, start: Place) -> tuple[str, list[tuple[int, Place]]]:
        pieces: list[str] = []
        begins: list[tuple[int, Place]] = []
        length = 0
        closer = ""
        for number in range(start.block, len(self._blocks)):
            offset = start.offset if number == start.block else 0
            block = self._blocks[number]
            text = block.since(offset) if isinstance(block, _Text) else block.read()[offset:]
            if (not text or text.isspace()) and not (number == len(self._blocks) - 1 and text):
                continue
            if pieces:
                gap = _between(pieces[-1], closer, block)
                pieces.append(gap)
                length += len(gap)
            begins.append((length, Place(number, offset)))
            pieces.append(text)
            length += len(text)
            closer = block.closer if isinstance(block, _Text) else ""
        return "".join(pieces), begins

    @staticmethod
    def place(begins: list[tuple[int, Place]], index: int) -> Place:
        """The place of character ``index`` of what `read` returned."""
        at, place = max((begin for begin in begins if begin[0] <= index), default=(0, Place(0, 0)))
        return Place(place.block, place.offset + index - at)

    def goes_on(self, begins: list[tuple[int, Place]], index: int) -> int:
        """``index``, or the beginning of the block that it would part from what opens it."""
        for (at, place), (after, _) in pairwise(begins):
            if at + len(self._blocks[place.block].read()) - place.offset <= index < after:
                return after
        return index

    @property
    def end(self) -> Place:
        """The place behind the last of the answer's text; tool lines and notices after it may still move."""
        for number in range(len(self._blocks) - 1, -1, -1):
            block = self._blocks[number]
            if isinstance(block, _Text):
                return Place(number, block.length)
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
        inside = begin.block < len(self._blocks) and isinstance(self._blocks[begin.block], Line)
        return at if inside and index < at + len(self._blocks[begin.block].read()) else index

    def settled(self, begins: list[tuple[int, Place]]) -> int | None:
        """Where the first tools begin that may still change their lines; ``None`` where none do."""
        blocks = ((at, self._blocks[place.block]) for at, place in begins)
        return next((at for at, block in blocks if isinstance(block, Tool) and block.row.runs), None)

    def letters_before(self, place: Place) -> int:
        """Characters of answer text that stand before ``place``."""
        before = sum(len(block.read()) for block in self._blocks[: place.block] if isinstance(block, _Text))
        if place.block < len(self._blocks) and isinstance(self._blocks[place.block], _Text):
            before += min(place.offset, len(self._blocks[place.block].read()))
        return before
