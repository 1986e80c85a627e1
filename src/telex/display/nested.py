"""Spans of a text, tidied: trimmed, whole graphemes only, each inside or outside of every other.

Code holds no other span and stands in none but a quote; a link that holds code stays and the code goes; quotes do not nest.
"""

import re
import unicodedata
from collections.abc import Iterable

from telex.display.styled_span import Span

_JOINERS = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0e4f\u1ab0-\u1aff"
                      "\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f"
                      "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef]")  # fmt: skip
_ZWJ = "\u200d"
_SOLID_FIRST = {
    "code": 0,
    "text_link": 1,
    "pre": 2,
    "blockquote": 3,
    "expandable_blockquote": 3,
}  # outer ones of those that cover the same

QUOTES = frozenset({"blockquote", "expandable_blockquote"})
"""The kinds that may hold code."""


def nested(text: str, spans: Iterable[Span]) -> list[Span]:
    """``spans`` of ``text``, which may overlap and hold white space, in order and outer before inner."""
    tidy = _trimmed(text, spans)
    return _nested(text, _alone(text, tidy)) if tidy else []


def _trimmed(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans without the white space at their ends, whole graphemes only, and no empty ones."""
    joined = not text.isascii() and _JOINERS.search(text) is not None
    kept = []
    for span in spans:
        start, end = span.start, min(span.end, len(text))
        if joined:
            start, end = _grapheme_border(text, start), _grapheme_border(text, end)
        kept += _piece(text, Span(start, end, span.kind, span.extra))
    return kept


def _piece(text: str, span: Span) -> list[Span]:
    """``span`` without the white space at its ends; nothing where that was all."""
    start, end = span.start, span.end
    while start < end and text[end - 1].isspace():
        end -= 1
    blank = "\r\n" if span.kind == "pre" else None  # the first line's indentation is part of the code
    while start < end and (text[start] in blank if blank else text[start].isspace()):
        start += 1
    return [Span(start, end, span.kind, span.extra)] if start < end else []


def _grapheme_border(text: str, at: int) -> int:
    """The first border between graphemes at or after ``at``."""
    while 0 < at < len(text) and _joins(text, at):
        at += 1
    return at


def _joins(text: str, at: int) -> bool:
    here, before = text[at], text[at - 1]
    if _ZWJ in (here, before) or unicodedata.category(here) in {"Mn", "Me", "Mc"}:
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff" or "\U000e0020" <= here <= "\U000e007f":
        return True
    if not "\U0001f1e6" <= here <= "\U0001f1ff":
        return False
    flags = 0  # regional indicators pair up from the first of their row
    while at - flags > 0 and "\U0001f1e6" <= text[at - flags - 1] <= "\U0001f1ff":
        flags += 1
    return flags % 2 == 1


def _alone(text: str, spans: list[Span]) -> list[Span]:
    """Cut every other span away from where code stands; in a link the link stays and the code goes."""
    links = [span for span in spans if span.kind == "text_link"]
    pres = [span for span in spans if span.kind == "pre"]
    for quote in spans if pres else ():
        for pre in pres:
            if quote.kind in QUOTES and pre.start < quote.start < pre.end:
                pre.start = quote.start  # a quote that begins with code begins behind its indentation, so the code must
    codes = [
        span
        for span in spans
        if span.kind == "code" and not any(other.start < span.end and span.start < other.end for other in links + pres)
    ]
    if not codes and not pres:
        return [span for span in spans if span.kind != "code"] if links else spans
    solid = sorted(codes + pres, key=lambda span: span.start)
    kept = list(solid)
    for span in spans:
        if span.kind in QUOTES:
            kept.append(span)
        elif span.kind not in {"code", "pre"}:
            kept += [piece for part in _without(span, solid) for piece in _piece(text, part)]
    return kept


def _without(span: Span, solid: list[Span]) -> list[Span]:
    pieces, start = [], span.start
    for other in solid:
        if other.end <= start:
            continue
        if other.start >= span.end:
            break
        if other.start > start:
            pieces.append(Span(start, other.start, span.kind, span.extra))
        start = other.end
    if start < span.end:
        pieces.append(Span(start, span.end, span.kind, span.extra))
    return pieces


def _nested(text: str, spans: list[Span]) -> list[Span]:
    """Sorted, each inside or outside of every other; what crosses is split, what repeats its parent is dropped."""
    waiting = sorted(spans, key=_order, reverse=True)
    inside: list[Span] = []
    kept: list[Span] = []
    while waiting:
        span = waiting.pop()
        while inside and inside[-1].end <= span.start:
            inside.pop()
        if inside and inside[-1].end < span.end:
            border = inside[-1].end
            waiting += _piece(text, Span(border, span.end, span.kind, span.extra))
            waiting += _piece(text, Span(span.start, border, span.kind, span.extra))
            waiting.sort(key=_order, reverse=True)
            continue
        if any(other.kind == span.kind for other in inside):
            continue
        inside.append(span)
        kept.append(span)
    return kept


def _order(span: Span) -> tuple[int, int, int]:
    return span.start, -span.end, -_SOLID_FIRST.get(span.kind, -1)
