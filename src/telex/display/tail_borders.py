"""Where a Markdown text may be parted so that each part can be read alone: cheap to find, and always right.

A line at the margin after an empty line closes every quote and list, unless it stands in fenced code. So the end of a
growing text is read from the last such line on, and what is before the last is rendered once.
"""

import re

_FENCE = re.compile(r"([ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t>]*)(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_LASTING_HTML = re.compile(r"^[ \t>]*<(?:!--|(pre|script|style|textarea)(?=[\s>]))", re.IGNORECASE | re.MULTILINE)
_TAG_FIRST = re.compile(r"^[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)*<", re.MULTILINE)
_NO_BORDER = frozenset(["", " ", "\t", "\n", *"0123456789"])  # a number may go on with a list that counts
_AT_MARGIN = re.compile(r"\n\S")
_UNQUOTED = re.compile(r"\n(?! {0,3}>)")
PART = (
    r"(?:[^\W\d_]|#{1,6} |\*\*[^\s*]"
    r"|> ?[^\W\d_]|(?:`{3,}[^\n`]*|~{3,}[^\n]*)\n[!-~]"
    r"|\|[ \t]*[^\W\d_](?:[ -~]{0,60}|[^\n]{0,28})\n\|[ \t]*:?-+[ \t]*\|)"
)
"""What a part begins with: a paragraph or heading; a quote of words; code and tables, once it is sure that what is shown
begins with no blank (as a column that is aligned to the right may) and that the table is not too wide to be drawn."""
_PART_AFTER_BLANK = re.compile(rf"\n\n(?={PART})")


def last_border(source: str, limit: int) -> int:
    """The last place up to ``limit`` where a block surely begins outside of all others; 0 where none is sure."""
    code, certain = _lasting(source)
    limit = min(limit, certain)
    low = 0
    if code:
        start, low = code[-1]
        if low >= limit >= start and source[start] in "`~":
            return start
        low = 0
    while True:
        at = source.rfind("\n\n", low, limit)
        if at < 0:
            return 0
        if at + 2 <= limit and source[at + 2 : at + 3] not in _NO_BORDER:
            inside = next((start for start, end in code if start < at + 2 < end), -1)
            if inside < 0:
                return at + 2
            limit = inside
        else:
            limit = at + 1


def borders(source: str) -> list[int]:
    """Where a `PART` begins at the margin behind an empty line, which stays where it is in any case."""
    found = [match.end() for match in _PART_AFTER_BLANK.finditer(source)]
    if not found:
        return found
    code, certain = _lasting(source)
    if code or certain < len(source):
        found = [at for at in found if at < certain and not any(start < at < end for start, end in code)]
    return found


def _lasting(source: str) -> tuple[list[tuple[int, int]], int]:
    """Where empty lines part nothing, for it is code or certain HTML, and up to where this is certain."""
    lasting, certain = _fenced(source) if "```" in source or "~~~" in source else ([], len(source))
    if "<" not in source:
        return lasting, certain
    for found in _LASTING_HTML.finditer(source, 0, certain):
        start = found.start()
        if any(first <= start < end for first, end in lasting):
            continue
        end = source.lower().find(f"</{found[1].lower()}>" if found[1] else "-->", start)
        end = source.find("\n", end) if end >= 0 else -1
        if end < 0 or any(start < first < end for first, _ in lasting):
            return [span for span in lasting if span[0] < start], start
        lasting.append((start, end))
    return sorted(lasting), certain


def _fenced(source: str) -> tuple[list[tuple[int, int]], int]:
    """Where fenced code stands, and up to where this is certain."""
    code: list[tuple[int, int]] = []
    start, prefix, run = -1, "", ""
    for line_start, line_end in _lines_with_runs(source):
        found = _FENCE.match(source[line_start:line_end])
        if found is None:
            continue
        if start < 0:
            block = max(source.rfind("\n\n", 0, line_start) + 1, code[-1][1] if code else 0)
            if "<" in source and _TAG_FIRST.search(source, block, line_start):
                return code, block  # HTML goes on to the next empty line, and what looks like a fence in it is none
            start, prefix, run = line_start, found[1], found[2]
        elif (
            found[2].startswith(run)
            and not found[3].strip()
            and _same_level(source[start:line_start], prefix, found[1])
        ):
            code.append((start, line_end))
            start = -1
        elif prefix:  # in a list or a quote, which may have ended: only a full reading tells
            return code, start
    if start >= 0:
        if prefix:
            return code, start
        code.append((start, len(source) + 1))
    return code, len(source)


def _same_level(code: str, prefix: str, closing: str) -> bool:
    """Whether a run behind ``closing`` ends the code that began behind ``prefix``; it may not, where this is unsure."""
    if not prefix:
        return len(closing) <= 3 and not closing.strip()
    ended = _UNQUOTED if ">" in prefix else _AT_MARGIN
    level = bool(closing) and not closing.strip(" \t>") and prefix.count(">") == closing.count(">")
    return level and ended.search(code, 0, len(code) - 1) is None


def _lines_with_runs(source: str) -> list[tuple[int, int]]:
    """The lines that hold three backticks or tildes."""
    lines: dict[int, int] = {}
    for run in ("```", "~~~"):
        at = source.find(run)
        while at >= 0:
            line_start = source.rfind("\n", 0, at) + 1
            line_end = source.find("\n", at)
            if line_end < 0:
                line_end = len(source)
            lines[line_start] = line_end
            at = source.find(run, line_end)
    return sorted(lines.items())
