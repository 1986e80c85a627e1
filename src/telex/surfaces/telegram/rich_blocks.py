"""PURE: an answer as blocks: what a rich message is made of before it is written down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from telex.display.styled import Span


@dataclass(frozen=True, slots=True)
class Inline:
    """Letters and what marks them.

    Beside the kinds of every chat a span may be ``sub``, ``sup``, ``mark``, a ``footnote`` (``extra`` is its label), or code
    whose ``extra`` is `MATH`: a formula.
    """

    text: str
    spans: Sequence[Span] = ()


MATH = "$"
MOST_COLUMNS = 20  # of a table; a wider one is written as in chats that have none


@dataclass(slots=True)
class Paragraph:
    """Words."""

    inline: Inline


@dataclass(slots=True)
class Heading:
    """A heading of ``level`` 1 to 6."""

    inline: Inline
    level: int


@dataclass(slots=True)
class Code:
    """Code, with its language where it is known."""

    text: str
    language: str = ""


@dataclass(slots=True)
class Math:
    """A formula on lines of its own."""

    text: str


@dataclass(slots=True)
class Rule:
    """A line across the message."""


@dataclass(slots=True)
class Table:
    """A table; the first row is its head."""

    alignments: Sequence[str]
    rows: list[list[Inline]]


@dataclass(slots=True)
class Item:
    """An item of a list; ``done`` is that of a task, ``continued``: it began in another message and has its bullet there."""

    blocks: "list[Block]" = field(default_factory=list)
    done: bool | None = None
    continued: bool = False


@dataclass(slots=True)
class List:
    """A list; ``start`` is its first number, or ``None`` where it has bullets."""

    start: int | None
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Quote:
    """A quotation; one that is folded until somebody opens it; or what a model thinks at the moment."""

    blocks: "list[Block]" = field(default_factory=list)
    folded: bool = False
    thinking: bool = False


@dataclass(slots=True)
class Details:
    """A summary, and what opens under it."""

    summary: Inline | None = None
    open: bool = False
    blocks: "list[Block]" = field(default_factory=list)


@dataclass(slots=True)
class Note:
    """A footnote; ``elsewhere``: another part of the document has its words."""

    label: str
    elsewhere: bool = False
    blocks: "list[Block]" = field(default_factory=list)


Block: TypeAlias = Paragraph | Heading | Code | Math | Rule | Table | List | Quote | Details | Note
Holder: TypeAlias = Item | Quote | Details | Note


def children(block: Block | Item) -> "Sequence[Block | Item]":
    """The blocks directly inside this one; of a list its items."""
    match block:
        case List():
            return block.items
        case Item() | Quote() | Details() | Note():
            return block.blocks
        case _:
            return ()


def inlines(block: Block | Item) -> Iterator[Inline]:
    """The letters directly in this block."""
    match block:
        case Paragraph() | Heading():
            yield block.inline
        case Table():
            for row in block.rows:
                yield from row
        case Details() if block.summary:
            yield block.summary
        case _:
            pass


def walk(blocks: "Sequence[Block | Item]") -> "Iterator[Block | Item]":
    """All blocks, outer before inner; an item of a list is one too."""
    for block in blocks:
        yield block
        yield from walk(children(block))
