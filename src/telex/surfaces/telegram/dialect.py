"""PURE: Markdown into what Telegram shows: a text and the entities that mark it.

Entities instead of a parse mode, because a half-open entity cannot exist: what is sent can always be shown. Nothing
here raises on any input.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyromark
from pyromark import Options

from telex.display.tail_borders import parts
from telex.surfaces.telegram.dialect_entities import entities, few, utf16_length
from telex.surfaces.telegram.dialect_prepare import prepare
from telex.surfaces.telegram.dialect_writer import Writer

__all__ = ["Rendered", "length", "render", "utf16_length"]

_OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_GFM
)

_BETWEEN = "\n\n"


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
        offset += part.units + len(_BETWEEN)
    return Rendered(_BETWEEN.join(texts), tuple(few(made)))


def length(markdown: str) -> int:
    """How long the text of ``render(markdown)`` is, in UTF-16 units."""
    units = [part.units for part in _rendered(markdown)]
    return sum(units) + len(_BETWEEN) * max(0, len(units) - 1)


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
    with contextlib.suppress(UnicodeEncodeError):
        return _parsed(markdown)
    # half of a surrogate pair, from JSON that was cut in its middle
    return _parsed(markdown.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


def _parsed(markdown: str) -> _Part:
    source, marked = prepare(markdown)
    writer = Writer(marked)
    writer.feed(pyromark.events(source, options=_OPTIONS))
    whole = writer.text
    text = whole.strip()
    lead = len(whole) - len(whole.lstrip())
    if lead:
        for span in writer.spans:
            span.start, span.end = max(0, span.start - lead), max(0, span.end - lead)
    return _Part(text, entities(text, writer.spans), utf16_length(text))


_settled = lru_cache(maxsize=256)(_part)
_growing = lru_cache(maxsize=16)(_part)  # its own, so that the many short lives do not push out the long ones
