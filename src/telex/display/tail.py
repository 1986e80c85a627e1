"""Where a growing Markdown text stands: which quotes and lists its last line is in, and which block is open there.

A line scan by CommonMark's block rules, as far as they decide what the end of the text is part of.
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from telex.display.settled import settled_until
from telex.display.tail_borders import last_border


class Leaf(Enum):
    """The innermost open block."""

    NONE = "none"
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    FENCE = "fence"
    TABLE = "table"
    HTML = "html"
    INDENTED = "indented code"


@dataclass(slots=True)
class Container:
    """A quote (``marker`` is ``>``) or a list item, whose lines are indented by ``width`` columns.

    An item's ``number`` is the one it is shown with: a list counts on from its first, whatever the others say.
    """

    marker: str
    width: int = 0
    number: int = 0


@dataclass(slots=True)
class Fence:
    """The line that opened a code block."""

    indent: int
    run: str
    info: str
    at: int


_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_ITEM = re.compile(r"([-*+]|\d{1,9}[.)])([ \t]+|$)")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r"([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_SETEXT = re.compile(r"(?:-+|=+)[ \t]*$")
_DELIMITERS = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
LAST_BAR = re.compile(r"(?<!\\)\|")
_HTML_NAMES = (
    "address|article|aside|base|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|"
    "figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|nav|ol|optgroup|option|"
    "p|param|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
_HTML = re.compile(rf"<!--|<(?:pre|script|style|textarea)(?:[\s>]|$)|</?(?:{_HTML_NAMES})(?:[\s/>]|$)", re.IGNORECASE)
_HTML_ALONE = re.compile(r"<[A-Za-z][\w-]*(?:\s[^<>]*)?/?>\s*$|</[A-Za-z][\w-]*\s*>\s*$")
_HTML_ENDS = {"<!--": "-->", "<pre": "</pre>", "<script": "</script>", "<style": "</style>", "<textarea": "</textarea>"}


def cells(row: str) -> int:
    """How many cells a table's row has."""
    row = row.strip()
    row = row.removeprefix("|")
    row = row[:-1] if row.endswith("|") and not row.endswith("\\|") else row
    return len(LAST_BAR.findall(row)) + 1


def is_delimiter_row(line: str) -> bool:
    """Whether ``line`` is what stands under a table's header."""
    return _DELIMITERS.match(line) is not None and ("|" in line or ":" in line or "-" in line)


def is_header(source: str, at: int) -> bool:
    """Whether the line at ``at`` looks like a table's row: a bar, but no spoiler's."""
    return source[at : at + 1] == "|" and source[at + 1 : at + 2] != "|"


