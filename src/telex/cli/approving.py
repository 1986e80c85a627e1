"""May this tool run? Asked at the terminal, answered with one key."""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from telex.agent.tool_runs import ToolRequest
from telex.cli.keyboard import changed
from telex.cli.output import aside
from telex.gateway.approvals import readable

NOBODY = "{name} was not run: it needs your yes, and there is no terminal to ask at."
KEYS = "y or n"
SAID, UNANSWERED = {True: "yes", False: "no"}, "not answered"
MOST_ARGUMENTS = 1000
BEGUN = " (you are typing {line!r}: first end that with Enter, or take it back)"
QUIET = 0.5  # seconds without a key before one is an answer: what is being typed is none
_ARROW = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]")  # begins with Escape, and is another key


class TerminalApproval:
    """Asks for a yes: ``y`` is yes, and ``n``, Enter or Escape is no; other keys are no answer.

    Nor is a key that somebody pressed who was typing when the question came up. What was asked and answered is left behind as a
    notice, for the question itself goes.

    Args:
        watched: somebody reads the keyboard anyway and hands us what is pressed with `key`.

    Attributes:
        tell: shows a question; an empty one when it is answered.
        notice: shows what else there is to say.
    """

    def __init__(self, *, watched: bool = False) -> None:
        self._keys = nullcontext if watched else lambda: _keyboard(self.key)
        self._answer: asyncio.Future[bool] | None = None
        self._question = self._begun = ""
        self._pressed = 0.0  # when a key was pressed last, or the question came up
        self.tell: Callable[[str], object] = tell_plainly
        self.notice: Callable[[str], object] = tell_plainly

    async def __call__(self, request: ToolRequest) -> bool | None:
        """Ask, and wait for the key; ``None`` where nobody can be asked."""
        if sys.stdin is None or not sys.stdin.isatty():
            self.notice(NOBODY.format(name=request.name))
            return None
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        try:
            with self._keys():
                self._question = f"{_asked(request)} {KEYS}"
                self._show()
                self._pressed = loop.time()
                return await self._answer
        finally:
            said = SAID[self._answer.result()] if self._answer.done() and not self._answer.cancelled() else UNANSWERED
            self._answer = None
            self.tell("")
            self.notice(f"{_asked(request)} {said}")

    def key(self, pressed: str) -> bool:
        """A key was pressed; true when it was for us."""
        now = asyncio.get_running_loop().time()
        quiet, self._pressed = now - self._pressed, now
        if self._answer is None or self._answer.done() or self._begun or quiet < QUIET:
            return False
        if pressed in {"y", "Y"}:
            self._answer.set_result(True)
        elif pressed in {"n", "N", "\r", "\n", "\x1b"}:
            self._answer.set_result(False)
        return self._answer.done()

    def typing(self, line: str) -> None:
        """Somebody has typed so far what will be the next question; while there is such a line, its keys are no answer."""
        changed, self._begun = line != self._begun, line
        if changed and self._answer is not None and not self._answer.done():
            self._show()

    def _show(self) -> None:
        begun = " ".join(self._begun.split())
        self.tell(f"{self._question}{BEGUN.format(line=begun) if begun else ''}")


def tell_plainly(text: str) -> None:
    """Write what there is to say to the error stream."""
    if text:
        aside(text)


def _asked(request: ToolRequest) -> str:
    """What would run."""
    arguments = " ".join(readable(request.arguments).split())
    more = len(arguments) - MOST_ARGUMENTS
    cut = f" (and {more} more characters)" if more > 0 else ""
    return f"{request.name} {arguments[:MOST_ARGUMENTS]}{cut} - run it?"


@contextmanager
def _keyboard(take: Callable[[str], object]) -> Iterator[None]:
    """Hand over each key at once and unseen; Ctrl-C stays what it is. What was typed before is dropped."""
    import termios  # noqa: PLC0415 - there is none on Windows
    import tty  # noqa: PLC0415 - the same

    loop, terminal = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        for pressed in _ARROW.sub("", os.read(terminal, 64).decode(errors="ignore")):
            take(pressed)

    with changed(terminal, lambda _: tty.setcbreak(terminal, termios.TCSAFLUSH)):
        loop.add_reader(terminal, read)
        try:
            yield
        finally:
            loop.remove_reader(terminal)
