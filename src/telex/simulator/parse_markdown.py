"""Parse mode MarkdownV2. Pure."""

import re
from dataclasses import dataclass
from typing import Any

from telex.simulator.parsing import Builder, MarkupError, byte_offset

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_LANGUAGE = re.compile(r"[^\s`]+")
_SPANS = {"*": "Bold", "_": "Italic", "__": "Underline", "~": "Strikethrough", "||": "Spoiler", "`": "Code"}
_KINDS = {
    "Bold": "bold",
    "Italic": "italic",
    "Underline": "underline",
    "Strikethrough": "strikethrough",
    "Spoiler": "spoiler",
    "Code": "code",
}
_CLOSERS = {name: mark for mark, name in _SPANS.items()} | {"Pre": "```", "PreCode": "```"}


@dataclass(frozen=True, slots=True)
class _Open:
    name: str  # as errors call it
    at: int  # where it begins in the source
    start: int  # in UTF-16 units of the text
    language: str = ""


def parse_markdown_v2(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Read text in MarkdownV2.

    Raises:
        MarkupError: a reserved character is not escaped, or something is left open.
    """
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out = Builder()
        self.open: list[_Open] = []
        self.line_start = True  # a quote may begin here
        self.expandable = False

    def read(self) -> tuple[str, list[dict[str, Any]]]:
        source = self.source
        while self.at < len(source):
            if source[self.at] == "\\" and self.at + 1 < len(source) and 0 < ord(source[self.at + 1]) <= 126:
                self._letter(source[self.at + 1])
                self.at += 2
            elif self._in_code():
                self._code_letter()
            elif source[self.at] == "\n":
                self._line_end()
            elif source[self.at] in RESERVED:
                self._mark()
            else:
                self._letter(source[self.at])
                self.at += 1
        if self.open and self.open[-1].name == "BlockQuote":
            self._close_quote()
        if self.open:
            raise self._no_end(self.open[-1])
        return self.out.finish()

    def _in_code(self) -> bool:
        return bool(self.open) and self.open[-1].name in {"Code", "Pre", "PreCode"}

    def _letter(self, character: str) -> None:
        self.out.add(character)
        self.line_start = False
        self.expandable = False

    def _code_letter(self) -> None:
        closer = _CLOSERS[self.open[-1].name]
        if not self.source.startswith("`", self.at):
            self._letter(self.source[self.at])
            self.at += 1
        elif self.source.startswith(closer, self.at):
            self.at += len(closer)
            self._close()
        else:
            self._refuse("`")

    def _line_end(self) -> None:
        quoted = any(opened.name == "BlockQuote" for opened in self.open)
        self.at += 1
        if quoted and self.source.startswith(">", self.at):
            self.at += 1
            self._letter("\n")
            return
        if quoted:
            if self.open[-1].name != "BlockQuote":
                raise self._no_end(self.open[-1])
            self._close_quote()
        self._letter("\n")
        self.line_start = True

    def _mark(self) -> None:
        source, character = self.source, self.source[self.at]
        top = self.open[-1].name if self.open else ""
        double = source[self.at : self.at + 2]
        mark = double if double in {"__", "||"} else character
        if top in {"TextUrl", "CustomEmoji"} and character == "]":
            self._link()
        elif mark == "||" and top != "Spoiler" and self._quote_ends():
            self.expandable = True
            self.at += 2
        elif character == "`":
            self._open_code()
        elif mark in _SPANS:
            self.at += len(mark)
            if top == _SPANS[mark]:
                self._close()
            else:
                self._open(_SPANS[mark], self.at - len(mark))
        elif character == "[":
            self.at += 1
            self._open("TextUrl", self.at - 1)
        elif double == "![":
            self.at += 2
            self._open("CustomEmoji", self.at - 2)
        elif character == ">" and self.line_start and not any(opened.name == "BlockQuote" for opened in self.open):
            self.at += 1
            self._open("BlockQuote", self.at - 1)
        else:
            self._refuse(character)

    def _quote_ends(self) -> bool:
        """Whether the two bars here end a quote, which makes it expandable."""
        quoted = bool(self.open) and self.open[-1].name == "BlockQuote"
        rest = self.source[self.at + 2 : self.at + 4]
        return quoted and (not rest or (rest[0] == "\n" and rest[1:] != ">"))

    def _open(self, name: str, at: int, language: str = "") -> None:
        self.open.append(_Open(name, at, self.out.units, language))

    def _open_code(self) -> None:
        begin = self.at
        if not self.source.startswith("```", begin):
            self.at += 1
            self._open("Code", begin)
            return
        self.at += 3
        language = _LANGUAGE.match(self.source, self.at)
        ends = language.end() if language else self.at
        named = language is not None and ends < len(self.source) and self.source[ends] != "`"
        if named:
            self.at = ends
        if self.source.startswith("\r\n", self.at):
            self.at += 2
        elif self.source.startswith("\n", self.at):
            self.at += 1
        self._open("PreCode" if named else "Pre", begin, language[0] if named and language else "")

    def _close(self) -> None:
        opened = self.open.pop()
        if opened.name in {"Pre", "PreCode"}:
            self.out.mark(opened.start, "pre", **({"language": opened.language} if opened.language else {}))
        else:
            self.out.mark(opened.start, _KINDS[opened.name])

    def _close_quote(self) -> None:
        opened = self.open.pop()
        self.out.mark(opened.start, "expandable_blockquote" if self.expandable else "blockquote")
        self.expandable = False

    def _link(self) -> None:
        opened = self.open.pop()
        self.at += 1
        begin = self.at
        url = self.out.text(opened.start)
        if self.source.startswith("(", begin):
            parts: list[str] = []
            self.at += 1
            while self.at < len(self.source) and self.source[self.at] != ")":
                if self.source[self.at] == "\\" and 0 < ord(self.source[self.at + 1 : self.at + 2] or "\0") <= 126:
                    self.at += 1
                parts.append(self.source[self.at])
                self.at += 1
            if self.at >= len(self.source):
                raise MarkupError(f"Can't find end of a URL at byte offset {byte_offset(self.source, begin)}")
            self.at += 1
            url = "".join(parts)
        elif opened.name == "CustomEmoji":
            raise MarkupError("Custom emoji entity must contain a tg://emoji URL")
        if opened.name == "TextUrl":
            self.out.link(opened.start, url)
        elif not self.out.special(opened.start, url):
            raise MarkupError("Custom emoji URL must have scheme tg")

    def _refuse(self, character: str) -> None:
        raise MarkupError(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")

    def _no_end(self, opened: _Open) -> MarkupError:
        return MarkupError(
            f"Can't find end of {opened.name} entity at byte offset {byte_offset(self.source, opened.at)}"
        )
