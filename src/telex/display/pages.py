"""Cut a growing text into messages, and never take back what is shown.

From `SEAL_FROM` of a page on, the first block, line or sentence end in text that is not yet shown seals it; where the text
has outgrown the page before such an end came, a word's end does, and failing that the border of a grapheme.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import chain

from telex.display.markdown import cut, heal
from telex.display.markdown_inline import scan

SEAL_FROM = 0.85

_FENCE = re.compile(
    r"^[ \t>]*(?P<items>(?:(?:[-*+]|\d{1,9}[.)])[ \t]+[ \t>]*)*)(?P<run>`{3,}(?=[^`\n]*$)|~{3,})(?P<info>[^\n]*)",
    re.MULTILINE,
)
_SENTENCE = re.compile(r"(?:[.!?…]+[\"'”’)\]*_]*(?=\s)|[。！？]+[”’」』）]*)")
_SENTENCE_MARK = re.compile(r"[.!?…。！？]")
_HEADING_AT_END = re.compile(
    r"(?:^|\n)[ \t>]*(?:#{1,6}[ \t][^\n]*|\*\*[^*\n]+\*\*:?|[^\s>][^\n]*\n[ \t>]*(?:=+|-{3,}))[ \t]*\Z"
)
_WORD = re.compile(r"\s+")
_LINE = re.compile(r"\n+")
_LINK = re.compile(
    r"\[[^\[\]]*(?:\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)"
    r"|\](?:\(\S*(?:\s+\"[^\"]*\"?)?)?\Z|\Z)"
)
_TAG = re.compile(r"<a\s[^<>]*>(?:(?!</a>)[\s\S])*(?:</a>|\Z)|</?[A-Za-z][\w-]*(?:\s[^<>]*)?(?:>|\Z)", re.IGNORECASE)
_RUNS = "*_~`|$"  # letters that mean something else alone than side by side
_JOINERS = "\u200d"


def seal_at(source: str, shown: int, limit: int, measure: Callable[[str], int], *, ended: bool) -> int | None:
    """Where to end the page that ``source`` fills; ``None`` while it stays open.

    Args:
        source: the open page's Markdown, from its first character to the newest.
        shown: how many characters of it are on the screen; they stay on this page.
        limit: how long a message may be, as ``measure`` counts.
        measure: the length of Markdown once rendered.
        ended: nothing is to follow, so a page that fits needs no end.
    """
    if not ended:
        source = source[: _half_html(source, limit)]
    length = measure(source)
    if length < SEAL_FROM * limit or (ended and length <= limit):
        return None
    overflow = length > limit
    shown = len(source[:shown].rstrip())
    if not overflow and not _has_end(source, shown):
        return None
    known = _closed(source, shown, measure)

    def longest(room: int) -> int:
        return _longest(source, shown if known <= room else 0, room, measure)

    def fits(at: int) -> bool:
        return _closed(source, at, measure) <= limit and (overflow or _goes_on(source, at, measure))

    high = longest(limit) if overflow else len(source)
    if high < shown:  # what is shown outgrew the page (a table's column widened): the limit wins
        shown = known = 0
    nearly = int(SEAL_FROM * limit)
    best = _natural_end(source, shown if known > nearly else longest(nearly), high, fits, last=overflow)
    if best is None and overflow:
        half = shown if known > limit // 2 else longest(limit // 2) + 1
        best = _natural_end(source, half, high, fits, last=True) or _forced_end(source, half, high, fits)
    return best


def may_end(source: str, shown: int) -> bool:
    """May a page have a natural end behind what is shown? A quick look; `seal_at` looks closely."""
    line = source.find("\n", len(source[:shown].rstrip()))
    if line >= 0 and not source[line:].isspace():
        return True
    begin = max(
        source.rfind(" ", 0, shown), source.rfind("\n", 0, shown), 0
    )  # a mark that is shown may end with a blank
    return _SENTENCE_MARK.search(source, begin) is not None


def skip_white(source: str, at: int) -> int:
    """Where the next page's text begins when this one ends at ``at``; indentation that means something is kept."""
    end = at
    while end < len(source) and source[end] == "\n":
        end += 1
    if end == at:
        while end < len(source) and source[end] == " ":
            end += 1
    return end


