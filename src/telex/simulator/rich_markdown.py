"""Rich Markdown: GitHub's, with formulas, spoilers, highlights, footnotes and tags. Pure."""

import re
from typing import Any

import pyromark
from pyromark import Options

from telex.simulator.rich_html import HtmlReader
from telex.simulator.rich_tree import MARKED, SPOILER, Tree
from telex.simulator.state import Json

_OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_MATH
)
_BLOCKS = {
    "Paragraph": "paragraph",
    "Item": "item",
    "TableRow": "row",
    "TableHead": "row",
    "TableCell": "cell",
    "BlockQuote": "blockquote",
    "Table": "table",
    "List": "list",
    "Heading": "heading",
    "FootnoteDefinition": "note",
}
_MARKS = {"Emphasis": "italic", "Strong": "bold", "Strikethrough": "strikethrough", "Link": "url", "Image": "url"}
_ALIGN = {"Center": "center", "Right": "right"}
_APART = "\ufdd2"  # behind an escaped sign, so that two of them are no pair
_ESCAPED = re.compile(r"\\[\s\S]")


def read_markdown(source: str) -> list[Json]:
    """The blocks of a message in rich Markdown."""
    reader = _Reader()
    source = _ESCAPED.sub(lambda found: found[0] + _APART if found[0][1] in "=|" else found[0], source)
    for event in pyromark.events(source, options=_OPTIONS):
        reader.take(event)
    return reader.tree.finish()


class _Reader:
    def __init__(self) -> None:
        self.tree = Tree()
        self._html = HtmlReader(self.tree, white=False)
        self._html_block: list[str] | None = None
        self._code: list[str] | None = None
        self._language = ""
        self._alignments: list[str] = []
        self._column = 0
        self._in_head = False

    def take(self, event: Any) -> None:  # noqa: C901 - one case an event
        """One event of the parser."""
        if isinstance(event, str):
            self._alone(event)
            return
        ((kind, value),) = event.items()
        if isinstance(value, str) and kind != "Text":
            value = value.replace(_APART, "")
        match kind:
            case "Text" if self._code is not None:
                self._code.append(value.replace(_APART, ""))
            case "Text":
                self.tree.text(value.replace("||", SPOILER).replace("==", MARKED).replace(_APART, ""))
            case "Start":
                self._start(*((value, None) if isinstance(value, str) else next(iter(value.items()))))
            case "End":
                self._end(value if isinstance(value, str) else next(iter(value)))
            case "Html" if self._html_block is not None:
                self._html_block.append(value)
            case "Html" | "InlineHtml":
                self._html.read(value)
            case "Code":
                self.tree.mark("code")
                self.tree.text(value)
                self.tree.unmark("code")
            case "InlineMath" | "DisplayMath":
                self._formula(value.strip(), display=kind == "DisplayMath")
            case "FootnoteReference":
                self.tree.mark("reference_link", reference_name=value)
                self.tree.text(value)
                self.tree.unmark("reference_link")
            case "TaskListMarker":
                self.tree.tick(value)

    def _alone(self, event: str) -> None:
        if event == "Rule":
            self.tree.block({"type": "divider"})
        else:
            self.tree.text("\n" if event == "HardBreak" else " ")

    def _start(self, name: str, details: Any) -> None:  # noqa: C901 - one case an event
        match name:
            case "HtmlBlock":
                self._html_block = []
            case "CodeBlock":
                self._code = []
                self._language = (details["Fenced"].split() or [""])[0] if isinstance(details, dict) else ""
            case "Table":
                self._alignments = list(details)
                self.tree.start("table")
            case "TableHead" | "TableRow":
                self._column, self._in_head = 0, name == "TableHead"
                self.tree.start("row")
            case "TableCell":
                align = _ALIGN.get(self._alignments[self._column], "left")
                self._column += 1
                self.tree.start("cell", align=align, valign="top", **({"is_header": True} if self._in_head else {}))
            case "List":
                self.tree.start("list", **({} if details is None else {"start": details}))
            case "Heading":
                self.tree.start("heading", size=int(details["level"][1:]))
            case "FootnoteDefinition":
                self.tree.start("note", name=details)
            case "Link" | "Image":
                self.tree.mark("url", url=details["dest_url"].replace(_APART, ""))
            case name if name in _MARKS:
                self.tree.mark(_MARKS[name])
            case name if name in _BLOCKS:
                self.tree.start(_BLOCKS[name])

    def _end(self, name: str) -> None:
        if name == "HtmlBlock":
            source, self._html_block = "".join(self._html_block or ()), None
            self._html.read(source)
        elif name == "CodeBlock":
            code, self._code = "".join(self._code or ()).removesuffix("\n"), None
            if self._language == "math":
                self.tree.block({"type": "mathematical_expression", "expression": code.strip()})
            else:
                language = {"language": self._language} if self._language else {}
                self.tree.block({"type": "pre", "text": code, **language})
        elif name in _MARKS:
            self.tree.unmark(_MARKS[name])
        elif name in _BLOCKS:
            self.tree.end(_BLOCKS[name])

    def _formula(self, formula: str, *, display: bool) -> None:
        if display and not self.tree.within("cell"):
            self.tree.block({"type": "mathematical_expression", "expression": formula})
            return
        self.tree.mark("mathematical_expression")
        self.tree.text(formula)
        self.tree.unmark("mathematical_expression")
