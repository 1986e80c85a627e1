"""Rich messages as they are stored: blocks and letters, put together in the order in which they are read. Pure.

What is made are the Bot API's own objects: ``RichBlock`` and ``RichText``, which is a string, a list, or an object with a
``type`` and a ``text``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from telex.simulator.state import Json

RichText: TypeAlias = Any

SPOILER = "\ufdd0"
MARKED = "\ufdd1"
_SIGNS = {SPOILER: ("spoiler", "||"), MARKED: ("marked", "==")}
_SIGN = re.compile(f"[{SPOILER}{MARKED}]")

HOLDERS = frozenset({"document", "item", "blockquote", "details", "list", "table", "row", "note"})
"""What holds blocks; everything else holds letters."""
_NO_LETTERS = frozenset({"list", "table", "row"})
MARKS = frozenset({
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "subscript", "superscript", "marked", "url",
    "mathematical_expression", "custom_emoji", "date_time", "reference_link",
})  # fmt: skip


@dataclass(slots=True)
class _Open:
    kind: str
    fields: Json
    inside: list[Any] = field(default_factory=list)  # blocks, or letters
    mark: bool = False


class Tree:
    """Takes blocks, marks and letters one after the other; what is not closed is closed by what follows."""

    def __init__(self) -> None:
        self._open = [_Open("document", {})]

    def within(self, kind: str) -> bool:
        """Is a block or mark of this kind open?"""
        return any(entry.kind == kind for entry in self._open)

    def start(self, kind: str, **fields: Any) -> None:
        """A block begins."""
        while self._open[-1].kind not in HOLDERS:
            self._close()
        self._open.append(_Open(kind, fields))

    def end(self, kind: str) -> None:
        """The last block of this kind ends, with all that is open in it."""
        if self.within(kind):
            while self._close() != kind:
                pass

    def mark(self, kind: str, **fields: Any) -> None:
        """What follows is marked."""
        self._words()
        self._open.append(_Open(kind, fields, mark=True))

    def unmark(self, kind: str) -> None:
        """The last mark of this kind ends."""
        marks = []
        while self._open[-1].mark:
            marks.append(self._open[-1])
            if self._close() == kind:
                break
        for again in reversed(marks[:-1]):  # marks that cross: what was closed on the way goes on
            self._open.append(_Open(again.kind, again.fields, mark=True))

    def text(self, text: str) -> None:
        """Letters; outside of a block of letters they begin a paragraph."""
        top = self._open[-1]
        if top.kind in _NO_LETTERS or (top.kind in HOLDERS and not text.strip()):
            return
        self._words()
        self._open[-1].inside.append(text)

    def block(self, block: Json) -> None:
        """A block that holds no other and no letters."""
        while self._open[-1].kind not in HOLDERS:
            self._close()
        self._open[-1].inside.append(block)

    def tick(self, done: bool) -> None:
        """The item that is open is a task, done or not."""
        item = next((entry for entry in reversed(self._open) if entry.kind == "item"), None)
        if item:
            item.fields |= {"has_checkbox": True, **({"is_checked": True} if done else {})}

    def finish(self) -> list[Json]:
        """All blocks."""
        while len(self._open) > 1:
            self._close()
        return self._open[0].inside

    def _words(self) -> None:
        if self._open[-1].kind in HOLDERS:
            self._open.append(_Open("paragraph", {}))

    def _close(self) -> str:
        top = self._open.pop()
        around = self._open[-1]
        if top.mark:
            if top.kind == "mathematical_expression":
                top.fields["expression"] = plain(top.inside)
                around.inside.append({"type": top.kind, **top.fields})
            elif top.inside:
                around.inside.append({"type": top.kind, **top.fields, "text": joined(top.inside)})
        elif top.kind == "summary":
            around.fields["summary"] = joined(trimmed(top.inside))
        elif top.kind == "caption":
            around.fields["caption"] = joined(trimmed(top.inside))
        elif top.kind in HOLDERS or top.kind == "cell":
            _hold(top, around)
        else:
            text = joined(top.inside if top.kind == "pre" else trimmed(top.inside))
            if text:
                around.inside.append({"type": top.kind, "text": text, **top.fields})
        return top.kind


def _hold(top: _Open, around: _Open) -> None:
    """Put a block that holds others, or a cell, where it belongs."""
    if top.kind == "cell":
        text = joined(trimmed(top.inside))
        around.inside.append({**({"text": text} if text else {}), **top.fields})
    elif top.kind == "row":
        around.inside.append(top.inside)
    elif top.kind == "item":
        around.inside.append(_item(top, around))
    elif top.kind == "list":
        around.inside.append({"type": "list", "items": top.inside})
    elif top.kind == "table":
        around.inside.append({"type": "table", "cells": top.inside, **top.fields})
    elif top.kind == "note":
        _name(top)
        around.inside += top.inside
    elif top.kind == "details":
        around.inside.append({"type": "details", "summary": "", "blocks": top.inside, **top.fields})
    else:
        around.inside.append({"type": top.kind, "blocks": top.inside, **top.fields})


def _item(top: _Open, around: _Open) -> Json:
    if "start" not in around.fields:
        return {"label": "•", "blocks": top.inside, **top.fields}
    value = top.fields.pop("value", None) or around.fields["start"] + len(around.inside)
    return {"label": f"{value}.", "blocks": top.inside, **top.fields, "value": value, "type": "1"}


def _name(note: _Open) -> None:
    """A footnote's first words bear its name."""
    if not note.inside or note.inside[0]["type"] != "paragraph":
        note.inside.insert(0, {"type": "paragraph", "text": ""})
    first = note.inside[0]
    first["text"] = {"type": "reference", "text": first["text"], "name": note.fields["name"]}


