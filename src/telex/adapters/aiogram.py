"""A bot of aiogram 3."""

from typing import Any

from telex.library import Telegram


def telegram(bot: Any, **how: Any) -> Telegram:
    """Telex for an ``aiogram.Bot``: the same token, the same server. Keep it as long as the bot, and close it with it.

    Args:
        bot: the ``Bot``.
        how: ``streaming``, ``reasoning``, ``rich`` and ``page_numbers``, as `telex.Telegram` takes them.

    Raises:
        ConfigError: a bad value in ``how``, named.
    """
    method = bot.session.api.base.partition("/bot{token}")[0]
    return Telegram(bot.token, api_base=method, **how)
