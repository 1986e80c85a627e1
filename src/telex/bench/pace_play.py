"""Plays conversations through the real driver, presenter and Telegram surface, in virtual time.

Only HTTP is left out: `Platform` stands where the connection stands, and keeps the simulator's limits.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from telex.bench.ages import ages
from telex.bench.pace_answers import LETTERS, Answer, Conversation
from telex.config import Transport
from telex.display.frame import Frame, Outcome, Shown, TryLater
from telex.display.screen import Pacing
from telex.events import TextDelta, TurnEnded
from telex.live import GatewayStreamConsumer
from telex.simulator.limits import Limiter, Limits
from telex.surfaces.telegram.api import BotApi, Refused
from telex.surfaces.telegram.chats import Telegram
from telex.surfaces.telegram.surface import TelegramSurface

ONE_WAY = (0.020, 0.040)  # seconds, uniform; both ways together take 60 ms on average
FREE = {"sendChatAction"}  # the typing sign falls under no limit that the simulator knows


class Platform(BotApi):
    """A Bot API server without a network: refuses by ``limits`` and takes every other call."""

    def __init__(self, limits: Limits, seed: int) -> None:
        super().__init__("1:virtual", "http://virtual")
        self.refused_at: list[float] = []
        self._limiter = Limiter(limits)
        self._rng = random.Random(seed)  # noqa: S311 - a bench, not a secret
        self._messages = 0

    async def call(self, method: str, parameters: Mapping[str, Any], *, timeout: float | None = None) -> Any:  # noqa: ARG002, ASYNC109 - the connection's signature
        """Carry the call there, judge it, carry the answer back."""
        await asyncio.sleep(self._rng.uniform(*ONE_WAY))
        now = asyncio.get_running_loop().time()
        wait = 0
        if method not in FREE:
            wait = self._limiter.refusal(parameters["chat_id"], draft=method.endswith("Draft"), now=now)
        self._messages += 1
        result = {"message_id": self._messages}
        await asyncio.sleep(self._rng.uniform(*ONE_WAY))
        if wait:
            self.refused_at.append(now)
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        return result


class Watched(TelegramSurface):
    """The Telegram surface, with a note of what was visible when; one message holds any answer, as for the oracle."""

    def __init__(self, telegram: Telegram, chat_id: int, transport: Transport, source: str) -> None:
        super().__init__(telegram, chat_id, transport=transport)
        self.shown: list[tuple[float, int]] = []
        self.calls = self.refused = 0
        self._source = source

    @property
    def limit(self) -> int:
        """Longer than any answer of the bench."""
        return 4 * len(self._source) + 1000

    async def show(self, frame: Frame) -> Outcome:
        """Show the frame and note it."""
        outcome = await super().show(frame)
        self.calls += 1
        self.refused += isinstance(outcome, TryLater)
        if isinstance(outcome, Shown) and frame.text:
            whole = len(frame.text) >= len(self._source)
            tokens = -(-len(self._source) // LETTERS) if whole else len(frame.text) // LETTERS
            self.shown.append((asyncio.get_running_loop().time(), tokens))
        return outcome


@dataclass(slots=True)
class Played:
    """What a conversation came to, by answer.

    Attributes:
        letters: the ages of its letters, in seconds.
        calls: calls that showed something or tried to.
        refused: 429s.
    """

    letters: list[Sequence[float]] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


async def _answer(surface: Watched, pacing: Pacing, answer: Answer, played: Played) -> None:
    loop = asyncio.get_running_loop()
    consumer = GatewayStreamConsumer(surface, pacing)
    begin = loop.time()
    texts = [answer.source[at : at + LETTERS] for at in range(0, len(answer.source), LETTERS)]
    arrivals = [(begin + after, number + 1) for number, after in enumerate(answer.tokens[: len(texts)])]

    def say(number: int) -> None:
        consumer.emit(TextDelta(texts[number]))
        if number + 1 < len(texts):
            loop.call_at(arrivals[number + 1][0], say, number + 1)
        else:
            consumer.emit(TurnEnded())

    say(0)
    await consumer.run()
    one = ages(arrivals, surface.shown, calls=surface.calls, refused=surface.refused)
    played.letters.append(one.letters)
    played.calls.append(one.calls)
    played.refused.append(one.refused)


async def converse(
    telegram: Telegram, chat_id: int, transport: Transport, pacing: Pacing, conversation: Conversation
) -> Played:
    """Play one conversation in one chat of a bot."""
    played = Played()
    for answer in conversation:
        await asyncio.sleep(answer.gap)
        await _answer(Watched(telegram, chat_id, transport, answer.source), pacing, answer, played)
    return played


async def crowd(  # noqa: PLR0913 - what is played, where, how
    conversations: Sequence[Conversation],
    limits: Limits,
    transport: Transport,
    *,
    chat_id: int,
    seed: int,
    edit_interval: float = 0.3,
) -> list[Played]:
    """Play the conversations side by side, in chats of one bot: ``chat_id`` and the ids after it, away from 0.

    As in the gateway, with an ``edit_interval`` of 0 drafts are believed to have no limit.
    """
    telegram = Telegram(Platform(limits, seed), limit_drafts=edit_interval > 0)
    pacing = Pacing(edit_interval=edit_interval)
    step = 1 if chat_id > 0 else -1
    return await asyncio.gather(
        *(
            converse(telegram, chat_id + step * number, transport, pacing, conversation)
            for number, conversation in enumerate(conversations)
        )
    )
