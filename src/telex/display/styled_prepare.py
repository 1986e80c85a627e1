"""Before the parser: what CommonMark does not know, or reads differently than models mean it.

Some of the source is replaced by *noncharacters* (U+FDD0 and up, which no text may contain); `restore` turns them back
into what the reader sees. So math becomes inline code that keeps its lines and bars, a lone ``~`` stays a tilde, and
``**label:**text`` is bold although CommonMark wants white space after such a closer.
"""

import re

from telex.display.markdown_rules import (
    CJK_OPENER,
    DOLLAR_MATH,
    GLUE,
    LATE_CLOSER,
    LINE_PREFIX,
    is_display,
)

SEPARATOR = "\ufdd0"
"""Keeps two characters apart that belong together only by chance; shown as nothing."""
INLINE_MATH = "\ufdd1"
DISPLAY_MATH = "\ufdd2"
HELD = "\ufdd7"
"""`GLUE` beside a spoiler's bars, until they are understood."""
COLLAPSED = "\ufdd8"
"""Begins a quote that is shown folded, where a platform can; shown as nothing."""
THINKING = "\ufdd9"
"""Begins a quote of what a model thinks at the moment; shown as nothing."""
_NEWLINE = "\ufdd3"
_BAR = "\ufdd4"
_TILDE = "\ufdd5"
_BACKTICK = "\ufdd6"

_SHOWN = str.maketrans(
    {
        SEPARATOR: None,
        COLLAPSED: None,
        THINKING: None,
        GLUE: None,
        INLINE_MATH: None,
        DISPLAY_MATH: None,
        _NEWLINE: "\n",
        _BAR: "|",
    }
    | {_TILDE: "~", _BACKTICK: "`"}
)
_HIDE_IN_MATH = str.maketrans({"\n": _NEWLINE, "|": _BAR, _TILDE: "~", "`": _BACKTICK})
_MARKS = re.compile(f"[{SEPARATOR}-{_BACKTICK}{COLLAPSED}{THINKING}{GLUE}]")
_LONE_TILDE = re.compile(r"(?<![~\\])~(?!~)")
_SOURCES = re.compile(r"(\[\d+\])(?=\[\d+\])")
_PREFIXED_LINE = re.compile(r"\n[ \t>]*")
_TRIGGER = re.compile(r"[`~\\$]")
_FENCED = re.compile(
    r"(?P<run>`{3,}(?=[^`\n]*$)|~{3,})[^\n]*(?:\n(?![ \t>]*(?P=run)[`~]*[ \t]*$)[^\n]*)*(?:\n[ \t>]*(?P=run)[`~]*[ \t]*$)?",
    re.MULTILINE,
)
_PIECE = re.compile(
    r"(?P<ticks>`+)(?:(?:[^`]|(?!(?<!`)(?P=ticks)(?!`))`)+?(?<!`)(?P=ticks)(?!`))?|~+"
    r"|\\\((?P<paren>(?:[^\n\\]|\\(?![()])|\n(?!\s*\n))+?)\\\)"
    r"|\\\[(?P<bracket>(?:[^\n\\]|\\\\|\\(?![][])|\n(?![ \t>]*\n))+?)\\\]|\\[\s\S]?"
    rf"|\$\$(?P<display>(?:[^$\n]|\$(?!\$)|\n(?![ \t>]*\n))+?)\$\$|{DOLLAR_MATH}|\$+"
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
    if "][" in markdown:
        markdown = _SOURCES.sub(rf"\1{SEPARATOR}", markdown)  # two sources side by side, no link from one to the other
    if "$" in markdown or "\\(" in markdown or "\\[" in markdown:
        markdown = _with_math_as_code(markdown)
    return markdown, not markdown.isascii() and _MARKS.search(markdown) is not None


def restore(text: str) -> str:
    """What the reader sees of a text that went through `prepare`."""
    return text.translate(_SHOWN) if _MARKS.search(text) else text


def _with_math_as_code(markdown: str) -> str:
    done: list[str] = []
    at = written = 0
    while trigger := _TRIGGER.search(markdown, at):
        start = trigger.start()
        found = None
        if markdown[start] in "`~" and LINE_PREFIX.match(markdown, markdown.rfind("\n", 0, start) + 1, start):
            found = _FENCED.match(markdown, start)
        if found is None:
            found = _PIECE.match(markdown, start)
            kind = found.lastgroup if found else None
            if found and kind == "bracket" and not is_display(markdown, start, found.end()):
                at = start + 2
                continue
            if found and kind in {"paren", "bracket", "display", "dollar"}:
                done += [markdown[written:start], _code(found[0], found[kind], display=kind in {"bracket", "display"})]
                written = found.end()
        at = found.end() if found else start + 1
    return "".join([*done, markdown[written:]])


def _code(whole: str, inner: str, *, display: bool) -> str:
    inner = _PREFIXED_LINE.sub("\n", inner).strip()
    if not inner.strip(GLUE + " \n"):
        return "" if GLUE in inner else whole
    mark = DISPLAY_MATH if display else INLINE_MATH
    return f"`{mark}{inner.translate(_HIDE_IN_MATH)}{mark}`"
