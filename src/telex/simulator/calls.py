"""A method call, what belongs to the bot, and what methods that make or change messages share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from telex.simulator import arguments
from telex.simulator.files import Files
from telex.simulator.params import Params
from telex.simulator.refusals import Refused, Why
from telex.simulator.state import DRAFT_SECONDS, Chat, Draft, Json, State

CONTENT = ("text", "entities", "link_preview_options", "rich_message", "reply_markup")
"""The fields of a message that an edit replaces."""


@dataclass(slots=True)
class Bot:
    """What belongs to the bot and to no chat.

    Attributes:
        draft_refusal: a server without drafts, or one that takes none from this bot.
        rich_refusal: a server without rich messages (Bot API before 10.1), or one that takes none from this bot.
    """

    commands: dict[str, list[Json]] = field(default_factory=dict)
    open_queries: set[str] = field(default_factory=set)
    files: Files = field(default_factory=Files)
    draft_refusal: Why | None = None
    rich_refusal: Why | None = None

    @property
    def menu(self) -> list[Json]:
        """The commands that a person is offered where no scope says otherwise."""
        return self.commands.get(scope_key({"type": "default"}, ""), [])


@dataclass(frozen=True, slots=True)
class Call:
    """One call on its way through a method.

    Attributes:
        charge: counts the call against the limits of a chat, or raises the refusal to wait.
        now: the server's clock, for a draft's life.
        date: Unix seconds, for what is written on messages.
    """

    state: State
    bot: Bot
    params: Params
    charge: Callable[[Chat, bool], None]
    now: float
    date: int


def scope_key(scope: Any, language: str) -> str:
    """A name for whom a menu of commands is for."""
    return f"{sorted(scope.items()) if isinstance(scope, dict) else scope} {language}"


def post(call: Call, content: Json, keyboard: arguments.Markup, place: tuple[Chat, int | None], replied: Json) -> Json:
    """A new message of the bot."""
    params, state = call.params, call.state
    chat, thread_id = place
    arguments.check_topic_open(chat, thread_id)
    message = {
        "from": state.bot,
        "chat": state.chat_object(chat),
        "date": call.date,
        **({"message_thread_id": thread_id, "is_topic_message": True} if thread_id else {}),
        **replied,
        **content,
        **({"has_protected_content": True} if params.flag("protect_content") else {}),
    }
    posted = state.post(chat, message)
    if keyboard.other:
        chat.uneditable.add(posted["message_id"])
    return posted


def edit(call: Call, chat: Chat, message: Json, new: Json) -> Json:
    """A message of the bot gets another content."""
    if all(new.get(name) == message.get(name) for name in CONTENT if name != "link_preview_options"):
        raise Refused(Why.NOT_MODIFIED)
    kept = {name: value for name, value in message.items() if name not in CONTENT}
    return call.state.edit(chat, {**kept, "edit_date": call.date, **new})


def inline_keyboard(params: Params) -> arguments.Markup:
    """The keyboard of an edit, which can only be an inline one."""
    keyboard = arguments.markup(params)
    if keyboard.other:
        raise Refused(Why.MARKUP_INLINE)
    return keyboard


def own_message(call: Call) -> tuple[Chat, Json]:
    """The bot's own message that a call wants to change."""
    params = call.params
    if "chat_id" not in params and not params.integer("message_id"):
        raise Refused(Why.NO_MESSAGE_ID)
    chat = arguments.find_chat(call.state, params)
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise Refused(Why.EDIT_NOT_FOUND)
    if message.get("from", {}).get("id") != call.state.bot["id"] or message["message_id"] in chat.uneditable:
        raise Refused(Why.CANT_EDIT)
    return chat, message


def show_draft(
    call: Call, place: tuple[Chat, int | None], text: str, entities: tuple[Json, ...], blocks: tuple[Json, ...] = ()
) -> bool:
    """The person sees the bot write."""
    params = call.params
    chat, thread_id = place
    arguments.check_topic_open(chat, thread_id)
    draft_id = params.integer("draft_id")
    can_stop, keep = params.flag("can_stop"), params.flag("keep_on_stop")
    ends = call.now + DRAFT_SECONDS
    call.state.show_draft(Draft(chat.id, thread_id, draft_id, text, entities, can_stop, keep, ends, blocks=blocks))
    return True
