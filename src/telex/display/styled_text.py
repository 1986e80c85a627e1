"""A chat message as it is being written: one run of text, the spans in it, and the line breaks still owed.

The parser says where blocks begin and end; a message has no blocks. So each block asks for the line breaks before it
(`block`), and they are written, with indentation and a list's bullet, when its first letter comes.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

from telex.display.markdown_rules import joined
from telex.display.styled_prepare import HELD
from telex.display.styled_span import Span

_BARS = re.compile(r"\|\|")
_HELD = re.compile(HELD)


@dataclass(slots=True)
class Level:
    """An open list: its next number (``None`` where it has bullets) and how far its bullets are indented."""

    number: int | None
    bullet: str
    indent: str
    items: int = 0


class TextWriter:
    """Letters, line breaks and spans."""

    def __init__(self, marked: bool) -> None:
        self.spans: list[Span] = []
        self._marked = marked
        self._parts: list[str] = []
        self._length = 0
        self._open: list[Span] = []  # end unknown
        self._tags: list[tuple[str, Span]] = []
        self._gap = 0
        self._fresh = 0  # where a block began whose first child needs no line break
        self._marker = ""
        self._marker_indent = ""
        self._indent = ""
        self._lists: list[Level] = []
        self._bars = False
        self._cells = 0  # of an HTML table's row

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._parts)

    def write(self, text: str) -> None:
        """Add letters behind the line breaks, indentation and bullet that are owed."""
        if self._gap or self._marker:
            self._break()
        self._parts.append(text)
        self._length += len(text)

    def _break(self) -> None:
        lead = "\n" * self._gap if self._gap and self._length else ""
        if self._marker:
            lead += (self._marker_indent if lead else "") + self._marker
            self._marker = ""
        elif lead:
            lead += self._indent
        self._gap = 0
        if lead:
            self._parts.append(lead)
            self._length += len(lead)

    def line(self) -> None:
        """End the line within a block."""
        if self._marker or self._length != self._fresh:
            self.write("\n" + self._indent)

    def block(self, gap: int = 2) -> None:
        """A block begins or ends here: ``gap`` line breaks before the next letter."""
        if self._bars:
            self.spoilers()
        while self._tags:
            self.close_tag(self._tags[-1][0])
        if self._gap < gap and self._length != self._fresh:
            self._gap = gap

    def inner_block(self) -> None:
        """As `block`, and tight in a list."""
        self.block(1 if self._lists else 2)

    def push(self, kind: str, extra: str = "") -> None:
        """A span begins; an empty kind is one that is not shown."""
        if self._gap or self._marker:
            self._break()
        self._open.append(Span(self._length, 0, kind, extra))

    def pop(self) -> None:
        """The span that began last ends."""
        span = self._open.pop()
        span.end = self._length
        if span.kind and span.end > span.start:
            self.spans.append(span)

    def emphasis(self) -> None:
        """What follows is italic."""
        self.push("italic")

    def strong(self) -> None:
        """What follows is bold."""
        self.push("bold")

    def strikethrough(self) -> None:
        """What follows is struck through."""
        self.push("strikethrough")

    def nothing(self) -> None:
        """For what changes nothing in a chat."""

    def open_tag(self, name: str, kind: str, extra: str) -> None:
        """A span begins that ends where ``name`` is closed, or with the block."""
        if self._gap or self._marker:
            self._break()
        self._tags.append((name, Span(self._length, 0, kind, extra)))

    def close_tag(self, name: str) -> None:
        """End the last span that ``name`` opened, if there is one."""
        for index in range(len(self._tags) - 1, -1, -1):
            if self._tags[index][0] == name:
                span = self._tags.pop(index)[1]
                span.end = self._length
                self.spans.append(span)
                return

    def spoilers(self) -> None:
        """Take the bars of ``||spoilers||`` out of the text and keep what stood between as spans."""
        self._bars = False
        text = self.text
        pairs = self._spoiler_pairs(text)
        cuts = [(found.start(), 1) for found in _HELD.finditer(text)]
        cuts = sorted(cuts + [(bar, 2) for pair in pairs for bar in pair])
        if not cuts:
            return
        places = [at for at, _ in cuts]
        taken = [0, *accumulate(size for _, size in cuts)]

        def moved(place: int) -> int:
            before = bisect_left(places, place)
            inside = max(0, places[before - 1] + cuts[before - 1][1] - place) if before else 0
            return place - taken[before] + inside

        for span in self.spans + self._open + [span for _, span in self._tags]:
            span.start, span.end = moved(span.start), moved(span.end)
        self.spans += [Span(moved(first), moved(last), "spoiler") for first, last in pairs]
        self._fresh = moved(self._fresh)
        kept = zip([0, *(at + size for at, size in cuts)], [*places, len(text)], strict=True)
        self._parts = ["".join(text[start:end] for start, end in kept)]
        self._length = len(self._parts[0])

    def _spoiler_pairs(self, text: str) -> list[tuple[int, int]]:
        code = [span for span in self.spans if span.kind in {"code", "pre"}]
        pairs: list[tuple[int, int]] = []
        opened = -1
        for found in _BARS.finditer(text):
            at = found.start()
            if code and any(span.start <= at < span.end for span in code):
                continue
            if opened >= 0 and at > opened + 2 and not text[at - 1].isspace():
                pairs.append((opened, at))
                opened = -1
            elif opened < 0 and at + 2 < len(text) and not text[at + 2].isspace() and not joined(text[at - 1 : at]):
                opened = at
        return pairs
