"""The parse modes: HTML, MarkdownV2 and the old Markdown, each into text and entities. Pure."""

from typing import Any

from telex.simulator.parse_html import parse_html
from telex.simulator.parse_legacy import parse_legacy
from telex.simulator.parse_markdown import parse_markdown_v2
from telex.simulator.parsing import MarkupError
from telex.simulator.refusals import Refused, Why

_PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_legacy}


def parse_markup(text: str, mode: str) -> tuple[str, list[dict[str, Any]]]:
    """Read text in a parse mode.

    Args:
        text: the source.
        mode: the mode's name in lower case.

    Raises:
        Refused: there is no such mode, or the markup is wrong.
    """
    parser = _PARSERS.get(mode)
    if parser is None:
        raise Refused(Why.PARSE_MODE)
    try:
        return parser(text)
    except MarkupError as error:
        raise Refused(Why.CANT_PARSE, detail=str(error)) from None
