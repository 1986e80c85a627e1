"""Rich messages, as the server makes them of what a bot sends, within Telegram's limits. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from telex.simulator.refusals import Refused, Why
from telex.simulator.rich_html import read_html
from telex.simulator.rich_input import read_blocks
from telex.simulator.rich_markdown import read_markdown
from telex.simulator.rich_tree import inner, levels, plain, texts
from telex.simulator.state import Json

__all__ = ["Counted", "checked", "counted", "read_html", "read_markdown", "read_message"]

MAX_CHARACTERS = 32768
MAX_BLOCKS = 500
MAX_COLUMNS = 20
MAX_LEVELS = 16


@dataclass(frozen=True, slots=True)
class Counted:
    """What a message has of each thing that is limited.

    Attributes:
        text: characters, with those of formulas and alternative texts.
        blocks: all of them, also inside others, with the items of lists and the rows of tables.
        columns: of the widest table.
        levels: how deep blocks and marks are nested.
        kinds: the kinds of its blocks.
    """

    text: int
    blocks: int
    columns: int
    levels: int
    kinds: frozenset[str]


def read_message(written: Json) -> list[Json]:
    """The blocks of what a bot has written, in whichever of the three ways.

    Raises:
        Refused: a block has a wrong shape; in Markdown and HTML nothing is wrong.
    """
    if written.get("blocks") is not None:
        return read_blocks(written["blocks"])
    if written.get("html") is not None:
        return read_html(written["html"])
    return read_markdown(written["markdown"])


def checked(blocks: list[Json], *, draft: bool = False) -> list[Json]:
    """The same blocks, within all limits; only a draft may be empty, or show what the bot thinks.

    Raises:
        Refused: they are not.
    """
    found = counted(blocks)
    over = (
        (found.text > MAX_CHARACTERS, Why.RICH_TEXT),
        (found.blocks > MAX_BLOCKS, Why.RICH_BLOCKS),
        (found.columns > MAX_COLUMNS, Why.RICH_COLUMNS),
        (found.levels > MAX_LEVELS, Why.RICH_LEVELS),
        (not blocks and not draft, Why.RICH_EMPTY),
        ("thinking" in found.kinds and not draft, Why.RICH_THINKING),
    )
    for wrong, why in over:
        if wrong:
            raise Refused(why)
    return blocks


def counted(blocks: list[Json]) -> Counted:
    """Count what is limited."""
    everything = list(_walk(blocks))
    return Counted(
        text=sum(len(plain(text)) for block in everything for text in texts(block)),
        blocks=sum(1 + len(block.get("items", ())) + len(block.get("cells", ())) for block in everything),
        columns=max((_columns(row) for block in everything for row in block.get("cells", ())), default=0),
        levels=_deepest(blocks),
        kinds=frozenset(str(block["type"]) for block in everything),
    )


def _walk(blocks: Iterable[Json]) -> Iterator[Json]:
    for block in blocks:
        yield block
        for inside in inner(block):
            yield from _walk(inside)


def _columns(row: list[Json]) -> int:
    return sum(int(cell.get("colspan", 1)) for cell in row)


def _deepest(blocks: Iterable[Json]) -> int:
    deepest = 0
    for block in blocks:
        marks = max(map(levels, texts(block)), default=0)
        deepest = max(deepest, 1 + max([marks, *map(_deepest, inner(block))]))
    return deepest
