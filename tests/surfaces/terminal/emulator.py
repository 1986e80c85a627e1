"""A terminal to look at: what was written, as a person would see it."""

import pyte

from telex.surfaces.terminal.screen import LiveLines


class Terminal:
    """An emulated terminal with its scrollback."""

    def __init__(self, columns: int = 40, rows: int = 10) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=100_000, ratio=1)
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
