"""The source of an HTML page as tags and text, in one pass. Pure.

Each step goes on where the one before it ended, and what has no end takes the rest of the page, as browsers read it: so
no page takes longer than its length. ``html.parser`` reads some pages in the square of theirs.
"""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias


class Opened(NamedTuple):
    """A tag that begins an element; ``closed`` where it ends it too, as in ``<br/>``."""

    name: str
    attributes: dict[str, str]
    closed: bool


class Closed(NamedTuple):
    """A tag that ends an element."""

    name: str


class Text(NamedTuple):
    """What stands between tags, its character references resolved."""

    words: str


Piece: TypeAlias = Opened | Closed | Text

RAW = frozenset({"script", "style", "title", "textarea", "iframe", "xmp", "noembed", "noframes"})  # hold no tags
_TAG = re.compile(r"<(?:(/?)([a-zA-Z][^\s/>]*+)|(!--)|[!?/])")
_ATTRIBUTE = re.compile(
    r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|(?!["'])([^\s>]++)))?+""",
)
_BETWEEN = re.compile(r"[\s/]*+")
_COMMENT_END = re.compile(r"--!?>")
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in RAW}


def pieces(source: str) -> Iterator[Piece]:
    """The pieces of a page in order; need not be well formed."""
    place = 0
    while tag := _TAG.search(source, place):
        if tag.start() > place:
            yield Text(_resolved(source[place : tag.start()]))
        place = tag.end()
        closes, name, comment = tag.groups()
        if comment:
            end = _COMMENT_END.search(source, place - 2)  # <!--> is a whole one
            place = end.end() if end else len(source)
        elif not name or closes:
            place = source.find(">", place) + 1 or len(source)
            if name:
                yield Closed(name.lower())
        else:
            attributes, place = _attributes(source, place)
            if place == len(source) and source[-1] != ">":
                return  # cut off within the tag
            name = name.lower()
            closed = source[place - 2] == "/"
            yield Opened(name, attributes, closed)
            if name in RAW and not closed:
                end = _RAW_END[name].search(source, place)
                words = source[place : end.start() if end else len(source)]
                yield Text(_resolved(words) if name in {"title", "textarea"} else words)
                place += len(words)
    if place < len(source):
        yield Text(_resolved(source[place:]))


def _attributes(source: str, place: int) -> tuple[dict[str, str], int]:
    """The attributes of the tag whose name ends at ``place``, and where the tag ends."""
    found: dict[str, str] = {}
    while True:
        place = _skipped(source, place)
        attribute = _ATTRIBUTE.match(source, place)
        if attribute is None:
            return found, min(place + 1, len(source))
        name, *values = attribute.groups("")
        found.setdefault(name.lower(), _resolved("".join(values)))
        place = attribute.end()


def _skipped(source: str, place: int) -> int:
    between = _BETWEEN.match(source, place)
    return between.end() if between else place


def _resolved(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a reference by a number of thousands of digits
        return text
