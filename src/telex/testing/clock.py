"""Virtual time for a whole test."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from telex.testing.virtual_time import VirtualTimeLoop

T = TypeVar("T")


class Clock:
    """An event loop in virtual time, kept for the length of a test: it jumps to the next timer when everything waits.

    Sockets fit in where both of their ends are in this loop, as a bot's and the simulator's are.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(sockets=True))

    def time(self) -> float:
        """Virtual seconds since the test began."""
        return self._runner.get_loop().time()

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run ``main`` to its end. Tasks that it leaves behind go on in the next ``run``.

        Raises:
            RuntimeError: when everything waits for something that no timer will bring.
        """
        return self._runner.run(main)

    def close(self) -> None:
        """Cancel what still runs, and close the loop."""
        self._runner.close()
