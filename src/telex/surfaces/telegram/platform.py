"""Updates in: long polling, and what each update says in telex's own terms.

An update is confirmed (by the offset of the next poll) only after it was handed over. What telex does not know, a
newer server's updates or fields, is passed over.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from telex.errors import PlatformError
from telex.surfaces.telegram.api import POLL_SECONDS, POLL_SLACK, BotApi, Lost, NotSent, Refused

log = logging.getLogger("telex.telegram")

ALLOWED = ("message", "callback_query", "stopped_message_generation")
MOST_WAIT = 30.0  # seconds between two tries of a server that does not answer
# What a person can send that is no text; everything else without words tells of the chat itself, such as a pinned message.
MEDIA = frozenset(
    {
        *(
            "animation",
            "audio",
            "checklist",
            "contact",
            "dice",
            "document",
            "game",
            "live_photo",
            "location",
            "paid_media",
        ),
        *("photo", "poll", "sticker", "story", "venue", "video", "video_note", "voice"),
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A person wrote something.

    Attributes:
        chat_id: where, and
        thread_id: in which topic.
        user_id: who.
        message_id: the message.
        text: its words, without a mention of the bot.
        private: in a chat of two.
        addressed: it mentions or names the bot, replies to it, or stands in a private chat.
        command: ``"stop"`` for ``/stop`` or ``/stop@this_bot``; the rest is ``text``.
        update_id: the platform's own number of it.
        media: it carries something that is no text.
        album: shared by messages that were sent as one.
    """

    chat_id: int
    thread_id: int | None
    user_id: int
    message_id: int
    text: str
    private: bool
    addressed: bool
    command: str | None = None
    update_id: int = 0
    media: bool = False
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A person pressed Stop on a draft (Bot API 10.3); the chat is private, so its id is the user's."""

    chat_id: int
    thread_id: int | None
    draft_id: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """A person pressed a button under a message of the bot's.

    Attributes:
        chat_id: where, and
        thread_id: in which topic.
        user_id: who.
        query_id: to be answered, or the button keeps spinning.
        message_id: the message.
        data: what the button carries.
        update_id: the platform's own number of it.
    """

    chat_id: int
    thread_id: int | None
    user_id: int
    query_id: str
    message_id: int
    data: str
    update_id: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """A group became a supergroup."""

    old: int
    new: int


_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]+)(?:@(?P<whom>\w+))?(?P<rest>|\s.*)", re.DOTALL)

Inbound: TypeAlias = Asked | Stopped | Pressed | Moved


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own account."""

    id: int
    username: str


def read(update: Mapping[str, Any], me: Me) -> Inbound | None:
    """What an update says; ``None`` for what is none of our business."""
    stopped = update.get("stopped_message_generation")
    if stopped:
        return Stopped(stopped["chat"]["id"], stopped.get("message_thread_id"), stopped["draft_id"])
    pressed = update.get("callback_query")
    if pressed:
        return _pressed(pressed, update["update_id"])
    message = update.get("message")
    if not message:
        return None
    if "migrate_to_chat_id" in message:
        return Moved(message["chat"]["id"], message["migrate_to_chat_id"])
    sender = message.get("from")
    if not sender or sender.get("is_bot") or message["chat"]["type"] == "channel":
        return None
    media = not MEDIA.isdisjoint(message)
    if not (media or message.get("text")):
        return None
    words, mentioned = _words(message, me)
    command, text, whom = _command(words)
    named = bool(whom) and whom.casefold() == me.username.casefold()
    if whom and not named:
        return None
    private = message["chat"]["type"] == "private"
    return Asked(
        chat_id=message["chat"]["id"],
        # Elsewhere than in topics the field names a thread of replies.
        thread_id=message.get("message_thread_id") if message.get("is_topic_message") else None,
        user_id=sender["id"],
        message_id=message["message_id"],
        text=text,
        private=private,
        addressed=private or mentioned or named or _replied_to(message) == me.id,
        command=command,
        update_id=update["update_id"],
        media=media,
        album=message.get("media_group_id"),
    )


def _replied_to(message: Mapping[str, Any]) -> int | None:
    """Whose message it replies to; what merely stands in a topic "replies" to the message that made the topic."""
    replied = message.get("reply_to_message")
    if not replied or "forum_topic_created" in replied:
        return None
    return (replied.get("from") or {}).get("id")


def _pressed(query: Mapping[str, Any], update_id: int) -> Pressed | None:
    message = query.get("message")
    if not message or "data" not in query:
        return None
    return Pressed(
        chat_id=message["chat"]["id"],
        thread_id=message.get("message_thread_id") if message.get("is_topic_message") else None,
        user_id=query["from"]["id"],
        query_id=query["id"],
        message_id=message["message_id"],
        data=query["data"],
        update_id=update_id,
    )


def _words(message: Mapping[str, Any], me: Me) -> tuple[str, bool]:
    """A message's text or caption without its mention of the bot, and whether there was one."""
    text = message.get("text") or message.get("caption") or ""
    units = text.encode("utf-16-le", "surrogatepass")  # an entity's place is counted in UTF-16 units
    for entity in message.get("entities") or message.get("caption_entities") or ():
        start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
        marked = units[start:end].decode("utf-16-le", "replace").casefold()
        by_name = entity["type"] == "mention" and marked == f"@{me.username}".casefold()
        if by_name or (entity["type"] == "text_mention" and entity["user"]["id"] == me.id):
            return (units[:start] + units[end:]).decode("utf-16-le", "surrogatepass").strip(" ,:\n"), True
    return text, False


