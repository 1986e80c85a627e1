"""One running turn, and the way to stop it from anywhere."""

import asyncio
from dataclasses import dataclass, field

from telex.errors import ProviderError
from telex.events import End
from telex.providers.base import Usage


@dataclass(frozen=True, slots=True)
class TurnResult:
    """How a turn went.

    Attributes:
        text: the words that were emitted; the whole answer when ``end`` is ``FINISHED``.
        reasoning: the thoughts that were emitted.
        end: finished, failed or interrupted.
        message: for the reader, what went wrong; empty when nothing did.
        usage: what the server counted, where the turn was finished.
        error: what made the turn fail.
    """

    text: str
    reasoning: str = ""
    end: End = End.FINISHED
    message: str = ""
    usage: Usage = field(default_factory=Usage)
    error: ProviderError | None = None


class RunningTurn:
    """Lets any thread stop what one task is doing, without cancelling the task for good.

    The cancellation is asked for only by a callback of the loop, that is while the task waits, and only between ``enter``
    and ``leave``: so it always arrives inside the turn, and never in what the task does afterwards.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._task: asyncio.Task[object] | None = None
        self._over = False
        self._cancelled = False  # the task was cancelled by us
        self._ours = False  # and by nobody else
        self.interrupted = False  # somebody asked

    def interrupt(self) -> None:
        """Stop the turn; from any thread, also before it has begun or after it is over."""
        self.interrupted = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cancel)

    def enter(self) -> None:
        """The current task begins the turn.

        Raises:
            asyncio.CancelledError: it was interrupted before.
        """
        self._task = asyncio.current_task()
        if self.interrupted:
            raise asyncio.CancelledError

    def leave(self) -> bool:
        """The turn is over; true when it was ended by ``interrupt`` alone, so that the task goes on."""
        if not self._over and self._task is not None:
            self._over = True
            others = self._task.uncancel() if self._cancelled else self._task.cancelling()
            self._ours = self.interrupted and others == 0
        return self._ours

    def _cancel(self) -> None:
        if not self._over and not self._cancelled and self._task is not None:
            self._cancelled = True
            self._task.cancel()
