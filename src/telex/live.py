"""The one driver: what a turn emits, shown on a surface as it happens.

The presenter decides and the surface calls; this file only waits. It holds no queue: a delta is fed to the presenter in
the caller's own task, and the text of a frame is bound when its slot opens.
"""

import asyncio
import threading
from collections import deque
from typing import TypeAlias

from telex.display.frame import Abandon, Finished, Frame, Outcome, Show, Unknown, Wait
from telex.display.presenter import Presenter
from telex.display.screen import Pacing
from telex.events import End, Event, SegmentEnded, TextDelta, TurnEnded
from telex.recording.recorder import Recorder
from telex.surfaces.base import Surface

Call: TypeAlias = "asyncio.Task[Outcome]"


class GatewayStreamConsumer:
    """Shows one turn on one surface.

    Made inside a running loop. In order: ``run()`` in a task of its own; ``on_delta`` (from any thread) or ``emit``
    (from the loop's thread) while the answer comes; ``finish()`` once; then ``run()`` returns when the screen
    shows the last frame. Deltas after ``finish`` are ignored.

    Args:
        surface: where to show it; used by nobody else for the length of the turn.
        pacing: how often.
        recorder: writes down what the presenter is given and does.
    """

    def __init__(self, surface: Surface, pacing: Pacing | None = None, recorder: Recorder | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._surface = surface
        make = recorder.presenter if recorder else Presenter
        self.presenter: Presenter = make(surface, pacing or Pacing(), self._loop.time())
        self._wake = asyncio.Event()
        self._call: Call | None = None  # in flight
        self._inbox: deque[Event] = deque()
        self._inbox_lock = threading.Lock()
        self._inbox_called = False
        surface.on_vanished = self._vanished

    # -- in --------------------------------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """Something happened in the turn. To be called in the loop's thread."""
        if self._inbox:  # what other threads said first comes first
            self._drain()
        self.presenter.feed(event, self._loop.time())
        self._wake.set()

    def on_delta(self, text: str | None) -> None:
        """More words, or ``None`` at a segment break. From any thread; one wake-up serves a whole burst."""
        self._post(SegmentEnded() if text is None else TextDelta(text))

    def finish(self, end: End = End.FINISHED, message: str = "") -> None:
        """The turn is over. From any thread; only the first call counts.

        Args:
            end: how it ended.
            message: shown to the reader as a notice.
        """
        self._post(TurnEnded(end, message))

    def _post(self, event: Event) -> None:
        with self._inbox_lock:
            self._inbox.append(event)
            called, self._inbox_called = self._inbox_called, True
        if not called:
            self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        with self._inbox_lock:
            events = list(self._inbox)
            self._inbox.clear()
            self._inbox_called = False
        now = self._loop.time()
        for event in events:
            self.presenter.feed(event, now)
        self._wake.set()

    def _vanished(self, page: int) -> None:
        self.presenter.vanished(page, self._loop.time())
        self._wake.set()

    # -- out -------------------------------------------------------------------------------------------------------

    @property
    def already_sent(self) -> bool:
        """The complete answer is on the screen. Computed from what is shown, never remembered."""
        return self.presenter.already_sent

    async def run(self) -> None:
        """Drive until the screen shows the last frame, or nothing can be shown there any more; then ``leave``."""
        try:
            await self.drive()
        finally:
            await self.leave()

    async def drive(self) -> None:
        """Drive, and no more: who was cancelled may drive on from where it stood, and calls ``leave`` in the end."""
        deadline = float("-inf")
        while True:
            self._wake.clear()
            now = max(deadline, self._loop.time())  # a timer may fire a clock tick early
            deadline = float("-inf")
            if self._call is not None and self._call.done():
                finished, self._call = self._call, None
                self.presenter.outcome(_came_of(finished), now)
            step = self.presenter.next_step(now)
            match step:
                case Show(frame):
                    self._call = self._show(frame)
                case Wait(until):
                    deadline = until if await self._sleep(until) else deadline
                case Abandon():
                    assert self._call is not None  # noqa: S101 - the presenter abandons only what is in flight
                    outcome = await self._abandon(self._call)
                    self._call = None
                    self.presenter.outcome(outcome, max(now, self._loop.time()))
                case Finished():
                    return

    async def leave(self) -> None:
        """Nothing is driven any more: give back what the answer has in this place, and close the call in flight."""
        self.presenter.leave()
        self._surface.leave()
        if self._call is not None:
            await self._abandon(self._call)

    def _show(self, frame: Frame) -> Call:
        call: Call = asyncio.ensure_future(self._surface.show(frame))
        call.add_done_callback(lambda _: self._wake.set())
        return call

    async def _abandon(self, call: Call) -> Outcome:
        """Close the call; it may have been answered in the very moment."""
        call.cancel()
        await asyncio.wait([call])
        return _came_of(call)

    async def _sleep(self, until: float) -> bool:
        """Until something happens, or ``until``: true when it was the time that came."""
        if until == float("inf"):
            await self._wake.wait()
            return False
        fired = False

        def fire() -> None:
            nonlocal fired
            fired = True
            self._wake.set()

        timer = self._loop.call_at(until, fire)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()
        return fired


def _came_of(call: Call) -> Outcome:
    """A call that was cancelled may have been carried out all the same."""
    return Unknown() if call.cancelled() else call.result()
