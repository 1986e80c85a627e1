"""Ctrl-C, SIGTERM and a terminal that is closed, as a call: the first asks to end, the next ones end it sooner."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

ENDING = (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
_BY_SIGNAL = 128  # and its number: what shells call a process that a signal has ended


class Stopped:
    """Which signal came first.

    Attributes:
        code: the exit code that says so; 0 where none came.
    """

    def __init__(self) -> None:
        self.code = 0


@contextmanager
def on_stop(
    stop: Callable[[], object] | None = None,
    signals: Iterable[signal.Signals] = (signal.SIGINT, *ENDING),
    *,
    interrupt: Callable[[], object] | None = None,
) -> Iterator[Stopped]:
    """While inside, the first signal calls ``stop`` and each further one cancels the task that entered.

    Without a ``stop``, the first does so, too. Ctrl-C calls ``interrupt`` instead, where there is one.

    Raises:
        SystemExit: it was cancelled so; with the exit code that a shell gives to a process which the signal ended.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    stopped = Stopped()
    hurried: int | None = None
    # Under nohup a terminal may be closed.
    heard = [one for one in signals if one == signal.SIGINT or signal.getsignal(one) != signal.SIG_IGN]

    def ask(number: int) -> None:
        nonlocal hurried
        if task is not None and (stopped.code or stop is None):
            hurried = number
            task.cancel()
        stopped.code = stopped.code or _BY_SIGNAL + number
        if interrupt is not None and number == signal.SIGINT:
            interrupt()
        elif stop is not None:
            stop()

    for number in heard:
        loop.add_signal_handler(number, ask, number)
    try:
        yield stopped
    except asyncio.CancelledError:
        if hurried is None:
            raise
        raise SystemExit(_BY_SIGNAL + hurried) from None
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
