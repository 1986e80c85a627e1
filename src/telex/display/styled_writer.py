"""The parser's events into one text and the spans in it."""

import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from telex.display.markdown_rules import GLUE
from telex.display.styled_html import LINKED, HtmlWriter
from telex.display.styled_prepare import COLLAPSED, DISPLAY_MATH, HELD, SEPARATOR, restore
from telex.display.styled_span import Span
from telex.display.styled_table import Cell, drawn, listed
from telex.display.styled_text import Level, TextWriter

_BULLETS = "•◦▪"
_UNDEFINED_FOOTNOTE = re.compile(r"\[\^(\d+)\]")


class Writer(HtmlWriter):
    """Takes the events of one document; afterwards ``text`` and ``spans`` hold what came of them."""

    def __init_subclass__(cls) -> None:
        """What a subclass writes in another way, it writes so for the parser's events too."""
        for table in ("_PLAIN_START", "_START", "_END", "_LEAF"):
            handlers: dict[str, Callable[..., None]] = getattr(cls, table)
            setattr(cls, table, {event: getattr(cls, handler.__name__) for event, handler in handlers.items()})

    def __init__(self, marked: bool, widest: int) -> None:
        super().__init__(marked)
        self._widest = widest
        self._outer: list[str] = []  # indentations to come back to
        self._quotes = 0
        self._code: list[str] | None = None
        self._html: list[str] = []
        self._continued = False
        self._numbered = False  # the open link shows a source's number
        self._rows: list[list[Cell]] = []
        self._alignments: tuple[str, ...] = ()
        self._aside: list[tuple[list[str], int, list[Span], str]] = []  # what waits while a cell is written

    def feed(self, events: Iterable[Any]) -> None:
        """Write all events of a document, and use them up."""
        plain, starts, ends, leaves = self._PLAIN_START, self._START, self._END, self._LEAF
        for event in events:
            if event.__class__ is str:
                if event == "Rule":
                    self.rule()
                else:
                    self.line()
                continue
            kind, value = event.popitem()
            if kind == "Text":
                self._text(value)
            elif kind == "Start":
                if value.__class__ is str:
                    plain[value](self)
                else:
                    name, details = value.popitem()
                    starts[name](self, details)
            elif kind == "End":
                ends[value if value.__class__ is str else next(iter(value))](self)
            else:
                leaves[kind](self, value)
        self.block()

    # ------------------------------------------------------------------ letters

    def _text(self, text: str) -> None:
        if self._code is not None:
            self._code.append(text)
            return
        if self._marked:
            if text.startswith(GLUE):
                self._marker = ""  # an item that goes on from another message has its bullet there
                self._continued = True
                text = text[1:].lstrip(" ")
            if COLLAPSED in text:
                self._fold()
            if "|" in text:
                text = text.replace(GLUE, HELD).replace(SEPARATOR, HELD)
                self._bars = self._bars or HELD in text
            text = restore(text)
            if not text:
                return
        if self._gap:
            text = text.lstrip(" ")
        if "||" in text:
            self._bars = True
        if "[^" in text:
            text = _UNDEFINED_FOOTNOTE.sub(r"[\1]", text)
        self.write(text)

    def _inline_code(self, text: str) -> None:
        display = text.startswith(DISPLAY_MATH)
        text = (restore(text) if self._marked else text).strip()
        if not text:
            return
        if not display or self._aside:
            self.push("code")
            self.write(text)
            self.pop()
            return
        if self._parts and not self._gap and not self._marker:
            self.write("\n")
        self.push("pre")
        self.write(text)
        self.pop()
        self._gap = 1

    def _link(self, details: Any) -> None:
        address = restore(details["dest_url"]) if self._marked else details["dest_url"]
        linked = details["link_type"] not in {"Autolink", "Email"} and LINKED.match(address)
        self.push("text_link" if linked else "", address)
        self._numbered = details["link_type"] == "Shortcut" and details["id"].isdigit()
        if self._numbered:
            self.write("[")

    def _end_link(self) -> None:
        if self._numbered:  # a source's number keeps its brackets, for it had them before it was known to be a link
            self.write("]")
            self._numbered = False
        self.pop()

    def _image(self, details: Any) -> None:
        address = restore(details["dest_url"]) if self._marked else details["dest_url"]
        self.push("text_link" if LINKED.match(address) else "", address)

    def _end_image(self) -> None:
        if self._open[-1].start == self._length:
            self.write("image")
        self.pop()

    def _reference(self, label: str) -> None:
        self.write(f"[{restore(label)}]")

    # ------------------------------------------------------------------ blocks

    def _paragraph(self) -> None:
        tight = self._marker and self._lists and self._lists[-1].items == 1
        self.block(1 if tight else 2)

    def _heading(self, details: Any) -> None:
        self.block()
        self.push("bold")
        self.push("underline" if details["level"] == "H1" else "")

    def _end_heading(self) -> None:
        self.pop()
        self.pop()
        self.block()

    def _list(self, start: int | None) -> None:
        self.inner_block()
        if self._lists:  # close to its item, also where the items are apart
            self._gap = min(self._gap, 1)
        depth = sum(level.number is None for level in self._lists)
        self._lists.append(Level(start, _BULLETS[depth % 3], self._indent))

    def _end_list(self) -> None:
        self._lists.pop()
        self.inner_block()

    def _item(self) -> None:
        self.block(1)
        level = self._lists[-1]
        level.items += 1
        self._outer.append(self._indent)
        if not self._marker:
            self._marker_indent = level.indent
        if level.number is None:
            own = f"{level.bullet} "
            self._indent += "  "
        else:
            own = f"{level.number}. "
            level.number += 1
            self._indent += "   "
        self._marker += own

    def _end_item(self) -> None:
        if self._marker:
            self._marker = self._marker.rstrip()
            self._break()
        self._indent = self._outer.pop()
        self.block(1)

    def _task(self, done: bool) -> None:
        bullet = self._marker.rstrip()[-1:]
        self._marker = (self._marker[:-2] if bullet in _BULLETS else self._marker) + ("☑ " if done else "☐ ")

    def _own_line(self) -> None:
        """What follows begins a line without indentation, as quotes and code blocks must."""
        self.inner_block()
        self._outer.append(self._indent)
        if self._marker:
            self._break()
            self._gap = 1
        self._indent = ""

    def _quote(self, kind: str | None) -> None:
        self._own_line()
        self._quotes += 1
        self.push("blockquote" if self._quotes == 1 else "")
        self._fresh = self._length
        if kind:
            self.push("bold")
            self.write(kind)
            self.pop()
            self._gap = 1
            self._fresh = self._length

    def _fold(self) -> None:
        """The quote that is open is shown folded."""
        for span in self._open:
            span.kind = "expandable_blockquote" if span.kind == "blockquote" else span.kind

    def _end_quote(self) -> None:
        self.block()
        self.pop()
        self._quotes -= 1
        self._indent = self._outer.pop()
        self.inner_block()

    def _code_block(self, kind: Any) -> None:
        info = kind["Fenced"] if kind.__class__ is dict else ""
        words = (restore(info) if self._marked else info).split(None, 1)
        self._own_line()
        self.push("pre", words[0] if words else "")
        self._code = []

    def _end_code_block(self) -> None:
        code = "".join(self._code or ())
        self._code = None
        code = (restore(code) if self._marked else code).rstrip()
        if code:
            self.write(code.lstrip("\n"))
        self.pop()
        self._indent = self._outer.pop()
        self.inner_block()

    def _html_line(self, line: str) -> None:
        self._html.append(line)

    def _end_html_block(self) -> None:
        self.html("".join(self._html))  # as a whole, for a tag may take several lines
        self._html = []
        self.inner_block()

    def _footnote(self, label: str) -> None:
        self.block()
        if not self._marker:
            self._marker_indent = self._indent
        self._marker += f"[{restore(label)}] "

    def _end_footnote(self) -> None:
        if self._marker:
            self._break()
        self.block()

    # ------------------------------------------------------------------ tables

    def _table(self, alignments: tuple[str, ...]) -> None:
        self._own_line()
        self._alignments = alignments
        self._continued = False
        self._rows = []

    def _row(self) -> None:
        self._rows.append([])

    def _cell(self) -> None:
        if self._gap or self._marker:
            self._break()
        self._aside.append((self._parts, self._length, self.spans, self._indent))
        self._parts, self._length, self.spans, self._indent, self._fresh = [], 0, [], "", 0

    def _end_cell(self) -> None:
        self.block(0)
        self._rows[-1].append(Cell(self.text.strip(), self.spans))
        self._parts, self._length, self.spans, self._indent = self._aside.pop()
        self._gap = 0

    def _end_table(self) -> None:
        self._fresh = -1
        seen = not self._continued or any(cell.text for row in self._rows[1:] for cell in row)
        if not seen:
            self._gap = 0
        else:
            text, fitting = drawn(self._rows, self._alignments, self._widest)
            if fitting:
                self.push("pre")
                self.write(text)
                self.pop()
            if fitting < len(self._rows):
                self._gap = 2 if fitting else self._gap
                self._listed(listed(self._rows[0], self._rows[fitting:]))
        self._indent = self._outer.pop()
        self.inner_block()

    def _listed(self, rows: Cell) -> None:
        if self._gap or self._marker:
            self._break()
        start = self._length
        self.write(rows.text)
        self.spans += [Span(start + s.start, start + s.end, s.kind, s.extra) for s in rows.spans]

    _PLAIN_START: ClassVar[dict[str, Callable[["Writer"], None]]] = {
        "Paragraph": _paragraph,
        "Item": _item,
        "TableHead": _row,
        "TableRow": _row,
        "TableCell": _cell,
        "Emphasis": TextWriter.emphasis,
        "Strong": TextWriter.strong,
        "Strikethrough": TextWriter.strikethrough,
        "HtmlBlock": TextWriter.inner_block,
    }
    _START: ClassVar[dict[str, Callable[["Writer", Any], None]]] = {
        "Heading": _heading,
        "BlockQuote": _quote,
        "CodeBlock": _code_block,
        "List": _list,
        "FootnoteDefinition": _footnote,
        "Table": _table,
        "Link": _link,
        "Image": _image,
    }
    _END: ClassVar[dict[str, Callable[["Writer"], None]]] = {
        "Paragraph": TextWriter.block,
        "Heading": _end_heading,
        "BlockQuote": _end_quote,
        "CodeBlock": _end_code_block,
        "List": _end_list,
        "Item": _end_item,
        "Table": _end_table,
        "TableHead": TextWriter.nothing,
        "TableRow": TextWriter.nothing,
        "TableCell": _end_cell,
        "FootnoteDefinition": _end_footnote,
        "Emphasis": TextWriter.pop,
        "Strong": TextWriter.pop,
        "Strikethrough": TextWriter.pop,
        "Link": _end_link,
        "Image": _end_image,
        "HtmlBlock": _end_html_block,
    }
    _LEAF: ClassVar[dict[str, Callable[["Writer", Any], None]]] = {
        "Code": _inline_code,
        "Html": _html_line,
        "InlineHtml": HtmlWriter.html,
        "FootnoteReference": _reference,
        "TaskListMarker": _task,
    }
