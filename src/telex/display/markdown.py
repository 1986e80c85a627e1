"""Growing Markdown: close what is open at its end, hold back what may still change, and cut it into messages.

`heal` is for a text that goes on where it is: an edited message shows each prefix of an answer as it will most likely
end. `cut` is for a text that goes on in another message. Both look at the last open block only.
"""

import re
from functools import lru_cache
from itertools import islice

from telex.display.labels import nowhere
from telex.display.markdown_cut import Cut, cut
from telex.display.markdown_inline import Open, Opened, scan
from telex.display.markdown_rows import MOST_TAKEN_BACK, delimiters, held_row, is_wide, known_row, likely_header
from telex.display.tail import LAST_BAR, Fence, Leaf, Tail, tail_of

__all__ = ["Cut", "cut", "heal", "undefined"]

_BARE_MARKERS = re.compile(
    r"(?P<number>(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*\d{1,9}[.)][ \t]+)?"
    r"(?:[ \t]*(?:>|[-*+](?=[ \t]|$)))*[ \t]*"
    r"(?:#{1,6}|[-+]|--|\*{1,3}|_{1,3}|=+|`+|~+|\[[ xX]?\]?|!|\|+[ \t]*|<[!/]?)?[ \t]*"
)
_TRAILING_RUN = re.compile(r"(?:\*+|_+|~+|\|+|`+|\$+|!)$")
_RUN_LETTERS = "*_~|`$!"
_NUMBER = re.compile(r"\d[.)][ \t]+$")
_NEXT_NUMBER = re.compile(r"[ \t>]*\d{1,9}")
_MOST_ROUNDS = 8  # a row of more half-written things than this is no writer's
_RULE_OR_HEADING = re.compile(r"[ \t>]*(?:-{3,}|=+)[ \t]*")
_TITLE = r"(?:\"[^\"\n]*\"?|'[^'\n]*'?|\([^)\n]*\)?)"
_DEFINITION = re.compile(
    rf"\[[^\]\n]+\]:(?:[ \t]*\S*)?(?:[ \t]+{_TITLE})?[ \t]*|\[\^[^\]\n]*\]?:?[ \t]*|\[![A-Za-z]*\]?"
)
_HALF_LABEL = re.compile(r"\[[^\[\]\n]*\]?")
_DEFINITIONS = re.compile(r"(?:[ \t>]*\[[^\]\n]+\]:[^\n]*\n[ \t>]*)+")
_REFERENCE = re.compile(
    r"\[(?:(?<![\w\])]\[)(?!\d+\]\[\d+\])(?:[^\[\]\n]+\]\[([^\[\]\n]+)\]|([^\[\]\n^]+)\]\[\])|(?<=\S\[)(\^[\w-]*[A-Za-z_][\w-]*)\](?![:+*?{]))"
)
_LETTER = re.compile(r"\S")
_SHORT_LABEL = 8
_LONG_LABEL = 80  # letters; so long a text in brackets is an aside
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
    tail = tail_of(source, last)
    healed = _heal(source, last, tail)
    if tail.leaf is Leaf.HTML or not ("][" in healed or "[^" in healed):
        return healed
    return healed + _definitions(healed)


def _definitions(source: str) -> str:
    """Definitions of the labels that are used and not defined yet, for most likely they will be."""
    last = source.rfind("\n\n") + 1
    end = source[last:]
    missing = [label for label in undefined(source[:last]) if f"[{label}]:" not in end]
    if "[" in end:
        missing += [label for label in _used(end) if label not in missing and f"[{label}]:" not in source]
    return "\n\n" + "\n\n".join(map(nowhere, missing)) if missing else ""


@lru_cache(maxsize=256)
def undefined(source: str) -> list[str]:
    """The labels that ``source`` refers to and does not define; remembered, for only the end of a text grows."""
    return [label for label in _used(source) if f"[{label}]:" not in source]


def _used(source: str) -> list[str]:
    return [*dict.fromkeys(found[1] or found[2] or found[3] for found in _REFERENCE.finditer(source))]


def _heal(source: str, last: int, tail: Tail) -> str:
    """`heal` but for labels; ``tail`` is the state before the last line, and then after it."""
    line = source[last:]
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
    if tail.leaf not in {Leaf.PARAGRAPH, Leaf.NONE}:
        return line
    if _NEXT_NUMBER.fullmatch(line) and any(inside.marker[0].isdigit() for inside in tail.containers):
        return ""  # of the list's next item, which may be shown with another one
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
        return _heal_row(source, end, tail)
    if tail.leaf is Leaf.PARAGRAPH:
        if source[start : start + 1] == "[" and _is_half_definition(source, end, tail):
            return _without_line(source, tail.starts[-1])
        held = held_row(source, end, tail)
        if held is not None:
            return _heal_header(source, held, tail)
    return _heal_end(source, start, end)


