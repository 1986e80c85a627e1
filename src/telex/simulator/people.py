"""What people do: they write, press buttons, delete. Each becomes what the bot hears of it."""

from typing import Any

from telex.simulator.checks import fix
from telex.simulator.state import GENERAL, Chat, Json, State, thread_of


def person_message(state: State, chat: Chat, user: Json, text: str, date: int, **where: Any) -> Json:
    """Post a person's message.

    Args:
        state: the world.
        chat: where it is written.
        user: who writes.
        text: what, with Markdown meaning nothing.
        date: Unix seconds.
        where: ``thread_id``, ``reply_to`` (a message id), ``entities`` and ``media`` (fields of the message that make the text
            a caption), each optional.

    Returns:
        The Bot API's Message.

    Raises:
        KeyError: the message answered to, or the topic, is not in this chat.
        telex.simulator.refusals.Refused: the text is empty, or an entity lies wrong.
    """
    thread_id = where.get("thread_id")
    if thread_id == GENERAL and chat.is_forum:
        thread_id = None
    elif thread_id is not None and thread_id not in chat.topics:
        raise KeyError(f"chat {chat.id} has no topic {thread_id}")
    media = where.get("media") or {}
    content = fix(text, list(where.get("entities") or []), allow_empty=bool(media))
    message: Json = {
        "from": user,
        "chat": state.chat_object(chat),
        "date": date,
        **({"message_thread_id": thread_id, "is_topic_message": True} if thread_id else {}),
    }
    reply_to = where.get("reply_to")
    if reply_to is not None:
        target = chat.messages[reply_to]
        message["reply_to_message"] = {key: value for key, value in target.items() if key != "reply_to_message"}
        if chat.type == "supergroup" and not chat.is_forum:
            # In a group without topics the number names the thread of replies, by its first message.
            message["message_thread_id"] = target.get("message_thread_id", reply_to)
        elif thread_id is None and thread_of(target):
            message.update(message_thread_id=thread_of(target), is_topic_message=True)
    message.update(media)
    if content.text:
        message["caption" if media else "text"] = content.text
    if content.entities:
        message["caption_entities" if media else "entities"] = list(content.entities)
    return state.post(chat, message)


def blocked_update(state: State, chat: Chat, user: Json, date: int) -> Json:
    """The ``my_chat_member`` update that tells a bot it is no longer welcome."""
    member = {"user": state.bot, "status": "member"}
    kicked = {"user": state.bot, "status": "kicked", "until_date": 0}
    return {
        "chat": state.chat_object(chat),
        "from": user,
        "date": date,
        "old_chat_member": member,
        "new_chat_member": kicked,
    }


def migrate(state: State, chat: Chat, user: Json, date: int) -> tuple[Json, Json]:
    """Make a group a supergroup with another id, with its people and topics and without its messages.

    Returns:
        The two service messages that tell of it: the old chat's and the new chat's.
    """
    new_id = min(*state.chats, -1_001_000_000_000) - 1
    new = Chat(new_id, "supergroup", chat.title, chat.is_forum, list(chat.members), dict(chat.topics))
    new.last_id = max((chat.last_id, *new.topics))
    state.chats[new_id] = new
    sender = {"from": user, "date": date}
    left = state.post(chat, {**sender, "chat": state.chat_object(chat), "migrate_to_chat_id": new_id})
    entered = state.post(new, {**sender, "chat": state.chat_object(new), "migrate_from_chat_id": chat.id})
    chat.migrated_to = new_id
    return left, entered
