"""Characters that a server cuts in two. Pure.

JSON writes a character beyond the first 65,536, such as most emoji, as two halves (a surrogate pair). A server that cuts its
answer by such halves sends one at the end of a piece and the other at the beginning of the next.
"""

from collections.abc import Iterator
from typing import Any

from telex.events import ReasoningDelta, TextDelta


class Halves:
    """Joins the halves of one answer.

    Attributes:
        held: the first half of a character, for each channel of the answer whose last piece ended with one.
    """

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def join(self, channel: str, text: str) -> str:
        """Take the next piece of a channel; give what of it is whole."""
        if not self.held and text.isascii():
            return text
        text = self.held.pop(channel, "") + text
        if text and "\ud800" <= text[-1] <= "\udbff":
            self.held[channel], text = text[-1], text[:-1]
        return mended(text)

    def close(self, channel: str) -> str:
        """Nothing more comes: what was held is half a character for good."""
        return mended(self.held.pop(channel, ""))

    def rest(self, thoughts: list[str], words: list[str]) -> Iterator[ReasoningDelta | TextDelta]:
        """The same for both channels that readers see; added to what was said there."""
        if thought := self.close("thoughts"):
            thoughts.append(thought)
            yield ReasoningDelta(thought)
        if text := self.close("words"):
            words.append(text)
            yield TextDelta(text)


def mended(text: str) -> str:
    """The same with halves that stand together made one, and each other half made U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def mended_in(value: Any) -> Any:
    """The same for each string in a JSON value."""
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, list):
        return [mended_in(item) for item in value]
    if isinstance(value, dict):
        return {mended(key): mended_in(item) for key, item in value.items()}
    return value
