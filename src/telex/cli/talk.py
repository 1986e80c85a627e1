"""What ``telex chat`` and ``telex ask`` have in common: a model, and its answer on a terminal or in a pipe."""

import asyncio
import shutil
import sys
from pathlib import Path

from telex.agent.agent import AIAgent
from telex.agent.turn import TurnResult
from telex.cli.approving import TerminalApproval
from telex.cli.gateway import build_provider
from telex.config import Config, load, may_colour
from telex.display.screen import Pacing
from telex.events import Event, Notice, SegmentEnded, TextDelta, ToolFinished, ToolProgress, ToolStarted, TurnEnded
from telex.live import GatewayStreamConsumer
from telex.providers.base import Provider
from telex.surfaces.terminal.screen import LiveLines
from telex.surfaces.terminal.surface import TerminalSurface

AT_ONCE = Pacing(edit_interval=0.0, buffer_threshold=1)


def configured(path: Path | None) -> tuple[Config, Provider]:
    """The file's model, or the embedded one where there is no file.

    Raises:
        ConfigError: the file is wrong.
    """
    config = load(path, bot=False) if path else Config()
    return config, build_provider(config)


async def answer_live(agent: AIAgent, text: str, approval: TerminalApproval) -> TurnResult:
    """Answer on the terminal, word by word. Cancelling it interrupts the answer, which stays as far as it came."""
    consumer = GatewayStreamConsumer(TerminalSurface(live_lines(), asyncio.get_running_loop().time), AT_ONCE)
    approval.tell = lambda request, question: consumer.emit(ToolProgress(request.call, question))
    screen = asyncio.create_task(consumer.run())
    try:
        return await agent.run_turn(text, consumer.emit)
    finally:
        consumer.finish()  # does nothing where the agent has ended the turn, as it should
        await screen


async def answer_plainly(agent: AIAgent, text: str, approval: TerminalApproval) -> TurnResult:
    """Answer in the model's own Markdown, a line at a time; questions go to the error stream, as they do by themselves."""
    del approval
    plain = PlainAnswer()
    try:
        return await agent.run_turn(text, plain.emit)
    finally:
        plain.end()


def live_lines() -> LiveLines:
    """The end of this process's terminal."""

    def write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def size() -> tuple[int, int]:
        columns, rows = shutil.get_terminal_size()
        return columns, rows

    return LiveLines(write, size, colours=may_colour())


class PlainAnswer:
    """The model's Markdown as it is, flushed per line; what telex itself says goes to the error stream."""

    def __init__(self) -> None:
        self._last = "\n"
        self._tools: dict[str, str] = {}

    def emit(self, event: Event) -> None:
        """Write what an event says."""
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

    def end(self) -> None:
        """End the last line."""
        if self._last != "\n":
            self._write("\n")
        sys.stdout.flush()

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        self._last = text[-1]
        if "\n" in text:
            sys.stdout.flush()

    def _aside(self, text: str) -> None:
        sys.stdout.flush()
        print(f"telex: {text}", file=sys.stderr, flush=True)
