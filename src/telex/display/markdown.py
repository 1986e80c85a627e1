"""Growing Markdown: close what is open at its end, hold back what may still change, and cut it into messages.

`heal` is for a text that goes on where it is: an edited message shows each prefix of an answer as it will most likely
end. `cut` is for a text that goes on in another message. Both look at the last open block only.
"""

import re

from telex.display.markdown_cut import Cut, cut
from telex.display.markdown_inline import Open, Opened, scan
from telex.display.styled_table import WIDEST
from telex.display.tail import LAST_BAR, Fence, Leaf, Tail, cells, is_header, tail_of

__all__ = ["Cut", "cut", "heal"]

_BARE_MARKERS = re.compile(
    r"(?P<number>(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*\d{1,9}[.)][ \t]+)?"
    r"(?:[ \t]*(?:>|[-*+](?=[ \t]|$)))*[ \t]*"
    r"(?:#{1,6}|[-+]|--|\*{1,3}|_{1,3}|=+|`+|~+|\[[ xX]?\]?|!|\|+[ \t]*|<[!/]?)?[ \t]*"
)
_TRAILING_RUN = re.compile(r"(?:\*+|_+|~+|\|+|`+|\$+|!)$")
_NUMBER = re.compile(r"\d[.)][ \t]+$")
_MOST_ROUNDS = 8  # a row of more half-written things than this is no writer's
_RULE_OR_HEADING = re.compile(r"[ \t>]*(?:-{3,}|=+)[ \t]*")
_DEFINITION = re.compile(r"\[[^\]\n]+\]:(?:[ \t]*\S*)?|\[\^[^\]\n]*\]?:?[ \t]*|\[![A-Za-z]*\]?")
_ROW_LETTER = re.compile(r"(?:\]\([^)\s]*\)?|[\s*_`~\[\]|])*[^\s*_`~\[\]|]")
_MOST_TAKEN_BACK = 40
_HALF_HTML = re.compile(r"<[^<>]*$|<!--(?:(?!-->)[\s\S])*$")


def heal(source: str) -> str:
    """Markdown of a growing answer with nothing left open, as it will most likely end.

    Args:
        source: any prefix of what a model writes.

    Returns:
        Markdown that shows no raw markers at its end. A document that needs nothing comes back unchanged.
    """
    source = source.replace("\r\n", "\n")
    last = source.rfind("\n") + 1
    line = source[last:]
    tail = tail_of(source[:last])
    if tail.leaf is Leaf.FENCE and tail.fence is not None:
        healed = _heal_fence(source, last, tail, tail.fence)
        if healed is not None:
            return healed
    end = len(source)
    if line:
        if not line.strip():
            end = last
        else:
            certain = _certain(line, tail)
            if certain is not line:
                source = source[:last] + certain
                end = len(source)
            if certain:
                tail.feed(certain, last)
            if tail.leaf is Leaf.FENCE:
                return _without_line(source, tail.fence.at if tail.fence else last)
    return _heal_leaf(source, end, tail)


def _certain(line: str, tail: Tail) -> str:
    """An unfinished last line; where it has nothing but markers, which may become anything, only its number."""
    bare = _BARE_MARKERS.fullmatch(line)
    if bare:
        return (bare["number"] or "").rstrip()
    return "" if tail.leaf is Leaf.PARAGRAPH and _RULE_OR_HEADING.fullmatch(line) else line


def _heal_fence(source: str, last: int, tail: Tail, fence: Fence) -> str | None:
    """Close a code block; ``None`` where the last line is no longer part of it."""
    line = source[last:]
    after = Tail([*tail.containers], tail.leaf, [*tail.starts], tail.content, tail.fence)
    quoted = any(container.marker == ">" for container in tail.containers)
    if line.strip(" \t>" if quoted else None):
        after.feed(line, last)
        if after.leaf is Leaf.NONE and len(after.containers) == len(tail.containers):
            return source
        if after.leaf is not Leaf.FENCE or after.fence is not fence:
            return None if line.lstrip(" >")[:1] != fence.run[0] else source[:last]
        text = line.lstrip(" \t>")
        if text and not text.strip(fence.run[0]) and len(text) < len(fence.run):
            source = source[:last]
    else:
        source = source[:last]
    body = source[source.find("\n", fence.at) + 1 :] if "\n" in source[fence.at :] else ""
    if not body.strip(" \t\n>"):
        return _without_line(source, fence.at)
    return source + ("" if source.endswith("\n") else "\n") + tail.line_prefix() + " " * fence.indent + fence.run


