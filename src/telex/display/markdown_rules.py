"""Rules of Markdown as models write it that the core and the dialects have in common.

Delimiters go by CommonMark's flanking rules with one amendment: a closer after punctuation may be followed by a letter,
and an opener between CJK text and a quotation mark opens, as writers of ``**label:**text`` and of languages without
spaces mean it.
"""

import re
import unicodedata

GLUE = "\u2060"
"""Word joiner: stands between a delimiter and white space, so that the delimiter still opens or closes. At the start
of a list item it says that the item goes on from the message before and has its bullet there. Shown as nothing."""

LATE_CLOSER = re.compile(r"""([.,:;!?%)\]}"'”’…»、。，：；！？）」』】》〉〕])(\*{1,3})(?=\w)""")
CJK_OPENER = re.compile(
    r"""([\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]\*{1,3})(?=[“‘「『《【（〈(\["'<`])"""
)
DOLLAR_MATH = (
    r"\$(?<![\\$A-Za-z0-9]\$)(?![\s$])(?!\d[\d.,]*[KkMBb]?\s+[A-Za-z]{2})(?P<dollar>(?:[^$\n\\]|\\[^\n])+?)"
    r"(?<![\s\\])\$(?![A-Za-z0-9$])"
)
"""Math between single dollars, which are no currency's."""

LINE_PREFIX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t>]*$")
"""What may stand before a line's own text: the marks of quotes and items."""
_LINE_REST = re.compile(r"[ \t.,;:]*(?:\n|$)")
_FORMULA = re.compile(
    r"\n|\\[A-Za-z]|\^|_\{|(?<![A-Za-z])[A-Za-z]_\w(?!\w)|(?<![A-Za-z])[A-Za-z]=|\s[-=<>+*/]\s|\d[-=<>+*/]\d"
)


def joined(before: str) -> bool:
    """Whether a sign stands in a word where ``before``, a letter or nothing, is before it: ``a||b``, ``2*3``."""
    return before.isalnum() and before.isascii()


def is_display(text: str, start: int, end: int) -> bool:
    """Whether the bracket with a backslash at ``start`` begins a formula, and not a text in escaped brackets.

    It does where it stands alone on its lines, or holds something formula-like.

    Args:
        text: Markdown.
        start: where the opening bracket's backslash is.
        end: behind the closing bracket; the length of the text where there is none yet.
    """
    alone = LINE_PREFIX.match(text, text.rfind("\n", 0, start) + 1, start) and _LINE_REST.match(text, end)
    return bool(alone or _FORMULA.search(text, start + 2, end))


def flanks(text: str, start: int, run: str) -> tuple[bool, bool]:
    """Whether a delimiter run can open, and whether it can close."""
    before, after = text[start - 1 : start], text[start + len(run) : start + len(run) + 1]
    blank_before, blank_after = not before or before.isspace(), not after or after.isspace()
    mark_before, mark_after = _is_mark(before), _is_mark(after)
    left = not blank_after and (not mark_after or blank_before or mark_before)
    right = not blank_before and (not mark_before or blank_after or mark_after)
    if run[0] == "_":
        return left and (not right or mark_before), right and (not left or mark_after)
    if run[0] == "*" and start:
        if left and not right and LATE_CLOSER.match(text, start - 1):
            right = True
        elif right and not left and CJK_OPENER.match(text, start - 1):
            left = True
    return left, right


def _is_mark(letter: str) -> bool:
    return bool(letter) and not letter.isalnum() and unicodedata.category(letter)[0] in "PS"
