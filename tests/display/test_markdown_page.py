"""docs/markdown.md shows twenty samples in every dialect; this makes it and keeps it true (TELEX_RENEW=1 writes it)."""

import os
from pathlib import Path
from typing import Any

from telex.bench import samples
from telex.display import html
from telex.surfaces.telegram import dialect as telegram
from telex.surfaces.telegram import rich_dialect
from telex.surfaces.terminal import dialect as terminal

PAGE = Path(__file__).parents[2] / "docs" / "markdown.md"
WIDTH = 56
HEAD = """\
# Markdown, as it is shown

Twenty answers as models write them, and what telex makes of each, side by side: the text that Telegram gets, the lines of a
terminal of 56 columns, and HTML; below them Telegram's entities, and the Markdown of its [rich messages](rich-messages.md). There is one reading for all of them (pyromark's events, `telex.display.styled`), and a
dialect for each platform; nothing here was written by hand. While an answer grows, `telex.display.markdown.heal` first
closes what is open at its end; `telex bench markdown` measures what readers see of that.

Entities are written as `kind[from:to]`, counted in UTF-16 units.
"""


def fenced(text: str, language: str = "") -> str:
    """A code block that holds ``text``, whatever is in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def entity(found: dict[str, Any]) -> str:
    """An entity in few letters."""
    extra = found.get("url") or found.get("language") or ""
    return f"{found['type']}[{found['offset']}:{found['offset'] + found['length']}]" + (f" {extra}" if extra else "")


def side_by_side(cells: dict[str, str]) -> str:
    """A table of one row, by its heads; what is in a cell is Markdown."""
    heads = "".join(f"<th>{head}</th>" for head in cells)
    row = "\n</td><td>\n".join(f"\n{cell}\n" for cell in cells.values())
    return f"<table>\n<tr>{heads}</tr>\n<tr><td>\n{row}\n</td></tr>\n</table>\n"


def page() -> str:
    """The page as it should be."""
    made = [HEAD]
    for name, source in list(samples.ALL.items())[:20]:
        rendered = telegram.render(source)
        lines = "\n".join(line.text.rstrip() for line in terminal.lines(source, WIDTH))
        cells = {
            "Source": fenced(source, "markdown"),
            "Telegram": fenced(rendered.text, "text"),
            "Terminal": fenced(lines, "text"),
            "HTML": fenced(html.render(source), "html"),
        }
        made += [
            f"## {name.replace('_', ' ').capitalize()}\n",
            side_by_side(cells),
            f"Telegram's entities:\n\n{fenced(chr(10).join(map(entity, rendered.entities)) or 'none', 'text')}\n",
            f"Telegram, as a rich message:\n\n{fenced(rich_dialect.render(source).markdown, 'markdown')}\n",
        ]
    return "\n".join(made)


def test_the_page_of_samples_shows_what_the_dialects_make_of_them():
    if os.environ.get("TELEX_RENEW") == "1":
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "TELEX_RENEW=1 ./run test tests/display writes it anew"
    assert page().count("<th>Source</th><th>Telegram</th><th>Terminal</th><th>HTML</th>") == 20
