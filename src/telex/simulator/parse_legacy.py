"""The old parse mode Markdown, which has no nesting. Pure."""

import re
from typing import Any

from telex.simulator.parsing import Builder, MarkupError, byte_offset

_KINDS = {"*": "bold", "_": "italic", "`": "code"}
_LANGUAGE = re.compile(r"([^\s`]+)(?=\s)")


def parse_legacy(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Read text in the old Markdown.

    Raises:
        MarkupError: something is left open.
    """
    out = Builder()
    at = 0
    while at < len(source):
        character = source[at]
        if character == "\\" and source[at + 1 : at + 2] in {"_", "*", "`", "["}:
            out.add(source[at + 1])
            at += 2
        elif character == "[":
            at = _link(source, at, out)
        elif source.startswith("```", at):
            at = _block(source, at, out)
        elif character in _KINDS:
            end = _find(source, character, at + 1, at)
            start = out.units
            out.add(source[at + 1 : end])
            out.mark(start, _KINDS[character])
            at = end + 1
        else:
            out.add(character)
            at += 1
    return out.finish()


def _find(source: str, closer: str, at: int, begin: int) -> int:
    end = source.find(closer, at)
    if end < 0:
        raise MarkupError(f"Can't find end of the entity starting at byte offset {byte_offset(source, begin)}")
    return end


def _block(source: str, begin: int, out: Builder) -> int:
    at = begin + 3
    language = _LANGUAGE.match(source, at)
    at = language.end() if language else at
    at += source.startswith("\n", at)
    end = _find(source, "```", at, begin)
    start = out.units
    out.add(source[at:end])
    out.mark(start, "pre", **({"language": language[1]} if language else {}))
    return end + 3


def _link(source: str, begin: int, out: Builder) -> int:
    end = _find(source, "]", begin + 1, begin)
    start = out.units
    out.add(source[begin + 1 : end])
    if not source.startswith("(", end + 1):
        return end + 1
    closing = source.find(")", end + 2)
    if closing < 0:
        return end + 1
    out.link(start, source[end + 2 : closing])
    return closing + 1
