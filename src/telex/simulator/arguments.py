"""What several methods read from a call, each in the server's order of checks: text, markup, chat, topic, reply."""

import json
from dataclasses import dataclass
from typing import Any

from telex.simulator.checks import MAX_RAW_BYTES, Formatted, fix, parse_entities
from telex.simulator.markup import parse_markup
from telex.simulator.params import Params
from telex.simulator.refusals import Refused, Why
from telex.simulator.state import GENERAL, Chat, Json, State

MAX_CALLBACK_BYTES = 64


@dataclass(frozen=True, slots=True)
class Markup:
    """A keyboard: the inline one a message keeps, or a sign that it carried another kind."""

    inline: Json | None = None
    other: bool = False


def formatted(params: Params, *, allow_empty: bool = False) -> Formatted:
    """The text with its entities, from a parse mode or from the call's own list.

    Raises:
        Refused: the text is missing, too long to parse, or its markup is wrong.
    """
    text = params.text("text")
    if not text:
        if allow_empty:
            return Formatted("")
        raise Refused(Why.TEXT_MISSING)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_RAW_BYTES:
        raise Refused(Why.TEXT_BYTES)
    mode = params.text("parse_mode").lower()
    if mode not in {"", "none"}:
        text, entities = parse_markup(text, mode)
    else:
        entities = parse_entities(params.object("entities", Why.BAD_ENTITY, detail="expected an Array"))
    return fix(text, entities, allow_empty=allow_empty)


def check_preview(params: Params) -> Json | None:
    """The link preview's options, from the new parameter or the old one."""
    options = params.object("link_preview_options", Why.PREVIEW_JSON)
    if options is not None and not isinstance(options, dict):
        raise Refused(Why.PREVIEW_JSON)
    if options is None and params.flag("disable_web_page_preview"):
        return {"is_disabled": True}
    return options or None


def markup(params: Params) -> Markup:
    """The keyboard of a call.

    Raises:
        Refused: it is no JSON object, or one of its buttons is wrong.
    """
    raw = params.object("reply_markup", Why.MARKUP_JSON)
    if raw is None:
        return Markup()
    if not isinstance(raw, dict):
        raise Refused(Why.MARKUP_OBJECT)
    if "inline_keyboard" not in raw:
        return Markup(other=bool(raw))
    rows = raw["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused(Why.MARKUP_JSON)
    for button in (button for row in rows for button in row):
        _check_button(button)
    rows = [row for row in rows if row]
    return Markup(inline={"inline_keyboard": rows} if rows else None)


def _check_button(button: Any) -> None:
    if not isinstance(button, dict):
        raise Refused(Why.MARKUP_JSON)
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise Refused(Why.BUTTON_TEXT)
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode("utf-8", "surrogatepass")) <= MAX_CALLBACK_BYTES:
        raise Refused(Why.BUTTON_DATA)


def rich_message(params: Params) -> Json:
    """The rich message of a call, as it was written.

    Raises:
        Refused: it is no object, or does not say what is in it in exactly one way.
    """
    raw = params.object("rich_message", Why.RICH_JSON, detail="expected an Object")
    if raw is None:
        raise Refused(Why.RICH_MISSING)
    if not isinstance(raw, dict):
        raise Refused(Why.RICH_JSON, detail="expected an Object")
    given = [name for name in ("html", "markdown", "blocks") if raw.get(name) is not None]
    if len(given) != 1:
        raise Refused(Why.RICH_JSON, detail='exactly one of "html", "markdown" and "blocks" must be specified')
    wanted = list if given == ["blocks"] else str
    if not isinstance(raw[given[0]], wanted):
        raise Refused(
            Why.RICH_JSON, detail=f'Field "{given[0]}" must be of type {"Array" if wanted is list else "String"}'
        )
    if raw.get("media"):
        raise Refused(Why.RICH_JSON, detail="the simulator takes no media in rich messages")
    return raw


def find_chat(state: State, params: Params) -> Chat:
    """The chat of a call.

    Raises:
        Refused: it is not named, not known, or closed to the bot.
    """
    name = params.text("chat_id").strip()
    if not name:
        raise Refused(Why.CHAT_EMPTY)
    chat = state.find_chat(name)
    if chat is None:
        if name.isdecimal() and int(name[:20]) in state.users:
            raise Refused(Why.NOT_STARTED)  # known from a group, but never wrote to the bot
        raise Refused(Why.CHAT_NOT_FOUND)
    if chat.migrated_to is not None:
        raise Refused(Why.MIGRATED, parameters={"migrate_to_chat_id": chat.migrated_to})
    if chat.blocked:
        raise Refused(Why.BLOCKED) if chat.type == "private" else Refused(Why.KICKED, kind=chat.type)
    return chat


def find_thread(chat: Chat, params: Params) -> int | None:
    """The topic of a call; groups without topics ignore it.

    Raises:
        Refused: no such topic; General by its number is refused too, as it is addressed by leaving it out.
    """
    thread_id = params.integer("message_thread_id")
    if not thread_id or not (chat.is_forum or chat.type == "private"):
        return None
    if (chat.is_forum and thread_id == GENERAL) or thread_id not in chat.topics:
        raise Refused(Why.THREAD_NOT_FOUND)
    return thread_id


def check_topic_open(chat: Chat, thread_id: int | None) -> None:
    """See that the topic can be written to; Telegram's servers, not the Bot API server, say this."""
    topic = chat.topics.get(thread_id or (GENERAL if chat.is_forum else 0))
    if topic and topic.deleted:
        raise Refused(Why.TOPIC_DELETED)
    if topic and topic.closed:
        raise Refused(Why.TOPIC_CLOSED)


def reply_parameters(params: Params) -> Json:
    """What the call answers to, by the new parameter or the old ones; empty when it answers nothing."""
    raw = params.object("reply_parameters", Why.REPLY_JSON)
    if raw is not None and not isinstance(raw, dict):
        raise Refused(Why.REPLY_JSON)
    if raw is None:
        message_id = params.integer("reply_to_message_id")
        lenient = params.flag("allow_sending_without_reply")
        return {"message_id": message_id, "allow_sending_without_reply": lenient} if message_id else {}
    return raw


def reply_fields(chat: Chat, reply: Json) -> Json:
    """The fields that make a message an answer to another one.

    Raises:
        Refused: that message is gone, and the call did not say that this is no matter.
    """
    message_id = Params({"id": str(reply.get("message_id", ""))}).integer("id")
    if not message_id:
        return {}
    target = chat.messages.get(message_id)
    if target is None:
        if Params({"lenient": json.dumps(reply.get("allow_sending_without_reply"))}).flag("lenient"):
            return {}
        raise Refused(Why.REPLY_NOT_FOUND)
    fields: Json = {"reply_to_message": {key: value for key, value in target.items() if key != "reply_to_message"}}
    quote = reply.get("quote")
    if isinstance(quote, str) and quote:
        if quote not in target.get("text", ""):
            raise Refused(Why.QUOTE_NOT_FOUND)
        fields["quote"] = {"text": quote, "position": target["text"].index(quote), "is_manual": True}
    return fields
