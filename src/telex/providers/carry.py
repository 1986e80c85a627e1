"""From the socket to whoever wants the body, in one step.

A task that waits for a stream's next bytes is woken up for each packet, and that is the dearest part of a streamed chunk's
way. So whoever wants a body is called instead, by the transport itself, right after the client library has taken the packet
out of its framing. A packet of whole chunks of HTTP's chunked framing, as most are, is taken out of it here.
"""

import asyncio
from collections.abc import Callable
from typing import cast

import aiohttp

from telex.providers.moderation import moderator

Take = Callable[[bytes], bool]  # gets the next bytes of a body; true: nothing more is wanted


async def carry(response: aiohttp.ClientResponse, take: Take) -> Exception | None:
    """Give a body to ``take`` as it arrives, until it is complete or ``take`` wants no more. Read nothing meanwhile.

    Args:
        response: its head is here, and nobody has read of its body.
        take: called at once for each piece; never again once this call was cancelled.

    Returns:
        What broke the body off, an ``aiohttp.ClientError`` or an ``OSError``.

    Raises:
        Exception: what ``take`` raised.
    """
    connection, content = response.connection, response.content
    if connection is None or connection.transport is None:  # all that will ever come is here
        try:
            data = content.read_nowait()
        except (aiohttp.ClientError, OSError) as error:
            return error
        if data:
            take(data)
        return None
    tap = _Tap(content, connection.transport, take)
    try:
        return await tap.ended
    finally:
        tap.remove()


class _Tap(asyncio.Protocol):
    """Stands before the client library's own protocol and hands on to it whatever the transport says."""

    __slots__ = (
        "_between",
        "_complete",
        "_content",
        "_feed",
        "_heard",
        "_inner",
        "_moderator",
        "_now",
        "_take",
        "_transport",
        "ended",
    )

    def __init__(self, content: aiohttp.StreamReader, transport: asyncio.Transport, take: Take) -> None:
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[Exception | None] = loop.create_future()
        self._content = content
        self._transport = transport
        self._take = take
        self._inner = cast("asyncio.Protocol", transport.get_protocol())
        self._feed = self._inner.data_received
        self._complete = False
        self._between = False  # the client library awaits a chunk's head, so it need not know of chunks that are whole
        self._moderator = moderator()
        self._now = loop.time
        self._heard = 0.0
        content.on_eof(self._completed)
        transport.set_protocol(self)
        self._pour()  # what came with the head

    def remove(self) -> None:
        """Leave the connection as it was found; the next answer may need it at once."""
        if self._transport.get_protocol() is self:
            self._transport.set_protocol(self._inner)
        self._moderator.leave(self._transport)

    def data_received(self, data: bytes) -> None:
        if self._between and not self.ended.done() and (chunks := _whole_chunks(data)):
            self._hand_over(chunks)
        else:
            chunks = [data]
            self._feed(data)
            self._pour(data)
        if not self.ended.done():
            before, self._heard = self._heard, self._now()
            self._moderator.read(self._transport, len(chunks), self._heard - before, self._heard)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)
        self._pour()
        if not self.ended.done():  # broken framing: the client library has closed the connection and says nothing of it
            self._end(exc if isinstance(exc, OSError) else aiohttp.ClientPayloadError("The framing is broken."))

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _completed(self) -> None:
        self._complete = True

    def _hand_over(self, chunks: list[bytes]) -> None:
        taken = 0
        for taken, chunk in enumerate(chunks, 1):  # noqa: B007 - how many, after the last
            if self._enough(chunk):
                self._end(None)
            if self.ended.done():
                break
        for chunk in chunks[taken:]:  # it is the client library's again
            self._feed(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    def _pour(self, packet: bytes = b"") -> None:
        if self.ended.done():
            return
        try:
            data = self._content.read_nowait()
        except (aiohttp.ClientError, OSError) as error:
            self._end(error)
        else:
            self._between = bool(data) and data == b"".join(_whole_chunks(packet))
            if (data and self._enough(data)) or self._complete:
                self._end(None)

    def _enough(self, data: bytes) -> bool:
        try:
            return self._take(data)
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            if not self.ended.done():
                self.ended.set_exception(error)
            return True

    def _end(self, broken: Exception | None) -> None:
        self.remove()
        if not self.ended.done():  # whoever takes may have cancelled or broken it
            self.ended.set_result(broken)


def _whole_chunks(packet: bytes) -> list[bytes]:
    """The contents of a packet that is nothing but whole chunks of HTTP's chunked framing; of others nothing."""
    chunks, end, length = [], 0, len(packet)
    try:
        while end < length:
            begin = packet.index(b"\r\n", end, end + 10) + 2
            size = packet[end : begin - 2]
            end = begin + int(b"0" + size, 16) + 2  # a zero in front makes a second prefix as bad as it is
            if end <= begin + 2 or packet[end - 2 : end] != b"\r\n" or not size.isalnum():
                return []
            chunks.append(packet[begin : end - 2])
    except ValueError:
        return []
    return chunks
