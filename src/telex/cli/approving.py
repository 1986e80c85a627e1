"""May this tool run? Asked at the terminal, answered with one key."""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from telex.agent.tool_runs import ToolRequest
from telex.gateway.approvals import readable

NOBODY = "{name} was not run: it needs your yes, and there is no terminal to ask at."
MOST_ARGUMENTS = 1000
_ARROW = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]")  # begins with Escape, and is another key


class TerminalApproval:
    """Asks for a yes: ``y`` is yes, and ``n``, Enter or Escape is no; other keys are no answer.

    Args:
        watched: somebody reads the keyboard anyway and hands us what is pressed with `key`.

    Attributes:
        tell: shows a question.
    """

    def __init__(self, *, watched: bool = False) -> None:
        self._keys = nullcontext if watched else lambda: _keyboard(self.key)
        self._answer: asyncio.Future[bool] | None = None
        self.tell: Callable[[ToolRequest, str], object] = lambda _, question: print(
            f"telex: {question}", file=sys.stderr, flush=True
        )

    async def __call__(self, request: ToolRequest) -> bool | None:
        """Ask, and wait for the key; ``None`` where nobody can be asked."""
        if sys.stdin is None or not sys.stdin.isatty():
            print(f"telex: {NOBODY.format(name=request.name)}", file=sys.stderr, flush=True)
            return None
        self._answer = asyncio.get_running_loop().create_future()
        try:
            with self._keys():
                self.tell(request, _question(request))
                return await self._answer
        finally:
            self._answer = None

    def key(self, pressed: str) -> bool:
        """A key was pressed; true when it was for us."""
        if self._answer is None or self._answer.done():
            return False
        if pressed in {"y", "Y"}:
            self._answer.set_result(True)
        elif pressed in {"n", "N", "\r", "\n", "\x1b"}:
            self._answer.set_result(False)
        return True


def _question(request: ToolRequest) -> str:
    """What would run, and which keys there are."""
    arguments = " ".join(readable(request.arguments).split())
    more = len(arguments) - MOST_ARGUMENTS
    cut = f" (and {more} more characters)" if more > 0 else ""
    return f"{request.name} {arguments[:MOST_ARGUMENTS]}{cut} - run it? y or n"


@contextmanager
def _keyboard(take: Callable[[str], object]) -> Iterator[None]:
    """Hand over each key at once and unseen; Ctrl-C stays what it is."""
    import termios  # noqa: PLC0415 - there is none on Windows
    import tty  # noqa: PLC0415 - the same

    loop, terminal = asyncio.get_running_loop(), sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def read() -> None:
        for pressed in _ARROW.sub("", os.read(terminal, 64).decode(errors="ignore")):
            take(pressed)

    tty.setcbreak(terminal)  # what was typed before the question is dropped: it is no answer to it
    loop.add_reader(terminal, read)
    try:
        yield
    finally:
        loop.remove_reader(terminal)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
