"""The bots of this program: whoever shows answers of the same one, on the same server, shares its limits, ids and connection.

What is known of a bot outlives its answers, for Telegram's limits do; the connection is closed when nobody uses it any more.
An event loop has bots of its own, which go with it: nothing here can be used from two.
"""

import asyncio
import threading
from typing import TypeAlias
from weakref import WeakKeyDictionary

from telex.config import OnUnknown, RichMessages
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.chats import Telegram

Name: TypeAlias = tuple[str, str]  # the token, and the server's address


class SharedBot:
    """One bot in one event loop.

    Args:
        token: the bot's.
        api_base: the Bot API server's address.
    """

    def __init__(self, token: str, api_base: str) -> None:
        self._token, self._base = token, api_base
        self._api = BotApi(token, api_base)
        # The updates are the other library's, so a Stop would not be heard here.
        self._known = Telegram(self._api, can_stop=False)
        self._users = 0

    def join(self, *, limit_drafts: bool, on_unknown: OnUnknown, rich: RichMessages) -> Telegram:
        """The bot for one more user, who shows answers so; to be given back with `leave`."""
        self._users += 1
        return self._known.beside(self._api, limit_drafts=limit_drafts, on_unknown=on_unknown, rich=rich)

    async def leave(self) -> None:
        """One user less; the last one closes the connection."""
        self._users -= 1
        if not self._users:
            unused, self._api = self._api, BotApi(self._token, self._base)
            await unused.close()


_bots: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Name, SharedBot]] = WeakKeyDictionary()
_loops = threading.Lock()  # each thread may have a loop


def shared_bot(token: str, api_base: str) -> SharedBot:
    """The bot as everybody in the running event loop has it."""
    loop = asyncio.get_running_loop()
    with _loops:
        for old in [old for old in _bots if old.is_closed()]:
            del _bots[old]
        bots = _bots.setdefault(loop, {})
    name = (token, api_base.rstrip("/"))
    if name not in bots:
        bots[name] = SharedBot(*name)
    return bots[name]
