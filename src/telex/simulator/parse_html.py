"""Parse mode HTML. Pure."""

import re
from dataclasses import dataclass
from typing import Any

from telex.simulator.parsing import Builder, MarkupError, byte_offset

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strikethrough", "strike": "strikethrough",
    "del": "strikethrough", "u": "underline", "ins": "underline", "tg-spoiler": "spoiler", "span": "spoiler",
}  # fmt: skip
_TAGS = frozenset({*_KINDS, "a", "tg-emoji", "tg-time", "pre", "code", "blockquote"})
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot)\b);?")
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>]*")
_BARE_VALUE = re.compile(r"[A-Za-z0-9.\-]*")


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    start: int  # in UTF-16 units of the text


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Read text with HTML tags.

    Raises:
        MarkupError: a tag is unknown, unclosed or closed out of turn.
    """
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out = Builder()
        self.open: list[_Open] = []

    def read(self) -> tuple[str, list[dict[str, Any]]]:
        source = self.source
        while self.at < len(source):
            character = source[self.at]
            if character == "<":
                if source.startswith("</", self.at):
                    self._end_tag()
                else:
                    self._start_tag()
                continue
            reference = _REFERENCE.match(source, self.at) if character == "&" else None
            decoded = _decode(reference) if reference else None
            self.out.add(decoded or character)
            self.at = reference.end() if reference and decoded else self.at + 1
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return self.out.finish()

    def _start_tag(self) -> None:
        begin = self.at
        where = byte_offset(self.source, begin)
        name = _match(_NAME, self.source, begin + 1)
        self.at = begin + 1 + len(name)
        if self.at >= len(self.source):
            raise MarkupError(f"Unclosed start tag at byte offset {where}")
        tag = name.lower()
        if tag not in _TAGS:
            raise MarkupError(f'Unsupported start tag "{tag}" at byte offset {where}')
        attributes = self._attributes(tag, where)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self.open.append(_Open(tag, attributes, self.out.units))

    def _attributes(self, tag: str, where: int) -> dict[str, str]:
        source = self.source
        attributes: dict[str, str] = {}
        while True:
            while self.at < len(source) and source[self.at].isspace():
                self.at += 1
            if self.at >= len(source):
                raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {where}')
            if source[self.at] == ">":
                self.at += 1
                return attributes
            name = _match(_ATTRIBUTE_NAME, source, self.at)
            if not name:
                raise MarkupError(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
            self.at += len(name)
            value = ""
            if source.startswith("=", self.at):
                self.at += 1
                value = self._value(tag, where)
            attributes.setdefault(name.lower(), value)

    def _value(self, tag: str, where: int) -> str:
        quote = self.source[self.at : self.at + 1]
        if quote not in {'"', "'"} or not quote:
            value = _match(_BARE_VALUE, self.source, self.at)
            self.at += len(value)
            if not value:
                raise MarkupError(f"Unexpected end of name token at byte offset {byte_offset(self.source, self.at)}")
            return value
        end = self.source.find(quote, self.at + 1)
        if end < 0:
            raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {where}')
        raw = self.source[self.at + 1 : end]
        self.at = end + 1
        return _REFERENCE.sub(lambda match: _decode(match) or match[0], raw)

    def _end_tag(self) -> None:
        begin = self.at
        where = byte_offset(self.source, begin)
        if not self.open:
            raise MarkupError(f"Unexpected end tag at byte offset {where}")
        name = _match(_NAME, self.source, begin + 2).lower()
        at = begin + 2 + len(name)
        while at < len(self.source) and self.source[at].isspace():
            at += 1
        if not self.source.startswith(">", at):
            raise MarkupError(f"Unclosed end tag at byte offset {where}")
        self.at = at + 1
        opened = self.open.pop()
        if name and name != opened.tag:
            raise MarkupError(
                f'Unmatched end tag at byte offset {where}, expected "</{opened.tag}>", found "</{name}>"'
            )
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        out, attributes, start = self.out, opened.attributes, opened.start
        if opened.tag in _KINDS:
            out.mark(start, _KINDS[opened.tag])
        elif opened.tag == "blockquote":
            out.mark(start, "expandable_blockquote" if "expandable" in attributes else "blockquote")
        elif opened.tag == "a":
            out.link(start, attributes.get("href") or out.text(start))
        elif opened.tag == "tg-emoji" and attributes.get("emoji-id", "").isdecimal():
            out.mark(start, "custom_emoji", custom_emoji_id=attributes["emoji-id"])
        elif opened.tag == "tg-time" and attributes.get("unix", "").isdecimal():
            out.date(start, attributes["unix"], attributes.get("format", ""))
        elif opened.tag == "code":
            language = attributes.get("class", "").removeprefix("language-")
            named = language and attributes["class"] != language
            out.mark(start, "code", **({"language": language} if named else {}))
        elif opened.tag == "pre":
            self._close_pre(start)

    def _close_pre(self, start: int) -> None:
        """A code tag that fills a pre tag only names its language."""
        out = self.out
        language = ""
        for entity in [entity for entity in out.entities if entity["type"] == "code" and entity["offset"] >= start]:
            out.entities.remove(entity)
            if entity["offset"] == start and entity["length"] == out.units - start:
                language = entity.get("language", "")
        out.mark(start, "pre", **({"language": language} if language else {}))


def _match(pattern: re.Pattern[str], text: str, at: int) -> str:
    match = pattern.match(text, at)
    return match[0] if match else ""


def _decode(reference: re.Match[str]) -> str | None:
    """The character that a reference names; None when there is none."""
    if reference[3]:
        return _NAMED[reference[3]]
    number = int(reference[1]) if reference[1] else int(reference[2], 16)
    if number == 0 or number >= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return None
    return chr(number)
