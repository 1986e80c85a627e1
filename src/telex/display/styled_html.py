"""The few HTML tags that models write in Markdown."""

import re
from collections.abc import Iterator
from html import unescape

from telex.display.styled_prepare import restore
from telex.display.styled_text import TextWriter

RULE = "———"
LINKED = re.compile(r"(?:https?://[^\s/]|tg://.|mailto:.|tel:.)", re.IGNORECASE)
"""What Telegram takes as the address of a link."""

TOKEN = re.compile(
    r"<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<![A-Za-z][^<>]*>"
    r"|<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)(?P<rest>[^<>]*)>"
)
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
    return {name.lower(): unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(rest)}


def tokens(source: str) -> Iterator[str | re.Match[str]]:
    """``source`` as text (str) and tags (matches of `TOKEN` with a name); comments and declarations are left out."""
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


class HtmlWriter(TextWriter):
    """Shows HTML as far as a chat can."""

    def html(self, source: str) -> None:
        """Write HTML: its text, the spans its tags make, and nothing of comments."""
        if self._marked:
            source = restore(source)
        for token in tokens(source):
            if isinstance(token, str):
                for number, line in enumerate(unescape(token).split("\n")):
                    if number:
                        self._new_line()
                    self._bars = self._bars or "||" in line
                    if line.strip():
                        self.write(line)
            else:
                self._tag(token["name"].lower(), token["rest"], closing=bool(token["close"]))

    def _new_line(self) -> None:
        if self._gap < 1 and self._length != self._fresh:
            self._gap = 1

    def _break_line(self) -> None:
        if not self._gap:  # else one ends here in any case
            self.line()

    def _next_cell(self) -> None:
        if self._cells and not self._gap:
            self.write(" | ")
        self._cells += 1

    def rule(self) -> None:
        """A line across the message."""
        self.block()
        self.write(RULE)
        self.block()

    def _tag(self, name: str, rest: str, *, closing: bool) -> None:
        if name in LINES:
            self._new_line()
            self._cells = 0
        if name in {"td", "th"} and not closing:
            self._next_cell()
        if name == "br":
            self._break_line()
        elif name == "hr":
            self.rule()
        elif name == "li" and not closing:
            self._new_line()
            self.write("• ")
        elif name == "img":
            found = attributes(rest)
            self.push("text_link" if LINKED.match(found.get("src", "")) else "", found.get("src", ""))
            self.write(found.get("alt") or "image")
            self.pop()
        elif closing:
            self.close_tag(name)
        elif not rest.endswith("/"):
            self._span(name, rest)

    def _span(self, name: str, rest: str) -> None:
        kind, extra = SPANS.get(name, ""), ""
        if name == "span" and "tg-spoiler" in rest:
            kind = "spoiler"
        elif name == "a":
            extra = attributes(rest).get("href", "")
            kind = "text_link" if LINKED.match(extra) else ""
        if kind:
            self.open_tag(name, kind, extra)
