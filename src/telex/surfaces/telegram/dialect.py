"""PURE: Markdown into what Telegram shows: a text and the entities that mark it.

Entities instead of a parse mode, because a half-open entity cannot exist: what is sent can always be shown. Nothing
here raises on any input.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from telex.display.styled import BETWEEN, parts, read
from telex.surfaces.telegram.dialect_entities import entities, few, utf16_length

__all__ = ["Rendered", "length", "render", "utf16_length"]


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


def render(markdown: str) -> Rendered:
    """``markdown`` as Telegram shows it; best with nothing left open, but any text will do."""
    texts: list[str] = []
    made: list[dict[str, Any]] = []
    offset = 0
    for part in _rendered(markdown):
        texts.append(part.text)
        made += [{**entity, "offset": entity["offset"] + offset} for entity in part.entities]
        offset += part.units + len(BETWEEN)
    return Rendered(BETWEEN.join(texts), tuple(few(made)))


def length(markdown: str) -> int:
    """How long the text of ``render(markdown)`` is, in UTF-16 units."""
    units = [part.units for part in _rendered(markdown)]
    return sum(units) + len(BETWEEN) * max(0, len(units) - 1)


def _rendered(markdown: str) -> Iterator[_Part]:
    """The parts that show anything; a text that grows has all but its last part rendered already."""
    *settled, last = parts(markdown)
    for source in settled:
        part = _settled(source)
        if part.text:
            yield part
    part = _growing(last)
    if part.text:
        yield part


def _part(markdown: str) -> _Part:
    styled = read(markdown)
    return _Part(styled.text, entities(styled.text, styled.spans), utf16_length(styled.text))


_settled = lru_cache(maxsize=256)(_part)
_growing = lru_cache(maxsize=16)(_part)  # its own, so that the many short lives do not push out the long ones
