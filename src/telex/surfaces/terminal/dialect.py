"""PURE: Markdown into lines of styled cells, wrapped to a terminal's width.

Code keeps its lines and is wrapped only where the terminal would do it anyway; everything else is wrapped between words, with
what goes on standing under its bullet. A quote has a bar at its left. A table is drawn where it fits.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

import wcwidth

from telex.display.nested import QUOTES
from telex.display.styled import Span, parts, read
from telex.surfaces.terminal.dialect_code import highlighted

_SGR = {
    "bold": "1",
    "italic": "3",
    "underline": "4",
    "strikethrough": "9",
    "spoiler": "2",
    "code": "36",
    "text_link": "4;34",
}
_QUOTE = "2"
_BULLET = re.compile(r" *(?:[•◦▪] |\d+\. )?(?:[☑☐] )?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RULE = re.compile(r"(?:│ )?[─┼]+")
_TAB = " " * 4
_REMEMBERED = 8192  # parts, and lines of code: more than an answer has, or each frame would render all of it


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell looks: parameters of "select graphic rendition", and the address it links to."""

    sgr: str = ""
    link: str = ""


PLAIN = Style()
DIM = Style("2")
Cell: TypeAlias = tuple[str, int, Style]
"""A grapheme, the columns it takes, and its look."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the screen.

    Attributes:
        cells: what stands on it.
        width: the columns it takes.
        letters: what of it is no white space.
    """

    cells: tuple[Cell, ...] = ()
    width: int = 0
    letters: str = ""

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> "Line":
        """The line of these cells."""
        letters = "".join([cell[0] for cell in cells if not cell[0].isspace()])
        return cls(tuple(cells), sum(cell[1] for cell in cells), letters)

    @property
    def text(self) -> str:
        """Its letters."""
        return "".join(cell[0] for cell in self.cells)


EMPTY = Line()


def lines(markdown: str, width: int) -> list[Line]:
    """``markdown`` as lines of at most ``width`` columns (a single wide grapheme may take one more)."""
    *settled, last = parts(markdown)
    made: list[Line] = []
    for part in [*(_settled(source, width) for source in settled), _growing(last, width)]:
        if part:
            made += [EMPTY, *part] if made else part
    return made


def plain_lines(text: str, width: int, style: Style = PLAIN) -> list[Line]:
    """``text`` as it is, in lines of whole words."""
    return [Line.of(row) for line in text.split("\n") for row in _wrapped(plain_cells(line.rstrip(), style), width)]


def open_table(made: Sequence[Line]) -> int:
    """Where the table begins that is the last of these lines; behind them all where there is none."""
    begin = len(made)
    while begin and made[begin - 1].letters:
        begin -= 1
    ruled = any(_RULE.fullmatch(line.text) for line in made[begin + 1 :])
    return begin if ruled else len(made)


def plain_cells(text: str, style: Style = PLAIN) -> list[Cell]:
    """``text`` (one line) as cells."""
    text = _CONTROL.sub("", text.replace("\t", _TAB))
    if text.isascii():
        return [(letter, 1, style) for letter in text]
    return [(grapheme, _columns(grapheme), style) for grapheme in wcwidth.iter_graphemes(text)]


def _columns(grapheme: str) -> int:
    """What it takes at most: some terminals show the parts of a joined emoji side by side, and a line must hold them, too."""
    parts = sum(max(0, wcwidth.wcwidth(letter)) for letter in grapheme) if len(grapheme) > 1 else 0
    return max(0, wcwidth.wcswidth(grapheme), parts)


def _part(markdown: str, width: int) -> tuple[Line, ...]:
    styled = read(markdown, widest=width)
    if not styled.text:
        return ()
    made: list[Line] = []
    for start, end, inside in _blocks(styled.text, styled.spans):
        quoted = "blockquote" in inside
        bar = plain_cells("│ ", Style(_QUOTE)) if quoted else []
        room = max(2, width - len(bar))
        if "pre" in inside:
            for pieces in highlighted(styled.text[start:end], inside["pre"]):
                made += _code(tuple(pieces), room, tuple(bar))
        else:
            rows = _wrapped(_cells(styled.text, start, end, styled.spans, quoted=quoted), room)
            made += [Line.of([*bar, *row]) for row in rows]
    return tuple(made)


