"""Where an answer is drawn, the log and what libraries write to the error stream go to a file, and not into the answer."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telex.config import has_live_terminal

NAME = "terminal.log"


@contextmanager
def errors_in(folder: Path) -> Iterator[None]:
    """Keep the error stream, also of programs that are started meanwhile, in ``folder``/terminal.log.

    Only where it would be drawn into the answer: one that goes elsewhere goes there.
    """
    if not has_live_terminal() or sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    stream = sys.stderr.fileno()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = (folder / NAME).open("a")
    except OSError:  # then rather a warning in the answer than none
        yield
        return
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("telex").setLevel(logging.INFO)
    before = os.dup(stream)
    with log:
        os.dup2(log.fileno(), stream)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(before, stream)
        os.close(before)
