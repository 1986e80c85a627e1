"""A platform that is a folder: a message is a Markdown file. docs/add-a-platform.md explains the numbered steps."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from telex.display.frame import Closed, Frame, Outcome, Shown
from telex.display.pace import Bucket, Pace, Trip
from telex.display.screen import Kind, Pacing
from telex.live import GatewayStreamConsumer


class FolderSurface:
    """One turn, shown in a folder."""

    limit = 400  # 1: how long a message may be, as `measure` counts
    refresh = 3600.0  # 2: a file does not die of age
    previews = overwrites = True  # 3: it can be shown unfinished, and a late preview would overwrite the final
    on_vanished: Callable[[int], None] | None = None  # 7: nobody else writes here

    def __init__(self, folder: Path, pace: Pace) -> None:
        self._folder, self._pace, self.trip = folder, pace, Trip()

    def measure(self, markdown: str) -> int:
        """Files are counted in characters."""
        return len(markdown)

    def lines(self, kind: Kind) -> Sequence[Pace]:
        """4: One limit for everything; a sign of life costs nothing here."""
        return () if kind is Kind.ALIVE else (self._pace,)

    async def show(self, frame: Frame) -> Outcome:
        """5: One call, one outcome: the file is there as a whole or not at all."""
        part = self._folder / f"{frame.page}.part"
        try:
            part.write_text(frame.text + (" ▉" if frame.busy else ""), encoding="utf-8")
            part.replace(part.with_suffix(".md"))
        except OSError as error:
            return Closed(f"{self._folder} cannot be written: {error.strerror}")
        return Shown()

    def leave(self) -> None:
        """6: Nothing is shared but the pace, which the presenter leaves."""


async def play(surface: FolderSurface) -> None:
    """Show an answer there, as it comes."""
    driving = asyncio.create_task((consumer := GatewayStreamConsumer(surface, Pacing(edit_interval=0.1))).run())
    for word in ("**One line** of an answer. " * 30).split(" "):
        consumer.on_delta(word + " ")
        await asyncio.sleep(0.01)
    consumer.finish()
    await driving


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(FolderSurface(Path(folder), Pace(Bucket(rate=5, burst=5)))))
        print(*(file.read_text("utf-8") for file in sorted(Path(folder).iterdir())), sep="\n-- next message --\n")
