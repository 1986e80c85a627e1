"""An HTML page as text that a model can read: headings, lists and links as Markdown. Pure."""

import re
from collections import Counter
from collections.abc import Callable
from urllib.parse import urljoin

from telex.agent.markup import Closed, Opened, Text, pieces

MOST_TEXT = 1_000_000  # characters; addresses of links can make more of a page than there was
NO_TEXT = "[The page has no text that can be read without running its scripts.]"
TOO_MUCH = "[The rest of this page was left out: it is too much to read.]"
_HIDDEN = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object", "select", "button"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "dd", "div", "dl", "dt", "figcaption", "figure", "footer"}
    | {"form", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul", "li", "br"}
    | {f"h{level}" for level in range(1, 7)}
)


class _Reader:
    """Collects what a person would read."""

    def __init__(self, base: str) -> None:
        self.title = ""
        self.length = 0  # of the parts
        self._base = base
        self._parts: list[str] = []
        self._hidden: list[str] = []
        self._hidden_by: Counter[str] = Counter()  # the same, counted
        self._in_title = False
        self._preformatted = 0
        self._link: tuple[int, str] | None = None  # where its words begin, and where it leads

    @property
    def text(self) -> str:
        """What was collected, without the title."""
        lines = [line.rstrip(" \t") for line in "".join(self._parts).split("\n")]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(line if line.strip() else "" for line in lines)).strip()
        return re.sub(r"(?m)^ (?=\S)", "", text)

    def opened(self, tag: Opened) -> None:
        name = tag.name
        if name in _HIDDEN and not tag.closed:
            self._hidden.append(name)
            self._hidden_by[name] += 1
        elif name == "title":
            self._in_title = not self.title
        elif name == "a":
            self._close_link()  # a link holds no link
            self._link = len(self._parts), tag.attributes.get("href", "")
        elif name in {"td", "th"}:
            self._add(" | ")
        if name == "pre":
            self._preformatted += 1
        if name in _BLOCKS:
            self._add("\n" if name in {"li", "br", "tr"} else "\n\n")
        if name == "li":
            self._add("- ")
        elif re.fullmatch("h[1-6]", name):
            self._add("#" * int(name[1]) + " ")

    def closed(self, name: str) -> None:
        if self._hidden_by[name]:
            self._show(name)
        elif name == "title":
            self._in_title = False
        elif name == "a":
            self._close_link()
        if name == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        if name in _BLOCKS and name not in {"li", "br", "tr"}:
            self._add("\n\n")

    def words(self, words: str) -> None:
        if self._in_title:
            self.title += words
        elif not self._hidden:
            self._add(words if self._preformatted else re.sub(r"\s+", " ", words))

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)

    def _show(self, name: str) -> None:
        """An element that hides has ended, and what was left open inside of it."""
        while True:
            ended = self._hidden.pop()
            self._hidden_by[ended] -= 1
            if ended == name:
                return

    def _close_link(self) -> None:
        if self._link is None:
            return
        (start, address), self._link = self._link, None
        words = "".join(self._parts[start:]).strip()
        try:
            there = urljoin(self._base, address.strip())
        except ValueError:
            return
        if words and "\n" not in words and re.match("https?://", there) and not address.startswith("#"):
            del self._parts[start:]
            self._add(f" [{words}]({there}) ")


def page_text(html: str, address: str, late: Callable[[], bool] = lambda: False) -> str:
    """What there is to read on a page. Takes time in proportion to the page.

    Args:
        html: its source; need not be well formed.
        address: where it stands, for links that are relative.
        late: asked at each tag; true ends the reading, and what was read so far is given, with a notice.
    """
    reader = _Reader(address)
    notice = ""
    for piece in pieces(html):
        if reader.length > MOST_TEXT or late():
            notice = TOO_MUCH
            break
        match piece:
            case Opened():
                reader.opened(piece)
            case Closed(name):
                reader.closed(name)
            case Text(words):
                reader.words(words)
    title = " ".join(reader.title.split())
    return "\n\n".join(filter(None, (title, reader.text or ("" if notice else NO_TEXT), notice)))
