"""PURE: Markdown into what Telegram shows: a text and the entities that mark it.

Entities instead of a parse mode, because a half-open entity cannot exist: what is sent can always be shown. Nothing
here raises on any input.
"""

import contextlib
from dataclasses import dataclass
from typing import Any

import pyromark
from pyromark import Options

from telex.surfaces.telegram.dialect_entities import entities, utf16_length
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


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as the Bot API takes it.

    Attributes:
        text: the letters, without white space at either end.
        entities: ``MessageEntity`` objects by offset, outer before inner; offsets and lengths in UTF-16 units.
    """

    text: str
    entities: tuple[dict[str, Any], ...]


def render(markdown: str) -> Rendered:
    """``markdown`` as Telegram shows it; best with nothing left open, but any text will do."""
    writer = _written(markdown)
    whole = writer.text
    text = whole.lstrip()
    lead = len(whole) - len(text)
    text = text.rstrip()
    spans = writer.spans
    if lead:
        for span in spans:
            span.start, span.end = max(0, span.start - lead), max(0, span.end - lead)
    return Rendered(text, entities(text, spans) if spans else ())


def length(markdown: str) -> int:
    """How long the text of ``render(markdown)`` is, in UTF-16 units."""
    return utf16_length(_written(markdown).text.strip())


def _written(markdown: str) -> Writer:
    with contextlib.suppress(UnicodeEncodeError):
        return _parsed(markdown)
    # half of a surrogate pair, from JSON that was cut in its middle
    return _parsed(markdown.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


def _parsed(markdown: str) -> Writer:
    source, marked = prepare(markdown)
    writer = Writer(marked)
    for event in pyromark.events(source, options=_OPTIONS):
        writer.feed(event)
    writer.finish()
    return writer
