"""Growing Markdown: close what is open at its end, hold back what may still change, and cut it into messages.

`heal` is for a text that goes on where it is: an edited message shows each prefix of an answer as it will most likely
end. `cut` is for a text that goes on in another message. Both look at the last open block only.
"""

import re
from dataclasses import dataclass

from telex.display.markdown_inline import GLUE, heal_text, scan
from telex.display.tail import Fence, Leaf, Tail, is_delimiter_row

_BARE_MARKERS = re.compile(
    r"(?:[ \t]*(?:>|[-*+](?=[ \t]|$)|\d{1,9}[.)](?=[ \t])))*[ \t]*"
    r"(?:#{1,6}|[-+]|--|\*{1,3}|_{1,3}|=+|`+|~+|\[[ xX]?\]?|!|\|+[ \t]*|<[!/]?)?[ \t]*"
)
_RULE_OR_HEADING = re.compile(r"[ \t>]*(?:-{3,}|=+)[ \t]*")
_DEFINITION = re.compile(r"\[[^\]\n]+\]:(?:[ \t]*\S*)?|\[\^[^\]\n]*\]?:?[ \t]*|\[![A-Za-z]*\]?")
_LAST_CELL = re.compile(r"(?<!\\)\|")
_HALF_HTML = re.compile(r"<[^<>]*$|<!--(?:(?!-->)[\s\S])*$")


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut between two messages.

    Attributes:
        closer: goes behind the source before the cut.
        opener: goes before the source after the cut.
    """

    closer: str
    opener: str


def heal(source: str) -> str:
    """Markdown of a growing answer with nothing left open, as it will most likely end.

    Args:
        source: any prefix of what a model writes.

    Returns:
        Markdown that shows no raw markers at its end. A document that needs nothing comes back unchanged.
    """
    last = source.rfind("\n") + 1
    line = source[last:]
    tail = Tail()
    tail.feed_all(source, _solid_start(source, last))
    if tail.leaf is Leaf.FENCE and tail.fence is not None:
        healed = _heal_fence(source, last, tail, tail.fence)
        if healed is not None:
            return healed
    end = len(source)
    if line:
        if not line.strip():
            end = last
        elif _is_held(line, tail):
            source, end = source[:last], last
        else:
            tail.feed(line, last)
            if tail.leaf is Leaf.FENCE:
                return source[:last]
    return _heal_leaf(source, end, tail)


def _solid_start(_source: str, last: int) -> int:
    return last


def _is_held(line: str, tail: Tail) -> bool:
    """Whether an unfinished last line has nothing but markers, which may become anything."""
    if _BARE_MARKERS.fullmatch(line):
        return True
    return tail.leaf is Leaf.PARAGRAPH and _RULE_OR_HEADING.fullmatch(line) is not None


def _heal_fence(source: str, last: int, tail: Tail, fence: Fence) -> str | None:
    """Close a code block; ``None`` where the last line is no longer part of it."""
    line = source[last:]
    after = Tail([*tail.containers], tail.leaf, [*tail.starts], tail.content, tail.fence)
    if line.strip():
        after.feed(line, last)
        if after.leaf is Leaf.NONE and len(after.containers) == len(tail.containers):
            return source
        if after.leaf is not Leaf.FENCE or after.fence is not fence:
            return None if line.lstrip(" >")[:1] != fence.run[0] else source[:last]
        text = line.lstrip(" \t>")
        if not text.strip(fence.run[0]) and len(text) < len(fence.run) and text:
            source = source[:last]
        elif not text and ">" in line:
            source = source[:last]
    else:
        source = source[:last]
    body = source[source.find("\n", fence.at) + 1 :] if "\n" in source[fence.at :] else ""
    if not body.strip(" \t\n>"):
        return source[: source.rfind("\n", 0, fence.at) + 1]
    return source + ("" if source.endswith("\n") else "\n") + _line_prefix(tail) + " " * fence.indent + fence.run


def _heal_leaf(source: str, end: int, tail: Tail) -> str:
    if tail.leaf in {Leaf.NONE, Leaf.INDENTED}:
        return source
    if tail.leaf is Leaf.HTML:
        half = _HALF_HTML.search(source)
        return source[: half.start()] if half else source
    start = tail.starts[0]
    if tail.leaf is Leaf.TABLE:
        bars = list(_LAST_CELL.finditer(source, tail.starts[-1], end))
        start = bars[-1].end() if bars else tail.starts[-1]
    elif tail.leaf is Leaf.PARAGRAPH:
        held = _held_row(source, end, tail)
        if held is not None:
            if held <= start:
                return source[: source.rfind("\n", 0, held) + 1]
            source, end = source[:held], held
    text = source[start:end]
    body = text.rstrip()
    if tail.leaf is Leaf.PARAGRAPH and "\n" not in text and _DEFINITION.fullmatch(text):
        return source[: source.rfind("\n", 0, start) + 1]
    healed = heal_text(body) if body == text else heal_text_before_space(body)
    return source[:start] + healed + text[len(body) :] + source[end:]


def heal_text_before_space(body: str) -> str:
    """`heal_text` where white space follows ``body``."""
    return heal_text(body + " ")[:-1] if heal_text(body + " ").endswith(" ") else heal_text(body + " ")


def _held_row(source: str, end: int, tail: Tail) -> int | None:
    """Where a row begins that becomes a table's header if the next row is the right one."""
    rows = tail.starts
    if _is_row(source, rows[-1]):
        if len(rows) > 1 and _is_row(source, rows[-2]) and is_delimiter_row_begun(source[rows[-1] : end]):
            return rows[-2]
        return rows[-1]
    if len(rows) > 1 and _is_row(source, rows[-2]) and is_delimiter_row_begun(source[rows[-1] : end]):
        return rows[-2]
    return None


