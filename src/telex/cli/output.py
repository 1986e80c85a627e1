"""The two streams of a command: the answer, which must arrive, and what telex itself has to say, which may be lost."""

import os
import sys

from telex.errors import TelexError

UNREAD = 141
"""The exit code where the reader of a pipe left: what shells call a process that SIGPIPE has ended."""


def put(text: str, *, flush: bool) -> None:
    """Write to standard output.

    Raises:
        BrokenPipeError: nobody reads any more.
        TelexError: it cannot be written, as on a full disk. Either is raised once: whatever else is written is lost.
    """
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except OSError as error:
        lose_output()
        if isinstance(error, BrokenPipeError):
            raise
        raise TelexError(f"The answer cannot be written: {error.strerror}.") from None


def lose_output() -> None:
    """Nobody reads standard output any more; what is written, also at the interpreter's end, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def aside(text: str) -> None:
    """Write a line of telex's own to the error stream, if there is one: that it is closed or full changes nothing else."""
    if sys.stderr is None:  # `print` would write it into the answer
        return
    try:
        print(f"telex: {text}", file=sys.stderr, flush=True)
    except OSError:  # what is left in its buffer would be told of at the interpreter's end
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stderr.fileno())
        os.close(nowhere)
