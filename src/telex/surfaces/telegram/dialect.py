"""PURE: Markdown into what Telegram shows: a text and the entities that mark it.

Entities instead of a parse mode, because a half-open entity cannot exist: what is sent can always be shown. Nothing
here raises on any input.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from telex.display.styled import BETWEEN, parts, read
from telex.surfaces.telegram.dialect_entities import entities, few, utf16_length

__all__ = ["Rendered", "length", "render", "utf16_length"]

_MOST = 512  # messages that grow at the same time


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as the Bot API takes it.

    Attributes:
        text: the letters, without white space at either end.
        entities: ``MessageEntity`` objects by offset, outer before inner; offsets and lengths in UTF-16 units.
    """

    text: str
    entities: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a message, its entities counted from its own beginning."""

    text: str
    entities: tuple[dict[str, Any], ...]
    units: int


@dataclass(slots=True)
class _Whole:
    """Parts of a message one after the other."""

    sources: list[str] = field(default_factory=list)
    text: str = ""
    entities: tuple[dict[str, Any], ...] = ()
    units: int = 0

    def plus(self, source: str, part: _Part) -> "_Whole":
        """With one more part, which shows nothing or something."""
        sources = [*self.sources, source]
        if not part.text:
            return _Whole(sources, self.text, self.entities, self.units)
        offset = self.units + len(BETWEEN) if self.text else 0
        moved = ({**entity, "offset": entity["offset"] + offset} for entity in part.entities)
        text = f"{self.text}{BETWEEN}{part.text}" if self.text else part.text
        return _Whole(sources, text, (*self.entities, *moved), offset + part.units)


_wholes: OrderedDict[str, _Whole] = OrderedDict()  # by their beginnings: what is settled of messages that grow


def render(markdown: str) -> Rendered:
    """``markdown`` as Telegram shows it; best with nothing left open, but any text will do."""
    whole = _whole(markdown)
    return Rendered(whole.text, tuple(few(whole.entities)))


def length(markdown: str) -> int:
    """How long the text of ``render(markdown)`` is, in UTF-16 units."""
    return _whole(markdown).units


def _whole(markdown: str) -> _Whole:
    """All parts together; a text that grows has all but its last part rendered already."""
    *settled, last = parts(markdown)
    if not settled:
        return _Whole().plus(last, _growing(last))
    key = settled[0]
    whole = _wholes.get(key) or _Whole()
    if whole.sources != settled[: len(whole.sources)]:
        whole = _Whole()
    for source in settled[len(whole.sources) :]:
        whole = whole.plus(source, _settled(source))
    _wholes[key] = whole
    _wholes.move_to_end(key)
    if len(_wholes) > _MOST:
        _wholes.popitem(last=False)
    return whole.plus(last, _growing(last))


def _part(markdown: str) -> _Part:
    styled = read(markdown)
    return _Part(styled.text, entities(styled.text, styled.spans), utf16_length(styled.text))


_settled = lru_cache(maxsize=256)(_part)
_growing = lru_cache(maxsize=16)(_part)  # its own, so that the many short lives do not push out the long ones


def forget() -> None:
    """Remember nothing: everything is rendered again, with the same result."""
    _wholes.clear()
    _settled.cache_clear()
    _growing.cache_clear()
