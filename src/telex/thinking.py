"""``<think>…</think>`` in the text of an answer, taken apart from the words around it. Pure.

Some models write what they think into the answer itself, most at its beginning, some between its paragraphs; some begin
inside a thought, and only its end is in the text. A tag that is only mentioned stays text: in code, in quotation marks, in
the middle of a sentence, or in the middle of a line with no thought right behind it. What may still become a tag is held
until the next delta; nothing else is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from telex.events import ReasoningDelta, TextDelta

_BLANKS = 8  # the most that may stand before the end of a tag


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag that begins or ends a thought: its first letters, perhaps blanks, its last letter; ``exact``: in this case."""

    head: str
    end: str = ">"
    exact: bool = False

    @property
    def pattern(self) -> str:
        return rf"(?{'' if self.exact else 'i'}:{re.escape(self.head)}[ \t]{{0,{_BLANKS}}}{re.escape(self.end)})"

    def may_be(self, text: str) -> bool:
        """May ``text`` become the tag with more letters?"""
        head, text = self.head.lower(), text.lower()
        blanks = text.removeprefix(head)
        return head.startswith(text) or (text != blanks and len(blanks) <= _BLANKS and not blanks.strip(" \t"))


class _Tags:
    """Some tags of which any will do."""

    def __init__(self, *tags: _Tag) -> None:
        self.pattern = re.compile("|".join(tag.pattern for tag in tags), re.ASCII)
        self._tags = tags

    def may_be(self, text: str) -> bool:
        """May ``text`` become one of them with more letters?"""
        return any(tag.may_be(text) for tag in self._tags)


_NAMES = ("think", "thinking", "thought", "thoughts", "reasoning", "seed:think")
_PAIRS = [(_Tag(f"<{name}"), _Tag(f"</{name}")) for name in _NAMES]
_RARE = [  # they could be a link, or anything
    (_Tag("[THINK", "]", exact=True), _Tag("[/THINK", "]", exact=True)),
    (_Tag("◁think", "▷", exact=True), _Tag("◁/think", "▷", exact=True)),
]
_OPENERS = _Tags(*(opener for opener, _ in _PAIRS))
_CLOSERS = _Tags(*(closer for _, closer in _PAIRS))
_AT_THE_BEGINNING = _Tags(*(opener for opener, _ in _PAIRS + _RARE))
_CLOSER_OF = {opener.head.lower(): _Tags(closer) for opener, closer in _PAIRS + _RARE}

_FENCE = re.compile(r"[ >]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})")
_TICKS = re.compile(r"(?<!\\)`+")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\1).)*?(?<!`)\1(?!`)", re.DOTALL)
_PRE = re.compile(r"[ >]*<pre[\s>]", re.IGNORECASE)
_CODE = re.compile(r"<(/?)code(?=[\s>])", re.IGNORECASE)
_BEGINNING = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)]|#{1,6})[ \t]+)?")
_SENTENCE = re.compile(r"(?<!\be\.g)(?<!\bi\.e)[.!?…。！？][\"'”’»)\]*_]*\s*$")


class _At(Enum):
    START = 1  # nothing but blanks, or the first letters of the tag
    THINKING = 2
    GAP = 3  # the blanks between the closing tag and the answer
    ANSWER = 4