def is_delimiter_row_begun(line: str) -> bool:
    """Whether ``line`` may become the row under a table's header."""
    return not line.strip("|:- \t\n")


def _is_row(source: str, at: int) -> bool:
    return source[at : at + 1] == "|" and source[at + 1 : at + 2] != "|"


def _line_prefix(tail: Tail) -> str:
    """What a further line of the open block begins with."""
    return "".join("> " if c.marker == ">" else " " * c.width for c in tail.containers)


def _reopened(tail: Tail) -> str:
    """What a line begins with that opens the same quotes and items in a new message."""
    prefix = ""
    for container in tail.containers:
        if container.marker == ">":
            prefix += "> "
        else:
            wide = container.width - len(container.marker)
            prefix += " " * max(0, wide - 4) + container.marker + " " * min(4, max(1, wide))
    return prefix


def cut(source: str) -> Cut:
    """What closes ``source`` where a message ends, and what opens the next one so that the rest goes on properly.

    Args:
        source: the Markdown of this message so far, up to the cut.

    Returns:
        The two pieces; both empty where nothing is open. `GLUE` in them is shown as nothing.
    """
    last = source.rfind("\n") + 1
    line = source[last:]
    tail = Tail()
    tail.feed_all(source, last)
    if line:
        tail.feed(line, last)
    fresh = not line
    listed = any(container.marker != ">" for container in tail.containers)
    prefix, inner = _reopened(tail), _line_prefix(tail)
    mark = GLUE if listed else ""
    if tail.leaf is Leaf.FENCE and tail.fence is not None:
        fence = tail.fence
        open_line = f"{prefix}{mark}\n{inner}" if listed else prefix
        opener = f"{open_line}{' ' * fence.indent}{fence.run}{fence.info}\n"
        closer = ("" if fresh else "\n") + inner + " " * fence.indent + fence.run
        return Cut(closer, opener + ("" if fresh else inner))
    if tail.leaf is Leaf.TABLE:
        return _cut_table(source, tail, fresh, prefix + mark, inner)
    if tail.leaf in {Leaf.PARAGRAPH, Leaf.HEADING}:
        return _cut_text(source, tail, fresh, prefix + mark)
    if not listed or not fresh:
        return Cut("", "" if fresh else prefix + mark)
    return Cut("", f"{prefix}{mark}\n" + ("\n" if source.endswith("\n\n") else ""))


def _cut_table(source: str, tail: Tail, fresh: bool, prefix: str, inner: str) -> Cut:
    head, delimiters = tail.header
    opener = f"{prefix}\n{inner}" if GLUE in prefix else prefix
    opener += f"{head.strip()}\n{inner}{delimiters.strip()}\n"
    if fresh:
        return Cut("", opener)
    row = source[tail.starts[-1] :]
    if len(tail.starts) == 1:
        return Cut("", opener)  # the row under the header is complete enough to be one
    bars = list(_LAST_CELL.finditer(row))
    opened = scan(row[bars[-1].end() :] if bars else row)
    before = len(bars) if row.startswith("|") else len(bars) + 1
    closer, again = _around(opened.opens, row)
    return Cut(closer, opener + inner + "|" * before + " " + again)


def _cut_text(source: str, tail: Tail, fresh: bool, prefix: str) -> Cut:
    text = source[tail.starts[0] :]
    closer, again = _around(scan(text).opens, text)
    if tail.leaf is Leaf.HEADING:
        if fresh:
            return Cut("", "")
        hashes = text[: len(text) - len(text.lstrip("#"))]
        return Cut(closer, f"{prefix}{hashes} {again}")
    if fresh and not again:
        return Cut(closer, f"{prefix}\n" if GLUE in prefix else "")
    if fresh and GLUE not in prefix:
        return Cut(closer, again)
    return Cut(closer, prefix + again)


def _around(opens: list, text: str) -> tuple[str, str]:  # type: ignore[type-arg]
    """The closers of what is open at the end of ``text``, and what opens it again."""
    opens = [entry for entry in opens if entry.close]
    closers = "".join(entry.close for entry in reversed(opens))
    if closers and (text[-1:].isspace() or closers[0] == text[-1:]):
        closers = GLUE + closers
    openers = "".join(entry.mark for entry in opens)
    return closers, openers + GLUE if openers and not openers.endswith("[") else openers
