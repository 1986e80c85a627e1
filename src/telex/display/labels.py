"""Where the labels of an answer lead, for those of its pages that do not say so themselves."""

import re

from telex.display.markdown_rules import GLUE
from telex.display.tail import Leaf, Tail

LONGEST = 200
"""Characters of a label with its brackets; no writer's is longer."""
_NOTE = re.compile(r" {0,3}\[(\^[^\]\s]+)\]:")
_NUMBER = re.compile(r"\^\d+")  # of a footnote, which is shown as one in any case
_LINK = re.compile(
    r" {0,3}\[((?:[^\[\]\\]|\\.)+)\]:[ \t]*(?:<[^<>]*>|[^\s<]\S*)(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*$"
)


def defined(source: str) -> dict[str, str]:
    """The lines in ``source`` that say where a label leads, by label in small letters; the first one counts.

    Of a footnote no more than that there is one, for its words are shown where they stand.
    """
    found: dict[str, str] = {}
    if "]:" not in source:
        return found
    tail = Tail()
    free = True  # a definition may begin here: no paragraph goes on
    for line in source.split("\n"):
        tail.feed(line, 0)
        at_margin = free and tail.leaf is Leaf.PARAGRAPH and not tail.containers
        note = _NOTE.match(line) if at_margin else None
        link = _LINK.match(line) if at_margin and not note else None
        if note and not _NUMBER.fullmatch(note[1]):
            found.setdefault(note[1].casefold(), nowhere(note[1]))
        elif link:
            found.setdefault(link[1].casefold(), line)
        free = tail.leaf is not Leaf.PARAGRAPH or bool(note or link)
    return found


def only_defines(paragraph: str) -> bool:
    """Does every line of it say where a label leads?"""
    return paragraph.lstrip()[:1] == "[" and all(map(_LINK.match, paragraph.rstrip().split("\n")))


def used(labels: dict[str, str], text: str) -> list[str]:
    """Those of ``labels`` that ``text`` may refer to."""
    if "[" not in text:
        return []
    text = text.casefold()
    return [label for label in labels if f"[{label}]" in text]


def nowhere(label: str) -> str:
    """Says of a label that it is one, and no more."""
    return f"[{label}]: {GLUE if label[0] == '^' else '#'}"
