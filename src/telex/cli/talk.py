"""What ``telex chat`` and ``telex ask`` have in common: a model, and its answer on a terminal or in a pipe."""

import asyncio
import os
import re
import sys
from pathlib import Path

from telex.agent.agent import AIAgent
from telex.agent.turn import TurnResult
from telex.cli.approving import TerminalApproval, tell_plainly
from telex.cli.gateway import build_provider
from telex.cli.keyboard import unseen
from telex.cli.output import aside, put
from telex.config import Config, has_live_terminal, load, may_colour
from telex.display.screen import Pacing, Reasoning
from telex.errors import TelexError
from telex.events import Event, Notice, SegmentEnded, TextDelta, ToolFinished, ToolStarted, TurnEnded
from telex.live import GatewayStreamConsumer
from telex.providers.base import Provider
from telex.recording.files import Recordings
from telex.surfaces.terminal.dialect import DIM, plain_lines
from telex.surfaces.terminal.screen import LiveLines
from telex.surfaces.terminal.surface import TerminalSurface
from telex.surfaces.terminal.thoughts import Thoughts

AT_ONCE = Pacing(edit_interval=0.0, buffer_threshold=1)
NO_THOUGHTS = "There are no thoughts to show."
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def configured(path: Path | None) -> tuple[Config, Provider]:
    """The file's model, or the embedded one where there is no file.

    Raises:
        ConfigError: the file is wrong.
        TelexError: there is no output to write to.
    """
    if sys.stdout is None:
        raise TelexError("The answer cannot be written: standard output is closed.")
    config = load(path, bot=False) if path else Config()
    return config, build_provider(config, path)


class Talk:
    """An agent at a terminal that is redrawn, or in a pipe or a plain terminal.

    Args:
        agent: who answers.
        approval: asks whether a tool may run.
        hint: says how the thoughts can be seen.
        reasoning: what is shown of the model's thoughts while it answers.
        recordings: where answers are recorded, if at all.
    """

    def __init__(
        self,
        agent: AIAgent,
        approval: TerminalApproval,
        *,
        hint: str = "",
        reasoning: Reasoning = "off",
        recordings: Recordings | None = None,
    ) -> None:
        self._agent = agent
        self._approval = approval
        self._hint = hint
        self._reasoning = reasoning
        self._recordings = recordings
        self._folded = True
        self._surface: TerminalSurface | None = None
        self._thought = ""

    async def answer(self, text: str) -> TurnResult:
        """Answer. Cancelling it interrupts the answer, which stays as far as it came."""
        if has_live_terminal():
            with unseen():
                result = await self._live(text, live_lines())
        else:
            result = await self._plainly(text)
        self._thought = result.reasoning.strip()
        return result

    def fold(self) -> None:
        """Hide or show what the model thinks, in this answer where it still can be, and in the next ones."""
        self._folded = not self._folded
        if self._surface is not None:
            self._surface.fold(folded=self._folded)

    def show_thoughts(self) -> None:
        """Write what the model thought before its last answer."""
        if not has_live_terminal():
            put(f"{_CONTROL.sub('', self._thought) or NO_THOUGHTS}\n", flush=True)
            return
        live = live_lines()
        live.show(plain_lines(self._thought or NO_THOUGHTS, live.width, DIM))
        live.end()

    async def _live(self, text: str, live: LiveLines, plain: "PlainAnswer | None" = None) -> TurnResult:
        """Word by word."""
        clock = asyncio.get_running_loop().time
        thoughts = Thoughts(clock, self._reasoning, folded=self._folded, hint=self._hint)
        surface = self._surface = TerminalSurface(live, clock, thoughts)
        recorder = self._recordings.recorder() if self._recordings else None
        consumer = GatewayStreamConsumer(surface, AT_ONCE, recorder)
        if plain is None:
            self._approval.tell = surface.ask
            self._approval.notice = lambda text: consumer.emit(Notice(text))

        def emit(event: Event) -> None:
            thoughts.hear(event)
            consumer.emit(event)
            if plain:
                plain.emit(event)

        screen = asyncio.create_task(consumer.run())
        try:
            return await self._agent.run_turn(text, emit)
        finally:
            consumer.finish()  # does nothing where the agent has ended the turn, as it should
            await screen
            self._surface = None
            self._approval.tell = self._approval.notice = tell_plainly

    async def _plainly(self, text: str) -> TurnResult:
        """In the model's own Markdown, a line at a time; questions go to the error stream, as they do by themselves.

        What is recorded is what a terminal would have shown.
        """
        plain = PlainAnswer()
        try:
            if self._recordings is None:
                return await self._agent.run_turn(text, plain.emit)
            nobody_looks = LiveLines(lambda _: None, lambda: (80, 24), colours=False)
            return await self._live(text, nobody_looks, plain)
        finally:
            plain.end()


def tell_of(recordings: Recordings | None) -> None:
    """Say where answers were recorded."""
    for path in recordings.written if recordings else ():
        aside(f"recorded in {path}")


def live_lines() -> LiveLines:
    """The end of this process's terminal."""
    return LiveLines(lambda text: put(text, flush=True), _size, colours=may_colour())


def _size() -> tuple[int, int]:
    try:
        columns, rows = os.get_terminal_size(sys.stdout.fileno())  # COLUMNS in the environment does not follow a resize
    except OSError:
        columns, rows = 0, 0
    return columns or 80, rows or 24


class PlainAnswer:
    """The model's Markdown as it is, flushed per line; what telex itself says goes to the error stream."""

    def __init__(self) -> None:
        self._last = "\n"
        self._seen = sys.stdout.isatty()
        self._gone = False  # what is written is lost
        self._tools: dict[str, str] = {}

    def emit(self, event: Event) -> None:
        """Write what an event says.

        Raises:
            BrokenPipeError, TelexError: as `put` does. Said once; then there is nobody to say anything to.
        """
        if self._gone:
            return
        try:
            self._say(event)
        except (BrokenPipeError, TelexError):
            self._gone = True
            raise

    def end(self) -> None:
        """End the last line."""
        put("" if self._last == "\n" else "\n", flush=True)
        self._last = "\n"

    def _say(self, event: Event) -> None:
        match event:
            case TextDelta(text) if text:
                self._write(text)
            case SegmentEnded() if self._last != "\n":
                self._write("\n\n")
            case ToolStarted(call, name, summary):
                self._tools[call] = name
                self._aside(f"{name} {summary}".strip())
            case ToolFinished(call, ok=False):
                self._aside(f"{self._tools.get(call, 'the tool')} failed")
            case Notice(text) | TurnEnded(message=text) if text:
                self._aside(text)

    def _write(self, text: str) -> None:
        text = _CONTROL.sub("", text) if self._seen else text
        put(text, flush="\n" in text or self._seen)
        self._last = text[-1:] or self._last

    def _aside(self, text: str) -> None:
        put("", flush=True)
        aside(_CONTROL.sub("", text))
