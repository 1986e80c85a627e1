"""``<think>…</think>`` in the text of an answer, taken apart from the words around it. Pure.

Some models write what they think into the answer itself, most at its beginning, some between its paragraphs. A tag that is
only mentioned stays text: in code, in quotation marks, or in the middle of a line with no thought right behind it. What may
still become a tag is held until the next delta; nothing else is.
"""

import re
from collections.abc import Iterator
from enum import Enum

from telex.events import ReasoningDelta, TextDelta

TAGS = {f"<{name}>": f"</{name}>" for name in ("think", "thinking", "thought", "thoughts", "reasoning", "seed:think")}
AT_THE_BEGINNING = {**TAGS, "[THINK]": "[/THINK]", "◁think▷": "◁/think▷"}  # the last two could be a link, or anything

_FENCE = re.compile(r"[ >]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})")
_TICKS = re.compile(r"(?<!\\)`+")


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

    def __init__(self) -> None:
        self.said: list[str] = []
        self._at = _At.START
        self._held = ""
        self._closes = ""

    def certain(self, text: str) -> bool:
        """Is this text part of the answer as it is?"""
        return self._at is _At.ANSWER and not self._held and "<" not in text

    def feed(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        """Take more content; give what is certain."""
        text, self._held = self._held + text, ""
        while text:
            match self._at:
                case _At.THINKING:
                    thought, text = self._thought(text)
                    if thought:
                        yield ReasoningDelta(thought)
                case _At.ANSWER:
                    words, text = self._words(text)
                    if words:
                        yield self._say(words)
                case _At.START | _At.GAP:
                    text = self._begin(text)

    def close(self) -> Iterator[TextDelta | ReasoningDelta]:
        """No more content comes: give what was held."""
        held, self._held = self._held, ""
        if held.strip() or (held and self._at is not _At.GAP):
            yield ReasoningDelta(held) if self._at is _At.THINKING else self._say(held)

    def _say(self, words: str) -> TextDelta:
        self.said.append(words)
        return TextDelta(words)

    def _begin(self, text: str) -> str:
        """The blanks before the answer, or behind a thought."""
        head = text.lstrip()
        if not head:
            self._held = text
            return ""
        tags = TAGS if self._at is _At.GAP else AT_THE_BEGINNING
        if tag := next((tag for tag in tags if head.startswith(tag)), None):
            self._at, self._closes = _At.THINKING, tags[tag]
            return head[len(tag) :]
        if any(tag.startswith(head) for tag in tags):
            self._held = text
            return ""
        gap = text[: len(text) - len(head)]
        text = text if self._at is _At.START else _bridge("".join(self.said), gap) + head
        self._at = _At.ANSWER
        return text

    def _thought(self, text: str) -> tuple[str, str]:
        """What is thought, and what follows."""
        thought, closed, rest = text.partition(self._closes)
        if closed:
            self._at = _At.GAP
        else:
            keep = len(thought) - _overlap(thought, self._closes)
            thought, self._held = thought[:keep], thought[keep:]
        return thought, rest

    def _words(self, text: str) -> tuple[str, str]:
        """What is said up to a tag, and what follows the tag."""
        at = text.find("<")
        while at >= 0:
            rest = text[at:]
            tag = next((tag for tag in TAGS if rest.startswith(tag)), None)
            if tag is None and any(known.startswith(rest) for known in TAGS):
                self._held = rest
                return text[:at], ""
            if tag is not None:
                before = "".join(self.said) + text[:at]
                follows = rest[len(tag) : len(tag) + 1]
                starts_line = not before.rpartition("\n")[2].strip()
                if not starts_line and not follows:
                    self._held = rest
                    return text[:at], ""
                if (starts_line or _thinks(before, follows)) and not _in_code(before):
                    self._at, self._closes = _At.THINKING, TAGS[tag]
                    return text[:at], rest[len(tag) :]
            at = text.find("<", at + 1)
        return text, ""


def _thinks(before: str, follows: str) -> bool:
    """Does a tag in the middle of a line begin a thought, or is it only mentioned?"""
    return (follows.isalnum() or follows in "\r\n") and before[-1] not in "\"'“”‘’«„(\\"


def _in_code(before: str) -> bool:
    """Is what follows ``before`` inside a fence, a code span or an indented block?"""
    fence, paragraph = "", ""
    for line in before.splitlines(keepends=True):
        mark = found[1] if (found := _FENCE.match(line)) else ""
        if fence:
            fence = "" if mark.startswith(fence) else fence
        elif mark:
            fence, paragraph = mark, ""
        else:
            paragraph = paragraph + line if line.strip() or not line.endswith("\n") else ""
    last = paragraph.rpartition("\n")[2]
    return bool(fence) or (not last.strip() and last.expandtabs(4).startswith("    ")) or _in_span(paragraph)


def _in_span(paragraph: str) -> bool:
    opened = 0
    for ticks in _TICKS.findall(paragraph):
        if not opened:
            opened = len(ticks)
        elif opened == len(ticks):
            opened = 0
    return opened > 0


def _bridge(said: str, gap: str) -> str:
    """The blanks that are left between what was said before a thought and what is said after it."""
    there = said[len(said.rstrip()) :]
    if not said:
        return ""
    lines = min(gap.count("\n"), 2) - there.count("\n")
    return "\n" * lines if lines > 0 else "" if there else gap


def _overlap(text: str, closes: str) -> int:
    """How many letters at the end of ``text`` may be the beginning of the closing tag."""
    return next((n for n in range(min(len(closes) - 1, len(text)), 0, -1) if text.endswith(closes[:n])), 0)
