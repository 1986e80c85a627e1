"""What is open at the end of a paragraph's text: emphasis, code, math, spoilers, links, tags.

Reads delimiters by CommonMark's flanking rules, with one amendment that the dialects make too: a closer after
punctuation may be followed by a letter, and an opener between CJK text and a quotation mark opens, as writers of
``**label:**text`` and of languages without spaces mean it.
"""

import re
import unicodedata
from dataclasses import dataclass

GLUE = "\u2060"
"""Word joiner: stands between a delimiter and white space, so that the delimiter still opens or closes. At the start
of a list item it says that the item goes on from the message before and has its bullet there. Shown as nothing."""

LATE_CLOSER = re.compile(r"""([.,:;!?%)\]}"'”’…»、。，：；！？）」』】》〉〕])(\*{1,3})(?=\w)""")
CJK_OPENER = re.compile(
    r"""([\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]\*{1,3})(?=[“‘「『《【（〈(\["'<`])"""
)
DOLLAR_MATH = r"(?<![\\$A-Za-z0-9])\$(?![\s$])(?!\d[\d.,]*[KkMBb]?\s+[A-Za-z]{2})(?:[^$\n\\]|\\[^\n])+?(?<![\s\\])\$(?![A-Za-z0-9$])"

_DOLLARS = re.compile(DOLLAR_MATH)
_TOKEN = re.compile(r"\\[\s\S]?|`+|\*+|_+|~+|\|\||\$\$?|!?\[|\]|<|&")
_TRAILING_RUN = re.compile(r"(?:\*+|_+|~+|\|+|`+|\$+)$")
_TAG = re.compile(
    r"<(/?)([A-Za-z][\w-]*)((?:\s+[^<>]*)?)/?>|<!--[\s\S]*?-->|<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>|<[^\s<>@]+@[^\s<>]+>"
)
_HALF_TAG = re.compile(
    r"<(?:$|/[A-Za-z]*$|[A-Za-z][\w-]*/?$|[A-Za-z][\w-]*(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))*"
    r"\s+(?:[\w:-]*|[\w:-]+\s*=\s*(?:\"[^\"<>]*|'[^'<>]*|[^\s\"'<>]*))/?$|!(?:-(?:-[\s\S]*)?)?$"
    r"|[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*$|[\w.+-]+@[\w.-]*$)"
)
_TARGET = re.compile(
    r"\(\s*(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\((?:[^\s()]|\([^\s()]*\))*\))*)"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
)
_HALF_TARGET = re.compile(r"\(\s*(?:<[^<>\n]*>?|[^\s<]\S*)?(?:\s+(?:\"[^\"\n]*\"?|'[^'\n]*'?)?)?$")
_HALF_ENTITY = re.compile(r"&(?:$|#(?:\d{0,7}|[xX][\da-fA-F]{0,6})$|([A-Za-z][A-Za-z0-9]*)$)")
_ENTITIES = (
    "amp lt gt quot apos nbsp ndash mdash hellip copy reg trade deg plusmn times divide middot bull rarr larr uarr darr "
    "harr rArr lArr le ge ne asymp infin micro para sect euro pound yen cent laquo raquo lsquo rsquo ldquo rdquo alpha "
    "beta gamma delta pi sigma omega sum radic frac12 frac14 frac34 sup2 sup3 check emsp ensp thinsp"
).split()
_MATH_LIKE = re.compile(r"[\\^_{}=]")
_VOID = frozenset({"br", "hr", "img", "wbr", "input", "meta", "link", "source", "col"})
_LONGEST_LABEL = 300


@dataclass(slots=True)
class Open:
    """Something that began at ``at`` with ``mark`` and has not ended; ``close`` would end it.

    ``solid``: nothing inside is read as markup. ``count`` and ``both`` belong to delimiter runs.
    """

    at: int
    mark: str
    close: str
    solid: bool = False
    count: int = 0
    both: bool = False


@dataclass(slots=True)
class Opened:
    """The result of `scan`: what is open, outermost first, and from where the end should be held back."""

    opens: list[Open]
    keep: int


def heal_text(text: str) -> str:
    """A paragraph's growing text with nothing left open, what may still change at its end held back."""
    opens: list[Open]
    while True:
        text, opened = _without_half_closer(text)
        if opened.keep < len(text):
            text = text[: opened.keep]
            continue
        opens = [entry for entry in opened.opens if not entry.mark.startswith("<")]
        if opens and not text[opens[-1].at + len(opens[-1].mark) :].strip():
            text = text[: opens[-1].at]
            continue
        break
    for entry in reversed(opens):
        if entry.mark.endswith("["):
            text = text[: entry.at] + text[entry.at + len(entry.mark) :]
    closers = "".join(entry.close for entry in reversed(opens) if not entry.mark.endswith("["))
    if not closers:
        return text
    if closers[0] == "`" and text.endswith("`"):
        text += " "
    body = text if opens[-1].solid else text.rstrip()
    return body + closers + text[len(body) :]


def _without_half_closer(text: str) -> tuple[str, Opened]:
    run = _TRAILING_RUN.search(text)
    if run is None:
        return text, scan(text)
    at = run.start()
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
    if letter == "|" and (count == 1 or (last and not last.isspace())):
        return text, scan(text)
    if letter == "$" and last.isalnum():
        return text, scan(text)
    if letter in "*_~" and last.isalnum() and last.isascii() and (count == 1 or letter == "_"):
        return text, scan(text)
    return body, before


