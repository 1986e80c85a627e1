"""What is open at the end of a paragraph's text: emphasis, code, math, spoilers, links, tags."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from telex.display.markdown_rules import DOLLAR_MATH, flanks, is_display, joined

_DOLLARS = re.compile(DOLLAR_MATH)
_TOKEN = re.compile(r"\\[\s\S]?|`+|\*+|_+|~+|\|\||\$\$?|!?\[|\]|<|&")
_TAG = re.compile(
    r"<(/?)([A-Za-z][\w-]*)((?:\s+[^<>]*)?)/?>|<!--[\s\S]*?-->|<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>|<[^\s<>@]+@[^\s<>]+>"
)
_HALF_TAG = re.compile(
    r"<(?:$|/[A-Za-z]*$|[A-Za-z][\w-]*/?$|[A-Za-z][\w-]*(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))*"
    r"(?:\s+(?:[\w:-]*|[\w:-]+\s*=\s*(?:\"[^\"<>]*|'[^'<>]*|[^\s\"'<>]*)))?\s*/?$|!(?:-(?:-[\s\S]*)?|[A-Za-z][^<>]*)?$"
    r"|[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*$|[\w.+-]+@[\w.-]*$)"
)
_TARGET = re.compile(
    r"\(\s*(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\((?:[^\s()]|\([^\s()]*\))*\))*)"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
)
_HALF_TARGET = re.compile(r"\(\s*(?:<[^<>\n]*>?|[^\s<]\S*)?(?:\s+(?:\"[^\"\n]*\"?|'[^'\n]*'?)?)?$")
_HALF_ENTITY = re.compile(r"&(?:$|#(?:\d{0,7}|[xX][\da-fA-F]{0,6})$|([A-Za-z][A-Za-z0-9]*)$)")
_ENTITIES = (
    " amp lt gt quot apos nbsp ndash mdash hellip copy reg trade deg plusmn times divide middot bull rarr larr uarr darr"
    " harr rArr lArr le ge ne asymp infin micro para sect euro pound yen cent laquo raquo lsquo rsquo ldquo rdquo alpha"
    " beta gamma delta pi sigma omega sum radic frac12 frac14 frac34 sup2 sup3 check emsp ensp thinsp"
)
_MATH_LIKE = re.compile(r"[A-Za-z(]{1,2}!?\s*$|(?=[A-Za-z\\({|-])[^$\n]*?[\\^_{}=+*/<>()-]")
_HALF_MATH = re.compile(r"[A-Za-z(]{1,2}!?\s*$")
_PAIRED = " b strong i em cite u ins s del strike code kbd samp tt tg-spoiler a span sub sup "
_LONG_LABEL = 40  # characters; behind a longer one a bracket may as well begin an aside
_LIKE_AN_ADDRESS = re.compile(r"\(\s*(?:<|[/#.?]|[A-Za-z][A-Za-z0-9+.-]*:|[\w%~-]+[./])")
_REFERENCE = re.compile(r"\[(?:[^\[\]\\\n]|\\.)*\]")
_HALF_REFERENCE = re.compile(r"\[[^\[\]\n]{0,60}$")
_NO_EMPHASIS = re.compile(r"\*(?=[./])|\*\*/|\*{1,2}(?:(?:kw)?args|kw|options|params)\b|\*\*kw(?:ar?|arg)?$")
_HALF_NOTE = re.compile(r"\[\^[\w-]*$")
_LABEL = re.compile(r"(?![\d, ^]+(?:[]\[(]|$)|(?: \]?|[xX]?\])$|![A-Z]+\])[^\n]{0,300}$|[^]\n]{1,300}\]\(")


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
    """The result of `scan`.

    Attributes:
        opens: what is open, outermost first.
        keep: from where the end should be held back.
        ended: where what has ended as what it began as had begun; of a link, the label has to.
    """

    opens: list[Open]
    keep: int
    ended: set[int]


@lru_cache(maxsize=64)
def scan(text: str) -> Opened:
    """Find what ``text`` leaves open; remembered, for what is held back of a text is asked for again. Not to be changed."""
    reader = _Reader(text)
    at = 0
    while at >= 0:
        found = _TOKEN.search(text, at)
        if found is None:
            break
        at = _READ[found[0][0]](reader, found.start(), found[0])
    return Opened(reader.opens, reader.keep, reader.ended)


class _Reader:
    """What is open so far. Each method takes a token's place and the token, and says where to go on; -1: nowhere."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.opens: list[Open] = []
        self.ended: set[int] = set()
        self.keep = len(text)

    def hold(self, start: int) -> int:
        """What begins at ``start`` is not finished and may become anything."""
        self.keep = start
        return -1

    def end(self, start: int, end: int) -> int:
        """What began at ``start`` ends before ``end``."""
        self.ended.add(start)
        return end

    def solid(self, start: int, mark: str, close: str) -> int:
        """Code or math that runs to the end of the text."""
        self.opens.append(Open(start, mark, close, solid=True))
        half = close[0] in "\\$" and (len(self.text) - len(self.text.rstrip("\\"))) % 2
        self.keep = len(self.text) - half
        return -1

    def run(self, start: int, run: str) -> int:
        if run[0] != "~" or len(run) == 2:
            _delimiter(self.text, start, run, self.opens, self.ended)
        return start + len(run)

    def backslash(self, start: int, pair: str) -> int:
        if pair == "\\":
            return self.hold(start)
        if pair not in {"\\(", "\\["}:
            return start + 2
        close = "\\)" if pair == "\\(" else "\\]"
        end = _behind(self.text, close, start + 2)
        if pair == "\\[" and not is_display(self.text, start, end if end >= 0 else len(self.text)):
            return start + 2 if len(self.text) > start + 3 or end >= 0 else self.hold(start)
        return self.end(start, end) if end >= 0 else self.solid(start, pair, close)

    def ticks(self, start: int, ticks: str) -> int:
        end = _closing_ticks(self.text, start + len(ticks), ticks)
        if end < 0 and ticks == "`" and self.text[start + 1 : start + 2].isspace():
            return start + 1  # a tick that is spoken of
        return self.end(start, end) if end >= 0 else self.solid(start, ticks, ticks)

    def dollars(self, start: int, run: str) -> int:
        if run == "$$":
            end = _behind(self.text, run, start + 2)
            return self.end(start, end) if end >= 0 else self.solid(start, run, run)
        found = _DOLLARS.match(self.text, start)
        if found:
            return self.end(start, found.end())
        if not _looks_like_math(self.text, start + 1):
            return start + 1
        self.solid(start, run, run)
        return self.hold(start) if _HALF_MATH.match(self.text, start + 1) else -1

    def tag(self, start: int, _: str) -> int:
        found = _TAG.match(self.text, start)
        if found is None:
            return self.hold(start) if _HALF_TAG.match(self.text, start) else start + 1
        name = (found[2] or "").lower()
        if found[1]:
            close = f"</{name}>"
            index = next((i for i in range(len(self.opens) - 1, -1, -1) if self.opens[i].close == close), -1)
            if index >= 0:
                self.ended.add(self.opens.pop(index).at)
        elif f" {name} " in _PAIRED and not found[0].endswith("/>"):
            self.opens.append(Open(start, found[0], f"</{name}>"))
        return found.end()

    def entity(self, start: int, _: str) -> int:
        half = _HALF_ENTITY.match(self.text, start)
        held = half and (half[1] is None or f" {half[1]}" in _ENTITIES)
        return self.hold(start) if held else start + 1

    def bars(self, start: int, _: str) -> int:
        before, after = self.text[start - 1 : start], self.text[start + 2 : start + 3]
        opened = next((entry for entry in self.opens if entry.mark == "||"), None)
        if opened is None:
            if after and not after.isspace() and not joined(before):
                self.opens.append(Open(start, "||", "||"))
        elif before and not before.isspace():
            self.opens.remove(opened)
            self.ended.add(opened.at)
        return start + 2

    def label(self, start: int, mark: str) -> int:
        """An opening bracket: a link's, or just a bracket: ``array[0]``, a source's number, one of lines ago."""
        if _HALF_NOTE.match(self.text, start):
            return self.hold(start)
        before = self.text[start - 1 : start]
        at = start + len(mark)
        if self.text[at:] in {"", "]"} and (mark == "![" or at == len(self.text)):
            return self.hold(start)
        if not (mark == "[" and before.isalnum() and before.isascii()) and _LABEL.match(self.text, at):
            self.opens.append(Open(start, mark, "]()"))
        return at

    def label_end(self, start: int, _: str) -> int:
        index = next((i for i in range(len(self.opens) - 1, -1, -1) if self.opens[i].close == "]()"), -1)
        if index < 0:
            return start + 1
        if self.text[start + 1 : start + 2] == "(":
            target = _TARGET.match(self.text, start + 1)
            if target is None and _HALF_TARGET.match(self.text, start + 1):
                begin = self.opens[index].at
                if start - begin <= _LONG_LABEL or _LIKE_AN_ADDRESS.match(self.text, start + 1):
                    self.ended.add(begin)
                return self.hold(start)
            if target is not None:
                self.ended.add(self.opens[index].at)
                del self.opens[index:]
                return target.end()
        reference = _REFERENCE.match(self.text, start + 1)
        if reference:
            self.ended.add(self.opens[index].at)
            del self.opens[index:]
            return reference.end()
        if _HALF_REFERENCE.match(self.text, start + 1):
            self.ended.add(self.opens[index].at)
            return self.hold(start)
        if start + 1 == len(self.text):
            return self.hold(start)
        del self.opens[index]
        return start + 1


