"""The parser's events into one text and the spans in it.

The parser says where blocks begin and end; a chat message is one run of text. So each block asks for the line breaks
before it (`_block`), and they are written, with indentation and a list's bullet, when its first letter comes.
"""

import html
import re
from dataclasses import dataclass
from typing import Any

from telex.surfaces.telegram import dialect_html
from telex.surfaces.telegram.dialect_entities import Span
from telex.display.markdown_inline import GLUE
from telex.surfaces.telegram.dialect_prepare import DISPLAY_MATH, restore
from telex.surfaces.telegram.dialect_table import Cell, drawn, listed

RULE = "———"
_BULLETS = "•◦▪"
_BARS = re.compile(r"\|\|")
_LINKED = re.compile(r"(?:https?://[^\s/]|tg://.|mailto:.|tel:.)", re.IGNORECASE)
_UNDEFINED_FOOTNOTE = re.compile(r"\[\^(\d+)\]")


@dataclass(slots=True)
class _Level:
    """An open list: its next number (``None`` where it has bullets) and how deep bullets are nested."""

    number: int | None
    bullet: str
    indent: str
    items: int = 0


class Writer:
    """Takes events one by one; afterwards `text` and `spans` hold what came of them."""

    def __init__(self, marked: bool) -> None:
        self._marked = marked
        self._parts: list[str] = []
        self._length = 0
        self._spans: list[Span] = []
        self._open: list[Span] = []  # end unknown
        self._tags: list[tuple[str, Span]] = []
        self._gap = 0
        self._fresh = 0  # where a block began whose first child needs no line break
        self._marker = ""
        self._indent = ""
        self._outer: list[str] = []  # indentations to come back to
        self._lists: list[_Level] = []
        self._quotes = 0
        self._bars = False
        self._code: list[str] | None = None
        self._rows: list[list[Cell]] = []
        self._alignments: tuple[str, ...] = ()
        self._aside: list[tuple[list[str], int, list[Span], str]] = []  # what waits while a cell is written

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def spans(self) -> list[Span]:
        return self._spans

    def feed(self, event: Any) -> None:
        """Write one event."""
        if event.__class__ is str:
            if event == "Rule":
                self._block()
                self._write(RULE)
                self._block()
            elif self._marker or self._length != self._fresh:
                self._write("\n" + self._indent)
            return
        ((kind, value),) = event.items()
        if kind == "Text":
            self._text(value)
        elif kind == "Start":
            if value.__class__ is str:
                _START_PLAIN.get(value, _nothing)(self)
            else:
                ((name, details),) = value.items()
                _START[name](self, details)
        elif kind == "End":
            name = value if value.__class__ is str else next(iter(value))
            _END.get(name, _nothing)(self)
        else:
            _LEAF[kind](self, value)

    def finish(self) -> None:
        """No more events: close what HTML left open."""
        self._block()

    # ------------------------------------------------------------------ letters

    def _write(self, text: str) -> None:
        if self._gap or self._marker:
            self._break()
        self._parts.append(text)
        self._length += len(text)

    def _break(self) -> None:
        """Write the line breaks, indentation and bullet that the next letter needs."""
        lead = "\n" * self._gap + self._indent if self._gap and self._length else ""
        if self._marker:
            if self._lists:
                lead = lead[: len(lead) - len(self._indent) + len(self._lists[-1].indent)]
            lead += self._marker
            self._marker = ""
        self._gap = 0
        if lead:
            self._parts.append(lead)
            self._length += len(lead)

    def _text(self, text: str) -> None:
        if self._code is not None:
            self._code.append(text)
            return
        if self._marked:
            if self._marker and text.startswith(GLUE):
                self._marker = ""  # an item that goes on from another message has its bullet there
            text = restore(text)
            if not text:
                return
        if "||" in text:
            self._bars = True
        if "[^" in text:
            text = _UNDEFINED_FOOTNOTE.sub(r"[\1]", text)
        self._write(text)

    # ------------------------------------------------------------------ blocks

    def _block(self, gap: int = 2) -> None:
        """A block begins or ends here: ``gap`` line breaks before the next letter."""
        if self._bars:
            self._spoilers()
        while self._tags:
            self._close_tag(self._tags[-1][0])
        if self._gap < gap and self._length != self._fresh:
            self._gap = gap

    def _paragraph(self) -> None:
        if self._lists and self._marker:
            self._block(2 if self._lists[-1].items > 1 else 1)
        else:
            self._block(2)

    def _inner(self) -> None:
        self._block(1 if self._lists else 2)

    def _heading(self, details: Any) -> None:
        self._block()
        self._push("bold")
        self._push("underline" if details["level"] == "H1" else "")

    def _end_heading(self) -> None:
        self._pop()
        self._pop()
        self._block()

    def _start_list(self, start: int | None) -> None:
        if self._marker:
            self._break()
        self._block(1 if self._lists else 2)
        depth = sum(level.number is None for level in self._lists)
        self._lists.append(_Level(start, _BULLETS[depth % 3], self._indent))

    def _end_list(self) -> None:
        self._lists.pop()
        self._block(1 if self._lists else 2)

    def _item(self) -> None:
        self._block(1)
        level = self._lists[-1]
        level.items += 1
        self._outer.append(self._indent)
        if level.number is None:
            self._marker, wide = f"{level.bullet} ", 2
        else:
            self._marker, wide = f"{level.number}. ", 3
            level.number += 1
        self._indent += " " * wide

    def _end_item(self) -> None:
        if self._marker:
            self._break()
        self._indent = self._outer.pop()
        self._block(1)

    def _task(self, done: bool) -> None:
        self._marker = (self._marker if self._marker[:1].isdigit() else "") + ("☑ " if done else "☐ ")

    def _own_line(self) -> None:
        """What follows begins a line without indentation, as quotes and code blocks must."""
        self._inner()
        self._outer.append(self._indent)
        if self._marker:
            self._break()
            self._gap = 1
        self._indent = ""

    def _quote(self, kind: str | None) -> None:
        self._own_line()
        self._quotes += 1
        self._push("blockquote" if self._quotes == 1 else "")
        self._fresh = self._length
        if kind:
            self._push("bold")
            self._write(kind)
            self._pop()
            self._gap = 1
            self._fresh = self._length

    def _end_quote(self) -> None:
        self._block()
        self._pop()
        self._quotes -= 1
        self._indent = self._outer.pop()
        self._inner()

    def _code_block(self, kind: Any) -> None:
        info = kind["Fenced"] if kind.__class__ is dict else ""
        self._own_line()
        self._push("pre", (restore(info) if self._marked else info).split(None, 1)[0] if info.strip() else "")
        self._code = []

    def _end_code_block(self) -> None:
        code = "".join(self._code or ())
        self._code = None
        code = (restore(code) if self._marked else code).rstrip()
        if code:
            self._write(code.lstrip("\n"))
        self._pop()
        self._indent = self._outer.pop()
        self._inner()

    def _footnote(self, label: str) -> None:
        self._block()
        self._write(f"[{restore(label)}] ")
        self._fresh = self._length

    # ------------------------------------------------------------------ inline

    def _push(self, kind: str, extra: str = "") -> None:
        if self._gap or self._marker:
            self._break()
        self._open.append(Span(self._length, 0, kind, extra))

    def _pop(self) -> None:
        span = self._open.pop()
        span.end = self._length
        if span.kind and span.end > span.start:
            self._spans.append(span)

    def _inline_code(self, text: str) -> None:
        display = text.startswith(DISPLAY_MATH)
        if self._marked:
            text = restore(text)
        text = text.strip()
        if not text:
            return
        kind = "code"
        if display and not self._aside:
            kind = "pre"
            if self._parts and not self._gap and not self._marker:
                self._write("\n")
        self._push(kind)
        self._write(text)
        self._pop()
        if kind == "pre":
            self._gap = 1

    def _link(self, details: Any) -> None:
        address = restore(details["dest_url"]) if self._marked else details["dest_url"]
        linked = details["link_type"] not in {"Autolink", "Email"} and _LINKED.match(address)
        self._push("text_link" if linked else "", address)

    def _end_image(self) -> None:
        if self._open[-1].start == self._length:
            self._write("image")
        self._pop()

    def _reference(self, label: str) -> None:
        self._write(f"[{restore(label)}]")

    def _spoilers(self) -> None:
        """Take the bars of ``||spoilers||`` out of the text and keep what stood between as spans."""
        self._bars = False
        text = self.text
        code = [span for span in self._spans if span.kind in {"code", "pre"}]
        cut: list[int] = []
        opened = -1
        for found in _BARS.finditer(text):
            at = found.start()
            if any(span.start <= at < span.end for span in code):
                continue
            if opened >= 0 and at > opened + 2 and not text[at - 1].isspace():
                cut += [opened, at]
                opened = -1
            elif opened < 0 and at + 2 < len(text) and not text[at + 2].isspace():
                opened = at
        if not cut:
            return

        def moved(place: int) -> int:
            return place - sum(min(2, max(0, place - bar)) for bar in cut)

        for span in self._spans + self._open + [span for _, span in self._tags]:
            span.start, span.end = moved(span.start), moved(span.end)
        self._spans += [
            Span(moved(first), moved(last), "spoiler") for first, last in zip(cut[::2], cut[1::2], strict=True)
        ]
        for bar in reversed(cut):
            text = text[:bar] + text[bar + 2 :]
        self._parts = [text]
        self._fresh = moved(self._fresh)
        self._length = len(text)

    # ------------------------------------------------------------------ tables

    def _table(self, alignments: tuple[str, ...]) -> None:
        self._own_line()
        self._alignments = alignments
        self._rows = []

    def _row(self) -> None:
        self._rows.append([])

    def _cell(self) -> None:
        if self._gap or self._marker:
            self._break()
        self._aside.append((self._parts, self._length, self._spans, self._indent))
        self._parts, self._length, self._spans, self._indent, self._fresh = [], 0, [], "", 0

    def _end_cell(self) -> None:
        if self._bars:
            self._spoilers()
        while self._tags:
            self._close_tag(self._tags[-1][0])
        self._rows[-1].append(Cell(self.text, self._spans))
        self._parts, self._length, self._spans, self._indent = self._aside.pop()
        self._gap = 0

    def _end_table(self) -> None:
        self._fresh = -1
        text = drawn(self._rows, self._alignments)
        if text is not None:
            self._push("pre")
            self._write(text)
            self._pop()
        else:
            cell = listed(self._rows)
            start = self._length
            self._write(cell.text)
            self._spans += [Span(start + s.start, start + s.end, s.kind, s.extra) for s in cell.spans]
        self._indent = self._outer.pop()
        self._inner()

    # ------------------------------------------------------------------ HTML

    def _html(self, source: str) -> None:
        if self._marked:
            source = restore(source)
        for token in dialect_html.tokens(source):
            if token.__class__ is str:
                lines = html.unescape(str(token)).split("\n")
                for number, line in enumerate(lines):
                    if number and self._length != self._fresh:
                        self._gap = max(self._gap, 1)
                    if line.strip():
                        self._write(line)
            else:
                self._tag(token)

    def _tag(self, token: Any) -> None:
        name = token["name"].lower()
        closing = bool(token["close"])
        if name in dialect_html.LINES and self._length != self._fresh:
            self._gap = max(self._gap, 1)
        if name == "br":
            self._write("\n" + self._indent)
        elif name == "hr":
            self._block()
            self._write(RULE)
            self._block()
        elif name == "li" and not closing:
            self._gap = max(self._gap, 1 if self._length != self._fresh else 0)
            self._write("• ")
        elif name == "img":
            self._push("text_link", dialect_html.attributes(token["rest"]).get("src", ""))
            self._write(dialect_html.attributes(token["rest"]).get("alt") or "image")
            self._pop()
        elif closing:
            self._close_tag(name)
        else:
            self._open_tag(name, token["rest"])

    def _open_tag(self, name: str, rest: str) -> None:
        kind, extra = dialect_html.SPANS.get(name, ""), ""
        if name == "span" and "tg-spoiler" in rest:
            kind = "spoiler"
        elif name == "a":
            extra = dialect_html.attributes(rest).get("href", "")
            kind = "text_link" if _LINKED.match(extra) else ""
        if kind and not rest.endswith("/"):
            if self._gap or self._marker:
                self._break()
            self._tags.append((name, Span(self._length, 0, kind, extra)))

    def _close_tag(self, name: str) -> None:
        for index in range(len(self._tags) - 1, -1, -1):
            if self._tags[index][0] == name:
                span = self._tags.pop(index)[1]
                span.end = self._length
                self._spans.append(span)
                return


