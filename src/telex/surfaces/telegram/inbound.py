"""What an update says, in telex's own terms. What telex does not know, a newer server's updates or fields, is passed over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

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
LARGEST_SIDE = 1600  # pixels
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})  # what all servers take


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
        pictures: the files of its pictures, or of the message that it replies to.
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
    pictures: tuple[str, ...] = ()


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
        text: the message's words.
    """

    chat_id: int
    thread_id: int | None
    user_id: int
    query_id: str
    message_id: int
    data: str
    update_id: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A group became a supergroup."""

    old: int
    new: int


_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]+)(?:@(?P<whom>\w+))?(?P<rest>|\s.*)", re.DOTALL)

Inbound: TypeAlias = Asked | Stopped | Pressed | Moved


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own account: its ``id``, and its ``username`` without the @."""

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
    command, text, whom = read_command(words)
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
        pictures=_pictures(message) or (_pictures(message.get("reply_to_message") or {}) if text else ()),
    )


def _pictures(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The file of the picture that a message carries; of a photo, the largest size that models make use of."""
    sizes = [size for size in message.get("photo") or () if "file_id" in size]
    document = message.get("document") or {}
    if sizes:
        small = [size for size in sizes if max(size.get("width", 0), size.get("height", 0)) <= LARGEST_SIDE]
        return ((small or sizes[:1])[-1]["file_id"],)
    if document.get("mime_type") in PICTURES and "file_id" in document:
        return (document["file_id"],)
    return ()


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
        text=message.get("text", ""),
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


def read_command(text: str) -> tuple[str | None, str, str]:
    """The command that a text begins with, the rest of the text, and the name of the bot that it is for."""
    found = _COMMAND.fullmatch(text)
    return (found["name"].casefold(), found["rest"].strip(), found["whom"] or "") if found else (None, text, "")
