"""PURE: the parser's events into blocks.

Letters, links, spoilers and tags are read by the writer that every dialect has; only where a block begins and ends is
another matter here: it is kept.
"""

from typing import Any

from telex.display.markdown_rules import GLUE
from telex.display.styled import Span
from telex.display.styled_prepare import DISPLAY_MATH, INLINE_MATH, THINKING, restore
from telex.display.styled_table import Cell, drawn, listed
from telex.display.styled_writer import Writer
from telex.surfaces.telegram.rich_blocks import (
    MATH,
    MOST_COLUMNS,
    Block,
    Code,
    Details,
    Heading,
    Holder,
    Inline,
    Item,
    List,
    Math,
    Note,
    Paragraph,
    Quote,
    Rule,
    Table,
    walk,
)

_HOLDING = (List, Item)  # what has no letters of its own
_MORE_SPANS = frozenset({"sub", "sup", "mark"})


class RichWriter(Writer):
    """Takes the events of one document; afterwards ``blocks`` holds what came of them."""

    def __init__(self, marked: bool) -> None:
        super().__init__(marked, 0)
        self.blocks: list[Block] = []
        self._holders: list[Holder] = []
        self._open_lists: list[List] = []
        self._level = 0  # of the heading that is being written
        self._in_summary = False
        self._language = ""

    def _add(self, block: Block) -> None:
        (self._holders[-1].blocks if self._holders else self.blocks).append(block)

    def block(self, gap: int = 2) -> None:
        """What was written so far is a block."""
        if self._aside:  # a table's cell is one, whatever is in it
            super().block(gap)
            return
        if self._bars:
            self.spoilers()
        while self._tags:
            self.close_tag(self._tags[-1][0])
        inline = _trimmed(self.text, self.spans)
        self._parts, self._length, self.spans, self._gap, self._fresh = [], 0, [], 0, 0
        for span in self._open:
            span.start = 0
        if not inline.text:
            return
        holder = self._holders[-1] if self._holders else None
        if self._in_summary and isinstance(holder, Details) and holder.summary is None:
            holder.summary = inline
        else:
            self._add(Heading(inline, self._level) if self._level else Paragraph(inline))

    def _hold(self, holder: Holder) -> None:
        self._holders.append(holder)

    def _let_go(self, kind: type[Holder]) -> None:
        """The last holder of this kind ends, and whatever was left open in it."""
        while not isinstance(self._holders.pop(), kind):
            pass

    # ------------------------------------------------------------------ letters

    def _text(self, text: str) -> None:
        if THINKING in text and self._holders and isinstance(self._holders[-1], Quote):
            self._holders[-1].thinking = True
        inside = self._length or self._aside or self._open or self._tags or self._level
        if self._code is None and text.startswith(GLUE) and not inside:
            if self._holders and isinstance(self._holders[-1], Note):
                self._holders[-1].elsewhere = True
            for item in reversed(self._holders):  # whose bullets are in another message
                if not isinstance(item, Item) or not all(isinstance(inner, _HOLDING) for inner in walk(item.blocks)):
                    break
                item.continued = True
        super()._text(text)

    def _inline_code(self, text: str) -> None:
        if not text.startswith((INLINE_MATH, DISPLAY_MATH)):
            super()._inline_code(text)
            return
        formula = restore(text).strip()
        if text.startswith(DISPLAY_MATH) and not (self._aside or self._open or self._level or self._in_summary):
            self.block()
            self._add(Math(formula))
            return
        self.push("code", MATH)
        self.write(formula)
        self.pop()

    def _reference(self, label: str) -> None:
        self.push("footnote", restore(label))
        super()._reference(label)
        self.pop()

    def _span(self, name: str, rest: str) -> None:
        if name in _MORE_SPANS:
            self.open_tag(name, name, "")
        else:
            super()._span(name, rest)

    def _tag(self, name: str, rest: str, *, closing: bool) -> None:
        if name not in {"details", "summary"} or self._aside:
            super()._tag(name, rest, closing=closing)
            return
        self.block()
        self._in_summary = name == "summary" and not closing
        if name == "details" and not closing:
            details = Details(open="open" in rest.lower())
            self._add(details)
            self._hold(details)
        elif name == "details" and self._holders and isinstance(self._holders[-1], Details):
            self._holders.pop()

    # ------------------------------------------------------------------ blocks

    def rule(self) -> None:
        """A line across the message."""
        self.block()
        if not self._aside:
            self._add(Rule())

    def _paragraph(self) -> None:
        self.block()

    def _heading(self, details: Any) -> None:
        self.block()
        self._level = int(details["level"][1:])

    def _end_heading(self) -> None:
        self.block()
        self._level = 0

    def _list(self, start: int | None) -> None:
        self.block()
        made = List(start)
        self._add(made)
        self._open_lists.append(made)

    def _end_list(self) -> None:
        self.block()
        self._open_lists.pop()

    def _item(self) -> None:
        self.block()
        item = Item()
        self._open_lists[-1].items.append(item)
        self._hold(item)

    def _end_item(self) -> None:
        self.block()
        self._let_go(Item)

    def _task(self, done: bool) -> None:
        item = next(holder for holder in reversed(self._holders) if isinstance(holder, Item))
        item.done = done

    def _quote(self, kind: str | None) -> None:
        self.block()
        quote = Quote()
        self._add(quote)
        self._hold(quote)
        if kind:
            quote.blocks.append(Paragraph(Inline(kind, (Span(0, len(kind), "bold"),))))

    def _fold(self) -> None:
        quote = next((holder for holder in reversed(self._holders) if isinstance(holder, Quote)), None)
        if quote:
            quote.folded = True

    def _end_quote(self) -> None:
        self.block()
        self._let_go(Quote)

    def _code_block(self, kind: Any) -> None:
        self.block()
        info = kind["Fenced"] if kind.__class__ is dict else ""
        words = restore(info).split(None, 1)
        self._language = words[0] if words else ""
        self._code = []

    def _end_code_block(self) -> None:
        code = restore("".join(self._code or ())).rstrip().lstrip("\n")
        self._code = None
        if code:
            self._add(Math(code.strip()) if self._language.lower() == "math" else Code(code, self._language))

    def _footnote(self, label: str) -> None:
        self.block()
        note = Note(restore(label))
        self._add(note)
        self._hold(note)

    def _end_footnote(self) -> None:
        self.block()
        self._let_go(Note)

    def _table(self, alignments: tuple[str, ...]) -> None:
        self.block()
        self._alignments, self._rows, self._continued = alignments, [], False

    def _end_table(self) -> None:
        if self._continued and not any(cell.text for row in self._rows[1:] for cell in row):
            self._continued = False
            return
        self._continued = False
        if len(self._alignments) <= MOST_COLUMNS:
            self._add(Table(self._alignments, [[_inline(cell) for cell in row] for row in self._rows]))
            return
        text, fitting = drawn(self._rows, self._alignments)  # as where there are no tables
        if fitting:
            self._add(Code(text))
        if fitting < len(self._rows):
            self._add(Paragraph(_inline(listed(self._rows[0], self._rows[fitting:]))))


def _inline(cell: Cell) -> Inline:
    return Inline(cell.text, tuple(cell.spans))


def _trimmed(text: str, spans: list[Span]) -> Inline:
    """Without white space at either end."""
    lead = len(text) - len(text.lstrip())
    if lead:
        for span in spans:
            span.start, span.end = max(0, span.start - lead), max(0, span.end - lead)
    return Inline(text.strip(), tuple(spans))
