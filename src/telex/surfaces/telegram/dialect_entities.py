"""Spans of a text into the entities Telegram takes: trimmed, nested, few enough, counted in UTF-16 units.

The rules kept here, all of Telegram's own making: an entity covers no white space at its ends; ``code`` and ``pre``
hold no other entity and stand in none but a quote; quotes do not nest; of the kinds that cannot be split at most 100
are kept; offsets count UTF-16 units and never point into a surrogate pair.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from telex.display.nested import nested
from telex.display.styled import Span

MOST_ENTITIES = 100
"""Of the kinds in `_COUNTED`; Telegram drops what is over without a word."""
_COUNTED = {
    "code": 0,
    "text_link": 1,
    "pre": 2,
    "blockquote": 3,
    "expandable_blockquote": 3,
}  # the first to go when there are too many
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def utf16_length(text: str) -> int:
    """The length of ``text`` in UTF-16 units, as Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def entities(text: str, spans: Iterable[Span]) -> tuple[dict[str, Any], ...]:
    """Bot API ``MessageEntity`` objects for ``spans``, which may overlap and hold white space."""
    tidy = nested(text, spans)
    if not tidy:
        return ()
    astral = [] if text.isascii() else [found.start() for found in _ASTRAL.finditer(text)]
    made = []
    for span in tidy:
        start = span.start + bisect_left(astral, span.start)
        entity: dict[str, Any] = {
            "type": span.kind,
            "offset": start,
            "length": span.end + bisect_left(astral, span.end) - start,
        }
        if span.extra:
            entity["url" if span.kind == "text_link" else "language"] = span.extra
        made.append(entity)
    return tuple(made)


def few(made: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """No more than Telegram keeps of the kinds that it counts; code goes before links, links before code blocks."""
    if len(made) <= MOST_ENTITIES:
        return made
    counted = [(_COUNTED[entity["type"]], -index) for index, entity in enumerate(made) if entity["type"] in _COUNTED]
    dropped = {-index for _, index in sorted(counted)[: max(0, len(counted) - MOST_ENTITIES)]}
    return [entity for index, entity in enumerate(made) if index not in dropped]
