"""The Bot API's methods for rich messages (10.1 and later).

What a bot sends is read by Telegram's own servers, so all but the shape of its JSON is checked behind the charge.
"""

from telex.simulator import arguments
from telex.simulator.calls import Call, edit, inline_keyboard, own_message, post, show_draft
from telex.simulator.refusals import Refused, Why
from telex.simulator.rich import checked, read_message
from telex.simulator.rich_tree import letters
from telex.simulator.state import Json


def send_rich_message(call: Call) -> Json:
    """A new rich message of the bot."""
    _check_server(call)
    params = call.params
    written = arguments.rich_message(params)
    reply = arguments.reply_parameters(params)
    keyboard = arguments.markup(params)
    chat = arguments.find_chat(call.state, params)
    thread_id = arguments.find_thread(chat, params)
    replied = arguments.reply_fields(chat, reply)
    call.charge(chat, False)
    return post(call, _content(call, written, keyboard), keyboard, (chat, thread_id), replied)


def edit_rich_message(call: Call) -> Json:
    """A message of the bot becomes a rich one, or another one."""
    written = arguments.rich_message(call.params)
    keyboard = inline_keyboard(call.params)
    chat, message = own_message(call)
    if "text" not in message and "rich_message" not in message:
        raise Refused(Why.NO_TEXT_TO_EDIT)
    call.charge(chat, False)
    return edit(call, chat, message, _content(call, written, keyboard))


def send_rich_message_draft(call: Call) -> bool:
    """The person sees the bot write; what it thinks has a line of its own."""
    _check_server(call)
    if call.bot.draft_refusal is Why.METHOD_NOT_FOUND:
        raise Refused(Why.METHOD_NOT_FOUND)
    written = arguments.rich_message(call.params)
    chat = arguments.find_chat(call.state, call.params)
    thread_id = arguments.find_thread(chat, call.params)
    call.charge(chat, True)
    if chat.type != "private" or call.bot.draft_refusal:
        raise Refused(Why.DRAFT_PEER)
    if not call.params.integer("draft_id"):
        raise Refused(Why.DRAFT_ID)
    blocks = _blocks(call, written, draft=True)
    return show_draft(call, (chat, thread_id), letters(blocks), (), tuple(blocks))


def _check_server(call: Call) -> None:
    if call.bot.rich_refusal is Why.METHOD_NOT_FOUND:
        raise Refused(Why.METHOD_NOT_FOUND)


def _blocks(call: Call, written: Json, *, draft: bool = False) -> list[Json]:
    if call.bot.rich_refusal:
        raise Refused(call.bot.rich_refusal)
    return checked(read_message(written), draft=draft)


def _content(call: Call, written: Json, keyboard: arguments.Markup) -> Json:
    message = {"blocks": _blocks(call, written), **({"is_rtl": True} if written.get("is_rtl") is True else {})}
    return {"rich_message": message, **({"reply_markup": keyboard.inline} if keyboard.inline else {})}
