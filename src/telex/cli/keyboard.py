"""Standard input: how a terminal reads its keys, and lines that are waited for without holding up anything else."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_AT_ONCE = 65536  # bytes


@contextmanager
def changed(terminal: int, change: Callable[[list[Any]], object]) -> Iterator[None]:
    """Let ``change`` set how a terminal (a file descriptor) reads, given how it does; afterwards it does so again."""
    import termios  # noqa: PLC0415 - there is none on Windows

    before = termios.tcgetattr(terminal)
    change(list(before))
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def unseen() -> Iterator[None]:
    """What is typed meanwhile does not appear in the answer; it waits for whoever reads next."""
    if sys.stdin is None or not sys.stdin.isatty() or not _in_front(sys.stdin.fileno()):
        yield
        return
    import termios  # noqa: PLC0415 - there is none on Windows

    terminal = sys.stdin.fileno()

    def without_echo(state: list[Any]) -> None:
        state[3] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSADRAIN, state)

    with changed(terminal, without_echo):
        yield


def _in_front(terminal: int) -> bool:
    """Are we in the terminal's foreground? A job in the background is stopped when it changes anything."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:  # it is another session's
        return False


class Lines:
    """Standard input, line by line; bytes that are no UTF-8 are replaced."""

    def __init__(self) -> None:
        self._read = b""
        self._ended = sys.stdin is None

    async def next(self) -> str | None:
        """The next line without its end, or ``None`` behind the last. May be cancelled and called again."""
        while b"\n" not in self._read and not self._ended:
            await self._more()
        line, _, rest = self._read.partition(b"\n")
        if not self._read:
            return None
        self._read = rest
        return line.decode(errors="replace")

    async def rest(self) -> str:
        """All of it."""
        while not self._ended:
            await self._more()
        return self._read.decode(errors="replace")

    async def _more(self) -> None:
        await _readable(sys.stdin.fileno())
        try:
            data = os.read(sys.stdin.fileno(), _AT_ONCE)
        except OSError:  # the terminal is gone
            data = b""
        self._read += data
        self._ended = not data


async def _readable(source: int) -> None:
    """Until there is something to read; a file on a disk always has."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    try:
        loop.add_reader(source, there.set)
    except PermissionError:  # such a file
        return
    try:
        await there.wait()
    finally:
        loop.remove_reader(source)