def _heal_end(source: str, start: int, end: int) -> str:
    """``source`` with what its text from ``start`` to ``end`` leaves open closed."""
    text = source[start:end]
    body = text.rstrip()
    healed = _heal_text(text) if body == text else _heal_text(f"{body} ").removesuffix(" ")
    return source[:start] + healed + text[len(body) :] + source[end:]


def _heal_row(source: str, end: int, tail: Tail) -> str:
    """The last row of a table."""
    row = tail.starts[-1]
    if (len(source) - len(source.rstrip("\\"))) % 2:  # a bar may follow
        source, end = source[:-1], end - 1
    if len(tail.starts) <= 2 and not source[row:end].strip("|:- \t\n") and is_wide(tail.header[0]):
        return _without_line(source, source.rfind("\n", 0, tail.starts[0]))  # its names are shown with the first row
    bars = list(LAST_BAR.finditer(source, row, end))
    start = bars[-1].end() if bars else row
    known = known_row(source[row:end], tail.header[0])
    if known is not None:
        start = min(start, source.rfind("|", 0, row + known) + 1)
        source = source[: row + known]
        end = len(source)
    healed = _heal_end(source, start, end)
    if not healed[row:].strip("| \t"):
        return _without_line(source, start)  # a row with nothing in it yet
    return healed


def _heal_header(source: str, at: int, tail: Tail) -> str:
    """A row that will most likely be a table's header, as one; without it while it may be anything."""
    header = likely_header(source, at)
    if header is None:
        start = tail.starts[0]
        return _without_line(source, at) if at <= start else _heal_end(source[:at], start, at)
    cell = [*LAST_BAR.finditer(header)][-1].end()
    header = header[:cell] + _heal_text(header[cell:])
    return f"{source[:at]}{header}\n{tail.line_prefix()}{delimiters(header)}"


def _is_half_definition(source: str, end: int, tail: Tail) -> bool:
    """Whether the paragraph's last line may be, or may become, what says where a label leads."""
    at = tail.starts[-1]
    line = source[at:end]
    if "\n" in line or (at > tail.starts[0] and not _DEFINITIONS.fullmatch(source, tail.starts[0], at)):
        return False
    if _DEFINITION.fullmatch(line):
        return True
    half = _HALF_LABEL.fullmatch(line) is not None
    return half and (at > tail.starts[0] or source.find(line, 0, at) >= 0)


def _without_line(source: str, at: int) -> str:
    """``source`` up to the line of ``at``; of that line only the number of a list's item, which is letters."""
    start = source.rfind("\n", 0, at) + 1
    return source[:at].rstrip() if _NUMBER.search(source, start, at) else source[:start]


@lru_cache(maxsize=64)
def _heal_text(text: str) -> str:
    """A paragraph's growing text with nothing left open, what may still change at its end held back; remembered until it grows."""
    opens: list[Open] = []
    links: set[int] = set()
    for _ in range(_MOST_ROUNDS):
        shorter, opened = _without_half_closer(text)
        links |= opened.ended
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
    surer = _without_doubtful_label(text, [entry for entry in opens if entry.at not in links])
    if surer is not None:
        return _heal_text(surer)
    opens = [entry for entry in opens if not entry.mark.startswith("<")]  # a tag ends with its block anyway
    for entry in reversed(opens):
        if entry.close == "]()" and _letters(text, entry, _LONG_LABEL) is None:
            text = text[: entry.at] + text[entry.at + len(entry.mark) :]
    closers = "".join(entry.close for entry in reversed(opens) if entry.close != "]()")
    if not closers:
        return text
    if closers[0] == "`" and text.endswith("`"):
        text += " "
    body = text if opens[-1].solid and opens[-1].mark != "$" else text.rstrip()
    return body + closers + text[len(body) :]


def _without_doubtful_label(text: str, opens: list[Open]) -> str | None:
    """``text`` without what stands in brackets that may as well be an aside's as a link's; ``None``: as much is shown of them."""
    for entry in opens:
        if entry.close == "]()":
            if _letters(text, entry, _SHORT_LABEL) is None:
                return text[: entry.at]
            end = _letters(text, entry, MOST_TAKEN_BACK)
            if end is not None and _letters(text, entry, _LONG_LABEL) is None:
                return text[:end]
    return None


def _letters(text: str, entry: Open, count: int) -> int | None:
    """Where the first ``count`` letters of what is open end; ``None`` where there are no more than those."""
    found = list(islice(_LETTER.finditer(text, entry.at + len(entry.mark)), count + 1))
    return found[count - 1].end() if len(found) > count else None


def _without_half_closer(text: str) -> tuple[str, Opened]:
    run = _TRAILING_RUN.search(text) if text[-1:] in _RUN_LETTERS else None
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