_settled = lru_cache(maxsize=_REMEMBERED)(_part)
_growing = lru_cache(maxsize=8)(_part)


def forget() -> None:
    """Remember nothing: everything is rendered again, with the same result."""
    _settled.cache_clear()
    _growing.cache_clear()
    _code.cache_clear()


def _blocks(text: str, spans: Sequence[Span]) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Runs of lines that stand in the same block: each line by itself, but code as one."""
    codes = sorted((span.start, span.end, span.extra) for span in spans if span.kind == "pre")
    quotes = [(span.start, span.end) for span in spans if span.kind in QUOTES]
    at = 0
    while at <= len(text):
        inside = {"blockquote": ""} if any(start <= at < end for start, end in quotes) else {}
        code = next(((end, extra) for start, end, extra in codes if start <= at < end), None)
        if code:
            end = code[0]
            inside["pre"] = code[1]
        else:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
        yield at, end, inside
        at = end + 1


@lru_cache(maxsize=_REMEMBERED)
def _code(pieces: tuple[tuple[str, str], ...], width: int, bar: tuple[Cell, ...]) -> tuple[Line, ...]:
    """A line of code, which stays the same while those below it come."""
    cells = [cell for piece, sgr in pieces for cell in plain_cells(piece, Style(sgr))]
    return tuple(Line.of([*bar, *row]) for row in hard_wrapped(cells, width))


def hard_wrapped(cells: Sequence[Cell], width: int) -> Iterator[list[Cell]]:
    """The rows that a terminal makes of a line; a wide letter that does not fit leaves a column empty."""
    row: list[Cell] = []
    used = 0
    for cell in cells:
        if used + cell[1] > width and row:
            yield row
            row, used = [], 0
        row.append(cell)
        used += cell[1]
    yield row


def _cells(text: str, start: int, end: int, spans: Sequence[Span], *, quoted: bool) -> list[Cell]:
    """The line from ``start`` to ``end`` with the looks that its spans give it."""
    touching = [span for span in spans if span.start < end and span.end > start and span.kind in _SGR]
    borders = sorted({start, end, *(min(max(edge, start), end) for s in touching for edge in (s.start, s.end))})
    made: list[Cell] = []
    for first, last in pairwise(borders):
        inside = [span for span in touching if span.start <= first and span.end >= last]
        codes = [_SGR[span.kind] for span in inside]
        link = next((span.extra for span in inside if span.kind == "text_link"), "")
        made += plain_cells(text[first:last], Style(";".join([_QUOTE, *codes] if quoted else codes), link))
    return made


def _wrapped(cells: list[Cell], width: int) -> Iterator[list[Cell]]:
    """Lines of whole words, what goes on indented as its first letter is; a word that is too long is cut."""
    found = _BULLET.match("".join(cell[0] for cell in cells))
    indent = [(" ", 1, PLAIN)] * min(len(found[0]) if found else 0, width // 2)
    row: list[Cell] = []
    used = space_after = 0  # columns used; where the row may be broken, as an index behind a space
    for cell in cells:
        if used + cell[1] > width and row:
            if cell[0] == " ":  # white space at a line's end is not shown
                space_after = len(row)
                continue
            keep = space_after if space_after > len(indent) else len(row)
            yield row[: keep - 1] if keep and row[keep - 1][0] == " " else row[:keep]
            row = indent + row[keep:]
            used, space_after = sum(part[1] for part in row), 0
        row.append(cell)
        used += cell[1]
        if cell[0] == " " or cell[1] == 2:  # East Asian text may be broken anywhere
            space_after = len(row)
    yield row
