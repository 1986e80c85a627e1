"""Answers shown by the real surface, over real sockets, against the simulator, in virtual time."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from telex.config import RichMessages
from telex.display.frame import Frame
from telex.display.screen import Pacing
from telex.events import TextDelta
from telex.live import GatewayStreamConsumer
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.record import Call, text_of
from telex.simulator.server import Simulator
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.chats import Telegram
from telex.surfaces.telegram.surface import TelegramSurface
from telex.testing.virtual_time import run

ADA, GRACE = 1001, 1002
LAB, WORKSHOP = -1001000000001, -1001000000002
IDEAS, CODE = 2, 3
BASIC = -4001
CURSOR = " ▉"
BOUND = 1000.0  # virtual seconds that a story may take
SHOWING = ("sendMessage", "editMessageText", "sendMessageDraft", "sendRichMessage", "sendRichMessageDraft")


class Answer:
    """One answer on its way to one place."""

    def __init__(self, surface: TelegramSurface, pacing: Pacing) -> None:
        self.surface = surface
        self.consumer = GatewayStreamConsumer(surface, pacing)
        self.driving = asyncio.create_task(self.consumer.run())

    async def say(self, text: str, every: float = 0.05, *, words: int = 1) -> None:
        """Say ``text`` word by word, or so many words at a time, every so many seconds."""
        said = text.split(" ")
        for at in range(0, len(said), words):
            self.consumer.emit(TextDelta(" ".join([*said[at : at + words], ""])))
            await asyncio.sleep(every)  # virtual time: it takes none

    async def end(self) -> bool:
        """Finish, and wait until the screen shows the end; true when it does."""
        self.consumer.finish()
        await self.driving
        return self.consumer.already_sent


@dataclass
class Stage:
    """The simulator, the connection to it and what the turns of a bot share."""

    simulator: Simulator
    telegram: Telegram

    def surface(self, chat: int = ADA, thread: int | None = None, **how: Any) -> TelegramSurface:
        """A place for one turn, to answer a question that is asked there now."""
        question = self.simulator.say(chat, "Why?", thread_id=thread)["message_id"]
        self.telegram.chat(chat).ids.saw(question)
        return TelegramSurface(self.telegram, chat, thread_id=thread, reply_to=question, **how)

    def answer(self, chat: int = ADA, thread: int | None = None, *, pacing: Pacing | None = None, **how: Any) -> Answer:
        """An answer to a question that is asked there now."""
        return Answer(self.surface(chat, thread, **how), pacing or Pacing())

    async def shown(self, count: int, chat: int = ADA, thread: int | None = None, **how: Any) -> Answer:
        """A whole answer of so many numbered words, twenty a second."""
        answer = self.answer(chat, thread, **how)
        await answer.say(numbered(count), 0.05 * (few := 1 + count // 300), words=few)
        assert await answer.end()
        return answer

    def calls(self, *methods: str) -> list[Call]:
        """Calls of these methods so far; without a name, of those that show something."""
        return [call for call in self.simulator.calls if call.method in (methods or SHOWING)]

    def messages(self, chat: int = ADA, thread: int | None = None) -> list[dict[str, Any]]:
        """The bot's messages there."""
        return [message for message in self.simulator.messages(chat, thread) if message["from"]["is_bot"]]

    def texts(self, chat: int = ADA, thread: int | None = None) -> list[str]:
        """What the bot's messages there say, oldest first."""
        return [text_of(message) for message in self.messages(chat, thread)]


def numbered(count: int, mark: str = "w") -> str:
    """Words that tell their place: a lost or doubled one shows."""
    return " ".join(f"{mark}{number}" for number in range(count))


def answered(call: Call) -> float:
    """When a call's answer left."""
    assert call.answered_at is not None, f"{call.method} was never answered"
    return call.answered_at


def option(call: Call, name: str) -> Any:
    """A parameter of a call that is written as JSON."""
    return json.loads(call.params[name])


def preview(text: str, page: int = 0) -> Frame:
    """A frame of an answer that is not at its end."""
    return Frame(page, text, final=False, busy=True)


def final(text: str, page: int = 0) -> Frame:
    """A frame that will not change again."""
    return Frame(page, text, final=True)


def play(
    story: Callable[[Stage], Coroutine[Any, Any, None]],
    *,
    faults: str = "",
    limits: Limits | None = None,
    latency: float = 0.06,
    rich: RichMessages = "auto",
) -> None:
    """Tell ``story`` in a new world; seconds in it are virtual, sockets are real."""

    async def main() -> None:
        simulator = Simulator(
            clock=asyncio.get_running_loop().time,
            latency=latency,
            limits=limits or Limits.none(),
            faults=FaultPlan.parse(faults),
        )
        api = BotApi(simulator.token, await simulator.start())
        try:
            async with asyncio.timeout(BOUND):
                await story(Stage(simulator, Telegram(api, rich=rich)))
        finally:
            await api.close()
            await simulator.stop()

    run(main(), sockets=True)
