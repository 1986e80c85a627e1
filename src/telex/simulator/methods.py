"""The Bot API's methods: one small function each, from parameters to the answer's ``result``.

A method checks in the server's order, calls `Call.charge` where the call would reach Telegram's own servers, and
only then does what it is for. Checks that those servers make (not modified, too long for an edit, a closed topic)
stand behind the charge.
"""

import re
from collections.abc import Callable
from typing import Any

from telex.simulator import arguments
from telex.simulator.calls import Call, edit, inline_keyboard, own_message, post, scope_key, show_draft
from telex.simulator.checks import MAX_CHARACTERS, Formatted
from telex.simulator.methods_rich import edit_rich_message, send_rich_message, send_rich_message_draft
from telex.simulator.params import Params
from telex.simulator.refusals import Refused, Why
from telex.simulator.state import Json

ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "record_audio",
    "upload_audio", "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    "cancel",
})  # fmt: skip
ACTION_SECONDS = 5
DRAFTS = frozenset({"sendmessagedraft", "sendrichmessagedraft"})
# Counted against a limit; anything else is free.
LIMITED = DRAFTS | {"sendmessage", "sendrichmessage", "editmessagetext", "editmessagereplymarkup"}


def get_me(call: Call) -> Json:
    """The bot itself."""
    topics = any(chat.type == "private" and chat.topics for chat in call.state.chats.values())
    return {
        **call.state.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": topics,
        "allows_users_to_create_topics": False,
    }


def send_message(call: Call) -> Json:
    """A new message of the bot."""
    params, state = call.params, call.state
    preview = arguments.check_preview(params)
    text = arguments.formatted(params)
    reply = arguments.reply_parameters(params)
    keyboard = arguments.markup(params)
    chat = arguments.find_chat(state, params)
    thread_id = arguments.find_thread(chat, params)
    replied = arguments.reply_fields(chat, reply)
    if len(text.text) > MAX_CHARACTERS:
        raise Refused(Why.SEND_TOO_LONG)
    call.charge(chat, False)
    return post(call, content(text, keyboard, preview), keyboard, (chat, thread_id), replied)


def content(text: Formatted, keyboard: arguments.Markup, preview: Json | None) -> Json:
    """The fields of a message that an edit can change."""
    return {
        "text": text.text,
        **({"entities": list(text.entities)} if text.entities else {}),
        **({"link_preview_options": preview} if preview else {}),
        **({"reply_markup": keyboard.inline} if keyboard.inline else {}),
    }


def edit_message_text(call: Call) -> Json:
    """A message of the bot gets another text; without a keyboard in the call it loses its own."""
    params = call.params
    if "rich_message" in params and call.bot.rich_refusal is not Why.METHOD_NOT_FOUND:
        return edit_rich_message(call)
    preview = arguments.check_preview(params)
    text = arguments.formatted(params)
    keyboard = inline_keyboard(params)
    chat, message = own_message(call)
    if "text" not in message and "rich_message" not in message:
        raise Refused(Why.NO_TEXT_TO_EDIT)
    call.charge(chat, False)
    if len(text.text) > MAX_CHARACTERS:
        raise Refused(Why.EDIT_TOO_LONG)
    return edit(call, chat, message, content(text, keyboard, preview))


def edit_message_reply_markup(call: Call) -> Json:
    """A message of the bot gets another inline keyboard, or none."""
    keyboard = inline_keyboard(call.params)
    chat, message = own_message(call)
    call.charge(chat, False)
    if keyboard.inline == message.get("reply_markup"):
        raise Refused(Why.NOT_MODIFIED)
    kept = {name: value for name, value in message.items() if name != "reply_markup"}
    shown = {"reply_markup": keyboard.inline} if keyboard.inline else {}
    return call.state.edit(chat, {**kept, "edit_date": call.date, **shown})


