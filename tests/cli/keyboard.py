"""telex at a pseudo-terminal, and a person who presses keys."""

import os
import pty
import select
import subprocess
import sys
import termios
import time

from telex.cli.approving import QUIET
from tests.cli.processes import BOUND, environment


class Terminal:
    """telex at a terminal; its output may go elsewhere."""

    def __init__(self, *arguments: str, out: int | None = None, term: str = "xterm") -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 100))
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs
        self.process = subprocess.Popen(
            [sys.executable, "-m", "telex", *arguments],
            stdin=theirs, stdout=theirs if out is None else out, stderr=theirs, start_new_session=True,
            env=environment(TERM=term, NO_COLOR="1"),
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509 - it becomes the controlling terminal
        )  # fmt: skip
        self.shown = ""

    def until(self, words: str) -> None:
        """Read what is shown until it holds ``words``."""
        ends = time.monotonic() + BOUND
        while words not in self.shown:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, ends - time.monotonic()))
            if not ready:
                self.kill()
                raise AssertionError(f"{words!r} is not shown: {self.shown!r}")
            self.shown += os.read(self._ours, 4096).decode(errors="replace")

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def look(self) -> None:
        """Read what is shown until there is nothing more, for as long as a key must wait that is to be an answer."""
        while select.select([self._ours], [], [], QUIET + 0.2)[0]:
            self.shown += os.read(self._ours, 4096).decode(errors="replace")

    def end(self) -> int:
        """Wait for the end; the terminal must be as it was."""
        try:
            code = self.process.wait(BOUND)
            assert termios.tcgetattr(self._theirs) == self.before
            return code
        finally:
            self.kill()

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)
