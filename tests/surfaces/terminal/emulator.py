"""A terminal to look at: what was written, as a person would see it."""

from copy import deepcopy

import pyte

from telex.surfaces.terminal.screen import LiveLines


class Screen(pyte.HistoryScreen):
    """One that keeps, as tmux does, what is cleared from the very first cell on, and what a smaller one has no room for."""

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        if lines is not None and lines < self.lines:
            above = max(0, self.cursor.y + 1 - lines)
            row = self.cursor.y - above
            self.cursor.y = self.lines - 1
            for _ in range(above):
                self.index()
            self.cursor.y = row
            for below in range(lines, self.lines):
                self.buffer.pop(below, None)
            self.lines = lines
            self.set_margins()
        super().resize(lines, columns)

    def erase_in_display(self, how: int = 0, *args: object, **kwargs: object) -> None:
        if how == 0 and (self.cursor.y, self.cursor.x) == (0, 0):
            shown = [row for row in range(self.lines) if self.display[row].strip()]
            self.history.top.extend(deepcopy(self.buffer[row]) for row in shown)
        super().erase_in_display(how, *args, **kwargs)


class Terminal:
    """An emulated terminal with its scrollback."""

    def __init__(self, columns: int = 40, rows: int = 10) -> None:
        self.screen = Screen(columns, rows, history=100_000, ratio=1)
        self.stream = pyte.Stream(self.screen)
        self.written = 0
        self.live = LiveLines(self.write, lambda: (self.screen.columns, self.screen.lines))

    def write(self, text: str) -> None:
        self.written += len(text.encode())
        self.stream.feed(text)

    def text(self) -> str:
        """Everything from the top of the scrollback, without white space at the lines' ends."""
        above = ["".join(row[column].data for column in range(self.screen.columns)) for row in self.screen.history.top]
        return "\n".join(line.rstrip() for line in [*above, *self.screen.display]).rstrip()
