"""What Telegram knows: users, chats, topics, messages and drafts.

Pure data without asyncio and without a clock: ``now`` is an argument where time matters, in seconds of the caller's
clock, and dates are whole Unix seconds. Each change calls the listeners, synchronously, with the event that the chat
page reads.

Users, chats and messages are the Bot API's own objects (dictionaries), so an answer is what is stored.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Listener: TypeAlias = Callable[[Json], None]

GENERAL = 1  # the topic that every forum has; it is addressed by leaving the thread out
DRAFT_SECONDS = 30.0  # clients drop a draft this long after its last update


@dataclass(slots=True)
class Topic:
    """A topic of a forum, or of a private chat with topics.

    Attributes:
        id: its ``message_thread_id``.
        name: its title.
        closed: only administrators may write there.
        deleted: it is gone.
    """

    id: int
    name: str
    closed: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that is still being written; no message, and gone when it is not refreshed.

    Attributes:
        chat_id: where.
        thread_id: in which topic of it.
        draft_id: the bot's own number of it.
        text: all that can be read there now.
        entities: what of it is bold, a link and so on, as Telegram describes it.
        can_stop: the person has a button to stop it.
        keep_on_stop: it stays for a while when it is stopped.
        expires_at: when it disappears, in the caller's seconds.
        stopped: the person has pressed Stop, and it stays for what is left of its time.
        blocks: of a rich one; ``text`` then holds their letters.
    """

    chat_id: int
    thread_id: int | None
    draft_id: int
    text: str
    entities: tuple[Json, ...]
    can_stop: bool
    keep_on_stop: bool
    expires_at: float
    stopped: bool = False
    blocks: tuple[Json, ...] = ()


@dataclass(slots=True)
class Chat:
    """A chat and everything in it.

    Attributes:
        id: Telegram's.
        type: ``private``, ``group`` or ``supergroup``.
        title: of a group.
        is_forum: it has topics.
        members: the ids of who is in it.
        topics: by their ids.
        messages: by their ids, as the Bot API describes them.
        uneditable: messages sent with a keyboard that is not inline; the server refuses to edit them.
        blocked: the person has blocked the bot, or the group has thrown it out.
        migrated_to: the supergroup that this group has become.
        last_id: the highest message id, in a chat that counts its own.
    """

    id: int
    type: str
    title: str
    is_forum: bool = False
    members: list[int] = field(default_factory=list)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    uneditable: set[int] = field(default_factory=set)
    blocked: bool = False
    migrated_to: int | None = None
    last_id: int = 0


class State:
    """All of it, with the changes that can happen to it."""

    def __init__(self, bot: Json) -> None:
        self.bot = bot
        self.users: dict[int, Json] = {bot["id"]: bot}
        self.chats: dict[int, Chat] = {}
        self.drafts: dict[tuple[int, int | None], Draft] = {}
        self.listeners: list[Listener] = []
        self._shared_id = 0

    def emit(self, event: Json) -> None:
        """Tell every listener."""
        for listener in tuple(self.listeners):
            listener(event)

    def find_chat(self, name: str) -> Chat | None:
        """The chat with this id, or with this @username."""
        if name.startswith("@"):
            wanted = name[1:].lower()
            users = (self.chats.get(user["id"]) for user in self.users.values() if _username(user) == wanted)
            return next((chat for chat in users if chat), None)
        try:
            return self.chats.get(int(name))
        except ValueError:
            return None

    def chat_object(self, chat: Chat) -> Json:
        """The Bot API's Chat."""
        if chat.type == "private":
            user = self.users[chat.id]
            names: Json = {key: user[key] for key in ("first_name", "last_name", "username") if key in user}
            return {"id": chat.id, **names, "type": "private"}
        forum: Json = {"is_forum": True} if chat.is_forum else {}
        return {"id": chat.id, "title": chat.title, "type": chat.type, **forum}

    def next_id(self, chat: Chat) -> int:
        """A fresh message id. Private chats and basic groups share one sequence; a supergroup has its own."""
        if chat.type == "supergroup":
            chat.last_id += 1
            return chat.last_id
        self._shared_id += 1
        return self._shared_id

    def add_topic(self, chat: Chat, name: str, topic_id: int | None = None) -> Topic:
        """A new topic, named by the id of the service message that creates it."""
        topic = Topic(self.next_id(chat) if topic_id is None else topic_id, name)
        chat.topics[topic.id] = topic
        return topic

    def post(self, chat: Chat, message: Json) -> Json:
        """A message appears. One from the bot takes the draft of its chat and topic away."""
        message = {"message_id": self.next_id(chat), **message}
        chat.messages[message["message_id"]] = message
        if message.get("from", {}).get("id") == self.bot["id"]:
            self.drop_draft(chat.id, thread_of(message))
        self.emit({"type": "message", "message": message})
        return message

    def edit(self, chat: Chat, message: Json) -> Json:
        """A message is replaced by its new form."""
        chat.messages[message["message_id"]] = message
        self.emit({"type": "edited", "message": message})
        return message

    def delete(self, chat: Chat, message_id: int) -> bool:
        """A message disappears; False when it was not there."""
        message = chat.messages.pop(message_id, None)
        if message is None:
            return False
        gone = {"type": "deleted", "chat_id": chat.id, "message_id": message_id}
        self.emit({**gone, "thread_id": thread_of(message)})
        return True

    def show_draft(self, draft: Draft) -> None:
        """A draft appears or changes; a new ``draft_id`` takes the place of the old one."""
        self.drafts[draft.chat_id, draft.thread_id] = draft
        self.emit(draft_event(draft))

    def stop_draft(self, draft: Draft) -> None:
        """The person presses Stop: the draft stays for the rest of its time, or goes at once."""
        if draft.keep_on_stop:
            self.show_draft(replace(draft, can_stop=False, stopped=True))
        else:
            self.drop_draft(draft.chat_id, draft.thread_id)

    def drop_draft(self, chat_id: int, thread_id: int | None) -> None:
        """The draft disappears, if there is one."""
        draft = self.drafts.pop((chat_id, thread_id), None)
        if draft:
            gone = {"type": "draft_gone", "chat_id": chat_id, "thread_id": thread_id}
            self.emit({**gone, "draft_id": draft.draft_id})

    def expire(self, now: float) -> None:
        """Drop the drafts whose time is over."""
        for draft in [draft for draft in self.drafts.values() if draft.expires_at <= now]:
            self.drop_draft(draft.chat_id, draft.thread_id)

    def next_expiry(self) -> float | None:
        """When the next draft disappears by itself."""
        return min((draft.expires_at for draft in self.drafts.values()), default=None)

    def messages_in(self, chat: Chat, thread_id: int | None) -> Iterator[Json]:
        """The messages of one topic, oldest first; without a topic those that are in none."""
        for message in chat.messages.values():
            if thread_of(message) == thread_id:
                yield message


def thread_of(message: Json) -> int | None:
    """The topic a message is in. Elsewhere ``message_thread_id`` only names a thread of replies."""
    return message["message_thread_id"] if message.get("is_topic_message") else None


def draft_event(draft: Draft) -> Json:
    """What the page hears of a draft."""
    return {
        "type": "draft",
        "chat_id": draft.chat_id,
        "thread_id": draft.thread_id,
        "draft_id": draft.draft_id,
        "text": draft.text,
        "entities": list(draft.entities),
        "can_stop": draft.can_stop,
        **({"rich_message": {"blocks": list(draft.blocks)}} if draft.blocks else {}),
    }


def _username(user: Json) -> str:
    return str(user.get("username", "")).lower()