def _command(text: str) -> tuple[str | None, str, str]:
    """The command that a text begins with, the rest of the text, and the name of the bot that it is for."""
    found = _COMMAND.fullmatch(text)
    return (found["name"].casefold(), found["rest"].strip(), found["whom"] or "") if found else (None, text, "")


Store: TypeAlias = Callable[[Sequence[Mapping[str, Any]]], Awaitable[Collection[int]]]


class Poller:
    """Fetches updates, has them written down, and hands each over once.

    Args:
        api: the connection.
        me: the bot's own account.
        store: writes updates down before they are confirmed, and returns the ids that are new.
        take: is given each update's meaning, in order; must not wait.
        passed: is told the id of an update that means nothing to telex.
        saw: is told every message id that is seen, with its chat's.
    """

    def __init__(  # noqa: PLR0913 - who fetches, and who is told what
        self,
        api: BotApi,
        me: Me,
        *,
        store: Store,
        take: Callable[[Inbound], None],
        passed: Callable[[int], None],
        saw: Callable[[int, int], None],
    ) -> None:
        self._api = api
        self._me = me
        self._store = store
        self._take = take
        self._passed = passed
        self._saw = saw
        self._offset: int | None = None
        self._confirmed: int | None = None  # the offset of the latest poll

    async def run(self) -> None:
        """Poll until cancelled.

        Raises:
            PlatformError: the token was revoked.
        """
        failures = 0
        while True:
            try:
                updates = await self._fetch(POLL_SECONDS)
            except (Refused, Lost, NotSent) as error:
                if isinstance(error, Refused) and error.code in {401, 404}:
                    raise PlatformError("Telegram no longer accepts the bot's token; ask @BotFather for it.") from None
                failures += 1
                wait = error.retry_after if isinstance(error, Refused) and error.retry_after else 0.0
                if failures in {1, 5} or failures % 50 == 0:
                    log.warning("no updates from Telegram: %s Trying again.", _advice(error))
                await asyncio.sleep(max(wait, min(MOST_WAIT, 0.5 * 2 ** min(failures, 6))))
                continue
            if failures:
                log.info("updates from Telegram come in again")
            failures = 0
            if updates:
                new = await self._store(updates)
                self._offset = updates[-1]["update_id"] + 1
                for update in updates:
                    if update["update_id"] in new:
                        self.hand_over(update)

    async def confirm(self) -> None:
        """Tell the server what was handed over, so that a restart does not get it again."""
        if self._offset != self._confirmed:
            try:
                await asyncio.wait_for(self._fetch(0), 1.0)
            except (PlatformError, TimeoutError):
                log.warning("the last updates could not be confirmed: they may come again after the next start")

    async def _fetch(self, seconds: int) -> list[Mapping[str, Any]]:
        self._confirmed = self._offset
        parameters = {"offset": self._offset, "timeout": seconds, "allowed_updates": ALLOWED}
        updates: list[Mapping[str, Any]] = await self._api.call("getUpdates", parameters, timeout=seconds + POLL_SLACK)
        return updates

    def hand_over(self, update: Mapping[str, Any]) -> None:
        """Say what an update means to whoever takes it."""
        try:
            message = update.get("message")
            if message:
                self._saw(message["chat"]["id"], message["message_id"])
            inbound = read(update, self._me)
        except (KeyError, TypeError, AttributeError):
            log.warning("update %s has a form that telex does not know and is passed over", update["update_id"])
            inbound = None
        if inbound:
            try:
                self._take(inbound)
            except Exception:
                log.exception("update %s could not be acted on; this is a bug in telex", update["update_id"])
                inbound = None
        if not isinstance(inbound, Asked | Pressed):
            self._passed(update["update_id"])


def _advice(error: PlatformError) -> str:
    if isinstance(error, Refused) and error.code == 409:
        return f"{error} Another program polls with the same token, or a webhook is set; stop one of them."
    return str(error)
