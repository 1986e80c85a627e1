"""The parse modes: HTML, MarkdownV2 and the old Markdown, each into text and entities. Pure."""

from collections.abc import Callable
from typing import Any

from telex.simulator.refusals import Refused, Why

_PARSERS: dict[str, Callable[[str], tuple[str, list[dict[str, Any]]]]] = {}


class MarkupError(Exception):
    """The markup cannot be read; the message is what the server says after "can't parse entities: "."""


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
