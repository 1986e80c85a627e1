"""``telex replay``: a recorded answer, seen again, and whether its presenter would still take the same steps."""

import asyncio
import math
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TextIO

from telex.cli.replay_page import Stage
from telex.cli.talk import live_lines
from telex.config import has_live_terminal
from telex.display.frame import Frame
from telex.errors import ConfigError
from telex.events import Event
from telex.recording.entries import Entry, Header
from telex.recording.files import read
from telex.recording.replay import Verdict, replay
from telex.recording.scenes import scenes, troubles
from telex.surfaces.telegram import dialect
from telex.surfaces.terminal.surface import TerminalSurface
from telex.surfaces.terminal.thoughts import Thoughts

TELEGRAM = "TelegramSurface"
TERMINAL = "TerminalSurface"


async def run_replay(  # noqa: PLR0913 - the command's options
    path: Path, *, speed: str, page: bool, check: bool, port: int, open_browser: bool
) -> int:
    """Show the recording and judge it; returns 0 where all steps are the same, else 1.

    Raises:
        ConfigError: the file is no recording, or an option cannot be used.
    """
    factor = _factor(speed)
    header, entries = read(path)
    if check:
        return _tell(path, header, entries)
    if page:
        async with Stage(path, port=port, open_browser=open_browser) as stage:
            events_only = header.surface != TELEGRAM  # its frames are as long as no message may be
            await stage.play(_scenes(header, entries, factor), entries, events_only=events_only)
            code = _tell(path, header, entries)
            await stage.stay()
            return code
    if has_live_terminal():
        await _in_terminal(header, entries, factor)
        return _tell(path, header, entries)
    print(_last(entries), flush=True)
    return _tell(path, header, entries, sys.stderr)


def _factor(speed: str) -> float:
    try:
        factor = float("inf" if speed == "max" else speed)
    except ValueError:
        factor = math.nan
    if not factor > 0:
        raise ConfigError(f"--speed {speed}: expected a number above 0, such as 4, or max.")
    return factor


def _tell(path: Path, header: Header, entries: Sequence[Entry], to: TextIO | None = None) -> int:
    """Print what the presenter of today makes of it."""
    verdict = replay(header, entries, dialect.length if header.surface == TELEGRAM else len)
    for line in [*troubles(entries, header.began), *_verdict(path, header, verdict)]:
        print(line, file=to, flush=True)
    return 1 if verdict.difference else 0


def _verdict(path: Path, header: Header, verdict: Verdict) -> list[str]:
    by = f"(recorded by telex {header.version})"
    difference = verdict.difference
    if difference is None:
        return [f"The presenter takes the same {verdict.steps} steps {by}."]
    where = f"{path}, line {difference.entry + 2}, after {difference.after:.3f} s"
    return [
        f"{where}: the presenter takes another step, after {verdict.steps} that are the same {by}.",
        f"  recorded: {difference.recorded}",
        f"  now:      {difference.now}",
    ]


async def _scenes(
    header: Header, entries: Sequence[Entry], factor: float
) -> AsyncIterator[tuple[float, Event | Frame]]:
    """The scenes at their times; the seconds are those since the turn began, when it was recorded."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for t, scene in scenes(entries):
        after = t - header.began
        await asyncio.sleep(max(0.0, begun + after / factor - loop.time()))
        yield after, scene


async def _in_terminal(header: Header, entries: Sequence[Entry], factor: float) -> None:
    """As one page at the end of this terminal."""
    now = 0.0
    thoughts = Thoughts(lambda: now)
    surface = TerminalSurface(live_lines(), lambda: now, thoughts)
    pages: dict[int, str] = {}
    try:
        async for now, scene in _scenes(header, entries, factor):  # noqa: B007 - it is the clock
            if isinstance(scene, Frame):
                _turn(pages, scene)
                await surface.show(Frame(0, _joined(pages), final=scene.final, busy=scene.busy))
            elif header.surface == TERMINAL:
                thoughts.hear(scene)
    finally:
        surface.leave()


def _last(entries: Sequence[Entry]) -> str:
    """The answer's Markdown as it was in the end; in a pipe nobody waits for it."""
    pages: dict[int, str] = {}
    for _, scene in scenes(entries):
        if isinstance(scene, Frame):
            _turn(pages, scene)
    return _joined(pages)


def _turn(pages: dict[int, str], frame: Frame) -> None:
    """Show a frame; one without words is a sign of life."""
    if frame.text:
        pages[frame.page] = frame.text


def _joined(pages: dict[int, str]) -> str:
    return "\n\n".join(pages[number] for number in sorted(pages))
