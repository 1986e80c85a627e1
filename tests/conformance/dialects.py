"""Every dialect by its name, and how to make all of them forget."""

from collections.abc import Callable

from telex.display import html, markdown, markdown_inline, plain, settled, tail
from telex.display.markdown import heal
from telex.surfaces.telegram import dialect as telegram
from telex.surfaces.telegram import rich_dialect
from telex.surfaces.terminal import dialect as terminal

WIDTH = 40
DIALECTS: dict[str, Callable[[str], object]] = {
    "Telegram": telegram.render,
    "rich Telegram": rich_dialect.render,
    "plain": plain.render,
    "HTML": html.render,
    "terminal": lambda markdown: terminal.lines(markdown, WIDTH),
}


def frame(source: str) -> dict[str, object]:
    """What every dialect shows of an answer that is still being written."""
    healed = heal(source)
    return {name: render(healed) for name, render in DIALECTS.items()}


def forget() -> None:
    """Nothing that was read or rendered is remembered."""
    for memory in (settled, telegram, rich_dialect, terminal):
        memory.forget()
    for read in (tail._read, markdown_inline.scan, markdown._heal_text, markdown.undefined):
        read.cache_clear()
