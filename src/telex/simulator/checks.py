"""Text and entities, as the server makes them before a message is stored. Pure.

Entities count in UTF-16 units and lengths in Unicode code points, as TDLib does for bots.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telex.simulator.detect import detect
from telex.simulator.refusals import Refused, Why

MAX_RAW_BYTES = 32768  # of the text as it was sent
MAX_PARSED_BYTES = 35000  # what stands behind is cut
MAX_CHARACTERS = 4096
MAX_COUNTED = 100  # entities of the kinds below; more are dropped without a word

PLAIN_KINDS = frozenset({
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
    "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code",
})  # fmt: skip
# Kinds that need a further field, and its type.
FIELD_KINDS: dict[str, tuple[str, type]] = {
    "text_link": ("url", str),
    "text_mention": ("user", dict),
    "custom_emoji": ("custom_emoji_id", str),
    "date_time": ("unix_time", int),
}
DETECTED = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"})
COUNTED = frozenset({
    "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention", "date_time",
})  # fmt: skip

_WIDE = re.compile("[\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DROPPED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_UNCLEAN = re.compile("[\x00-\x09\x0b-\x1f\u2028-\u202e\u0333\u033f\u030a]")


@dataclass(frozen=True, slots=True)
class Formatted:
    """Text with its entities, sorted, in UTF-16 units."""

    text: str
    entities: tuple[dict[str, Any], ...] = ()


def units(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_entities(raw: Any) -> list[dict[str, Any]]:
    """The entities of a call, with only the fields that belong to their kind.

    Raises:
        Refused: an entity has a wrong shape. Kinds the server does not know are left out, as it does.
    """
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise Refused(Why.BAD_ENTITY, detail="expected an Array of MessageEntity")
    return [entity for entity in map(_entity, raw) if entity]


def _entity(raw: Any) -> dict[str, Any] | None:
    if not isinstance(raw, dict):
        raise Refused(Why.BAD_ENTITY, detail="expected an Object")
    kind = raw.get("type")
    if not isinstance(kind, str):
        raise Refused(Why.BAD_ENTITY, detail='Can\'t find field "type"')
    entity = {"offset": _number(raw, "offset"), "length": _number(raw, "length"), "type": kind}
    if kind == "pre":
        language = raw.get("language")
        return {**entity, "language": language} if isinstance(language, str) and language else entity
    if kind in FIELD_KINDS:
        name, wanted = FIELD_KINDS[kind]
        value = raw.get(name)
        if not isinstance(value, wanted):
            raise Refused(Why.BAD_ENTITY, detail=f'Can\'t find field "{name}"')
        entity[name] = value
        if kind == "date_time" and isinstance(raw.get("date_time_format"), str):
            entity["date_time_format"] = raw["date_time_format"]
        return entity
    return entity if kind in PLAIN_KINDS else None


def _number(raw: dict[str, Any], name: str) -> int:
    value = raw.get(name)
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        value = int(value[:12])
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(Why.BAD_ENTITY, detail=f'Can\'t find field "{name}"')
    return value


def check_positions(text: str, entities: list[dict[str, Any]]) -> None:
    """See that each entity lies within the text and cuts no surrogate pair.

    Raises:
        Refused: one does not, in the server's words.
    """
    # The middle of each surrogate pair, by UTF-16 offset, and the byte behind it, which is what the server names.
    middles = {match.start() + nth + 1: match.end() for nth, match in enumerate(_WIDE.finditer(text))}
    size = len(text) + len(middles)
    for entity in sorted(entities, key=lambda entity: (entity["offset"], -entity["length"])):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if entity["length"] <= 0 or start < 0:
            continue  # empty ones are dropped below, not refused
        if start > size:
            raise Refused(Why.ENTITY_START, start=size)
        if start in middles:
            raise Refused(Why.ENTITY_BEGINS_INSIDE, at=len(text[: middles[start]].encode()))
        if end > size:
            raise Refused(Why.ENTITY_END, start=start, end=size)
        if end in middles:
            raise Refused(Why.ENTITY_ENDS_INSIDE, at=len(text[: middles[end]].encode()))


def fix(text: str, entities: list[dict[str, Any]], *, allow_empty: bool = False) -> Formatted:
    """Clean and trim text as the server does, move its entities along and add those found in the text itself.

    Raises:
        Refused: an entity lies wrong, or nothing is left of the text.
    """
    if _SURROGATE.search(text):
        raise Refused(Why.TEXT_UTF8)
    check_positions(text, entities)
    text = text.encode()[:MAX_PARSED_BYTES].decode(errors="ignore")
    text, offsets = _clean(text)
    start, stop = units(text) - units(text.lstrip()), units(text.rstrip())
    text = text.strip()
    if not text:
        if allow_empty:
            return Formatted("")
        raise Refused(Why.TEXT_BLANK)
    moved: list[dict[str, Any]] = []
    for entity in entities:
        if entity["length"] <= 0 or entity["offset"] < 0:
            continue
        first = max(_at(offsets, entity["offset"]), start)
        last = min(_at(offsets, entity["offset"] + entity["length"]), stop)
        if last > first and entity["type"] not in DETECTED:
            moved.append({**entity, "offset": first - start, "length": last - first})
    return Formatted(text, tuple(_order(_few(_join(moved)) + detect(text, moved))))


def _at(offsets: Sequence[int], offset: int) -> int:
    return offsets[min(offset, len(offsets) - 1)]


def _clean(text: str) -> tuple[str, Sequence[int]]:
    """Drop what the server drops and make other control characters spaces.

    Returns:
        The text, and the new UTF-16 offset for each old one.
    """
    if not _UNCLEAN.search(text):
        return text, range(units(text) + 1)
    kept: list[str] = []
    offsets: list[int] = []
    at = 0
    for character in text:
        width = 2 if character > "\uffff" else 1
        offsets += [at] * width
        if _DROPPED.match(character):
            continue
        kept.append(" " if character < " " and character != "\n" else character)
        at += width
    return "".join(kept), [*offsets, at]


def _join(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbours and overlaps of one splittable kind become one entity; doubles go."""
    joined: list[dict[str, Any]] = []
    last: dict[str, dict[str, Any]] = {}
    for entity in sorted(entities, key=lambda entity: entity["offset"]):
        before = last.get(entity["type"])
        end = entity["offset"] + entity["length"]
        if (
            before
            and entity["type"] in PLAIN_KINDS - COUNTED
            and entity["offset"] <= before["offset"] + before["length"]
        ):
            before["length"] = max(before["length"], end - before["offset"])
        elif entity != before:
            last[entity["type"]] = entity
            joined.append(entity)
    return joined


def _few(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counted = 0
    kept = []
    for entity in entities:
        counted += entity["type"] in COUNTED
        if entity["type"] not in COUNTED or counted <= MAX_COUNTED:
            kept.append(entity)
    return kept


def _order(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
