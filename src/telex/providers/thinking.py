"""``<think>…</think>`` at the beginning of an answer, taken apart from the words that follow. Pure.

Some models write what they think into the answer itself. Only the very beginning is looked at: a tag later on is a part of
the answer, for instance when somebody asks about such tags. What may still become a tag is held until the next delta.
"""

from collections.abc import Iterator
from enum import Enum

from telex.events import ReasoningDelta, TextDelta

OPEN = "<think>"
CLOSE = "</think>"


class _At(Enum):
    START = 1  # nothing but blanks, or the first letters of the tag
    THINKING = 2
    GAP = 3  # the blanks between the closing tag and the answer
    ANSWER = 4


class ThinkSplitter:
    """Turns the content of an answer into what was thought and what was said."""

    def __init__(self) -> None:
        self._at = _At.START
        self._held = ""

    @property
    def answering(self) -> bool:
        """The answer has begun: all that follows is said."""
        return self._at is _At.ANSWER

    def feed(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        """Take more content; give what is certain."""
        if self._at is _At.ANSWER:
            if text:
                yield TextDelta(text)
            return
        text, self._held = self._held + text, ""
        if self._at is _At.START:
            head = text.lstrip()
            if head.startswith(OPEN):
                self._at = _At.THINKING
                text = head[len(OPEN) :]
            elif OPEN.startswith(head):
                self._held = text
            else:
                self._at = _At.ANSWER
                yield TextDelta(text)
        if self._at is _At.THINKING:
            yield from self._thought(text)
        elif self._at is _At.GAP:
            yield from self._said(text)

    def _thought(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        thought, closed, rest = text.partition(CLOSE)
        if not closed:
            keep = len(thought) - _overlap(thought)
            thought, self._held = thought[:keep], thought[keep:]
        if thought:
            yield ReasoningDelta(thought)
        if closed:
            self._at = _At.GAP
            yield from self._said(rest)

    def _said(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        if text := text.lstrip():
            self._at = _At.ANSWER
            yield TextDelta(text)

    def close(self) -> Iterator[TextDelta | ReasoningDelta]:
        """No more content comes: give what was held."""
        held, self._held = self._held, ""
        if held:
            yield ReasoningDelta(held) if self._at is _At.THINKING else TextDelta(held)


def _overlap(text: str) -> int:
    """How many letters at the end of ``text`` may be the beginning of the closing tag."""
    return next((n for n in range(min(len(CLOSE) - 1, len(text)), 0, -1) if text.endswith(CLOSE[:n])), 0)
