"""A bot of aiogram 3."""

from typing import Any

from telex.config import StreamingConfig
from telex.library import Telegram


def telegram(bot: Any, streaming: StreamingConfig | dict[str, Any] | None = None) -> Telegram:
    """Telex for an ``aiogram.Bot``: the same token, the same server. Keep it as long as the bot, and close it with it.

    Args:
        bot: the ``Bot``.
        streaming: how answers are shown.
    """
    method = bot.session.api.base.partition("/bot{token}")[0]
    return Telegram(bot.token, api_base=method, streaming=streaming)
