"""Rich messages, as the server makes them of what a bot sends, within Telegram's limits. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from telex.simulator.rich_html import read_html
from telex.simulator.rich_markdown import read_markdown
from telex.simulator.rich_tree import inner, levels, plain, texts
from telex.simulator.state import Json

__all__ = ["Counted", "counted", "read_html", "read_markdown"]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a message has of each thing that is limited.

    Attributes:
        text: characters, with those of formulas and alternative texts.
        blocks: all of them, also inside others.
        columns: of the widest table.
        levels: how deep blocks and marks are nested.
        kinds: the kinds of its blocks.
    """

    text: int
    blocks: int
    columns: int
    levels: int
    kinds: frozenset[str]


def counted(blocks: list[Json]) -> Counted:
    """Count what is limited."""
    everything = list(_walk(blocks))
    return Counted(
        text=sum(len(plain(text)) for block in everything for text in texts(block)),
        blocks=len(everything),
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
