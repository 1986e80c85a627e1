"""Ctrl-C and SIGTERM as a call: the first asks to end, the next ones end it sooner."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def on_stop(stop: Callable[[], object]) -> Iterator[None]:
    """While inside, the first signal calls ``stop`` and each further one cancels the task that entered.

    Raises:
        SystemExit: it was cancelled so; with the exit code that a shell gives to a process which the signal ended.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    asked = 0
    hurried: int | None = None

    def ask(number: int) -> None:
        nonlocal asked, hurried
        asked += 1
        if asked > 1 and task is not None:
            hurried = number
            task.cancel()
        stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask, number)
    try:
        yield
    except asyncio.CancelledError:
        if hurried is None:
            raise
        raise SystemExit(128 + hurried) from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