_READ: dict[str, Callable[[_Reader, int, str], int]] = {
    "*": _Reader.run,
    "_": _Reader.run,
    "~": _Reader.run,
    "\\": _Reader.backslash,
    "`": _Reader.ticks,
    "$": _Reader.dollars,
    "<": _Reader.tag,
    "&": _Reader.entity,
    "|": _Reader.bars,
    "[": _Reader.label,
    "!": _Reader.label,
    "]": _Reader.label_end,
}


def _behind(text: str, close: str, at: int) -> int:
    end = text.find(close, at)
    return end + len(close) if end >= 0 else -1


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


def _looks_like_math(text: str, at: int) -> bool:
    before, rest = text[at - 2 : at - 1] if at > 1 else "", text[at:]
    if "\n" in rest or "$" in rest.replace("\\$", "") or (before.isalnum() and before.isascii()):
        return False
    return _MATH_LIKE.match(rest) is not None


def _delimiter(text: str, start: int, run: str, opens: list[Open], ended: set[int]) -> None:
    letter, count = run[0], len(run)
    if letter == "~" and count != 2:
        return
    can_open, can_close = flanks(text, start, run)
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
            ended.add(opener.at)
        else:
            opener.mark = opener.close = letter * (len(opener.mark) - used)
    if left and can_open:
        close = "" if _is_no_emphasis(text, start, left) else letter * left
        opens.append(Open(start, letter * left, close, count=count, both=both))


def _is_no_emphasis(text: str, start: int, count: int) -> bool:
    """Whether a run that opens emphasis by the rules is rather in a word, a path or a call: ``*.py``, ``f(**kwargs)``."""
    before = text[start - 1 : start]
    if joined(before) or (before == "(" and joined(text[start - 2 : start - 1])):
        return True
    return count < 3 and _NO_EMPHASIS.match(text, start) is not None


def _opener(opens: list[Open], letter: str, count: int, both: bool) -> Open | None:
    for entry in reversed(opens):
        if entry.mark[0] != letter or not entry.count:
            continue
        odd = (both or entry.both) and (entry.count + count) % 3 == 0 and (entry.count % 3 or count % 3)
        if not odd:
            return entry
    return None
