"""A bot of python-telegram-bot."""

from typing import Any

from telex.library import Telegram


def telegram(bot: Any, **how: Any) -> Telegram:
    """Telex for a ``telegram.Bot``: the same token, the same server. Keep it as long as the bot, and close it with it.

    Args:
        bot: the ``Bot``, or ``application.bot``.
        how: ``streaming``, ``reasoning``, ``rich`` and ``page_numbers``, as `telex.Telegram` takes them.

    Raises:
        ConfigError: a bad value in ``how``, named.
    """
    return Telegram(bot.token, api_base=bot.base_url.removesuffix(f"/bot{bot.token}"), **how)
