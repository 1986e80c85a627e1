"""What must hold of any text in any dialect."""

import re
from html.parser import HTMLParser
from typing import Any

from telex.display import html, plain
from telex.display.styled_html import RULE
from telex.simulator.rich import counted, read_markdown
from telex.simulator.rich_tree import letters
from telex.surfaces.telegram import dialect as telegram
from telex.surfaces.telegram import rich_dialect
from telex.surfaces.terminal import dialect as terminal
from tests.conformance.reference import signs

_TABLE = "the reference begins a table in the middle of a paragraph, or of one column"
_TILDES = "two tildes strike through, more do not"
READ_ON_PURPOSE = {
    "-   foo|foo\n---|---\nbar|bar\n": "a table's rows are in the list that its header is in",
    "foo|foo\n-----|-::-\nbar|bar\n": "two colons in a row of dashes are let through",
    "|\tfoo\t|\tbar\t|\n|\t---\t|\t---\t|\n|\tbaz\t|\tquux\t|\n": "bars behind tabs are no table",
    "paragraph\nfoo|foo\n---|---\nbar|bar\n": _TABLE,
    "# | 1 | 2\n--|--|--\nx | `\\` | `x`\n": "a heading, not the header of a table",
    "# | 1 | 2\n--|--|--\nx | \\`\\` | `x`\n": "a heading, not the header of a table",
    "| foo |\n:-----:\n| bar |\n": _TABLE,
    "  | Col1a | Col2a |\n  | ----- | ----- |\n    | Col1b | Col2b |\n": "a row that is indented by four is a row",
    "a | b\n- | -\n1 | 2\n": "one dash in each cell makes a table, before it makes a list",
    "x ~~~~foo~~ bar~~\n": _TILDES,
    "x ~~foo ~~bar~~~~\n": _TILDES,
    "x ~~~~foo~~~~\n": _TILDES,
    "x ~~a ~~foo~~~~~~~~~~~bar~~ b~~\n\nx ~~a ~~foo~~~~~~~~~~~~bar~~ b~~\n": _TILDES,
    'a~~"foo"~~\n': "marks beside quotation marks count, as models write them",
    "-~~~~;~~~~~~\n": _TILDES,
    "-\t\t[x] literal\n": "a task behind tabs, not code in a list",
}
"""Examples whose signs are read in another way than the reference reads them, and why."""

WIDTH = 40
_NOTE = re.compile(r"\[([\w-]+)\]")
_TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}


def check(markdown: str) -> None:
    """Every dialect's rules."""
    rendered = telegram.render(markdown)
    check_entities(rendered.text, rendered.entities)
    assert plain.render(markdown) == rendered.text
    check_html(html.render(markdown), rendered.text)
    check_rich(rich_dialect.render(markdown), rendered.text)
    for line in terminal.lines(markdown, WIDTH):
        assert line.width <= WIDTH + 1
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line.text)


def check_entities(text: str, entities: tuple[dict[str, Any], ...]) -> None:
    """Telegram's rules: inside the text, on UTF-16 borders, properly nested, few enough, no white space at the ends."""
    assert text == text.strip()
    units = text.encode("utf-16-le")
    inside: list[dict[str, Any]] = []
    last = (-1, 0)
    assert sum(entity["type"] in {"code", "text_link", "pre", "blockquote"} for entity in entities) <= 100
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        assert 0 <= start < end <= len(units) // 2
        covered = units[2 * start : 2 * end].decode("utf-16-le")  # fails in the middle of a pair
        assert not covered[-1].isspace()
        assert not covered[0].isspace() or entity["type"] == "pre"
        assert last <= (start, -end)
        last = (start, -end)
        while inside and inside[-1]["offset"] + inside[-1]["length"] <= start:
            inside.pop()
        for outer in inside:
            assert end <= outer["offset"] + outer["length"]
            assert outer["type"] not in {"code", "pre", entity["type"]}
            assert entity["type"] not in {"code", "pre"} or outer["type"] == "blockquote"
        inside.append(entity)


def check_rich(rich: rich_dialect.Rich, text: str) -> None:
    """Telegram's server reads the same letters as the other chats show, no more blocks than were counted, and no more."""
    blocks = read_markdown(rich.markdown)
    assert _as_in_rich(letters(blocks)) == _as_in_rich(text)
    found = counted(blocks)
    assert found.blocks <= rich.blocks
    assert found.columns <= rich.columns
    assert found.levels <= rich.levels
    assert found.text <= len(rich.markdown)
    assert not found.kinds & {"buttons", "thinking", "photo", "map"}


def _as_in_rich(text: str) -> str:
    """What is compared: rules are blocks there, and a note's number has no brackets."""
    return _NOTE.sub(r"\1", signs(text).replace(RULE, ""))


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS
        assert tag not in self.open
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def check_html(made: str, text: str) -> None:
    """Nothing but known tags, properly nested, around exactly the text."""
    checker = _Checker()
    checker.feed(made)
    checker.close()
    assert not checker.open
    assert "".join(checker.text) == text
