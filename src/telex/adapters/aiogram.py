"""A bot of aiogram 3."""

import re
from typing import Any

from telex.errors import ConfigError
from telex.library import Telegram


def telegram(bot: Any, **how: Any) -> Telegram:
    """Telex for an ``aiogram.Bot``: the same token, the same server. Keep it as long as the bot, and close it with it.

    Args:
        bot: the ``Bot``.
        how: ``streaming``, ``reasoning``, ``rich`` and ``page_numbers``, as `telex.Telegram` takes them.

    Raises:
        ConfigError: a bad value in ``how``, named; or a way to Telegram that telex does not go: a proxy, or the test servers.
    """
    if getattr(bot.session, "proxy", None):
        raise ConfigError(
            "This bot goes through a proxy, and telex does not: give it a Bot API server of your own instead"
        )
    server = re.fullmatch(r"(.+)/bot\{token\}/\{method\}", bot.session.api.base)
    if not server:
        raise ConfigError(
            f"telex calls addresses such as https://…/bot<token>/<method>, and this bot {bot.session.api.base!r}: "
            "let it use a server of that kind, and not Telegram's test servers"
        )
    return Telegram(bot.token, api_base=server[1], **how)
