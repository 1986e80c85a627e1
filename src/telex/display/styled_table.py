"""Tables: aligned columns in a fixed-width font where they fit, one small paragraph per row where they do not."""

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from telex.display.styled_span import Span

WIDEST = 64
"""Columns of the widest table that a chat draws as one; a wider one would be broken up by a phone's screen."""


@dataclass(slots=True)
class Cell:
    """A cell's letters and the spans in them."""

    text: str = ""
    spans: list[Span] = field(default_factory=list)


def display_width(text: str) -> int:
    """How many columns of a fixed-width font ``text`` takes; wide East Asian letters and emoji take two."""
    return len(text) if text.isascii() else _display_width(text)


@lru_cache(maxsize=1024)
def _display_width(text: str) -> int:
    """Remembered, for a table that grows is drawn with every frame."""
    width = 0
    joined = False
    for letter in text:
        if letter == "\u200d":
            joined = True
        elif unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
            if letter == "\ufe0f" and width % 2 == 1:
                width += 1  # asks for the emoji form, which is wide
        elif joined or "\U0001f3fb" <= letter <= "\U0001f3ff":
            joined = False
        else:
            width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
    return width


def drawn(rows: list[list[Cell]], alignments: tuple[str, ...], widest: int = WIDEST) -> tuple[str, int]:
    """The table as lines of equal columns, up to the first row that is too wide to be read so, and how many rows fit.

    So no row that was drawn is ever taken back while the table grows.
    """
    lines: list[list[list[str]]] = []
    widths: list[int] = []
    for row in rows:
        split = [cell.text.split("\n") for cell in row]
        wider = [*widths, *[0] * (len(split) - len(widths))]
        for index, cell in enumerate(split):
            wider[index] = max(wider[index], *map(display_width, cell))
        if sum(wider) + 3 * (len(wider) - 1) > widest:
            break
        widths = wider
        lines.append(split)
    drawn_lines: list[str] = []
    for number, cells in enumerate(lines):
        for height in range(max((len(cell) for cell in cells), default=1)):
            pieces = [
                _aligned(cell[height] if height < len(cell) else "", widths[index], alignments[index : index + 1])
                for index, cell in enumerate(cells)
            ]
            drawn_lines.append(" │ ".join(pieces).rstrip())
        if number == 0:
            drawn_lines.append("─┼─".join("─" * width for width in widths))
    return "\n".join(drawn_lines), len(lines)


def _aligned(text: str, width: int, alignment: tuple[str, ...]) -> str:
    space = width - display_width(text)
    if alignment == ("Right",):
        return " " * space + text
    if alignment == ("Center",):
        return " " * (space // 2) + text + " " * (space - space // 2)
    return text + " " * space


def listed(heads: list[Cell], rows: list[list[Cell]]) -> Cell:
    """Rows as a paragraph each: its first cell bold, then each other cell after its column's name."""
    whole = Cell()
    for row in rows[1:] if rows[0] is heads and len(rows) > 1 else rows:
        if whole.text:
            whole.text += "\n\n"
        for index, cell in enumerate(row):
            if not cell.text:
                continue
            if index and not whole.text.endswith("\n"):
                whole.text += "\n"
            head = heads[index].text.replace("\n", " ") if row is not heads and index < len(heads) else ""
            if index and head:
                whole.text += f"{head}: "
            start = len(whole.text)
            whole.text += cell.text
            whole.spans += [Span(start + s.start, start + s.end, s.kind, s.extra) for s in cell.spans]
            if not index:
                whole.spans.append(Span(start, len(whole.text), "bold"))
    return whole
