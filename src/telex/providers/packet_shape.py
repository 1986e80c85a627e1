"""The short way for packets that differ from one before only in their words. Pure: no clock, no sockets.

Around the words of an answer most servers repeat the same bytes hundreds of times. What lies between those bytes and is one
JSON string is the words, and nothing else in the packet can have changed: so nothing else need be read.
"""

from collections.abc import Callable

import msgspec

LESSONS = 8  # packets looked at: where something else changes each time, such as a number, there is no shape to learn
PROBE = "?"

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # what reading bytes as they came may raise

_string = msgspec.json.Decoder(str)


class PacketShape:
    """What stands around the words.

    Args:
        read: gives the words of an event that holds nothing else, and nothing of any other event.
    """

    __slots__ = (
        "_after",
        "_before",
        "_begin",
        "_end",
        "_lessons",
        "_read",
    )

    def __init__(self, read: Callable[[bytes], str]) -> None:
        self._read = read
        self.forget()

    def forget(self) -> None:
        """Words in this shape no longer mean what they did."""
        self._lessons = LESSONS
        self._before = self._after = b""
        self._begin = self._end = 0

    def words(self, data: bytes) -> str:
        """The words of a packet that has the shape; nothing of one that has not."""
        if self._begin and data.startswith(self._before) and data.endswith(self._after):
            try:
                return _string.decode(data[self._begin : self._end])
            except UNREADABLE:
                pass  # it holds something else as well
        return ""

    def learn(self, data: bytes, event: bytes, words: str) -> None:
        """A packet that is one event, which holds ``words`` and nothing else."""
        if not self._lessons:
            return
        self._lessons -= 1
        before, found, after = event.partition(msgspec.json.encode(words))
        # The same letters may stand before the words, as a name: then what is put there is not read as the words.
        if found and self._read(before + msgspec.json.encode(PROBE) + after) == PROBE:
            head, _, tail = data.partition(event)
            self._before, self._after = head + before, after + tail
            self._begin, self._end = len(self._before), -len(self._after)
