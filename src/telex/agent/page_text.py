"""An HTML page as text that a model can read: headings, lists and links as Markdown. Pure."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

_HIDDEN = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object", "select", "button"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "dd", "div", "dl", "dt", "figcaption", "figure", "footer"}
    | {"form", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul", "li", "br"}
    | {f"h{level}" for level in range(1, 7)}
)


class _Reader(HTMLParser):
    """Collects what a person would read."""

    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.parts: list[str] = []
        self._base = base
        self._hidden: list[str] = []
        self._in_title = False
        self._preformatted = 0
        self._links: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden.append(tag)
        elif tag == "title":
            self._in_title = not self.title
        elif tag == "a":
            self._links.append((len(self.parts), dict(attrs).get("href") or ""))
        elif tag in {"td", "th"}:
            self.parts.append(" | ")
        if tag == "pre":
            self._preformatted += 1
        if tag in _BLOCKS:
            self.parts.append("\n" if tag in {"li", "br", "tr"} else "\n\n")
        if tag == "li":
            self.parts.append("- ")
        elif re.fullmatch("h[1-6]", tag):
            self.parts.append("#" * int(tag[1]) + " ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:  # what was left open inside of it ends too
                pass
        elif tag == "title":
            self._in_title = False
        elif tag == "a" and self._links:
            self._close_link(*self._links.pop())
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        if tag in _BLOCKS and tag not in {"li", "br", "tr"}:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._hidden:
            self.parts.append(data if self._preformatted else re.sub(r"\s+", " ", data))

    def _close_link(self, start: int, address: str) -> None:
        words = "".join(self.parts[start:]).strip()
        try:
            there = urljoin(self._base, address.strip())
        except ValueError:
            return
        if words and "\n" not in words and re.match("https?://", there) and not address.startswith("#"):
            self.parts[start:] = [f" [{words}]({there}) "]


def page_text(html: str, address: str) -> str:
    """What there is to read on a page.

    Args:
        html: its source; need not be well formed.
        address: where it stands, for links that are relative.
    """
    reader = _Reader(address)
    reader.feed(html)
    reader.close()
    lines = [re.sub(r"[ \t]+$", "", line) for line in "".join(reader.parts).split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line if line.strip() else "" for line in lines)).strip()
    text = re.sub(r"(?m)^ (?=\S)", "", text)
    title = " ".join(reader.title.split())
    return f"{title}\n\n{text}" if title else text