@dataclass(slots=True)
class Tail:
    """The state after the lines fed so far; positions are indexes into the whole source.

    Attributes:
        containers: the quotes and list items that hold the last line, outermost first.
        leaf: the block that is open.
        starts: where the content of each line of the open paragraph or table begins.
        content: where the last line's own content begins, after all markers.
        fence: the opening line of the open code block.
        header: a table's header row and the row under it.
        html_end: what ends the open HTML; empty where an empty line does.
    """

    containers: list[Container] = field(default_factory=list)
    leaf: Leaf = Leaf.NONE
    starts: list[int] = field(default_factory=list)
    content: int = 0
    fence: Fence | None = None
    header: tuple[str, str] = ("", "")
    html_end: str = ""
    _before: str = ""  # the paragraph's last line, which may turn out to be a table's header

    def copied(self, by: int = 0) -> "Tail":
        """The same state, to be fed with other lines; ``by``: of a source with so many characters more before it."""
        starts, fence = self.starts, self.fence
        if by and fence is not None:
            fence = Fence(fence.indent, fence.run, fence.info, fence.at + by)
        kept = (self.content + by, fence, self.header, self.html_end, self._before)
        return Tail([*self.containers], self.leaf, [at + by for at in starts] if by else [*starts], *kept)

    def line_prefix(self) -> str:
        """What a further line of the open block begins with."""
        return "".join("> " if inside.marker == ">" else " " * inside.width for inside in self.containers)

    def feed_all(self, source: str, end: int) -> None:
        """Take the lines of ``source[:end]`` that matter; ``end`` is the start of a line."""
        start = settled_until(source, end)
        self.feed_block(source, start + last_border(source[start:], end - start), end)

    def feed_block(self, source: str, at: int, end: int) -> None:
        """Take the lines of ``source[at:end]``; both are starts of lines."""
        while at < end:
            stop = source.find("\n", at, end)
            if stop < 0:
                stop = end
            self.feed(source[at:stop], at)
            at = stop + 1

    def feed(self, line: str, at: int) -> None:
        """Take one line, which begins at index ``at`` of the source."""
        if not self.containers and line[:1].isalpha():
            self._plain(line, at)
            return
        if self.leaf is Leaf.FENCE and not self.containers and self.fence is not None and self.fence.run not in line:
            self.content = at
            return
        self._feed(line, at)

    def _plain(self, line: str, at: int) -> None:
        """A line at the margin that begins with a letter."""
        self.content = at
        if self.leaf in {Leaf.FENCE, Leaf.HTML}:
            if self.html_end and self.html_end in line:
                self.leaf, self.html_end = Leaf.NONE, ""
        elif self.leaf in {Leaf.PARAGRAPH, Leaf.TABLE}:
            self._continue(line, at)
        else:
            self._start(Leaf.PARAGRAPH, line, at)

    def _feed(self, line: str, at: int) -> None:
        end = at + len(line)
        rest, matched = self._match(_untabbed(line))
        all_matched = matched == len(self.containers)
        blank = not rest.strip()
        self.content = max(at, end - len(rest))
        if self.leaf in {Leaf.FENCE, Leaf.HTML}:
            if all_matched:
                self._inside(rest, blank)
                return
            self.leaf, self.html_end = Leaf.NONE, ""
            all_matched = True
            del self.containers[matched:]
        if blank:
            del self.containers[matched:]
            self.leaf = Leaf.NONE
            return
        deep = len(rest) - len(rest.lstrip(" ")) >= 4
        if deep and self.leaf not in {Leaf.PARAGRAPH, Leaf.TABLE}:
            del self.containers[matched:]
            self._start(Leaf.INDENTED, rest, end - len(rest))
            return
        rest, opened = (rest, False) if deep else self._open(rest, matched, all_matched)
        self.content = end - len(rest.lstrip(" "))
        if opened or not all_matched:
            self._begin(rest, end, lazy=not opened, matched=matched)
        else:
            self._begin(rest, end, lazy=False, matched=len(self.containers))

    def _match(self, rest: str) -> tuple[str, int]:
        """Take the prefixes of the open containers off a line; how many it has."""
        for number, container in enumerate(self.containers):
            stripped = rest.lstrip(" ")
            indent = len(rest) - len(stripped)
            if container.marker == ">":
                if indent > 3 or stripped[:1] != ">":
                    return rest, number
                rest = stripped[2:] if stripped[1:2] == " " else _untabbed(stripped[1:])
            elif stripped:
                if indent < container.width:
                    return rest, number
                rest = rest[container.width :]
        return rest, len(self.containers)

    def _inside(self, rest: str, blank: bool) -> None:
        """A line in a code block or in HTML."""
        if self.leaf is Leaf.HTML:
            if (blank and not self.html_end) or (self.html_end and self.html_end in rest.lower()):
                self.leaf, self.html_end = Leaf.NONE, ""
            return
        run = self.fence.run if self.fence else ""
        stripped = rest.strip()
        closes = stripped.startswith(run) and not stripped.strip(run[0]) and len(rest) - len(rest.lstrip(" ")) <= 3
        if closes:
            self.leaf, self.fence = Leaf.NONE, None

    def _open(self, rest: str, matched: int, all_matched: bool) -> tuple[str, bool]:
        """Open the quotes and items that begin on this line."""
        opened = False
        while True:
            stripped = rest.lstrip(" ")
            indent = len(rest) - len(stripped)
            if indent > 3:
                return rest, opened
            if stripped[:1] == ">":
                container, taken = Container(">"), 2 if stripped[1:2] == " " else 1
            else:
                item = _ITEM.match(stripped)
                in_text = self.leaf is Leaf.PARAGRAPH and all_matched and not opened
                if item is None or _RULE.match(stripped):
                    return rest, opened
                if in_text and (not stripped[item.end() :] or (item[1][0].isdigit() and item[1][:-1] != "1")):
                    return rest, opened
                space = _untabbed(item[2])
                wide = len(space) if 1 <= len(space) <= 4 and stripped[item.end() :] else 1
                before = self.containers[matched] if not opened and matched < len(self.containers) else None
                container = _item(item[1], indent + len(item[1]) + wide, before)
                taken = len(item[1]) + min(wide, len(item[2]))
            if not opened:
                del self.containers[matched:]
            opened = True
            self.leaf = Leaf.NONE
            self.containers.append(container)
            rest = stripped[taken:]

    def _begin(self, rest: str, end: int, lazy: bool, matched: int) -> None:
        """The block that a line's own content begins or goes on with."""
        stripped = rest.lstrip(" ")
        at = end - len(stripped)
        if not stripped:
            self.leaf = Leaf.NONE
            return
        text = self.leaf is Leaf.PARAGRAPH
        fence = _FENCE.match(stripped) if stripped[0] in "`~" else None
        if fence:
            leaf = Leaf.FENCE
        elif text and not lazy and _SETEXT.match(stripped) and not self._is_table_with(stripped):
            self.leaf = Leaf.NONE
            return
        elif _RULE.match(stripped):
            leaf = Leaf.NONE
        elif stripped[0] == "#" and _HEADING.match(stripped):
            leaf = Leaf.HEADING
        elif stripped[0] == "<" and (_HTML.match(stripped) or (not text and _HTML_ALONE.match(stripped))):
            leaf = Leaf.HTML
        elif text or (self.leaf is Leaf.TABLE and not lazy):
            self._continue(stripped, at)
            return
        else:
            leaf = Leaf.PARAGRAPH
        if lazy:
            del self.containers[matched:]
        self._start(leaf, stripped, at)
        if fence:
            self.fence = Fence(len(rest) - len(stripped), fence[1], fence[2].strip(), at)

    def _is_table_with(self, line: str) -> bool:
        return "|" in self._before and is_delimiter_row(line) and cells(line) == cells(self._before)

    def _start(self, leaf: Leaf, line: str, at: int) -> None:
        self.leaf, self.starts, self._before = leaf, [at], line
        if leaf is Leaf.HTML:
            opening = next((name for name in _HTML_ENDS if line.lower().startswith(name)), "")
            self.html_end = _HTML_ENDS.get(opening, "")
            if self.html_end and self.html_end in line.lower():
                self.leaf, self.html_end = Leaf.NONE, ""

    def _continue(self, line: str, at: int) -> None:
        if self.leaf is Leaf.PARAGRAPH:
            if line[0] in "|:-" and is_delimiter_row(line) and cells(line) == cells(self._before):
                self.leaf, self.header = Leaf.TABLE, (self._before, line)
                self.starts = [at]
                return
            self._before = line
        self.starts.append(at)


@lru_cache(maxsize=256)
def _read(block: str) -> Tail:
    tail = Tail()
    tail.feed_block(block, last_border(block, len(block)), len(block))
    return tail


def tail_of(source: str, end: int) -> Tail:
    """The state after the lines of ``source[:end]``; ``end`` is the start of a line. Remembered, for lines grow."""
    start = settled_until(source, end - 1)
    return _read(source[start:end]).copied(start)


def _item(marker: str, width: int, before: Container | None) -> Container:
    """A list's item; ``before`` is what stood there on the line before."""
    if not marker[0].isdigit():
        return Container(marker, width)
    follows = before is not None and before.marker[-1] == marker[-1] and before.marker[0].isdigit()
    number = before.number + 1 if before is not None and follows else int(marker[:-1])
    shown = f"{number}{marker[-1]}"
    return Container(shown if len(shown) < width else marker, width, number)


def _untabbed(line: str) -> str:
    """``line`` with the tabs of its indentation as spaces."""
    if "\t" not in line:
        return line
    stripped = line.lstrip(" \t")
    return line[: len(line) - len(stripped)].expandtabs(4) + stripped
