"""The blocks of a rich message as a bot may write them (``InputRichBlock``), into those that are stored. Pure.

Blocks that hold files, maps and buttons are left out: a call with one is refused as if the server did not know it.
"""

from typing import Any

from telex.simulator.refusals import Refused, Why
from telex.simulator.rich_tree import MARKS, RichText
from telex.simulator.state import Json

# Each kind with the fields that it must have, and those that it may have.
_KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "paragraph": (("text",), ()),
    "heading": (("text", "size"), ()),
    "pre": (("text",), ("language",)),
    "footer": (("text",), ()),
    "divider": ((), ()),
    "mathematical_expression": (("expression",), ()),
    "anchor": (("name",), ()),
    "list": (("items",), ()),
    "blockquote": (("blocks",), ("credit",)),
    "expandable_blockquote": (("text",), ("credit",)),
    "pullquote": (("text",), ("credit",)),
    "table": (("cells",), ("is_bordered", "is_striped", "is_compact", "caption")),
    "details": (("summary", "blocks"), ("is_open",)),
    "thinking": (("text",), ()),
}
_TEXTS = {"text", "credit", "caption", "summary"}
_SIMPLE = MARKS | {"email_address", "phone_number", "bank_card_number", "mention", "hashtag", "cashtag", "bot_command"}


def read_blocks(raw: Any) -> list[Json]:
    """The blocks of a list.

    Raises:
        Refused: one has a kind that is not known, or lacks a field.
    """
    if not isinstance(raw, list):
        raise Refused(Why.RICH_JSON, detail="expected an Array of InputRichBlock")
    return [_block(block) for block in raw]


def _block(raw: Any) -> Json:
    if not isinstance(raw, dict):
        raise Refused(Why.RICH_JSON, detail="expected an Object")
    kind = raw.get("type")
    if kind not in _KINDS:
        raise Refused(Why.RICH_TYPE, name=kind)
    needed, optional = _KINDS[kind]
    for name in needed:
        if raw.get(name) is None:
            raise Refused(Why.RICH_FIELD, name=name)
    made: Json = {"type": kind}
    for name in (*needed, *optional):
        if raw.get(name) is not None:
            made[name] = _field(name, raw[name])
    return made


def _field(name: str, value: Any) -> Any:
    if name in _TEXTS:
        return _text(value)
    if name == "blocks":
        return read_blocks(value)
    if name == "items":
        return [_item(item, number) for number, item in enumerate(_array(value), 1)]
    if name == "cells":
        return [[_cell(cell) for cell in _array(row)] for row in _array(value)]
    return value


def _item(raw: Any, number: int) -> Json:
    if not isinstance(raw, dict) or "blocks" not in raw:
        raise Refused(Why.RICH_FIELD, name="blocks")
    numbered = {"value": raw.get("value") or number, "type": raw.get("type", "1")} if raw.get("type") else {}
    ticks = {name: True for name in ("has_checkbox", "is_checked") if raw.get(name)}
    label = f"{numbered['value']}." if numbered else "•"
    return {"label": label, "blocks": read_blocks(raw["blocks"]), **ticks, **numbered}


def _cell(raw: Any) -> Json:
    if not isinstance(raw, dict):
        raise Refused(Why.RICH_JSON, detail="expected an Object")
    text = {"text": _text(raw["text"])} if raw.get("text") else {}
    kept = {name: raw[name] for name in ("colspan", "rowspan", "is_header") if raw.get(name)}
    return {**text, **kept, "align": raw.get("align", "left"), "valign": raw.get("valign", "top")}


def _array(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise Refused(Why.RICH_JSON, detail="expected an Array")
    return raw


def _text(raw: Any) -> RichText:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, list):
        return [_text(piece) for piece in raw]
    if not isinstance(raw, dict) or raw.get("type") not in _SIMPLE:
        raise Refused(Why.RICH_KIND)
    return {**raw, "text": _text(raw["text"])} if "text" in raw else raw
