"""Rich messages' HTML, and the tags that rich Markdown may hold. Pure.

Tags that Telegram does not know are left out without a word.
"""

import re
from collections.abc import Callable
from html import unescape

from telex.simulator.rich_tree import Tree
from telex.simulator.state import Json

_TOKEN = re.compile(r"<!--[\s\S]*?(?:-->|$)|<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)(?P<rest>[^<>]*)>")
_ATTRIBUTE = re.compile(r"""([\w-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_MARKS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "sub": "subscript",
    "sup": "superscript",
    "mark": "marked",
    "tg-math": "mathematical_expression",
}
_BLOCKS = {
    "p": "paragraph",
    "pre": "pre",
    "footer": "footer",
    "aside": "pullquote",
    "tg-thinking": "thinking",
    "tg-math-block": "mathematical_expression",
    "details": "details",
    "summary": "summary",
    "ul": "list",
    "ol": "list",
    "li": "item",
    "table": "table",
    "caption": "caption",
    "tr": "row",
    "td": "cell",
    "th": "cell",
}


def read_html(source: str) -> list[Json]:
    """The blocks of a message in HTML."""
    tree = Tree()
    HtmlReader(tree, white=True).read(source)
    return tree.finish()


class HtmlReader:
    """Reads HTML into a tree; ``white``: white space says nothing, as in a page."""

    def __init__(self, tree: Tree, *, white: bool) -> None:
        self._tree = tree
        self._white = white
        self._links: list[str] = []  # what the open <a> are

    def read(self, source: str) -> None:
        """Read one more piece."""
        at = 0
        for found in _TOKEN.finditer(source):
            self._text(source[at : found.start()])
            at = found.end()
            if found["name"]:
                values = _ATTRIBUTE.findall(found["rest"])
                attributes = {name.lower(): unescape(value.strip("\"'")) for name, value in values}
                self._tag(found["name"].lower(), attributes, closing=bool(found["close"]))
        self._text(source[at:])

    def _text(self, source: str) -> None:
        text = unescape(source)
        if self._white and not self._tree.within("pre"):
            text = re.sub(r"\s+", " ", text)
        if text:
            self._tree.text(text)

    def _tag(self, name: str, attributes: dict[str, str], *, closing: bool) -> None:
        tree = self._tree
        if name == "code" and tree.within("pre"):
            return
        if name == "br":
            tree.text("\n")
        elif name == "hr":
            tree.block({"type": "divider"})
        elif name == "a":
            self._link(attributes, closing=closing)
        elif name in _MARKS:
            (tree.unmark if closing else tree.mark)(_MARKS[name])
        elif name == "blockquote":
            self._quote(attributes, closing=closing)
        elif re.fullmatch("h[1-6]", name):
            self._block("heading", {"size": int(name[1])}, closing=closing)
        elif name in _BLOCKS:
            fields = _FIELDS[name](attributes) if name in _FIELDS else {}
            self._block(_BLOCKS[name], fields, closing=closing)

    def _block(self, kind: str, fields: dict[str, object], *, closing: bool) -> None:
        if closing:
            self._tree.end(kind)
        else:
            self._tree.start(kind, **fields)

    def _quote(self, attributes: dict[str, str], *, closing: bool) -> None:
        if closing:
            self._tree.end("expandable_blockquote" if self._tree.within("expandable_blockquote") else "blockquote")
        else:
            self._tree.start("expandable_blockquote" if "expandable" in attributes else "blockquote")

    def _link(self, attributes: dict[str, str], *, closing: bool) -> None:
        if not closing:
            address = attributes.get("href", "")
            self._links.append(address)
            if address:
                self._tree.mark("url", url=address)
        elif self._links and self._links.pop():
            self._tree.unmark("url")


def _cell(attributes: dict[str, str]) -> dict[str, object]:
    spans = {name: int(attributes[name]) for name in ("colspan", "rowspan") if attributes.get(name, "").isdecimal()}
    align = attributes.get("align", "left")
    return {"align": align if align in {"left", "center", "right"} else "left", "valign": "top", **spans}


_FIELDS: dict[str, Callable[[dict[str, str]], dict[str, object]]] = {
    "details": lambda attributes: {"is_open": True} if "open" in attributes else {},
    "ol": lambda attributes: {"start": int(attributes.get("start", "1")) if attributes.get("start", "1").isdecimal() else 1},
    "table": lambda attributes: {
        f"is_{name}": True for name in ("bordered", "striped", "compact") if name in attributes
    },
    "td": _cell,
    "th": lambda attributes: {**_cell(attributes), "is_header": True},
}  # fmt: skip
