"""A lost first post in a chat of which no message id is known: it is posted again, and then its twin is taken away.

Ids grow by one, so the twin stands shortly before its repetition. A bot cannot read a chat; but a reply is refused where it quotes
what is not there (Bot API, ReplyParameters), and where it is not, its answer shows what was replied to. So each id is tried by a
silent reply that quotes the lost words. What is deleted is a message of the bot that says just what was lost, and that is no older
than the loss; and the reply, in any case.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telex.surfaces.telegram.api import BotApi, Refused
from telex.surfaces.telegram.chats import Chat
from telex.surfaces.telegram.lost import MOST_PROBES
from telex.surfaces.telegram.rich_choice import Body

MOST_QUOTED = 200  # UTF-16 units; Telegram takes 1024
TOLERANCE = 2.0  # seconds: the server's dates are whole ones


@dataclass(frozen=True, slots=True)
class LostPost:
    """A post that was not answered: what it said, and the loop's time when it was written."""

    body: Body
    at: float


class Twins:
    """The search for what was lost.

    Args:
        api: the bot.
        chat: where.
        thread_id: in which topic.
        made: the repetition's id.
        lost: the posts, oldest first; at least one.
    """

    def __init__(self, api: BotApi, chat: Chat, thread_id: int | None, made: int, lost: list[LostPost]) -> None:
        self._api, self._chat, self._thread_id = api, chat, thread_id
        self._lost = lost
        self._quote = quotable(lost[0].body)
        self._candidates = deque(range(made - 1, max(0, made - 1 - MOST_PROBES), -1))
        self._doomed: deque[int] = deque()

    async def step(self) -> bool:
        """Make the next call; false when there is none.

        Raises:
            Refused, NotSent, Lost: what came of the call, where it is to be made again or nobody knows.
        """
        if self._doomed:
            await self._delete(self._doomed[0])
            self._doomed.popleft()
            return True
        while self._candidates and self._chat.ids.is_known(self._candidates[0]):
            self._candidates.popleft()
        if not self._lost or not self._candidates or not self._quote:
            return False
        candidate = self._candidates.popleft()
        try:
            reply = await self._reply(candidate)
        except Refused as refused:
            if refused.code == 429:
                self._candidates.appendleft(candidate)
                raise
            return True
        self._chat.ids.saw(reply["message_id"])
        self._doomed.append(reply["message_id"])
        if found := self._is_lost(reply.get("reply_to_message") or {}, reply):
            self._lost.remove(found)
            self._doomed.append(candidate)
        return True

    def _is_lost(self, message: Mapping[str, Any], reply: Mapping[str, Any]) -> LostPost | None:
        """Which of the lost posts a message is."""
        if message.get("from", {}).get("id") != reply["from"]["id"]:
            return None
        age, now = reply["date"] - message["date"], asyncio.get_running_loop().time()
        said = (lost for lost in self._lost if lost.body.shown == message.get("text"))
        return next((lost for lost in said if age <= now - lost.at + TOLERANCE), None)

    async def _reply(self, to: int) -> dict[str, Any]:
        parameters = {
            "chat_id": self._chat.id,
            "message_thread_id": self._thread_id,
            "text": "…",
            "disable_notification": True,
            "reply_parameters": {"message_id": to, "quote": self._quote},
        }
        return dict(await self._api.call("sendMessage", parameters))

    async def _delete(self, message_id: int) -> None:
        try:
            await self._api.delete_message(self._chat.id, message_id)
        except Refused as refused:
            if refused.code == 429:
                raise


def quotable(body: Body) -> str:
    """The longest stretch without formatting: a quote would have to repeat that."""
    units = body.text.encode("utf-16-le")
    spans = sorted((entity["offset"], entity["offset"] + entity["length"]) for entity in body.entities)
    stretches, begin = [], 0
    for first, behind in [*spans, (len(units) // 2, 0)]:
        stretches.append(units[2 * begin : 2 * min(first, begin + MOST_QUOTED)].decode("utf-16-le", "ignore").strip())
        begin = max(begin, behind)
    return max(stretches, key=len)