def send_message_draft(call: Call) -> bool:
    """The person sees the bot write: a text that is no message yet."""
    params, state = call.params, call.state
    if call.bot.draft_refusal is Why.METHOD_NOT_FOUND:
        raise Refused(Why.METHOD_NOT_FOUND)
    text = arguments.formatted(params, allow_empty=True)
    chat = arguments.find_chat(state, params)
    thread_id = arguments.find_thread(chat, params)
    call.charge(chat, True)
    if chat.type != "private" or call.bot.draft_refusal:
        raise Refused(Why.DRAFT_PEER)
    if not params.integer("draft_id"):
        raise Refused(Why.DRAFT_ID)
    if len(text.text) > MAX_CHARACTERS:
        raise Refused(Why.EDIT_TOO_LONG)
    return show_draft(call, (chat, thread_id), text.text, text.entities)


def delete_message(call: Call) -> bool:
    """A message goes. In a private chat this may be the person's; in a group only the bot's own."""
    params = call.params
    chat = arguments.find_chat(call.state, params)
    message_id = params.integer("message_id")
    if not message_id:
        raise Refused(Why.NO_MESSAGE_ID)
    message = chat.messages.get(message_id)
    if message is None:
        raise Refused(Why.DELETE_NOT_FOUND)
    own = message.get("from", {}).get("id") == call.state.bot["id"]
    if not own and chat.type != "private":
        raise Refused(Why.CANT_DELETE)
    return call.state.delete(chat, message_id)


def send_chat_action(call: Call) -> bool:
    """The person sees "typing…" for five seconds."""
    action = call.params.text("action").strip().lower()
    chat = arguments.find_chat(call.state, call.params)
    thread_id = arguments.find_thread(chat, call.params)
    if action not in ACTIONS:
        raise Refused(Why.WRONG_ACTION)
    seconds = 0 if action == "cancel" else ACTION_SECONDS
    call.state.emit({"type": "typing", "chat_id": chat.id, "thread_id": thread_id, "seconds": seconds})
    return True


def set_my_commands(call: Call) -> bool:
    """The menu of commands, kept per scope and language."""
    commands = call.params.object("commands", Why.COMMANDS_JSON)
    if not isinstance(commands, list) or not all(isinstance(command, dict) for command in commands):
        raise Refused(Why.COMMANDS_JSON)
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise Refused(Why.COMMAND_INVALID)
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise Refused(Why.COMMAND_DESCRIPTION)
    call.bot.commands[_command_scope(call.params)] = [
        {"command": command["command"].lstrip("/"), "description": command["description"]} for command in commands
    ]
    call.state.emit({"type": "commands", "commands": call.bot.menu})
    return True


def delete_my_commands(call: Call) -> bool:
    """No menu of commands for a scope and language."""
    call.bot.commands.pop(_command_scope(call.params), None)
    call.state.emit({"type": "commands", "commands": call.bot.menu})
    return True


def get_my_commands(call: Call) -> list[Json]:
    """The menu of commands of a scope and language."""
    return call.bot.commands.get(_command_scope(call.params), [])


def _command_scope(params: Params) -> str:
    return scope_key(params.object("scope", Why.COMMANDS_JSON) or {"type": "default"}, params.text("language_code"))


def answer_callback_query(call: Call) -> bool:
    """The pressed button stops turning."""
    query_id = call.params.text("callback_query_id")
    if query_id not in call.bot.open_queries:
        raise Refused(Why.QUERY_OLD)
    call.bot.open_queries.discard(query_id)
    if text := call.params.text("text"):
        call.state.emit({"type": "toast", "text": text})
    return True


def get_file(call: Call) -> Json:
    """Where a file can be downloaded."""
    file = call.bot.files.find(call.params.text("file_id"))
    about = {"file_unique_id": file.id[-8:], "file_size": len(file.data), "file_path": file.path}
    return {"file_id": file.id, **about}


METHODS: dict[str, Callable[[Call], Any]] = {
    "getme": get_me,
    "sendmessage": send_message,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "sendmessagedraft": send_message_draft,
    "sendrichmessage": send_rich_message,
    "sendrichmessagedraft": send_rich_message_draft,
    "deletemessage": delete_message,
    "sendchataction": send_chat_action,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "answercallbackquery": answer_callback_query,
    "getfile": get_file,
}
