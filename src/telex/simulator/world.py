"""The world of one bot: what people can do in it, and what they see. It knows no HTTP and no event loop."""

import time
from collections.abc import Callable
from typing import Any

from telex.simulator import chats, people
from telex.simulator.calls import Bot
from telex.simulator.files import PICTURES, Files, as_photo
from telex.simulator.state import GENERAL, Chat, Draft, Json, State, Topic, draft_event
from telex.simulator.updates import UpdateQueue


class World:
    """Users, chats and the queue of updates, with everything a person can do as a method.

    Args:
        token: the bot's token; its id stands before the colon.
        clock: seconds, for drafts; the time of day moves with it.
    """

    def __init__(self, token: str, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.state = State(chats.bot_user(token))
        self.bot = Bot()
        self.queue = UpdateQueue()
        self.status: Json | None = None
        self._epoch = time.time() - clock()
        self._query_id = 0
        chats.default_world(self.state)

    @property
    def files(self) -> Files:
        """What people have sent."""
        return self.bot.files

    def unix(self) -> float:
        """The time of day, moving with the clock."""
        return self._epoch + self.clock()

    def tick(self) -> None:
        """Let go of what is over by now: drafts that were not refreshed."""
        self.state.expire(self.clock())

    def subscribe(self, listener: Callable[[Json], None]) -> Callable[[], None]:
        """Hear of every change from now on; the returned function ends it."""
        self.state.listeners.append(listener)
        return lambda: self.state.listeners.remove(listener)

    def snapshot(self) -> Json:
        """All that a page needs to begin with."""
        self.tick()
        known = self.state.chats.values()
        return {
            "type": "hello",
            "bot": self.state.bot,
            "me": self.state.users[chats.ADA],
            "chats": [chats.chat_view(self.state, chat) for chat in known],
            "messages": [message for chat in known for message in chat.messages.values()],
            "drafts": [draft_event(draft) for draft in self.state.drafts.values()],
            "status": self.status,
            "commands": self.bot.menu,
        }

    def set_status(self, text: str, progress: float | None = None, ready: bool = False) -> None:
        """Show a line on the page, such as how far a model is loaded (``progress`` from 0 to 1)."""
        self.status = {"type": "status", "text": text, "progress": progress, "ready": ready}
        self.state.emit(self.status)

    def messages(self, chat_id: int, thread_id: int | None = None) -> list[Json]:
        """The visible messages, oldest first; without a thread those outside any topic (in a forum: General)."""
        return list(self.state.messages_in(self.state.chats[chat_id], self._thread(chat_id, thread_id)))

    def draft(self, chat_id: int, thread_id: int | None = None) -> Draft | None:
        """The draft a person sees there now."""
        self.state.expire(self.clock())
        return self.state.drafts.get((chat_id, self._thread(chat_id, thread_id)))

    def _thread(self, chat_id: int, thread_id: int | None) -> int | None:
        return None if thread_id == GENERAL and self.state.chats[chat_id].is_forum else thread_id

    # People -----------------------------------------------------------------------------------------------------

    def say(  # noqa: PLR0913 - where, who and what
        self,
        chat_id: int,
        text: str,
        *,
        user_id: int | None = None,
        thread_id: int | None = None,
        reply_to: int | None = None,
        entities: list[Json] | None = None,
        media: Json | None = None,
    ) -> Json:
        """A person writes, and the bot hears of it.

        Args:
            chat_id: where.
            text: what; it has no markup.
            user_id: who; in a private chat its person and elsewhere Ada, unless named.
            thread_id: in which topic.
            reply_to: the id of the message that is answered.
            entities: Telegram's description of what in the text is bold, a mention and so on.
            media: further fields of the message, such as those of a photo; the text is then its caption.

        Raises:
            KeyError: no such chat, topic, person or message.
        """
        chat = self.state.chats[chat_id]
        message = people.person_message(
            self.state,
            chat,
            self._person(chat, user_id),
            text,
            int(self.unix()),
            thread_id=thread_id,
            reply_to=reply_to,
            entities=entities,
            media=media,
        )
        self.notify("message", message)
        return message

    def send_photo(
        self, chat_id: int, data: bytes, caption: str = "", *, width: int = 640, height: int = 480, **where: Any
    ) -> Json:
        """A person sends a photo. Raises as `say` does.

        Args:
            chat_id: where.
            data: the file.
            caption: what stands below it.
            width: in pixels, as the message says.
            height: the same.
            where: further arguments of `say`.
        """
        return self.say(chat_id, caption, media=as_photo(self.files.add(data), width, height), **where)

    def picture(self, file_id: str) -> tuple[bytes, str] | None:
        """A picture that was sent, and its media type; None for what is no picture, or none that is known."""
        file = self.files.known(file_id)
        return (file.data, file.kind) if file and file.kind in PICTURES else None

    def press(self, chat_id: int, message_id: int, callback_data: str, *, user_id: int | None = None) -> str:
        """A person presses the button that holds ``callback_data``; returns the callback query's id.

        Raises:
            KeyError: no such chat or message, or it has no button with this data.
        """
        chat = self.state.chats[chat_id]
        message = chat.messages[message_id]
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        if not any(button.get("callback_data") == callback_data for row in rows for button in row):
            raise KeyError(f"message {message_id} has no button {callback_data!r}")
        self._query_id += 1
        query_id = str(self._query_id)
        self.bot.open_queries.add(query_id)
        query = {"id": query_id, "from": self._person(chat, user_id), "message": message, "data": callback_data}
        self.notify("callback_query", {**query, "chat_instance": str(abs(chat_id))})
        return query_id

    def press_stop(self, chat_id: int, thread_id: int | None = None) -> bool:
        """A person presses Stop on the draft; False when there is no draft with a Stop button."""
        draft = self.draft(chat_id, thread_id)
        if draft is None or not draft.can_stop:
            return False
        self.state.stop_draft(draft)
        topic = {"message_thread_id": draft.thread_id} if draft.thread_id else {}
        chat = self.state.chat_object(self.state.chats[chat_id])
        self.notify("stopped_message_generation", {"chat": chat, **topic, "draft_id": draft.draft_id})
        return True

    def delete(self, chat_id: int, message_id: int) -> bool:
        """A person deletes a message; bots are not told. False when it was not there."""
        return self.state.delete(self.state.chats[chat_id], message_id)

    def delete_topic(self, chat_id: int, topic_id: int) -> None:
        """A person deletes a topic, with everything in it; bots are not told."""
        chat = self.state.chats[chat_id]
        chat.topics[topic_id].deleted = True
        for message in list(self.state.messages_in(chat, topic_id)):
            self.state.delete(chat, message["message_id"])
        self.state.drop_draft(chat_id, topic_id)
        self.state.emit({"type": "chat", "chat": chats.chat_view(self.state, chat)})

    def close_topic(self, chat_id: int, topic_id: int, *, closed: bool = True) -> None:
        """A person closes a topic, or with ``closed=False`` opens it again; what stands in it can still be edited."""
        self.state.chats[chat_id].topics[topic_id].closed = closed

    def block(self, chat_id: int, *, user_id: int | None = None) -> None:
        """A person blocks the bot, or throws it out of a group."""
        chat = self.state.chats[chat_id]
        chat.blocked = True
        update = people.blocked_update(self.state, chat, self._person(chat, user_id), int(self.unix()))
        self.notify("my_chat_member", update)

    def unblock(self, chat_id: int) -> None:
        """The bot may write there again."""
        self.state.chats[chat_id].blocked = False

    def migrate(self, chat_id: int) -> int:
        """A group becomes a supergroup; returns its new id."""
        chat = self.state.chats[chat_id]
        for message in people.migrate(self.state, chat, self._person(chat, None), int(self.unix())):
            self.notify("message", message)
        assert chat.migrated_to is not None  # noqa: S101 - just set
        self.state.emit({"type": "chat", "chat": chats.chat_view(self.state, self.state.chats[chat.migrated_to])})
        return chat.migrated_to

    def add_private(self, user_id: int, name: str) -> Chat:
        """A further person with a private chat.

        Args:
            user_id: theirs, which is the chat's too.
            name: their first name.
        """
        return chats.add_private(self.state, user_id, name)

    def add_group(self, chat_id: int, title: str, *members: int, kind: str = "supergroup") -> Chat:
        """A further group.

        Args:
            chat_id: its id, below 0.
            title: its name.
            members: the ids of who is in it beside the bot.
            kind: ``group`` or ``supergroup``.
        """
        return chats.add_group(self.state, chat_id, title, *members, kind=kind)

    def add_forum(self, chat_id: int, title: str, *members: int, topics: tuple[str, ...] = ()) -> Chat:
        """A further forum.

        Args:
            chat_id: its id, below 0.
            title: its name.
            members: the ids of who is in it beside the bot.
            topics: the names of those beside General.
        """
        return chats.add_forum(self.state, chat_id, title, *members, topics=topics)

    def add_topic(self, chat_id: int, name: str) -> Topic:
        """A further topic called ``name``; in a private chat it switches topics on."""
        return chats.add_topic(self.state, chat_id, name)

    def notify(self, kind: str, payload: Json) -> None:
        """Queue an update for the bot."""
        self.queue.put(kind, payload, self.unix())

    def _person(self, chat: Chat, user_id: int | None) -> Json:
        if user_id is None:
            user_id = chat.id if chat.type == "private" else chats.ADA
        return self.state.users[user_id]