def scan(text: str) -> Opened:
    """Find what ``text`` leaves open."""
    opens: list[Open] = []
    at = 0
    while True:
        found = _TOKEN.search(text, at)
        if found is None:
            return Opened(opens, len(text))
        start, token = found.start(), found[0]
        at = found.end()
        letter = token[0]
        if letter in "*_~":
            _delimiter(text, start, token, opens)
        elif letter == "\\":
            if token == "\\":
                return Opened(opens, start)
            if token in {"\\(", "\\["}:
                close = "\\)" if token == "\\(" else "\\]"
                end = text.find(close, at)
                if end < 0:
                    return _solid(text, opens, start, token, close)
                at = end + 2
        elif letter == "`":
            end = _closing_ticks(text, at, token)
            if end < 0:
                return _solid(text, opens, start, token, token)
            at = end
        elif letter == "$":
            end = _dollars(text, start, token)
            if end < 0 and (token == "$$" or _looks_like_math(text, at)):
                return _solid(text, opens, start, token, token)
            at = max(at, end)
        elif letter == "<":
            end = _tag(text, start, opens)
            if end < 0:
                return Opened(opens, start)
            at = max(at, end)
        elif letter == "&":
            half = _HALF_ENTITY.match(text, start)
            if half and (half[1] is None or any(name.startswith(half[1]) for name in _ENTITIES)):
                return Opened(opens, start)
        elif token == "||":
            _spoiler(text, start, opens)
        elif letter == "]":
            end = _bracket(text, start, opens)
            if end < 0:
                return Opened(opens, start)
            at = end
        elif "\n" not in text[at:] and len(text) - at < _LONGEST_LABEL:
            opens.append(Open(start, token, "]()"))


def _solid(text: str, opens: list[Open], start: int, mark: str, close: str) -> Opened:
    """Code or math that runs to the end of the text."""
    opens.append(Open(start, mark, close, solid=True))
    if close[0] == "\\" and text.endswith("\\") and not text.endswith("\\\\"):
        return Opened(opens[:-1], start) if len(text) == start + 3 else _trim(opens, text)
    return Opened(opens, len(text))


def _trim(opens: list[Open], text: str) -> Opened:
    return Opened(opens, len(text) - 1)


def _closing_ticks(text: str, at: int, ticks: str) -> int:
    while True:
        at = text.find(ticks, at)
        if at < 0:
            return -1
        end = at
        while text[end : end + 1] == "`":
            end += 1
        if end - at == len(ticks):
            return end
        at = end


def _dollars(text: str, start: int, token: str) -> int:
    if token == "$$":
        end = text.find("$$", start + 2)
        return end + 2 if end >= 0 else -1
    found = _DOLLARS.match(text, start)
    return found.end() if found else -1


def _looks_like_math(text: str, at: int) -> bool:
    before, rest = text[at - 2 : at - 1] if at > 1 else "", text[at:]
    if not rest or rest[0].isspace() or rest[0].isdigit() or "\n" in rest or "$" in rest or before.isalnum():
        return False
    return _MATH_LIKE.search(rest) is not None


def _tag(text: str, start: int, opens: list[Open]) -> int:
    """The end of the tag or address at ``start``; 0 where there is none, -1 where it has only begun."""
    found = _TAG.match(text, start)
    if found is None:
        return -1 if _HALF_TAG.match(text, start) else 0
    name = (found[2] or "").lower()
    if name and not found[1] and name not in _VOID and not found[0].endswith("/>"):
        opens.append(Open(start, found[0], f"</{name}>"))
    elif name and found[1]:
        for index in range(len(opens) - 1, -1, -1):
            if opens[index].close == f"</{name}>":
                del opens[index]
                break
    return found.end()


def _spoiler(text: str, start: int, opens: list[Open]) -> None:
    before, after = text[start - 1 : start], text[start + 2 : start + 3]
    for index in range(len(opens) - 1, -1, -1):
        if opens[index].mark == "||":
            if before and not before.isspace():
                del opens[index]
            return
    if after and not after.isspace():
        opens.append(Open(start, "||", "||"))


def _bracket(text: str, start: int, opens: list[Open]) -> int:
    """The end of what the ``]`` at ``start`` ends; -1 where its target has only begun."""
    for index in range(len(opens) - 1, -1, -1):
        if opens[index].mark.endswith("["):
            break
    else:
        return start + 1
    if text[start + 1 : start + 2] == "(":
        target = _TARGET.match(text, start + 1)
        if target is None and _HALF_TARGET.match(text, start + 1):
            return -1
        if target is not None:
            del opens[index:]
            return target.end()
    del opens[index]
    return start + 1


def _delimiter(text: str, start: int, run: str, opens: list[Open]) -> None:
    letter, count = run[0], len(run)
    if letter == "~" and count != 2:
        return
    can_open, can_close = _flanks(text, start, run)
    both, left = can_open and can_close, count
    while can_close and left:
        opener = _opener(opens, letter, count, both)
        if opener is None:
            break
        used = 2 if letter == "~" or (left >= 2 and len(opener.mark) >= 2) else 1
        left -= used
        del opens[opens.index(opener) + 1 :]
        if used == len(opener.mark):
            opens.pop()
        else:
            opener.mark = opener.close = letter * (len(opener.mark) - used)
    before = text[start - 1 : start]
    if left and can_open and not (before.isalnum() and before.isascii()):
        opens.append(Open(start, letter * left, letter * left, count=count, both=both))
    elif left and can_open:
        opens.append(Open(start, letter * left, "", count=count, both=both))


def _opener(opens: list[Open], letter: str, count: int, both: bool) -> Open | None:
    for entry in reversed(opens):
        if entry.mark[0] != letter or not entry.count:
            continue
        odd = (both or entry.both) and (entry.count + count) % 3 == 0 and (entry.count % 3 or count % 3)
        if not odd:
            return entry
    return None


def _flanks(text: str, start: int, run: str) -> tuple[bool, bool]:
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