def joined(pieces: list[Any]) -> RichText:
    """Pieces of text as one: spoilers and highlights that were written as signs are understood now."""
    pieces = _signs(pieces)
    merged: list[Any] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif piece:
            merged.append(piece)
    return "" if not merged else merged[0] if len(merged) == 1 else merged


def _signs(pieces: list[Any]) -> list[Any]:
    """Pairs of signs become marks, single ones the letters that they are."""
    flat: list[Any] = []
    for piece in pieces:
        flat += [part for part in re.split(f"({_SIGN.pattern})", piece) if part] if isinstance(piece, str) else [piece]
    made: list[Any] = []
    opened: dict[str, int] = {}
    for number, piece in enumerate(flat):
        if not (isinstance(piece, str) and piece in _SIGNS):
            made.append(piece)
            continue
        kind, letters = _SIGNS[piece]
        after = flat[number + 1] if number + 1 < len(flat) else " "
        before = made[-1] if made else " "
        if piece in opened and not (isinstance(before, str) and before[-1:].isspace()):
            at = opened.pop(piece)
            opened = {sign: place for sign, place in opened.items() if place < at}
            made[at:] = [{"type": kind, "text": joined(made[at + 1 :])}]
            continue
        if piece not in opened and not (isinstance(after, str) and after[:1].isspace()):
            opened[piece] = len(made)
        made.append(letters)
    return made


def trimmed(pieces: list[Any]) -> list[Any]:
    """Without white space at either end."""
    pieces = list(pieces)
    while pieces and isinstance(pieces[0], str) and not pieces[0].strip():
        pieces.pop(0)
    while pieces and isinstance(pieces[-1], str) and not pieces[-1].strip():
        pieces.pop()
    if pieces and isinstance(pieces[0], str):
        pieces[0] = pieces[0].lstrip()
    if pieces and isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    return pieces


# ---------------------------------------------------------------------- reading what was made


def plain(text: RichText) -> str:
    """The letters of a text."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(map(plain, text))
    if text["type"] == "reference":
        return f"[{text['name']}] {plain(text['text'])}"
    return plain(text.get("text") or text.get("expression") or text.get("alternative_text") or "")


def levels(text: RichText) -> int:
    """How deep a text's marks are nested."""
    if isinstance(text, list):
        return max(map(levels, text), default=0)
    return 0 if isinstance(text, str) else 1 + levels(text.get("text", ""))


def texts(block: Json) -> Iterator[RichText]:
    """The texts of a block, in the order of reading, without those of blocks inside it."""
    for name in ("summary", "text", "caption", "credit", "expression"):
        if name in block:
            yield block[name]
    for row in block.get("cells", ()):
        for cell in row:
            yield cell.get("text", "")


def inner(block: Json) -> list[list[Json]]:
    """The blocks inside a block; of a list those of each item."""
    return [item["blocks"] for item in block.get("items", ())] or ([block["blocks"]] if "blocks" in block else [])


def letters(blocks: list[Json]) -> str:
    """All that can be read of a message, a line for each block."""
    lines: list[str] = []
    for block in blocks:
        lines += filter(None, map(plain, texts(block)))
        for item in block.get("items", ()):
            words = letters(item["blocks"])
            box = {None: "", True: "☑ ", False: "☐ "}[item.get("is_checked", False) if "has_checkbox" in item else None]
            lines.append(f"{item['label']} {box}{words}")
        if "blocks" in block:
            lines.append(letters(block["blocks"]))
    return "\n".join(lines)
