"""One conversation: a chat or a topic, its agent, and the turn that runs in it.

A turn is two tasks side by side: the agent's, which may be cancelled at any time, and the driver's, which then still
brings the last frame to the screen. The next turn's words are collected from its start, and shown when the screen is free.
"""

import asyncio
import logging
from collections.abc import Callable

from telex.agent.agent import AIAgent
from telex.display.presenter import Pacing
from telex.events import Notice
from telex.live import GatewayStreamConsumer
from telex.surfaces.telegram.surface import TelegramSurface

log = logging.getLogger("telex.gateway")


class Turn:
    """One question and its answer on the way to the screen."""

    def __init__(self, surface: TelegramSurface, consumer: GatewayStreamConsumer) -> None:
        self.surface = surface
        self.consumer = consumer
        self.agent_task: asyncio.Task[None] | None = None
        self.screen_task: asyncio.Task[None] | None = None

    @property
    def answering(self) -> bool:
        """The model still speaks."""
        return self.agent_task is not None and not self.agent_task.done()

    @property
    def showing(self) -> bool:
        """The screen does not yet show the last frame."""
        return self.screen_task is not None and not self.screen_task.done()


class Conversation:
    """A chat or a topic.

    Args:
        name: for the log.
        agent: its memory and its model.
        surface: makes this place's surface for one turn, replying to a message id.
        pacing: how turns are shown.
    """

    def __init__(
        self, name: str, agent: AIAgent, surface: Callable[[int | None], TelegramSurface], pacing: Pacing
    ) -> None:
        self._name = name
        self._agent = agent
        self._surface = surface
        self._pacing = pacing
        self._turn: Turn | None = None
        self._showing: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return self._name

    # -- what a person does ----------------------------------------------------------------------------------------

    def ask(self, text: str, message_id: int) -> None:
        """Answer ``text``; a running answer is interrupted."""
        before = self._interrupt()
        turn = self._start(message_id)
        turn.agent_task = asyncio.create_task(self._answer(text, turn, before))

    def tell(self, text: str, message_id: int | None = None) -> None:
        """Show a text of telex's own, with the same promises as an answer."""
        turn = Turn(surface := self._surface(message_id), GatewayStreamConsumer(surface, self._pacing))
        turn.consumer.on_delta(text)
        turn.consumer.finish()
        turn.screen_task = self._show(turn, after=None)

    def stop(self) -> bool:
        """Interrupt the running answer; false when there is none."""
        return self._interrupt() is not None

    def reset(self) -> None:
        """Forget what was said."""
        self._interrupt()
        self._agent.reset()

    def owns_draft(self, draft_id: int) -> bool:
        """Is this the draft of the running answer?"""
        return self._turn is not None and self._turn.surface.owns_draft(draft_id)

    # -- the turn ----------------------------------------------------------------------------------------------------

    def _start(self, message_id: int | None) -> Turn:
        shown_before = self._turn.screen_task if self._turn and self._turn.showing else None
        surface = self._surface(message_id)
        self._turn = turn = Turn(surface, GatewayStreamConsumer(surface, self._pacing))
        turn.screen_task = self._show(turn, after=shown_before)
        return turn

    def _show(self, turn: Turn, after: "asyncio.Task[None] | None") -> "asyncio.Task[None]":
        task = asyncio.create_task(self._drive(turn, after))
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)
        return task

    async def _drive(self, turn: Turn, after: "asyncio.Task[None] | None") -> None:
        if after is not None:
            await asyncio.wait([after])  # its last frame stands before this turn's first
        try:
            await turn.consumer.run()
        except Exception:
            log.exception("%s: showing an answer failed; this is a bug in telex", self._name)
        if turn.consumer.presenter.closed:
            log.warning("%s: the answer could not be shown: %s", self._name, turn.consumer.presenter.closed)
            if turn.agent_task:
                turn.agent_task.cancel()

    async def _answer(self, text: str, turn: Turn, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait([before])  # an agent has one turn at a time
        try:
            await self._agent.run_turn(text, turn.consumer.emit)
        except Exception:
            log.exception("%s: a turn failed; this is a bug in telex", self._name)
        finally:
            turn.consumer.finish()  # does nothing where the agent has ended the turn, as it should

    def _interrupt(self) -> "asyncio.Task[None] | None":
        if self._turn is None or self._turn.agent_task is None or self._turn.agent_task.done():
            return None
        self._turn.agent_task.cancel()
        return self._turn.agent_task

    # -- the end -----------------------------------------------------------------------------------------------------

    def close(self, notice: str) -> None:
        """Cut a running answer off, visibly; it is then still shown to its end."""
        if self._turn and self._turn.answering:
            self._turn.consumer.emit(Notice(notice))
            self._interrupt()

    @property
    def showing(self) -> "frozenset[asyncio.Task[None]]":
        """The drivers that have not yet brought their last frame to the screen."""
        return frozenset(self._showing)