def _longest(source: str, low: int, limit: int, measure: Callable[[str], int]) -> int:
    """The most characters of ``source`` that, closed, measure no more than ``limit``."""
    high = len(source)
    while low < high:
        middle = (low + high + 1) // 2
        if _closed(source, middle, measure) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _closed(source: str, at: int, measure: Callable[[str], int]) -> int:
    """How long the page is that ends at ``at``."""
    text = source[:at].rstrip()
    return measure(text + cut(text).closer)


def _goes_on(source: str, at: int, measure: Callable[[str], int]) -> bool:
    """Would the page behind ``at`` show anything so far? A fence that closes there, a tag or a comment does not."""
    at = skip_white(source, at)
    return measure(heal(cut(source[:at]).opener + source[at:])) > 0


def _has_end(source: str, low: int) -> bool:
    """Is there a block, line or sentence end from ``low`` on with more behind it, whatever its page measures?"""
    fences = _fenced(source)
    last = len(source.rstrip())
    ends = (k for k in chain(_lines(source, low), _sentences(source, fences, low)) if k < last)
    return any(not _splits_inline(source, k, fences) for k in ends)


def _natural_end(source: str, low: int, high: int, fits: Callable[[int], bool], *, last: bool) -> int | None:
    """The first (or last) block end in ``low <= k <= high`` whose page fits, else line end, else sentence end."""
    fences = _fenced(source)
    for ends in (_blocks(source), _lines(source), _sentences(source, fences)):
        found = [k for k in ends if low <= k <= high and source[:k].strip() and source[k:].strip()]
        whole = (k for k in (reversed(found) if last else found) if _is_good(source, k, fences))
        if end := next(filter(fits, whole), None):
            return end
    return None


def _blocks(source: str) -> Iterator[int]:
    fences = _fenced(source)
    return (m.start() for m in re.finditer(r"\n[ \t]*\n", source) if not _inside(fences, m.start()))


def _lines(source: str, low: int = 0) -> Iterator[int]:
    return (m.start() for m in _LINE.finditer(source, low))


def _sentences(source: str, fences: list[tuple[int, int]], low: int = 0) -> Iterator[int]:
    """The sentences' ends from ``low`` on."""
    begin = max(source.rfind(" ", 0, low), source.rfind("\n", 0, low), 0)  # no end has white space in it
    for found in _SENTENCE.finditer(source, begin):
        if found.end() < low:
            continue
        line = source[source.rfind("\n", 0, found.start()) + 1 : found.end()].lstrip()
        numbered = re.fullmatch(r"(?:>\s*)*\d+\.", line)
        if not _inside(fences, found.end()) and not line.startswith("|") and not numbered:
            yield found.end()


def _forced_end(source: str, half: int, high: int, fits: Callable[[int], bool]) -> int:
    """A word's end in the page's second half, else a grapheme's; what closes the page there counts in its length."""
    fences = _fenced(source)
    words = [
        m.start() for m in _WORD.finditer(source, half, high + 1) if m.start() <= high and source[: m.start()].strip()
    ]
    whole = (k for k in reversed(words) if _is_good(source, k, fences))
    graphemes = (k for k in range(high, half - 1, -1) if _between_graphemes(source, k))
    return next((k for ends in (whole, reversed(words), graphemes) for k in ends if fits(k)), max(high, 1))


