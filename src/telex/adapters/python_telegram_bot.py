"""A bot of python-telegram-bot."""

from typing import Any

from telex.config import StreamingConfig
from telex.library import Telegram


def telegram(bot: Any, streaming: StreamingConfig | dict[str, Any] | None = None) -> Telegram:
    """Telex for a ``telegram.Bot``: the same token, the same server. Keep it as long as the bot, and close it with it.

    Args:
        bot: the ``Bot``, or ``application.bot``.
        streaming: how answers are shown.
    """
    return Telegram(bot.token, api_base=bot.base_url.removesuffix(f"/bot{bot.token}"), streaming=streaming)