def _nothing(_: Writer) -> None:
    """An event that changes nothing in a chat."""


_START_PLAIN = {
    "Paragraph": Writer._paragraph,
    "Item": Writer._item,
    "TableHead": Writer._row,
    "TableRow": Writer._row,
    "TableCell": Writer._cell,
    "Emphasis": lambda writer: writer._push("italic"),
    "Strong": lambda writer: writer._push("bold"),
    "Strikethrough": lambda writer: writer._push("strikethrough"),
    "HtmlBlock": Writer._inner,
}
_START: dict[str, Any] = {
    "Heading": Writer._heading,
    "BlockQuote": Writer._quote,
    "CodeBlock": Writer._code_block,
    "List": Writer._start_list,
    "FootnoteDefinition": Writer._footnote,
    "Table": Writer._table,
    "Link": Writer._link,
    "Image": Writer._link,
}
_END = {
    "Paragraph": Writer._block,
    "Heading": Writer._end_heading,
    "BlockQuote": Writer._end_quote,
    "CodeBlock": Writer._end_code_block,
    "List": Writer._end_list,
    "Item": Writer._end_item,
    "Table": Writer._end_table,
    "TableCell": Writer._end_cell,
    "Emphasis": Writer._pop,
    "Strong": Writer._pop,
    "Strikethrough": Writer._pop,
    "Link": Writer._pop,
    "Image": Writer._end_image,
    "HtmlBlock": Writer._inner,
}
_LEAF: dict[str, Any] = {
    "Code": Writer._inline_code,
    "Html": Writer._html,
    "InlineHtml": Writer._html,
    "FootnoteReference": Writer._reference,
    "TaskListMarker": Writer._task,
}
