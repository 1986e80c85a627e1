"""Before the parser: what CommonMark does not know, or reads differently than models mean it.

Some of the source is replaced by *noncharacters* (U+FDD0 and up, which no text may contain); `restore` turns them back
into what the reader sees. So math becomes inline code that keeps its lines and bars, a lone ``~`` stays a tilde, and
``**label:**text`` is bold although CommonMark wants white space after such a closer.
"""

import re

from telex.display.markdown_inline import (
    CJK_OPENER,
    DOLLAR_MATH,
    GLUE,
    LATE_CLOSER,
)

SEPARATOR = "\ufdd0"
"""Keeps two characters apart that belong together only by chance; shown as nothing."""
INLINE_MATH = "\ufdd1"
DISPLAY_MATH = "\ufdd2"
_NEWLINE = "\ufdd3"
_BAR = "\ufdd4"
_TILDE = "\ufdd5"
_BACKTICK = "\ufdd6"

_SHOWN = str.maketrans(
    {SEPARATOR: None, GLUE: None, INLINE_MATH: None, DISPLAY_MATH: None, _NEWLINE: "\n", _BAR: "|"}
    | {_TILDE: "~", _BACKTICK: "`"}
)
_HIDE_IN_MATH = str.maketrans({"\n": _NEWLINE, "|": _BAR, _TILDE: "~", "`": _BACKTICK})
_MARKS = re.compile(f"[{SEPARATOR}-{_BACKTICK}{GLUE}]")
_LONE_TILDE = re.compile(r"(?<![~\\])~(?!~)")
_PREFIXED_LINE = re.compile(r"\n[ \t>]*")
_MATH = re.compile(
    r"(?P<fence>^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<run>`{3,}|~{3,})[^\n]*"
    r"(?:\n(?![ \t>]*(?P=run)[`~]*[ \t]*$)[^\n]*)*(?:\n[ \t>]*(?P=run)[`~]*[ \t]*$)?)"
    r"|(?P<code>(?<!`)(?P<ticks>`+)(?!`)(?:[^`]|(?!(?<!`)(?P=ticks)(?!`))`)+?(?<!`)(?P=ticks)(?!`))"
    r"|\\\((?P<paren>(?:[^\n\\]|\\(?![()])|\n(?!\s*\n))+?)\\\)"
    r"|\\\[(?P<bracket>(?:[^\\]|\\(?![][]))+?)\\\]"
    r"|(?P<escape>\\[\s\S])"
    r"|\$\$(?P<display>(?:[^$]|\$(?!\$))+?)\$\$"
    rf"|(?P<dollar>{DOLLAR_MATH})",
    re.MULTILINE,
)


def prepare(markdown: str) -> tuple[str, bool]:
    """Markdown as the parser should read it, and whether what it emits needs `restore`."""
    if "~" in markdown:
        markdown = _LONE_TILDE.sub(_TILDE, markdown)
    if "\\|" in markdown:
        markdown = markdown.replace("\\|\\|", f"\\|{SEPARATOR}\\|")
    if "**" in markdown or not markdown.isascii():
        markdown = LATE_CLOSER.sub(rf"\1{SEPARATOR}\2", markdown)
        if not markdown.isascii():
            markdown = CJK_OPENER.sub(rf"\1{SEPARATOR}", markdown)
    if "$" in markdown or "\\(" in markdown or "\\[" in markdown:
        markdown = _MATH.sub(_math, markdown)
    return markdown, not markdown.isascii() and _MARKS.search(markdown) is not None


def restore(text: str) -> str:
    """What the reader sees of a text that went through `prepare`."""
    return text.translate(_SHOWN)


def _math(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind in {"paren", "dollar"}:
        inner = found["paren"] if kind == "paren" else found[0][1:-1]
        mark = INLINE_MATH
    elif kind in {"bracket", "display"}:
        inner = found[kind]
        mark = DISPLAY_MATH
    else:
        return found[0]
    inner = _PREFIXED_LINE.sub("\n", inner).strip()
    if not inner:
        return found[0]
    return f"`{mark}{inner.translate(_HIDE_IN_MATH)}{mark}`"
