"""Server-sent events: bytes in, events out. Pure: no clock, no sockets.

A line ends with LF, CR or CRLF, none of which occurs inside a UTF-8 sequence: so the bytes are cut into lines first and a line
is decoded once it is whole, and a code point that is split over two packets needs no care of its own. A line is given out as
soon as its end is there; for CR that means *before* it is known whether an LF follows, which is then skipped.

Three liberties against the HTML standard, all because model servers need them: an event that the end of the body cuts off
before its blank line is given out by ``close()``; what cannot be decoded becomes U+FFFD without an error; and JSON that stands
there without ``data:``, as an error in the middle of a stream does, is an event whose name is ``BARE``.
"""

from collections.abc import Iterator
from typing import NamedTuple

from telex.errors import ProviderError

BOM = b"\xef\xbb\xbf"
MAX_EVENT_BYTES = 16 * 1024 * 1024
BARE = "\n"  # no event can be named so
FIELDS = (b":", b"data:", b"event:")


class ServerEvent(NamedTuple):
    """One event: its name (``"message"`` where the server gave none, or ``BARE``) and its data lines joined by newlines."""

    event: str
    data: str


class SSEDecoder:
    """Reads a body of server-sent events in pieces of any size.

    Args:
        max_event_bytes: an event (or a line) that grows beyond this raises ``ProviderError``.

    Attributes:
        between: nothing of an event is held, and the first line is behind.
    """

    __slots__ = (
        "_data",
        "_event",
        "_first",
        "_head",
        "_line",
        "_max",
        "_size",
        "_skip_lf",
        "between",
    )

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_event_bytes
        self._line = bytearray()  # the line that has not ended
        self._skip_lf = False  # the last byte was a CR: an LF right after it belongs to it
        self._first = True  # the first line may begin with a byte order mark
        self._event = ""
        self._data: list[str] = []
        self._size = 0  # bytes in _data
        self.between = False
        self._head = b"data: "  # what stood before the data of the last event that came in one packet

    def one(self, data: bytes) -> bytes | None:
        """The data of a packet that is one whole event and no error, as most are; otherwise ``feed`` knows the long way."""
        if not (self.between and data.endswith(b"\n\n") and b"\r" not in data and len(data) < self._max):
            return None
        if not data.startswith(self._head):
            begin = 0
            if data.startswith(b"event: ") and not data.startswith(b"error", 7):
                begin = data.find(b"\n") + 1
            if not data.startswith(b"data: ", begin):
                return None
            self._head = data[: begin + 6]  # most events begin as the one before
        begin = len(self._head)
        return data[begin:-2] if data.find(b"\n", begin) == len(data) - 2 else None

    def feed(self, data: bytes) -> Iterator[ServerEvent]:
        """Take the next bytes and give the events they complete. Exhaust the iterator before feeding more.

        Raises:
            ProviderError: a line or an event is longer than ``max_event_bytes``; the events before it came first.
        """
        self.between = False
        if self._skip_lf and data:
            data = data.removeprefix(b"\n")
            self._skip_lf = False
        if b"\r" in data:
            self._skip_lf = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = data.split(b"\n")
        for line in lines:
            if self._line:
                self._line += line
                line = bytes(self._line)  # noqa: PLW2901 - the line is the same one, now whole
                self._line.clear()
            self._bound(len(line))
            if (event := self._take(line)) is not None:
                yield event
        self._line += rest
        self._bound(len(self._line))
        self.between = not (self._line or self._data or self._event or self._first or self._skip_lf)

    def close(self) -> Iterator[ServerEvent]:
        """The body has ended: give the event that has no blank line behind it, if there is one."""
        if self._line:
            line = bytes(self._line)
            self._line.clear()
            if (event := self._take(line)) is not None:
                yield event
        if (event := self._take(b"")) is not None:
            yield event

    def _bound(self, more: int) -> None:
        if self._size + more > self._max:
            self._line.clear()
            raise ProviderError(
                f"The model's server sent a single event of more than {self._max:,} bytes; "
                "check that provider.base_url is a chat completions server."
            )

    def _take(self, line: bytes) -> ServerEvent | None:
        if self._first:
            self._first = False
            line = line.removeprefix(BOM)
        if not line:
            return self._dispatch()
        before = None
        if self._event == BARE:
            if not line.startswith(FIELDS):
                self._add(line)
                return None
            before = self._dispatch()
        name, _, value = line.partition(b":")
        if name == b"data":
            self._add(value.removeprefix(b" "))
        elif name == b"event":
            self._event = value.removeprefix(b" ").decode("utf-8", "replace")
        elif line.startswith((b"{", b"[")) and not self._event and not self._data:
            self._event = BARE
            self._add(line)
        # Everything else is a comment (no name), an id, a retry time or unknown, and none of them matters here.
        return before

    def _add(self, line: bytes) -> None:
        self._data.append(line.decode("utf-8", "replace"))
        self._size += len(line) + 1

    def _dispatch(self) -> ServerEvent | None:
        event, data = self._event, self._data
        self._event, self._data, self._size = "", [], 0
        return ServerEvent(event or "message", "\n".join(data)) if data else None
