"""Rich messages over the Bot API (10.1 and later): made, edited, and shown as drafts. What came of a call is as in `api`."""

from collections.abc import Mapping
from typing import Any

from telex.surfaces.telegram.api import BotApi


async def send(  # noqa: PLR0913 - the Bot API's own parameters
    api: BotApi,
    chat_id: int,
    rich_message: Mapping[str, Any],
    *,
    message_thread_id: int | None = None,
    reply_to: int | None = None,
    silent: bool = False,
    reply_markup: Mapping[str, Any] | None = None,
) -> int:
    """Post a rich message and return its id; a question that was deleted meanwhile does not hinder the reply."""
    reply = {"message_id": reply_to, "allow_sending_without_reply": True} if reply_to else None
    result = await api.call(
        "sendRichMessage",
        {
            "chat_id": chat_id,
            "message_thread_id": message_thread_id,
            "rich_message": rich_message,
            "disable_notification": True if silent else None,
            "reply_parameters": reply,
            "reply_markup": reply_markup,
        },
    )
    return int(result["message_id"])


async def edit(
    api: BotApi,
    chat_id: int,
    message_id: int,
    rich_message: Mapping[str, Any],
    *,
    reply_markup: Mapping[str, Any] | None = None,
) -> None:
    """Replace what a message says, whether it was a rich one before or not."""
    await api.call(
        "editMessageText",
        {
            "chat_id": chat_id,
            "message_id": message_id,
            "rich_message": rich_message,
            "reply_markup": reply_markup,
        },
    )


async def draft(  # noqa: PLR0913 - the Bot API's own parameters
    api: BotApi,
    chat_id: int,
    draft_id: int,
    rich_message: Mapping[str, Any],
    *,
    message_thread_id: int | None = None,
    can_stop: bool = True,
) -> None:
    """Show a draft that is a rich message."""
    await api.call(
        "sendRichMessageDraft",
        {
            "chat_id": chat_id,
            "message_thread_id": message_thread_id,
            "draft_id": draft_id,
            "rich_message": rich_message,
            "can_stop": can_stop,
        },
    )
