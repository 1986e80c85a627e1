"""The people and chats that a simulator starts with, and how to add more."""

from telex.simulator.state import GENERAL, Chat, Json, State, Topic

ADA, GRACE = 1001, 1002
LAB, WORKSHOP = -1001000000001, -1001000000002


def bot_user(token: str) -> Json:
    """The bot that owns this token; its id stands before the colon."""
    number = token.partition(":")[0]
    if not number.isdecimal():
        raise ValueError("a bot token is a number, a colon and a secret, such as 12345:telex-simulator")
    return {"id": int(number), "is_bot": True, "first_name": "telex", "username": "telex_demo_bot"}


def add_user(state: State, user_id: int, name: str, username: str | None = None) -> Json:
    """A person; one already known stays as they are."""
    known = {"id": user_id, "is_bot": False, "first_name": name, "language_code": "en"}
    return state.users.setdefault(user_id, {**known, **({"username": username} if username else {})})


def add_private(state: State, user_id: int, name: str) -> Chat:
    """A person and the bot's private chat with them."""
    add_user(state, user_id, name)
    return _add(state, Chat(user_id, "private", "", members=[user_id, state.bot["id"]]))


def add_group(state: State, chat_id: int, title: str, *members: int, kind: str = "supergroup") -> Chat:
    """A group with the bot in it; ``kind`` is ``group`` or ``supergroup``."""
    return _add(state, Chat(chat_id, kind, title, members=[*members, state.bot["id"]]))


def add_forum(state: State, chat_id: int, title: str, *members: int, topics: tuple[str, ...] = ()) -> Chat:
    """A supergroup with topics; General is always there."""
    chat = Chat(chat_id, "supergroup", title, is_forum=True, members=[*members, state.bot["id"]], last_id=1)
    state.add_topic(chat, "General", GENERAL)
    for name in topics:
        state.add_topic(chat, name)
    return _add(state, chat)


def add_topic(state: State, chat_id: int, name: str) -> Topic:
    """A further topic of a forum, or of a private chat, which has topics from then on."""
    chat = state.chats[chat_id]
    topic = state.add_topic(chat, name)
    state.emit({"type": "chat", "chat": chat_view(state, chat)})
    return topic


def default_world(state: State) -> None:
    """Ada with a private chat, Grace beside her, a group and a forum."""
    add_user(state, GRACE, "Grace", "grace")
    add_user(state, ADA, "Ada", "ada")
    add_private(state, ADA, "Ada")
    add_group(state, LAB, "Lab", ADA, GRACE)
    add_forum(state, WORKSHOP, "Workshop", ADA, GRACE, topics=("Ideas", "Code"))


def chat_view(state: State, chat: Chat) -> Json:
    """A chat as the page shows it."""
    title = chat.title or state.users[chat.id]["first_name"]
    topics = [{"id": topic.id, "name": topic.name} for topic in chat.topics.values() if not topic.deleted]
    members = [state.users[user_id] for user_id in chat.members]
    return {
        "id": chat.id,
        "type": chat.type,
        "title": title,
        "is_forum": chat.is_forum,
        "topics": topics,
        "members": members,
    }


def _add(state: State, chat: Chat) -> Chat:
    state.chats[chat.id] = chat
    state.emit({"type": "chat", "chat": chat_view(state, chat)})
    return chat
