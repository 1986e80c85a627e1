"""A lost first post that was not found before it was posted again: its twin is looked for afterwards, and taken away.

Ids grow by one, so the twin stands shortly before its repetition. A bot cannot read a chat; but a reply is refused where it quotes
what is not there (Bot API, ReplyParameters), and where it is not, its answer shows what was replied to. So each id is tried by a
silent reply that quotes the lost words; where there are none to quote, as in a rich message, by one without a quote. What is
deleted is a message of the bot that says just what was lost, and that is no older than the loss; and the reply, in any case.

A reply may be lost as well. It is made again, and where that shows that the lost one was made, it is looked for like the twin.
"""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from telex.surfaces.telegram.api import BotApi, NotSent, Refused
from telex.surfaces.telegram.chats import Chat
from telex.surfaces.telegram.lost import MOST_PROBES, Ids
from telex.surfaces.telegram.rich_choice import BLANK, Body

MOST_QUOTED = 200  # UTF-16 units; Telegram takes 1024
TOLERANCE = 2.0  # seconds: the server's dates are whole ones
MOST_LOST = 8  # so many replies lost, and the twin stays: a double is a blemish, an answer without an end a failure
MOST_REFUSALS = 3  # of one call, for reasons that nobody understands
ALIKE = 0.8  # of the words of a rich message: how Telegram tells it again is its own business
REPLY = Body(BLANK, BLANK)
_NOT_THERE = re.compile("not found|can't be deleted|quote|MESSAGE_ID_INVALID", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_UNSEEN = re.compile(r"\]\([^)]*\)|</?[a-z][^>]*>")  # of Markdown: addresses and tags
_LEGIBLE = frozenset({"text", "expression", "summary", "caption", "credit"})  # where words stand in a rich message


@dataclass(frozen=True, slots=True)
class LostPost:
    """A post that was not answered.

    Attributes:
        body: what it said.
        at: the loop's time when it was written.
        above: the highest id known then, 0 where none was.
        tried: ids that are known not to be it.
    """

    body: Body
    at: float
    above: int = 0
    tried: frozenset[int] = frozenset()


class Hunt:
    """The search for posts of about the same words.

    Args:
        lost: the posts, oldest first; at least one.
        below: they stand before this id.
    """

    def __init__(self, lost: list[LostPost], below: int) -> None:
        self.lost = lost
        self.quote = quotable(lost[0].body)
        self._above = max(0, min(post.above for post in lost))
        self._tried = frozenset.intersection(*(post.tried for post in lost))
        self._at = below - 1
        self._left = MOST_PROBES + len(lost) - 1
        self._refusals = 0

    def next(self, ids: Ids) -> int | None:
        """The next id to try, the nearest first: one that is not known to be somebody's."""
        if not self.lost or not self._left:
            return None
        while ids.is_known(self._at) or self._at in self._tried:
            self._at -= 1
        return self._at if self._at > self._above else None

    def again(self) -> bool:
        """It was refused for another reason than that what was lost is not there: may that id be tried again?"""
        self._refusals += 1
        return self._refusals < MOST_REFUSALS

    def tried(self) -> None:
        """What stands at that id is known now."""
        self._at -= 1
        self._left -= 1
        self._refusals = 0


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
        self._hunts = deque(Hunt(group, made) for group in _of_one_quote(lost))
        self._doomed: deque[int] = deque()
        self._replies: list[LostPost] = []  # to the id that is tried at the moment, and not answered
        self._may_lose = MOST_LOST
        self._refusals = 0  # of what is to be deleted at the moment

    async def step(self) -> bool:
        """Make the next call; false when there is none.

        Raises:
            Refused, NotSent, Lost: what came of the call, where it is to be made again or nobody knows.
        """
        if self._doomed:
            await self._delete(self._doomed[0])
            return True
        while self._hunts and (candidate := self._hunts[0].next(self._chat.ids)) is None:
            self._hunts.popleft()
        if not self._hunts or candidate is None or self._may_lose <= 0:
            return False
        await self._try(self._hunts[0], candidate)
        return True

    async def _try(self, hunt: Hunt, candidate: int) -> None:
        written = LostPost(REPLY, asyncio.get_running_loop().time(), self._chat.ids.highest)
        self._replies.append(written)  # until it is answered: whoever calls may be cancelled
        self._may_lose -= 1
        try:
            reply = await self._reply(candidate, hunt.quote)
        except Refused as refused:
            self._answered(written)
            if refused.code == 429:
                raise
            if _NOT_THERE.search(refused.description) or not hunt.again():
                self._replies.clear()  # those before it were refused as well
                hunt.tried()
            return
        except NotSent:
            self._answered(written)
            raise
        self._answered(written)
        hunt.tried()
        self._doomed.append(reply["message_id"])
        if found := _which(hunt.lost, reply.get("reply_to_message") or {}, reply):
            hunt.lost.remove(found)
            self._doomed.append(candidate)
        if self._replies:
            self._hunts.append(Hunt(self._replies, reply["message_id"]))
            self._replies = []
        self._chat.ids.saw(reply["message_id"])

    def _answered(self, reply: LostPost) -> None:
        self._replies.remove(reply)
        self._may_lose += 1

    async def _reply(self, to: int, quote: str) -> dict[str, Any]:
        parameters = {
            "chat_id": self._chat.id,
            "message_thread_id": self._thread_id,
            "text": REPLY.shown,
            "disable_notification": True,
            "reply_parameters": {"message_id": to, "quote": quote} if quote else {"message_id": to},
        }
        return dict(await self._api.call("sendMessage", parameters))

    async def _delete(self, message_id: int) -> None:
        try:
            await self._api.delete_message(self._chat.id, message_id)
        except Refused as refused:
            if refused.code == 429:
                raise
            self._refusals += 1
            if self._refusals < MOST_REFUSALS and not _NOT_THERE.search(refused.description):
                return
        self._doomed.popleft()
        self._refusals = 0


def _of_one_quote(lost: list[LostPost]) -> list[list[LostPost]]:
    """Growing texts of one answer have words in common, by which all of them are found."""
    groups: list[list[LostPost]] = []
    for post in lost:
        if groups and quotable(groups[-1][0].body) in quotable(post.body) and post.body.rich == groups[-1][0].body.rich:
            groups[-1].append(post)
        else:
            groups.append([post])
    return groups


def _which(lost: list[LostPost], message: Mapping[str, Any], reply: Mapping[str, Any]) -> LostPost | None:
    """Which of the lost posts a message is."""
    if message.get("from", {}).get("id") != reply["from"]["id"]:
        return None
    age, now = reply["date"] - message["date"], asyncio.get_running_loop().time()
    said = (post for post in reversed(lost) if _says(message, post.body))  # the latest is met first
    return next((post for post in said if age <= now - post.at + TOLERANCE), None)


def _says(message: Mapping[str, Any], body: Body) -> bool:
    if not body.rich:
        return bool(body.shown == message.get("text"))
    told = Counter(_WORD.findall(" ".join(_legible(message.get("rich_message")))))
    ours = Counter(_WORD.findall(_UNSEEN.sub(" ", body.shown)))
    return 2 * (told & ours).total() >= ALIKE * (told.total() + ours.total()) > 0


def _legible(told: Any) -> Iterator[str]:
    """What can be read of a rich message, as Telegram tells it."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, list):
        for part in told:
            yield from _legible(part)
    elif isinstance(told, dict):
        for name, part in told.items():
            if name in _LEGIBLE or not isinstance(part, str):
                yield from _legible(part)


def quotable(body: Body) -> str:
    """The longest stretch without formatting, which a quote would have to repeat; nothing of a rich message."""
    if body.rich:
        return ""
    units = body.text.encode("utf-16-le")
    spans = sorted((entity["offset"], entity["offset"] + entity["length"]) for entity in body.entities)
    stretches, begin = [], 0
    for first, behind in [*spans, (len(units) // 2, 0)]:
        stretches.append(units[2 * begin : 2 * min(first, begin + MOST_QUOTED)].decode("utf-16-le", "ignore").strip())
        begin = max(begin, behind)
    return max(stretches, key=len)
