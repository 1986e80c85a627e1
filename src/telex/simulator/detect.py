"""Entities that Telegram finds in a text by itself: commands, mentions, hashtags, links and addresses. Pure."""

import re
from bisect import bisect_right
from typing import Any

_URL_END = r"[^\s<>\".,;:!?)\]}'*_~`]"  # a sentence's full stop is no part of its link
_DOMAINS = "com|org|net|io|dev|app|me|info|ai"

# Kind, a character that it cannot be without (most texts have no such thing, and the search is the dear part), shape.
_PATTERNS = (
    ("email", "@", re.compile(r"(?i)\b[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b")),
    (
        "url",
        ".",
        re.compile(
            rf"(?i)\bhttps?://[^\s<>\"]*{_URL_END}|\b(?:[a-z0-9-]+\.)+(?:{_DOMAINS})\b(?:/[^\s<>\"]*{_URL_END})?"
        ),
    ),
    ("bot_command", "/", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", "@", re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", "#", re.compile(r"(?<![\w#&])#(?=\w*[^\W\d])\w{1,256}")),
    ("cashtag", "$", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?!\w)")),
)
_WIDE = re.compile("[\U00010000-\U0010ffff]")
# Nothing is looked for inside these.
_OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", "date_time"})


def detect(text: str, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entities in ``text`` that nobody marked.

    Args:
        text: the message.
        known: entities already there, in UTF-16 units; what lies in code and links is left alone.

    Returns:
        Further entities, in UTF-16 units, none overlapping another of them.
    """
    wide = [match.start() for match in _WIDE.finditer(text)]
    taken = [(entity["offset"], entity["offset"] + entity["length"]) for entity in known if entity["type"] in _OPAQUE]
    found: list[dict[str, Any]] = []
    for kind, sign, pattern in _PATTERNS:
        for match in pattern.finditer(text) if sign in text else ():
            first, last = (at + bisect_right(wide, at - 1) for at in match.span())
            if all(last <= start or end <= first for start, end in taken):
                taken.append((first, last))
                found.append({"offset": first, "length": last - first, "type": kind})
    return found
