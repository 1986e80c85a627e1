"""A bot of python-telegram-bot."""

from typing import Any

from telex.errors import ConfigError
from telex.library import Telegram


def telegram(bot: Any, **how: Any) -> Telegram:
    """Telex for a ``telegram.Bot``: the same token, the same server. Keep it as long as the bot, and close it with it.

    Args:
        bot: the ``Bot``, or ``application.bot``.
        how: ``streaming``, ``reasoning``, ``rich`` and ``page_numbers``, as `telex.Telegram` takes them.

    Raises:
        ConfigError: a bad value in ``how``, named; or a way to Telegram that telex does not go: a proxy, or the test servers.
    """
    if getattr(bot.request, "_client_kwargs", {}).get("proxy"):  # there is no other way to see it
        raise ConfigError(
            "This bot goes through a proxy, and telex does not: give it a Bot API server of your own instead"
        )
    server, found, more = bot.base_url.rpartition(f"/bot{bot.token}")
    if not found or more:
        raise ConfigError(
            "telex calls addresses such as https://…/bot<token>/<method>, and this bot's `base_url` makes others: "
            "let it use a server of that kind, and not Telegram's test servers"
        )
    return Telegram(bot.token, api_base=server, **how)
