"""The pictures of a conversation on their way to the model: the newest few, and each as the picture itself.

A history may hold names instead of pictures, so that it stays small; they are looked up whenever the model is asked.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from telex.events import Notice
from telex.providers.base import Emit, Message, Provider
from telex.providers.pictures import changed, pictures, unseen

MOST = 6  # in one request, or all of the newest question where it has more; older ones are left out
NO_EYES = "This model cannot see pictures: it was given the words only."
NO_PICTURE = "A picture could not be fetched: the answer is given without it."
EARLIER = "[An earlier picture stood here.]"
LOST = "[A picture stood here that can no longer be had.]"

LoadPicture: TypeAlias = Callable[[str], Awaitable[str | None]]
"""Gets a picture's name from the history and gives its ``data:`` address; ``None`` when it cannot be had."""


def newest(messages: Sequence[Message], most: int = MOST) -> list[Message]:
    """The messages with the newest ``most`` of their pictures."""
    places = [url for message in messages for url in pictures(message)]
    left_out = iter([number < len(places) - most for number in range(len(places))])
    return changed(messages, lambda url: None if next(left_out) else url, EARLIER)


class Eyes:
    """What a model sees of the pictures in a conversation, in one turn.

    Args:
        provider: the model.
        asked: the pictures of the question.
        load: looks up those that have only a name.
        emit: tells the reader what the model does not see.
    """

    def __init__(self, provider: Provider, asked: Sequence[str], load: LoadPicture | None, emit: Emit) -> None:
        self._provider = provider
        self._sees = self._can_see
        self._asked = frozenset(asked)
        self._most = max(MOST, len(asked))
        self._load = load
        self._emit = emit
        if asked and not self._sees:
            emit(Notice(NO_EYES))

    @property
    def _can_see(self) -> bool:
        return bool(getattr(self._provider, "vision", False))

    def check(self) -> None:
        """The model was asked: its server may have said that it takes no pictures, and have answered the words alone."""
        if self._asked and self._sees and not self._can_see:
            self._sees = False
            self._emit(Notice(NO_EYES))

    async def see(self, messages: Sequence[Message]) -> list[Message]:
        """The messages as the model gets them."""
        if not self._sees:
            return unseen(messages)
        shown = newest(messages, self._most)
        found: dict[str, str | None] = {}
        for url in (url for message in shown for url in pictures(message)):
            if not url.startswith(("data:", "http:", "https:")):
                found[url] = await self._load(url) if self._load else None
        lost = {url for url, data in found.items() if data is None}
        if not lost.isdisjoint(self._asked):
            self._asked = frozenset()  # told once
            self._emit(Notice(NO_PICTURE))
        return changed(shown, lambda url: found.get(url, url), LOST)