def _between_graphemes(text: str, k: int) -> bool:
    """May the text be divided before character ``k``? Errs on the side of keeping together."""
    if k >= len(text):
        return True
    left, right = text[k - 1], text[k]
    if (
        unicodedata.combining(right)
        or unicodedata.category(right) in {"Mn", "Me", "Mc"}
        or right in "\ufe0f\u200d\u20e3"
    ):
        return False
    if left == right and left in _RUNS:
        return False
    if left in _JOINERS or "\U0001f3fb" <= right <= "\U0001f3ff" or "\U000e0020" <= right <= "\U000e007f":
        return False
    both_flags = all("\U0001f1e6" <= char <= "\U0001f1ff" for char in (left, right))
    return not (both_flags or (left == "\r" and right == "\n") or left == "\\")


def _fenced(source: str) -> list[tuple[int, int]]:
    """Where fenced code stands, from the fence's first character to behind its last line."""
    spans: list[tuple[int, int]] = []
    if "```" not in source and "~~~" not in source:
        return spans
    start, run = -1, ""
    for found in _FENCE.finditer(source):
        if start < 0:
            start, run = found.start(), found["run"]
        elif found["run"].startswith(run) and not found["items"] and not found["info"].strip():
            spans.append((start, found.end()))
            start = -1
    if start >= 0:
        spans.append((start, len(source) + 1))
    return spans


def _half_html(source: str, most: int) -> int:
    """Where a tag or comment begins that is still being written, and so not shown; else the source's end."""
    comment = source.rfind("<!--")
    is_comment = comment >= 0 and source.find("-->", comment) < 0
    begin = comment if is_comment else source.rfind("<")
    if begin < 0 or len(source) - begin > most or (not is_comment and ">" in source[begin:]):
        return len(source)
    alone = is_comment and not source[source.rfind("\n", 0, begin) + 1 : begin].strip(" \t>")
    if ("\n\n" in source[begin:] and not alone) or _inside(_fenced(source), begin):
        return len(source)  # a tag ends before its paragraph does, or it is none
    start = source.rfind("\n\n", 0, begin) + 1
    held = any(start + scan(source[start:] + more).keep == begin for more in ("", " "))  # " ": behind an attribute
    return begin if held else len(source)


def _inside(spans: list[tuple[int, int]], at: int) -> bool:
    return any(start < at < end for start, end in spans)


def _is_good(source: str, k: int, fences: list[tuple[int, int]]) -> bool:
    """Does an end at ``k`` part nothing inside a line, and no heading from what it stands over?"""
    return not _splits_inline(source, k, fences) and not _ends_with_heading(source, k, fences)


def _ends_with_heading(source: str, k: int, fences: list[tuple[int, int]]) -> bool:
    """Is a heading the last of the page that ends at ``k``, and not all of it?"""
    if _inside(fences, k):
        return False
    end = len(source[:k].rstrip())
    last = source.rfind("\n", 0, end) + 1
    if not source[last:end].lstrip(" \t>").startswith(("#", "**", "=", "---")):
        return False
    line = source.rfind("\n", 0, max(0, last - 1))
    found = _HEADING_AT_END.search(source[max(line, 0) : end])
    return found is not None and bool(source[: max(line, 0) + found.start()].strip())


def _splits_inline(source: str, k: int, fences: list[tuple[int, int]]) -> bool:
    """Would a cut at ``k`` part a code span, a formula, a link, a tag or a comment, or leave a fence with no code?"""
    for start, end in fences:
        if start < k < end:
            head = source.find("\n", start)
            return head < 0 or k <= head
    begin = max(source.rfind("\n\n", 0, k) + 1, max((end for _, end in fences if end <= k), default=0))
    comment = source.rfind("<!--", 0, k)
    if comment >= 0 and source.find("-->", comment, k) < 0 <= source.find("-->", k) and not _inside(fences, comment):
        return True
    before = source[begin:k]
    if before.count("`") % 2 or before.count("$$") % 2:
        return True
    end = source.find("\n\n", k)
    paragraph = source[begin:] if end < 0 else source[begin:end]
    return any(part.start() < k - begin < part.end() for find in (_LINK, _TAG) for part in find.finditer(paragraph))
