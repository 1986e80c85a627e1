"""A loop whose clock jumps to the next deadline when everything waits: hours of pacing in milliseconds.

Only timers are virtual. Threads and other processes do not fit in: nothing tells the loop that they are still busy. Sockets
whose both ends are in this loop do, with ``sockets=True``: what was written on the loopback is there at once, or nearly.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

ON_ITS_WAY = 0.001  # real seconds in which what was written to a socket of this machine arrives
STUCK = 5.0  # real seconds after which sockets bring nothing more


class _Jump(selectors.SelectSelector):
    """Instead of sleeping until the next timer, moves the clock there."""

    def __init__(self, *, sockets: bool) -> None:
        super().__init__()
        self.now = 0.0
        self._sockets = sockets

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout != 0 and self._sockets:
            ready = super().select(STUCK if timeout is None else ON_ITS_WAY)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("everything waits and no timer is set: the program would hang here for ever")
        self.now += timeout
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time that begins at 0; ``time()`` is what the timers see.

    Args:
        sockets: both ends of some sockets are in this loop.
    """

    def __init__(self, *, sockets: bool = False) -> None:
        self._jump = _Jump(sockets=sockets)
        super().__init__(self._jump)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jump.now


def run(main: Coroutine[Any, Any, T], *, sockets: bool = False) -> T:
    """Run ``main`` in virtual time, as ``asyncio.run`` does in real time.

    Args:
        main: what to run.
        sockets: it talks to itself over sockets.

    Raises:
        RuntimeError: when everything waits for something that no timer will bring.
    """
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(sockets=sockets)) as runner:
        return runner.run(main)