def _heal_leaf(source: str, end: int, tail: Tail) -> str:
    if tail.leaf in {Leaf.NONE, Leaf.INDENTED}:
        return source
    if tail.leaf is Leaf.HTML:
        half = _HALF_HTML.search(source)
        return source[: half.start()] if half else source
    start = tail.starts[0]
    if tail.leaf is Leaf.TABLE:
        bars = list(LAST_BAR.finditer(source, tail.starts[-1], end))
        start = bars[-1].end() if bars else tail.starts[-1]
        known = _known_row(source[tail.starts[-1] : end], tail.header[0])
        if known is not None:
            start = min(start, source.rfind("|", 0, tail.starts[-1] + known) + 1)
            source = source[: tail.starts[-1] + known]
            end = len(source)
    elif tail.leaf is Leaf.PARAGRAPH:
        held = _held_row(source, end, tail)
        if held is not None:
            if held <= start:
                return _without_line(source, held)
            source, end = source[:held], held
    text = source[start:end]
    body = text.rstrip()
    if tail.leaf is Leaf.PARAGRAPH and "\n" not in text and _DEFINITION.fullmatch(text):
        return _without_line(source, start)
    healed = _heal_text(text) if body == text else _heal_text(f"{body} ").removesuffix(" ")
    if tail.leaf is Leaf.TABLE and not (source[tail.starts[-1] : start] + healed).strip("| \t"):
        return _without_line(source, start)  # a row with nothing in it yet
    return source[:start] + healed + text[len(body) :] + source[end:]


def _known_row(row: str, header: str) -> int | None:
    """How much of a table's growing row to show, where it is not certain whether it fits; ``None``: all of it.

    A row that turns out too wide is shown in another way from its second cell on, so little of that is shown before.
    """
    if "\n" in row or (row.rstrip().endswith("|") and cells(row) >= cells(header)):
        return None
    first = row.find("|", 1)
    known = 0
    for letters, found in enumerate(_ROW_LETTER.finditer(row), 1):
        if found.start() > first > 0 and not known and letters > _MOST_TAKEN_BACK:
            known = found.start()
        if letters > WIDEST:
            return None
    return known or None


def _without_line(source: str, at: int) -> str:
    """``source`` up to the line of ``at``; of that line only the number of a list's item, which is letters."""
    start = source.rfind("\n", 0, at) + 1
    return source[:at].rstrip() if _NUMBER.search(source, start, at) else source[:start]


def _held_row(source: str, end: int, tail: Tail) -> int | None:
    """Where a row begins that becomes a table's header if the next row is the right one."""
    rows = tail.starts
    if is_header(source, rows[-1]):
        if len(rows) > 1 and is_header(source, rows[-2]) and _may_be_delimiters(source[rows[-1] : end]):
            return rows[-2]
        return rows[-1]
    if len(rows) > 1 and is_header(source, rows[-2]) and _may_be_delimiters(source[rows[-1] : end]):
        return rows[-2]
    return None


def _may_be_delimiters(line: str) -> bool:
    """Whether ``line`` may become the row under a table's header."""
    return not line.strip("|:- \t\n")


def _heal_text(text: str) -> str:
    """A paragraph's growing text with nothing left open, what may still change at its end held back."""
    opens: list[Open] = []
    for _ in range(_MOST_ROUNDS):
        shorter, opened = _without_half_closer(text)
        if opened.keep < len(shorter) or shorter != text:
            text = shorter[: opened.keep]
            continue
        opens = opened.opens
        if opens and not text[opens[-1].at + len(opens[-1].mark) :].strip():
            text = text[: opens[-1].at]
            continue
        break
    else:
        opens = []
    opens = [entry for entry in opens if not entry.mark.startswith("<")]  # a tag ends with its block anyway
    for entry in reversed(opens):
        if entry.close == "]()":
            text = text[: entry.at] + text[entry.at + len(entry.mark) :]
    closers = "".join(entry.close for entry in reversed(opens) if entry.close != "]()")
    if not closers:
        return text
    if closers[0] == "`" and text.endswith("`"):
        text += " "
    body = text if opens[-1].solid and opens[-1].mark != "$" else text.rstrip()
    return body + closers + text[len(body) :]


def _without_half_closer(text: str) -> tuple[str, Opened]:
    run = _TRAILING_RUN.search(text)
    if run is None:
        return text, scan(text)
    at = run.start()
    if text[at] == "!":  # of an image, where it follows no word
        return (text, scan(text)) if text[at - 1 : at].strip() else (text[:at], scan(text[:at]))
    body = text[:at]
    backslashes = len(body) - len(body.rstrip("\\"))
    letter, count = text[at], len(text) - at
    before = scan(body)
    if before.keep < at or backslashes % 2:
        return text, scan(text)
    inner = before.opens[-1] if before.opens else None
    if inner is not None and inner.solid:
        half = letter == inner.close[0] and count < len(inner.close)
        return (body, before) if half else (text, scan(text))
    same = next((entry for entry in reversed(before.opens) if entry.mark[0] == letter), None)
    last = body[-1:]
    if same is not None and last and not last.isspace():
        half = count < len(same.mark) or (letter == "`")
        return (body, before) if half else (text, scan(text))
    if letter == "|" and last.isalnum():
        return text, scan(text)
    if letter == "$" and last.isalnum():
        return text, scan(text)
    if letter in "*_~" and last.isalnum() and last.isascii() and (count == 1 or letter == "_" or last.isdigit()):
        return text, scan(text)
    return body, before
