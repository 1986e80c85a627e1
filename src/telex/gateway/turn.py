"""One question, and its answer on the way to the screen."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum

from telex.events import End, Event, TextDelta, ToolStarted, TurnEnded
from telex.gateway.turn_log import TurnLog
from telex.live import GatewayStreamConsumer
from telex.surfaces.telegram.surface import TelegramSurface

GO_ON = "go_on"
GO_ON_BUTTON = {"inline_keyboard": [[{"text": "▶ Continue", "callback_data": GO_ON}]]}


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asked.

    Attributes:
        message_id: the message with it.
        update_id: the platform's own number of it; 0 when a former run began with it.
        asker: who asked.
        pictures: what they sent along, by the names that a history holds.
    """

    text: str
    message_id: int
    update_id: int = 0
    asker: int | None = None
    pictures: tuple[str, ...] = ()


class Stage(Enum):
    """How far a turn is."""

    WAITING = "waiting"  # the model was not asked yet
    SPEAKING = "speaking"
    OVER = "over"  # the model has ended, or was ended


@dataclass(slots=True, eq=False)
class Turn:
    """One question and its answer on the way to the screen.

    Attributes:
        asked: the question; none for a text of telex's own.
        before: the turns of its conversation that had not ended when it began.
        unread: questions that the model has not read yet: those that were overtaken while they waited.
        stopped: a person stopped it.
        heard: words or a tool have come.
        overtaken: the next question came; when this one is still waiting then, it is asked along with that one.
    """

    surface: TelegramSurface
    consumer: GatewayStreamConsumer
    log: TurnLog
    asked: Question | None = None
    agent_task: "asyncio.Task[None] | None" = None
    stage: Stage = Stage.WAITING
    before: "frozenset[asyncio.Task[None]]" = frozenset()
    unread: list[Question] = field(default_factory=list)
    stopped: bool = False
    overtaken: bool = False
    heard: bool = False

    def emit(self, event: Event) -> None:
        """Something happened in the turn; an answer that broke off gets a button to go on with."""
        if isinstance(event, TurnEnded) and event.can_go_on:
            self.surface.buttons = GO_ON_BUTTON
        self.consumer.emit(event)
        if isinstance(event, ToolStarted) or (not self.heard and isinstance(event, TextDelta)):
            self.heard = True
            self.log.hurry()

    def silence(self) -> None:
        """Cancel the model, and nothing that comes after its last word. The screen does not wait until it lets go."""
        if self.agent_task and self.stage is Stage.SPEAKING:
            self.stage = Stage.OVER
            self.agent_task.cancel()
            self.consumer.finish(End.INTERRUPTED)