class ThinkSplitter:
    """Turns the content of an answer into what was thought and what was said.

    Attributes:
        said: the pieces of the answer so far. Whoever adds to it says something that holds no tag for `certain`.
    """

    __slots__ = (
        "_at",
        "_closes",
        "_held",
        "said",
    )

    def __init__(self) -> None:
        self.said: list[str] = []
        self._at = _At.START
        self._held = ""
        self._closes = _CLOSERS

    def certain(self, text: str) -> bool:
        """Is this text part of the answer as it is?"""
        return self._at is _At.ANSWER and not self._held and "<" not in text

    def feed(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        """Take more content; give what is certain."""
        text, self._held = self._held + text, ""
        while text:
            match self._at:
                case _At.THINKING:
                    thought, text = self._think(text)
                    if thought:
                        yield ReasoningDelta(thought)
                case _At.ANSWER:
                    words, text = self._words(text)
                    if words:
                        yield self._say(words)
                case _At.START | _At.GAP:
                    text = self._begin(text)

    def close(self) -> Iterator[TextDelta | ReasoningDelta]:
        """No more content comes: give what was held. A thought that nobody closed stays a thought."""
        held, self._held = self._held, ""
        if self._at is _At.THINKING:
            if held:
                yield ReasoningDelta(held)
        elif held.strip() or (held and self._at is not _At.GAP):
            yield self._say(held)

    def _say(self, words: str) -> TextDelta:
        self.said.append(words)
        return TextDelta(words)

    def _open(self, tag: str) -> None:
        """A thought begins."""
        self._at = _At.THINKING
        self._closes = _CLOSER_OF[tag[:-1].rstrip().lower()]

    def _begin(self, text: str) -> str:
        """The blanks before the answer, or behind a thought; the end of a thought that nobody opened is passed over."""
        head = text.lstrip()
        openers = _OPENERS if self._at is _At.GAP else _AT_THE_BEGINNING
        if opened := openers.pattern.match(head):
            self._open(opened[0])
            return head[opened.end() :]
        if closed := _CLOSERS.pattern.match(head):
            self._at = _At.GAP
            return head[closed.end() :]
        if not head or openers.may_be(head) or _CLOSERS.may_be(head):
            self._held = text
            return ""
        gap = text[: len(text) - len(head)]
        text = text if self._at is _At.START else _bridge("".join(self.said), gap) + head
        self._at = _At.ANSWER
        return text

    def _think(self, text: str) -> tuple[str, str]:
        """What is thought, and what follows."""
        if closed := self._closes.pattern.search(text):
            self._at = _At.GAP
            return text[: closed.start()], text[closed.end() :]
        begun = max(map(text.rfind, "<[◁"))
        if begun >= 0 and self._closes.may_be(text[begun:]):
            self._held = text[begun:]
            return text[:begun], ""
        return text, ""

    def _words(self, text: str) -> tuple[str, str]:
        """What is said up to a tag, and what follows the tag."""
        at = text.find("<")
        while at >= 0:
            rest = text[at:]
            if opened := _OPENERS.pattern.match(rest):
                thinks = self._begins(text[:at], rest[opened.end() : opened.end() + 1])
                if thinks is None:
                    self._held = rest
                    return text[:at], ""
                if thinks:
                    self._open(opened[0])
                    return text[:at], rest[opened.end() :]
            elif closed := _CLOSERS.pattern.match(rest):
                if not self._line(text[:at]).strip() and self._is_lone("".join(self.said) + text[:at]):
                    self._at = _At.GAP
                    return text[:at], rest[closed.end() :]
            elif (opens := _OPENERS.may_be(rest)) or _CLOSERS.may_be(rest):
                line = self._line(text[:at])
                if not line.strip() or (opens and _may_begin(line)):
                    self._held = rest
                    return text[:at], ""
            at = text.find("<", at + 1)
        return text, ""

    def _begins(self, before: str, follows: str) -> bool | None:
        """Does a tag begin a thought, or is it only mentioned? ``None``: what follows will tell."""
        line = self._line(before)
        if line.strip():
            if not _may_begin(line):
                return False
            if not follows:
                return None
            if not (follows.isalnum() or follows in "\r\n"):
                return False
        return not _in_code("".join(self.said) + before)

    def _line(self, before: str) -> str:
        """The line that ``before`` ends with, which goes on what was said."""
        pieces = [before]
        for piece in reversed(self.said):
            if "\n" in pieces[-1]:
                break
            pieces.append(piece)
        return "".join(reversed(pieces)).rpartition("\n")[2]

    @staticmethod
    def _is_lone(before: str) -> bool:
        """Does a tag end a thought that nobody began, not even in words?"""
        mentioned = len(_OPENERS.pattern.findall(before)) > len(_CLOSERS.pattern.findall(before))
        return not mentioned and not _in_code(before)


def _may_begin(line: str) -> bool:
    """May a thought begin behind these words of a line? Not in the middle of a sentence or in quotation marks."""
    if _BEGINNING.fullmatch(line):
        return True
    return line[-1] not in "\"'“”‘’«„(\\" and _SENTENCE.search(line) is not None


def _in_code(before: str) -> bool:
    """Is what follows ``before`` inside a fence, a code span, an indented block or code in HTML?"""
    fence, paragraph, html = "", "", False
    for line in before.splitlines(keepends=True):
        mark = found[1] if (found := _FENCE.match(line)) else ""
        if html:
            html = "</pre" not in line.lower()
        elif fence:
            fence = "" if mark.startswith(fence) else fence
        elif mark:
            fence, paragraph = mark, ""
        else:
            html = _PRE.match(line) is not None and "</pre" not in line.lower()
            paragraph = paragraph + line if line.strip() or not line.endswith("\n") else ""
    last = paragraph.rpartition("\n")[2]
    indented = not last.strip() and last.expandtabs(4).startswith("    ")
    return html or bool(fence) or indented or _in_span(paragraph)


def _in_span(paragraph: str) -> bool:
    opened = 0
    for ticks in _TICKS.findall(paragraph):
        if not opened:
            opened = len(ticks)
        elif opened == len(ticks):
            opened = 0
    *_, last = _CODE.findall(_SPAN.sub("", paragraph)) or ["/"]
    return opened > 0 or not last


def _bridge(said: str, gap: str) -> str:
    """The blanks that are left between what was said before a thought and what is said after it."""
    there = said[len(said.rstrip()) :]
    if not said:
        return ""
    lines = min(gap.count("\n"), 2) - there.count("\n")
    return "\n" * lines if lines > 0 else "" if there else gap
