"""getUpdates: long polling, one poll at a time, with the real server's habits about impatient clients."""

import asyncio
from collections.abc import Callable
from typing import Any

from telex.simulator.params import Params
from telex.simulator.refusals import Refused, Why
from telex.simulator.updates import UpdateQueue

MAX_TIMEOUT = 50
CONFLICT_SECONDS = 3.0  # no more than one 409 is answered at once in this time; the others wait as long


class Poller:
    """Hands the queue's updates to whoever polls; a second poll ends the first."""

    def __init__(self, queue: UpdateQueue, clock: Callable[[], float]) -> None:
        self.queue = queue
        self._clock = clock
        self._waiting: asyncio.Future[Why | None] | None = None
        self._last_offset: int | None = None
        self._last_start = float("-inf")
        self._last_conflict = float("-inf")
        queue.listeners.append(self._wake)

    async def get_updates(self, params: Params, unix: Callable[[], float]) -> list[dict[str, Any]]:
        """Answer one poll, at the latest when its time is over.

        Raises:
            Refused: another poll, or a webhook, took its place.
        """
        offset = params.integer("offset")
        limit = params.integer("limit", 100, 1, 100)
        timeout = params.integer("timeout", 0, 0, MAX_TIMEOUT)
        self.allow(params)
        if self._waiting is not None:
            self.interrupt(Why.OTHER_POLL)
        now = self._clock()
        # Bot API server: asking for the same again at once gets a longer wait, and then a shorter list.
        if offset == self._last_offset and now < self._last_start + 3 and timeout < 3:
            timeout = 3
        if offset == self._last_offset and now < self._last_start + 0.5:
            limit = 1
        self._last_offset, self._last_start = offset, now
        self.queue.expire(unix())
        self.queue.confirm(offset)
        if not self.queue.pending and timeout:
            await self._wait(timeout)
        return self.queue.pending[:limit]

    def allow(self, params: Params) -> None:
        """Keep the kinds of updates the bot names; they stay until it names others."""
        if "allowed_updates" not in params:
            return
        kinds = params.object("allowed_updates", Why.ALLOWED_UPDATES)
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise Refused(Why.ALLOWED_UPDATES)
        self.queue.allowed = [kind.lower() for kind in kinds]

    def interrupt(self, why: Why) -> None:
        """End the poll that waits, if one does."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(why)
        self._waiting = None

    @property
    def waiting(self) -> bool:
        """Whether a poll waits for something to happen."""
        return self._waiting is not None

    def conflict_delay(self) -> float:
        """Seconds before the server answers a 409: none, unless it follows another one closely."""
        now = self._clock()
        if now - self._last_conflict < CONFLICT_SECONDS:
            return CONFLICT_SECONDS
        self._last_conflict = now
        return 0.0

    def forget_conflict(self) -> None:
        """Answer the next 409 at once, whatever came before."""
        self._last_conflict = float("-inf")

    async def _wait(self, seconds: int) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        timer = asyncio.get_running_loop().call_later(seconds, _finish, waiting)
        try:
            why = await waiting
        finally:
            timer.cancel()
            if self._waiting is waiting:
                self._waiting = None
        if why:
            raise Refused(why)

    def _wake(self) -> None:
        if self._waiting is not None:
            _finish(self._waiting)


def _finish(waiting: "asyncio.Future[Why | None]") -> None:
    if not waiting.done():
        waiting.set_result(None)
