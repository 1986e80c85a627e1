"""The live lines at the end of a terminal: what changed is written, nothing else.

Lines above the live ones are never touched again: they are the terminal's own, with its scrollback, selection and search. The
last column stays empty, so the cursor never stands between two lines.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from telex.display.view_tools import State
from telex.surfaces.terminal.dialect import EMPTY, PLAIN, Cell, Line, Style, hard_wrapped, open_table

_NARROWEST = 2  # columns: a wide letter
_AROUND = 500  # letters on each side of a place by which it is found again
_SIGNS = tuple(state.value for state in State)  # that the line of a tool begins with
_RUN = 6  # letters that are not the same by chance


@dataclass(slots=True)
class _Gone:
    """What stands above the live lines: its letters, for lines change with the terminal's width."""

    letters: str = ""
    empty: int = 0  # lines without letters behind the last of them


class LiveLines:
    """Lines that grow at the end of the terminal.

    Args:
        write: takes what goes to the terminal; called once a change.
        size: the terminal's columns and rows, now.
        colours: colours may be used; without, only bold and the like.
    """

    def __init__(
        self, write: Callable[[str], object], size: Callable[[], tuple[int, int]], *, colours: bool = True
    ) -> None:
        self._write = write
        self._size = size
        self._colours = colours
        self._live: list[Line] = []
        self._status = 0  # how many of them, at the end, are no part of what stays
        self._gone = _Gone()
        self._above = 0  # rows of the screen that are certainly above the cursor's: where it was at first nobody knows
        self._columns, self._rows = size()
        self._broken = False  # the live lines are of another width

    @property
    def whole(self) -> bool:
        """Nothing of what is shown has left the screen."""
        return self._gone == _Gone()

    @property
    def reachable(self) -> int:
        """Lines that can still be changed."""
        return max(1, self._rows - 1)

    @property
    def width(self) -> int:
        """Columns that a line may take."""
        return max(_NARROWEST, self._columns - 1)

    def fit(self) -> None:
        """Look how large the terminal is now; what is shown next is for this size."""
        columns, rows = self._size()
        self._broken = self._broken or columns != self._columns
        self._columns, self._rows = columns, rows
        self._above = min(self._above, rows - 1)

    def show(self, lines: Sequence[Line], status: Sequence[Line] = ()) -> None:
        """Show ``lines``, whole, and below them for a while ``status``; of what is above the live ones nothing is changed."""
        self._find_again(lines)
        pieces = self._resized()
        status = status[-self.reachable :]
        new = [*_behind(lines, self._gone), *status]
        self._pieces(new, pieces)
        self._above = min(self._rows - 1, self._above + max(1, len(new)) - max(1, len(self._live)))
        self._live, self._status = new, len(status)
        self._let_go()
        if pieces:
            self._write("".join(pieces))

    def end(self) -> None:
        """What is shown stays; the next thing begins on a line of its own."""
        if self._live:
            self._write("\r\n")
        self._live, self._status, self._gone = [], 0, _Gone()

    # -- what to write -----------------------------------------------------------------------------------------------

    @property
    def _staying(self) -> list[Line]:
        """The live lines without the status."""
        return self._live[: len(self._live) - self._status]

    def _find_again(self, lines: Sequence[Line]) -> None:
        """What is above may have changed since it was shown, as tool lines do; then see where in ``lines`` it ends now."""
        gone, letters = self._gone.letters, _letters(lines)
        if letters.startswith(gone) or gone.startswith(
            letters
        ):  # less may be shown than there was, on a smaller screen
            return
        behind = _letters(self._staying)
        border = _border(gone, behind, letters)
        begin, end = _tool_around(lines, border)
        if not gone.endswith(letters[begin:border]):  # a tool's line has changed: nobody could read the end of it alone
            whole = self._gone.empty or not (self._live and self._live[0].letters)
            border = end if whole and letters.startswith(behind[:_RUN], end) else begin
        self._gone.letters = letters[:border]

    def _resized(self) -> list[str]:
        """After a resize nobody knows which row a line is on: all but the last stay as the terminal has wrapped them.

        That one is written anew; so is a table, which may look different all over. Of what may have been pushed off the
        screen, as tmux does with the rows at its top, only the last row is: what is above it would stand there twice.
        """
        broken, self._broken = self._broken, False
        if not broken or not self._live:
            self._let_go()
            return []
        staying, status = self._staying, self._live[len(self._live) - self._status :]
        last = max(0, len(staying) - 1)
        begin = min(last, open_table(staying))
        reachable = min(self.reachable, self._above + 1) - self._rows_of(status)
        if self._rows_of(staying[begin:]) > reachable:
            begin = last
        if self._rows_of(staying[begin:]) > reachable:
            staying[last:] = [Line.of(row) for row in self._wrapped(staying[last:])]
            begin = max(0, len(staying) - 1)
        rows = self._rows_of([*staying[begin:], *status])
        self._count(staying[:begin])
        self._live, self._status = [], 0
        up = min(rows - 1, self._above)
        self._above -= up
        # The blank: where the cursor is at the screen's very first cell, tmux keeps what it clears in the scrollback.
        return ["\r", f"\x1b[{up}A" if up else "", " \x1b[J\r"]

    def _wrapped(self, lines: Iterable[Line]) -> Iterator[list[Cell]]:
        """The rows of the screen that these take where the terminal has wrapped them."""
        for line in lines:
            yield from hard_wrapped(line.cells, max(_NARROWEST, self._columns))

    def _rows_of(self, lines: Iterable[Line]) -> int:
        return sum(1 for _ in self._wrapped(lines))

    def _pieces(self, new: list[Line], pieces: list[str]) -> None:
        old = self._live
        row = 0
        while row < len(old) and row < len(new) and old[row] == new[row]:
            row += 1
        if row == len(old) == len(new):
            return
        if row >= len(old):
            pieces += ["\r\n"] if old else []
            self._rest(new, row, 0, pieces)
            return
        if row >= len(new):  # only shorter
            row = max(0, len(new) - 1)
        column = _same(old[row], new[row]) if new else 0
        if row != len(old) - 1 or column != len(old[row].cells):
            column = min(column, _surely_placed(old[row]))
            across = sum(cell[1] for cell in (new[row].cells[:column] if new else ()))
            up = len(old) - 1 - row
            pieces += ["\r", f"\x1b[{up}A" if up else "", f"\x1b[{across}C" if across else ""]
        self._rest(new, row, column, pieces)

    def _rest(self, new: list[Line], row: int, column: int, pieces: list[str]) -> None:
        """Everything from a cell on, and nothing behind it."""
        old, look = self._live, PLAIN
        for number in range(row, len(new)):
            if number > row:
                pieces.append(self._turn(look, PLAIN) + "\r\n")
                look = PLAIN
            for cell in new[number].cells[column if number == row else 0 :]:
                if cell[2] is not look and cell[2] != look:
                    pieces.append(self._turn(look, cell[2]))
                    look = cell[2]
                pieces.append(cell[0])
            if number < len(old) and _leaves(old[number], new[number], column if number == row else 0):
                pieces.append(self._turn(look, PLAIN) + "\x1b[K")
                look = PLAIN
        pieces.append(self._turn(look, PLAIN))
        if len(old) > len(new):
            pieces.append("\x1b[J")

    def _turn(self, old: Style, new: Style) -> str:
        """From one look to another."""
        codes = ""
        if old.sgr != new.sgr:
            was, wanted = self._allowed(old.sgr), self._allowed(new.sgr)
            if was != wanted:
                codes = f"\x1b[0;{wanted}m" if wanted and was else f"\x1b[{wanted}m"
        if old.link != new.link:
            codes += f"\x1b]8;;{new.link}\x1b\\"
        return codes

    def _allowed(self, sgr: str) -> str:
        if self._colours or not sgr:
            return sgr
        return ";".join(code for code in sgr.split(";") if int(code) < 30)

    def _let_go(self) -> None:
        """Lines that the cursor cannot reach any more are the terminal's own."""
        gone = min(len(self._live) - self.reachable, len(self._staying))
        if gone > 0:
            self._count(self._live[:gone])
            del self._live[:gone]

    def _count(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self._gone.letters += line.letters
            self._gone.empty = 0 if line.letters else self._gone.empty + 1


def _letters(lines: Iterable[Line]) -> str:
    return "".join([line.letters for line in lines])


def _border(above: str, below: str, letters: str) -> int:
    """Where in ``letters`` the border is between what has been shown ``above`` and what has been ``below`` it.

    It is behind the last run of letters above it that is still there: rather are changed ones shown twice than others never.
    """
    expected = max(0, len(letters) - len(below))
    before = above[-_AROUND:] + below[:_AROUND]
    begin = max(0, expected - 4 * _AROUND)
    around = letters[begin : expected + 4 * _AROUND]
    border, found = min(_AROUND, len(above)), expected
    for start, there, length in SequenceMatcher(None, before, around, autojunk=False).get_matching_blocks():
        if start <= border and length >= _RUN:
            found = begin + there + min(length, border - start)
    return found


def _tool_around(lines: Sequence[Line], border: int) -> tuple[int, int]:
    """Where, counted in letters, the tool's line begins and ends that the ``border`` parts; twice it where it parts none."""
    begin = at = 0
    tool = False
    for before, line in pairwise([EMPTY, *lines, EMPTY]):
        if not line.letters and tool and begin < border < at:
            return begin, at
        if line.letters and not before.letters:
            begin, tool = at, line.letters.startswith(_SIGNS)
        at += len(line.letters)
    return border, border


def _surely_placed(line: Line) -> int:
    """How many cells stand where they are counted: terminals differ in the columns of letters that are put together."""
    return next((number for number, cell in enumerate(line.cells) if len(cell[0]) > 1), len(line.cells))


def _leaves(old: Line, new: Line, column: int) -> bool:
    """Is something of the old line still there, behind the new one that was written from ``column`` on?"""
    placed = _surely_placed(old) == len(old.cells)
    return old.width > new.width or (not placed and column < len(old.cells))


def _same(old: Line, new: Line) -> int:
    """How many cells of a line stay as they are."""
    count = 0
    for before, after in zip(old.cells, new.cells, strict=False):
        if before != after:
            break
        count += 1
    return count


def _behind(lines: Sequence[Line], gone: _Gone) -> list[Line]:
    """``lines`` without what stands above the live ones already."""
    letters, empty = len(gone.letters), gone.empty
    for number, line in enumerate(lines):
        if letters == 0 and empty and not line.letters:
            empty -= 1
        elif letters < len(line.letters) or letters == 0:
            return [_without(line, letters), *lines[number + 1 :]]
        else:
            letters -= len(line.letters)
    return []


def _without(line: Line, letters: int) -> Line:
    if not letters:
        return line
    for number, cell in enumerate(line.cells):
        if cell[0].isspace():
            continue
        if letters <= 0:
            return Line.of(line.cells[number:])
        letters -= len(cell[0])
    return Line.of(())
