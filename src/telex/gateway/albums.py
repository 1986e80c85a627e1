"""Messages that were sent as one: they come one by one, and are one question."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from telex.surfaces.telegram.inbound import Asked

WAIT = 0.8  # seconds in which the next part of an album comes, if there is one

Key: TypeAlias = tuple[int, str]


@dataclass(slots=True)
class _Album:
    parts: list[Asked] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


class Albums:
    """Collects the pictures of each album.

    Args:
        whole: is given the album as one message with all its pictures, and the updates of its other parts.
    """

    def __init__(self, whole: Callable[[Asked, list[int]], None]) -> None:
        self._whole = whole
        self._open: dict[Key, _Album] = {}

    def collects(self, asked: Asked) -> bool:
        """Is this a further part of an album that is being collected? Only the first may address the bot."""
        return asked.album is not None and (asked.chat_id, asked.album) in self._open

    def add(self, asked: Asked) -> None:
        """One part."""
        key = (asked.chat_id, asked.album or "")
        album = self._open.setdefault(key, _Album())
        album.parts.append(asked)
        if album.timer:
            album.timer.cancel()
        album.timer = asyncio.get_running_loop().call_later(WAIT, self._end, key)

    def close(self) -> None:
        """Collect no more: what is not whole is left to the next start."""
        for album in self._open.values():
            if album.timer:
                album.timer.cancel()
        self._open.clear()

    def _end(self, key: Key) -> None:
        parts = self._open.pop(key).parts
        first = next((part for part in parts if part.text.strip()), parts[0])
        pictures = tuple(picture for part in parts for picture in part.pictures)
        self._whole(replace(first, pictures=pictures), [part.update_id for part in parts if part is not first])
