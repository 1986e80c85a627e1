"""The few HTML tags that models write in Markdown."""

import html
import re
from collections.abc import Iterator

TOKEN = re.compile(r"<!--[\s\S]*?(?:-->|$)|<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)(?P<rest>[^<>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")

SPANS = {
    "b": "bold",
    "strong": "bold",
    "summary": "bold",
    "th": "bold",
    "i": "italic",
    "em": "italic",
    "cite": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "del": "strikethrough",
    "strike": "strikethrough",
    "code": "code",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
    "tg-spoiler": "spoiler",
    "a": "text_link",
} | {f"h{level}": "bold" for level in range(1, 7)}
"""Tags that mark what they enclose, and how Telegram shows it."""

LINES = frozenset({"p", "div", "summary", "details", "tr", "ul", "ol", "table", "section", "center", "pre", "dl", "dt"})
"""Tags that stand on lines of their own."""

DROPPED = frozenset(
    {"sub", "sup", "span", "font", "small", "big", "mark", "thead", "tbody", "tfoot", "td", "li", "img", "br", "hr"}
    | {"wbr", "abbr", "q", "picture", "source", "video", "audio", "iframe", "nobr", "dd", "blockquote", "body", "html"}
    | {"head", "title", "style", "script", "figure", "figcaption", "main", "article", "header", "footer", "var"}
    | {"think", "label", "input", "button", "form", "meta", "link", "nav", "svg", "path", "colgroup", "col", "caption"}
)
"""Tags whose letters nobody wants to read; a name in none of these sets is no tag but text, such as ``Vec<T>``."""

KNOWN = LINES | DROPPED | SPANS.keys()


def attributes(rest: str) -> dict[str, str]:
    """The attributes of a tag by their names in small letters."""
    return {name.lower(): html.unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(rest)}


def tokens(source: str) -> Iterator[str | re.Match[str]]:
    """``source`` as text (str) and tags (matches of `TOKEN` with a name); comments are left out."""
    at = 0
    for found in TOKEN.finditer(source):
        if found.start() > at:
            yield source[at : found.start()]
        at = found.end()
        if found["name"] is None:
            continue
        yield found if found["name"].lower() in KNOWN else found[0]
    if at < len(source):
        yield source[at:]
