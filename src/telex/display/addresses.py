"""Bare addresses in a text, as GitHub finds them: of the web, with and without ``https://``, and of mail."""

import re
from collections.abc import Iterator

from telex.display.styled_span import Span

_REST = r"[^\s<>\"`，。；：！？、（）【】《》「」“”]*"
_ADDRESS = re.compile(
    rf"(?<![A-Za-z])https?://[^\W_]{_REST}"
    rf"|(?<![^\s*_~(])www\.[^\W_]{_REST}"
    r"|(?<![\w.+/-])[\w.+-]+@(?:[\w-]+\.)+[\w-]*[^\W_](?![\w-])",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:https?://)?([^\s/?#:]+)", re.IGNORECASE)
_AFTER = "?!.,:;*_~'\""  # what follows an address rather than ends it
_ALONE = frozenset({"code", "pre", "text_link"})


def addresses(text: str, spans: tuple[Span, ...]) -> Iterator[Span]:
    """Links for the addresses in ``text`` that stand in no code and in no link of ``spans``."""
    if "://" not in text and "@" not in text and "www." not in text.lower():
        return
    alone = [(span.start, span.end) for span in spans if span.kind in _ALONE]
    for found in _ADDRESS.finditer(text):
        address = _ended(found[0])
        start, end = found.start(), found.start() + len(address)
        if _is_address(address) and not any(first < end and start < last for first, last in alone):
            yield Span(start, end, "text_link", _linked(address))


def _ended(address: str) -> str:
    """Without the punctuation of the sentence around it."""
    while address[-1] in _AFTER or (address[-1] == ")" and address.count(")") > address.count("(")):
        address = address[:-1]
    return address


def _is_address(address: str) -> bool:
    """Is there a name of a machine in it, with no underscore in its last two parts?"""
    name = _NAME.match(address.rpartition("@")[2] if "://" not in address else address)
    return name is not None and "_" not in "".join(name[1].split(".")[-2:])


def _linked(address: str) -> str:
    if "://" in address:
        return address
    return f"http://{address}" if address[:4].lower() == "www." else f"mailto:{address}"
