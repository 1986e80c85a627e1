"""Fewer reads, each of more, in a process that carries very many streams.

Reading a socket costs several times what the words cost that are read, and a model that writes to many people at once sends a
packet a word to each. So, as network cards do it with interrupts ("interrupt moderation"): while more than `BUSY` pieces a
second arrive in an event loop, a stream whose pieces follow each other quickly rests after each read, and all that rest are read
again together, thirty times a second. Words wait 17 ms for that on average, at most 33; a messenger takes a preview three times
a second at best. Few streams, slow ones and the first words of each are read as they arrive.
"""

import asyncio
from weakref import WeakKeyDictionary

PERIOD = 1 / 30  # seconds between the reads of a stream that rests: a screen's frame at most is missed
BUSY = 1000.0  # pieces a second in one event loop, from which on the reads are what a process is busy with
WINDOW = 0.1  # seconds over which they are counted

_moderators: "WeakKeyDictionary[asyncio.AbstractEventLoop, Moderator]" = WeakKeyDictionary()


class Moderator:
    """The streams of one event loop; `moderator` gives the one of the running loop."""

    __slots__ = (
        "__weakref__",
        "_busy",
        "_count",
        "_loop",
        "_resting",
        "_until",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._busy = False
        self._count = 0
        self._until = 0.0  # when the window ends in which is counted
        self._resting: set[asyncio.ReadTransport] = set()

    def read(self, transport: asyncio.ReadTransport, pieces: int, since: float, now: float) -> None:
        """A read brought ``pieces``, ``since`` seconds after the one before: let the stream rest where that saves reads."""
        self._count += pieces
        if now >= self._until:
            self._busy = self._count > BUSY * WINDOW and now < self._until + WINDOW
            self._count, self._until = 0, now + WINDOW
        if self._busy and (pieces > 1 or since < PERIOD / 2) and not transport.is_closing():
            if not self._resting:
                self._loop.call_later(PERIOD, self._wake)
            self._resting.add(transport)
            transport.pause_reading()

    def leave(self, transport: asyncio.ReadTransport) -> None:
        """Nobody reads the stream in this way any more."""
        if transport in self._resting:
            self._resting.remove(transport)
            _resume(transport)

    def _wake(self) -> None:
        resting, self._resting = self._resting, set()
        for transport in resting:
            _resume(transport)


def moderator() -> Moderator:
    """The one of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _moderators.get(loop)
    if found is None:
        found = _moderators[loop] = Moderator(loop)
    return found


def _resume(transport: asyncio.ReadTransport) -> None:
    if not transport.is_closing():
        transport.resume_reading()
