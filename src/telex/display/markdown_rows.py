"""The open row of a growing table, and rows that become one if the next line is the right one."""

import re

from telex.display.styled_table import WIDEST, display_width
from telex.display.tail import LAST_BAR, Tail, cells, is_header

MOST_TAKEN_BACK = 40
"""Letters that are shown of what may still be read in another way."""
_ROW_LETTER = re.compile(r"(?:\]\([^)\s]*\)?|[\s*_`~\[\]|])*[^\s*_`~\[\]|]")
_TWO_CELLS = re.compile(r"\|[ \t]+[^|\s][^|\n]{0,24}\|[ \t]*[^|\s]")


def known_row(row: str, header: str) -> int | None:
    """How much of a table's growing row to show, where it is not certain whether it fits; ``None``: all of it.

    A row that turns out too wide is shown in another way from its second cell on, so little of that is shown before.
    """
    if "\n" in row or (row.rstrip().endswith("|") and cells(row) >= cells(header)):
        return None
    first = row.find("|", 1)
    known = 0
    for letters, found in enumerate(_ROW_LETTER.finditer(row), 1):
        if found.start() > first > 0 and not known and letters > MOST_TAKEN_BACK:
            known = found.start()
        if letters > WIDEST:
            return None
    return known or None


def is_wide(header: str) -> bool:
    """Whether a header, or a row, is too wide to be drawn, so that each row is told in a paragraph with its names."""
    if len(header) <= WIDEST:
        return False
    widths = [display_width(cell.strip()) for cell in LAST_BAR.split(header.strip().strip("|"))]
    return sum(widths) + 3 * (len(widths) - 1) > WIDEST


def held_row(source: str, end: int, tail: Tail) -> int | None:
    """Where a row begins that becomes a table's header if the next row is the right one."""
    rows = tail.starts
    if len(rows) > 1 and _may_be_delimiters(source[rows[-1] : end]):
        before = source[rows[-2] : rows[-1]]
        if is_header(source, rows[-2]):
            return rows[-2]
        if LAST_BAR.search(before):  # of a table without bars at its sides, whose header is shown as text until then
            return rows[-1]
    if not is_header(source, rows[-1]) or (len(rows) > 1 and is_header(source, rows[-2])):
        return None
    row = source[rows[-1] : end]
    single = row.find("|", 1) < 0 and "\n" not in row and _taken(row, MOST_TAKEN_BACK) is not None
    return None if single else rows[-1]


def likely_header(source: str, at: int) -> str | None:
    """As much of the row at ``at`` as to show as a table's header; ``None`` while that is not likely."""
    stop = source.find("\n", at)
    row = source[at : stop if stop >= 0 else len(source)].rstrip()
    if not _TWO_CELLS.match(row) or is_wide(row):
        return None
    most = _taken(row, MOST_TAKEN_BACK)
    return row if most is None else row[:most]


def delimiters(row: str) -> str:
    """What stands under the header ``row``."""
    return "|" + "---|" * cells(row)


def _taken(row: str, most: int) -> int | None:
    """Where the letters begin that are more than ``most``; ``None`` where there are not so many."""
    found = next((found for count, found in enumerate(_ROW_LETTER.finditer(row)) if count == most), None)
    return found.start() if found else None


def _may_be_delimiters(line: str) -> bool:
    """Whether ``line`` may become the row under a table's header."""
    return not line.strip("|:- \t\n")
