"""Pictures that people send: a conversation holds their names, and they are fetched when a model is to see them."""

import base64
import logging
from collections import OrderedDict

from telex.errors import PlatformError
from telex.surfaces.telegram.api import BotApi

log = logging.getLogger("telex.gateway")

MOST_BYTES = 3_700_000  # of one picture: as text it has a third more, and servers take 5 MB
KEPT = 32_000_000  # characters of pictures that are kept for the next question about them
PREFIX = "telegram:"

_KINDS = ((b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n", "png"), (b"GIF8", "gif"))


class Pictures:
    """Fetches pictures from Telegram.

    Args:
        api: the bot.
    """

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._kept: OrderedDict[str, str] = OrderedDict()

    async def load(self, name: str) -> str | None:
        """The picture with this name as a ``data:`` address; ``None`` when it cannot be had."""
        data = self._kept.get(name)
        if data is None:
            try:
                raw = await self._api.download(name.removeprefix(PREFIX), MOST_BYTES)
            except PlatformError as error:
                log.warning("a picture could not be fetched: %s", error)
                return None
            kind = _kind(raw)
            if kind is None:
                log.warning("a picture is none that models take: JPEG, PNG, WebP or GIF")
                return None
            data = f"data:image/{kind};base64,{base64.b64encode(raw).decode()}"
            self._kept[name] = data
        self._kept.move_to_end(name)
        while sum(map(len, self._kept.values())) > KEPT:
            self._kept.popitem(last=False)
        return data


def _kind(data: bytes) -> str | None:
    """What the first bytes say: a sender's word for it may be wrong, and servers refuse a wrong one."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    return next((kind for begin, kind in _KINDS if data.startswith(begin)), None)
