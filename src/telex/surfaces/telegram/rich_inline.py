"""PURE: letters and their marks, written in Telegram's rich Markdown.

What is no mark here is escaped, so nothing that a model writes can become markup that was not read as such: no tag of
Telegram's own, no button, no formula between two prices. Signs (``**``) are used where CommonMark's flanking rules leave
no doubt about them, tags (``<b>``) elsewhere.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Literal

from telex.display.nested import nested
from telex.display.styled import Span
from telex.surfaces.telegram.rich_blocks import MATH, Inline

Where = Literal["block", "cell", "tag"]
"""In a block of its own; in a table's cell; inside of a tag, where Markdown is not read everywhere."""

_SIGNS = {"bold": "**", "italic": "_", "strikethrough": "~~", "spoiler": "||"}
_TAGS = {
    "bold": "b",
    "italic": "i",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "underline": "u",
    "sub": "sub",
    "sup": "sup",
    "mark": "mark",
}
_ADDRESS = re.compile(r"https?://[^\s<>\"`|\\]*[^\s<>\"`|\\.,;:!?)\]}'*_~]", re.IGNORECASE)
_SPECIAL = re.compile(r"[\\`*~|\[\]$]|(?<![^\W_])_|_(?![^\W_])|=(?==)|(?<==)=|!$|&(?=#?\w+;)|<")
_IN_A_TAG = re.compile(r"[\\`*_~|\[\]$=&<>!#]")
_LINE_START = re.compile(r"^([#>+=-]|\d{1,9}(?=[.)]))", re.MULTILINE)
_EMPTY_LINE = re.compile(r"\n[ \t]*(?=\n)")
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_UNSAFE_IN_ADDRESS = re.compile(r"[\s()<>\\\"|`\[\]]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LABEL = re.compile(r"[\w-]{1,64}")


def _behind_brackets(text: str, start: int, end: int) -> int:
    """The end of an address, whose last brackets are its own where they opened in it."""
    while text.startswith(")", end) and text.count("(", start, end) > text.count(")", start, end):
        end += 1
    return end


@dataclass(slots=True)
class _Node:
    """A span and those in it; the outermost has none of its own."""

    start: int
    end: int
    span: Span | None = None
    inner: "list[_Node]" = field(default_factory=list)


def written(inline: Inline, where: Where, notes: AbstractSet[str] = frozenset()) -> str:
    """``inline`` in rich Markdown.

    Args:
        inline: what is to be read.
        where: it will stand.
        notes: the labels of the footnotes that the message has.
    """
    return _Writing(inline.text, where, notes).inside(_tree(inline))


def label_of(label: str) -> str:
    """A footnote's label as Telegram takes it; empty where it cannot."""
    return label if _LABEL.fullmatch(label) else ""


def _tree(inline: Inline) -> _Node:
    root = _Node(0, len(inline.text))
    path = [root]
    for span in nested(inline.text, inline.spans):
        while path[-1].end < span.end or path[-1].end <= span.start:
            path.pop()
        path[-1].inner.append(_Node(span.start, span.end, span))
        path.append(path[-1].inner[-1])
    return root


@dataclass(frozen=True, slots=True)
class _Writing:
    """One run of letters being written."""

    text: str
    where: Where
    notes: AbstractSet[str]

    def inside(self, node: _Node, *, linked: bool = False) -> str:
        """All that stands in ``node``, without its own mark."""
        pieces: list[str] = []
        at = node.start
        for number, inner in enumerate(node.inner):
            pieces.append(self._letters(at, inner.start, linked=linked))
            after = node.inner[number + 1].start if number + 1 < len(node.inner) else -1
            alone = (not number or inner.start > at) and inner.end != after
            is_code = inner.span is not None and inner.span.kind == "code" and inner.span.extra != MATH
            free = alone and (is_code or self._is_apart(node, inner))  # ticks may touch letters
            pieces.append(self._marked(inner, free=free, linked=linked))
            at = inner.end
        pieces.append(self._letters(at, node.end, linked=linked))
        return "".join(pieces)

    def _is_apart(self, around: _Node, node: _Node) -> bool:
        """Do white space, punctuation or the edges of what is around it stand on both sides?"""
        before = self.text[node.start - 1] if node.start > around.start else " "
        after = self.text[node.end] if node.end < around.end else " "
        return _is_border(before) and _is_border(after)

    def _marked(self, node: _Node, *, free: bool, linked: bool) -> str:
        span = node.span
        assert span is not None  # noqa: S101 - for the type checker; only the outermost has none
        if span.kind == "code":
            code = self.text[node.start : node.end]
            return self._formula(code, free=free) if span.extra == MATH else self._code(code, free=free)
        if span.kind == "footnote" and span.extra in self.notes and label_of(span.extra) and self.where != "tag":
            return f"[^{span.extra}]"
        inner = self.inside(node, linked=linked or span.kind == "text_link")
        if span.kind == "text_link":
            return self._link(inner, span.extra)
        sign, tag = _SIGNS.get(span.kind), _TAGS.get(span.kind)
        if sign and free and self.where != "tag" and not (sign == "||" and self.where == "cell"):
            return f"{sign}{inner}{sign}"
        return f"<{tag}>{inner}</{tag}>" if tag else inner

    def _link(self, inner: str, address: str) -> str:
        address = _UNSAFE_IN_ADDRESS.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), address)
        address = _ENTITY.sub("&amp;", address)
        return f'<a href="{address}">{inner}</a>' if self.where == "tag" else f"[{inner}]({address})"

    def _code(self, code: str, *, free: bool) -> str:
        code = " ".join(code.split("\n"))
        if self.where == "tag" or not free:
            return f"<code>{_numbered(code)}</code>"
        if self.where == "cell":
            code = code.replace("|", "\\|")
        fence = "`"
        while fence in code:
            fence += "`"
        pad = " " if code[0] == "`" or code[-1] == "`" else ""
        return f"{fence}{pad}{code}{pad}{fence}"

    def _formula(self, formula: str, *, free: bool) -> str:
        formula = " ".join(formula.split())
        odd = "$" in formula or formula.endswith("\\") or formula.count("{") != formula.count("}")
        if self.where == "tag" or not free or odd:
            return f"<tg-math>{_numbered(formula)}</tg-math>"
        return f"${formula.replace('|', chr(92) + '|') if self.where == 'cell' else formula}$"

    # ------------------------------------------------------------------ letters

    def _letters(self, start: int, end: int, *, linked: bool) -> str:
        """Letters without a mark. Telegram finds addresses in them, but for those that are escaped: these become links.

        A link of its own is opened only after a question, so there is none where it can be done without.
        """
        text = self.text[start:end]
        if linked or self.where == "tag" or "://" not in text:
            return self._escaped(text, start)
        pieces: list[str] = []
        at = 0
        for found in _ADDRESS.finditer(text):
            pieces.append(self._escaped(text[at : found.start()], start + at))
            end = _behind_brackets(text, found.start(), found.end())
            address = text[found.start() : end]
            shown = self._escaped(address, start + found.start())
            pieces.append(shown if shown == address else self._link(shown, address))
            at = end
        return "".join([*pieces, self._escaped(text[at:], start + at)])

    def _escaped(self, text: str, at: int) -> str:
        if self.where == "tag":
            return _numbered(text).replace("\n", "<br>")
        begins = at == 0 or self.text[at - 1] == "\n"
        text = _SPECIAL.sub(_escape, text)
        if self.where == "cell":
            return text.replace("\n", " <br>")
        text = _EMPTY_LINE.sub("<br>", text)  # which would end the paragraph
        if begins or "\n" in text:
            first, *rest = text.split("\n")
            lines = [_begun(first) if begins else first, *map(_begun, rest)]
            text = "  \n".join(line.rstrip(" ") if number < len(rest) else line for number, line in enumerate(lines))
        return text


def _begun(line: str) -> str:
    """The beginning of a line, which is none of a block's."""
    line = _INDENTATION.sub("", line)
    found = _LINE_START.match(line)
    if found is None:
        return line
    return f"{found[0]}\\{line[found.end() :]}" if found[0][0].isdigit() else f"\\{line}"


def _escape(found: re.Match[str]) -> str:
    if found[0] in "&<":
        return "&amp;" if found[0] == "&" else "&lt;"
    return f"\\{found[0]}"


def _numbered(text: str) -> str:
    """Letters that are neither Markdown nor HTML, whichever of them is read."""
    return _IN_A_TAG.sub(lambda found: f"&#{ord(found[0])};", text)


def _is_border(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] in "PS"
