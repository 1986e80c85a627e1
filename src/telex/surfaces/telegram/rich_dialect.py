"""PURE: Markdown into Telegram's rich Markdown (Bot API 10.1): what entities cannot show is shown.

The reading is that of every dialect; it is then written down anew, canonical and escaped, because the server parses it again
and because rich Markdown may hold tags of Telegram's own (buttons, too) that no model may write. Nothing here raises on any
input.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from unicodedata import bidirectional

import pyromark

from telex.display.styled import BETWEEN, OPTIONS, parts
from telex.display.styled_prepare import prepare
from telex.surfaces.telegram.rich_blocks import (
    MATH,
    MOST_COLUMNS,
    Block,
    Code,
    Details,
    Heading,
    Item,
    List,
    Math,
    Note,
    Paragraph,
    Quote,
    Rule,
    Table,
    children,
    inlines,
    walk,
)
from telex.surfaces.telegram.rich_markdown import document
from telex.surfaces.telegram.rich_writer import RichWriter

MOST_CHARACTERS = 32768
MOST_BLOCKS = 500  # those inside others counted, and items and rows
MOST_LEVELS = 16

_DETAILS = re.compile(r"<(/?)details\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rich:
    """A message as the Bot API takes it.

    Attributes:
        markdown: rich Markdown.
        blocks: how many there are, as strictly as one may count.
        columns: of the widest table.
        levels: how deep blocks and marks are nested.
        needed: entities could not show it: it has a table, a formula, a heading, a summary, or a list with blocks in it.
        thinks: it shows what a model thinks at the moment.
        rtl: its first letter is of a script that is written from right to left; ``None`` where it has no letter.
        ends_in_words: what is added at its end goes on in its last line.
        borders: whether its first and its last block are lists, which others beside them would join.
    """

    markdown: str = ""
    blocks: int = 0
    columns: int = 0
    levels: int = 0
    needed: bool = False
    thinks: bool = False
    rtl: bool | None = None
    ends_in_words: bool = False
    borders: tuple[bool, bool] = (False, False)

    @property
    def fits(self) -> bool:
        """Is it within Telegram's limits? The source counts, of which the text is never longer."""
        return (
            len(self.markdown) <= MOST_CHARACTERS
            and self.blocks <= MOST_BLOCKS
            and self.columns <= MOST_COLUMNS
            and self.levels <= MOST_LEVELS
        )


def render(markdown: str, *, draft: bool = False) -> Rich:
    """``markdown`` as a rich message; best with nothing left open, but any text will do.

    Args:
        markdown: a document.
        draft: it is a draft, in which what a model thinks at the moment has a line of its own.
    """
    sources = _together(markdown)
    made = [_settled(source, draft) for source in sources[:-1]]
    made = [part for part in [*made, _growing(sources[-1], draft)] if part.markdown]
    if len(made) < 2:
        return made[0] if made else Rich()
    if any(before.borders[1] and after.borders[0] for before, after in pairwise(made)):
        return _growing(markdown, draft)  # two lists, of which the block between shows nothing
    return Rich(
        markdown=BETWEEN.join(part.markdown for part in made),
        blocks=sum(part.blocks for part in made),
        columns=max(part.columns for part in made),
        levels=max(part.levels for part in made),
        needed=any(part.needed for part in made),
        thinks=any(part.thinks for part in made),
        rtl=next((part.rtl for part in made if part.rtl is not None), None),
        ends_in_words=made[-1].ends_in_words,
        borders=(made[0].borders[0], made[-1].borders[1]),
    )


def _together(markdown: str) -> list[str]:
    """The parts of a document, but those that a summary opens are one."""
    if not _DETAILS.search(markdown):
        return parts(markdown)
    joined = [""]
    for part in parts(markdown):
        joined[-1] += part
        open_now = 0
        for found in _DETAILS.finditer(joined[-1]):
            open_now = max(0, open_now + (-1 if found[1] else 1))
        if not open_now:
            joined.append("")
    return joined if joined[-1] else joined[:-1]


def read(markdown: str, *, draft: bool = False) -> list[Block]:
    """The blocks of a document, or of one of its parts."""
    try:
        source, marked = prepare(markdown)
        events = pyromark.events(source, options=OPTIONS)
    except UnicodeEncodeError:  # half of a surrogate pair, from JSON that was cut in its middle
        source, marked = prepare(markdown.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
        events = pyromark.events(source, options=OPTIONS)
    writer = RichWriter(marked)
    writer.feed(events)
    for block in walk(writer.blocks):
        if isinstance(block, Quote) and not draft:
            block.thinking = False
    return writer.blocks


def _part(markdown: str, draft: bool) -> Rich:
    blocks = read(markdown, draft=draft)
    everything = list(walk(blocks))
    tables = [block for block in everything if isinstance(block, Table)]
    return Rich(
        markdown=document(blocks),
        blocks=len(everything) + sum(len(table.rows) for table in tables) + sum(map(_has_box, everything)),
        columns=max((len(row) for table in tables for row in table.rows), default=0),
        levels=max((_levels(block) for block in blocks), default=0),
        needed=any(map(_is_needed, everything)),
        thinks=any(isinstance(block, Quote) and block.thinking for block in everything),
        rtl=next((way for block in everything for words in inlines(block) for way in _ways(words.text)), None),
        ends_in_words=bool(blocks) and isinstance(blocks[-1], Paragraph),
        borders=(isinstance(blocks[0], List), isinstance(blocks[-1], List)) if blocks else (False, False),
    )


_settled = lru_cache(maxsize=256)(_part)
_growing = lru_cache(maxsize=16)(_part)  # its own, so that the many short lives do not push out the long ones


def forget() -> None:
    """Remember nothing: everything is read again, with the same result."""
    _settled.cache_clear()
    _growing.cache_clear()


def _levels(block: Block | Item) -> int:
    """How deep it is nested at most: bare addresses are links, and a footnote's words refer to it."""
    marks = max(
        (len({span.kind for span in found.spans}) + ("://" in found.text) for found in inlines(block)), default=0
    )
    return 1 + isinstance(block, Note) + max([marks, *(_levels(inner) for inner in children(block))])


def _has_box(block: Block | Item) -> bool:
    """A task without words of its own has a paragraph for its box."""
    return isinstance(block, Item) and block.done is not None


def _ways(text: str) -> Iterator[bool]:
    """For each letter whether it is written from right to left."""
    for letter in text:
        way = bidirectional(letter)
        if way in {"L", "R", "AL"}:
            yield way != "L"


def _is_needed(block: Block | Item) -> bool:
    match block:
        case Table() | Math() | Heading() | Details():
            return True
        case Item():
            return any(isinstance(inner, Code | Quote | Rule) for inner in block.blocks)
        case List():
            return False
        case _:
            return any(span.kind == "code" and span.extra == MATH for inline in inlines(block) for span in inline.spans)
