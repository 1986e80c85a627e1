"""PURE: blocks, written in Telegram's rich Markdown: GitHub's, with formulas, summaries and what a model thinks."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby

from telex.surfaces.telegram.rich_blocks import (
    Block,
    Code,
    Details,
    Heading,
    Inline,
    Item,
    List,
    Math,
    Note,
    Paragraph,
    Quote,
    Rule,
    Table,
    inlines,
    walk,
)
from telex.surfaces.telegram.rich_inline import label_of, written

_CLOSING = re.compile(r"(?:^|(?<=[ \t]))(?=#+$)")  # signs at a heading's end that would be none of its words
_BREAK = re.compile(r"([-*])(?: *\1){2,}")
_TICKS = re.compile("`{3,}")
_NO_LANGUAGE = re.compile(r"[^\w+#.-]")
_RULERS = {"Left": ":---", "Center": ":---:", "Right": "---:"}


def document(blocks: Sequence[Block]) -> str:
    """The blocks as rich Markdown."""
    notes = {block.label for block in walk(blocks) if isinstance(block, Note) and (block.blocks or block.elsewhere)}
    return "\n".join(_Document(frozenset(notes)).lines(blocks))


class _Document:
    """Lines of blocks; those of a block inside another one are indented by the outer one."""

    def __init__(self, notes: AbstractSet[str]) -> None:
        self._notes = notes

    def lines(self, blocks: Sequence[Block], *, tight: bool = False) -> list[str]:
        """The lines of blocks, with empty ones between them; in a tight list none before a list.

        Lists that follow each other take turns with two kinds of bullets, lest they be one.
        """
        made: list[str] = []
        before: Block | None = None
        bullet = 0
        for block in _unfolded(blocks):
            bullet = 1 - bullet if isinstance(block, List) and isinstance(before, List) else 0
            lines = self._list(block, bullet) if isinstance(block, List) else self._block(block)
            if not lines:
                continue
            if made and not (tight and isinstance(before, Paragraph) and _interrupts(block)):
                made.append("")
            made += lines
            before = block
        return made

    def _block(self, block: Block) -> list[str]:  # noqa: C901 - one case a kind
        match block:
            case Paragraph(inline):
                return self._written(inline).split("\n")
            case Heading(inline, level):
                words = _CLOSING.sub(r"\\", self._written(Inline(_on_one_line(inline.text), inline.spans)))
                return [f"{'#' * level} {words}"]
            case Code(text, language):
                fence = "`" * max([3, *(len(ticks) + 1 for ticks in _TICKS.findall(text))])
                return [fence + _NO_LANGUAGE.sub("", language), *text.split("\n"), fence]
            case Math(text):
                fence = "`" * max([3, *(len(ticks) + 1 for ticks in _TICKS.findall(text))])
                return [f"{fence}math", *text.split("\n"), fence]
            case Rule():
                return ["---"]
            case Table():
                return self._table(block)
            case Quote():
                return self._quote(block)
            case Details():
                return self._details(block)
            case Note():
                return self._note(block)
            case List():
                return self._list(block, 0)

    def _written(self, inline: Inline) -> str:
        return written(inline, "block", self._notes)

    def _table(self, table: Table) -> list[str]:
        rows = ["| " + " | ".join(written(cell, "cell", self._notes) for cell in row) + " |" for row in table.rows]
        ruler = "|" + "|".join(_RULERS.get(alignment, "---") for alignment in table.alignments) + "|"
        return [rows[0], ruler, *rows[1:]]

    def _list(self, block: List, bullet: int) -> list[str]:
        if block.start is not None:
            items = enumerate(block.items, block.start)
            return [line for number, item in items for line in self._item(item, f"{number}{'.)'[bullet]}")]
        made = [line for item in block.items for line in self._item(item, "-*"[bullet])]
        if any(map(_BREAK.fullmatch, made)):  # an item's bullet, and nothing but dashes in it
            made = [line for item in block.items for line in self._item(item, "+")]
        return made

    def _item(self, item: Item, marker: str) -> list[str]:
        lines = self.lines(item.blocks, tight=True)
        if item.done is not None:
            marked = bool(item.blocks) and isinstance(item.blocks[0], Paragraph)
            box = ("[x]" if item.done else "[ ]") if marked else ("☑" if item.done else "☐")
            lines = [f"{box} {lines[0]}", *lines[1:]] if marked else [box, "", *lines]
        indent = " " * (len(marker) + 1)
        first, *rest = lines or [""]
        return [f"{marker} {first}".rstrip(" "), *(indent + line if line else "" for line in rest)]

    def _quote(self, quote: Quote) -> list[str]:
        if not quote.folded and not quote.thinking:
            return [f"> {line}" if line else ">" for line in self.lines(quote.blocks)]
        words = "<br>".join(written(inline, "tag") for block in walk(quote.blocks) for inline in inlines(block))
        tag = "tg-thinking" if quote.thinking else "blockquote"
        return [f"<{tag}{' expandable' if quote.folded else ''}>{words}</{tag}>"] if words else []

    def _details(self, details: Details) -> list[str]:
        summary = f"<summary>{written(details.summary, 'tag')}</summary>" if details.summary else ""
        inside = self.lines(details.blocks)
        opening = f"<details{' open' if details.open else ''}>{summary}"
        return [opening, "", *inside, *([""] if inside else []), "</details>"] if summary or inside else []

    def _note(self, note: Note) -> list[str]:
        inside = self.lines(note.blocks)
        if note.elsewhere and not inside:
            return []
        if not inside or not label_of(note.label):
            return self.lines([Paragraph(Inline(f"[{note.label}]")), *note.blocks])
        return [f"[^{note.label}]: {inside[0]}", *(f"    {line}" if line else "" for line in inside[1:])]


def _unfolded(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks where an item that has its bullet in another message is no item: what is in it stands beside its list."""
    for block in blocks:
        if not isinstance(block, List):
            yield block
            continue
        number = block.start
        for continued, group in groupby(block.items, lambda item: item.continued):
            items = list(group)
            if continued:
                yield from _unfolded([inner for item in items for inner in item.blocks])
            else:
                yield List(number, items)
            number = None if number is None else number + len(items)


def _interrupts(block: Block) -> bool:
    """Can it follow words without an empty line?"""
    return isinstance(block, List) and block.start in {None, 1} and bool(block.items and block.items[0].blocks)


def _on_one_line(text: str) -> str:
    return text.replace("\n", " ")
