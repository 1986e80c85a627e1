"""The body of an answer, cut into its events whatever form the server chose. Pure: no clock, no sockets.

Asked for a stream, some servers send one JSON object, and asked for one object, some send a stream: the first byte tells.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from telex.errors import ProviderError
from telex.providers.refusals import said, sentence, status_in
from telex.providers.sse import BOM, MAX_EVENT_BYTES, SSEDecoder

T = TypeVar("T")

DROPPED = "The connection to the model ended in the middle of the answer."
NOTHING = "The model's server ended the connection without an answer."
BROKE_OFF = "The model's server broke off the answer with an error."
NOT_JSON = "The model's server sent a part of the answer that is not JSON."


class Body:
    """Reads a body in pieces of any size.

    Args:
        max_bytes: an event or a plain body that grows beyond this raises ``ProviderError``.

    Attributes:
        plain: the body is no stream of events but JSON.
        sse: reads the stream.
    """

    def __init__(self, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_bytes
        self.sse = SSEDecoder(max_bytes)
        self._head = b""  # what came before the first letter
        self._whole = bytearray()
        self._begun = False
        self.plain = False

    def feed(self, data: bytes) -> Iterator[str]:
        """Take the next bytes and give the data of each event they complete, without blanks around it.

        Raises:
            ProviderError: the server sent an event named ``error`` in words of its own, or far too much.
        """
        if not self._begun:
            self._head += data
            data = self._head.removeprefix(BOM).lstrip()
            if not data or (len(self._head) < len(BOM) and BOM.startswith(self._head)):
                return
            self._begun, self._head = True, b""
            self.plain = data[:1] in (b"{", b"[")
        if self.plain:
            self._whole += data
            if len(self._whole) > self._max:
                raise ProviderError(f"The model's server sent an answer of more than {self._max:,} bytes.")
            return
        for event, text in self.sse.feed(data):
            if event == "error":
                raise _reported(text)
            yield text.strip()

    def close(self) -> Iterator[str]:
        """The body has ended: give what is left of it, which may be cut off; raises as ``feed`` does."""
        if self.plain:
            whole, self._whole = self._whole.decode("utf-8", "replace").strip(), bytearray()
            yield whole
            return
        for event, text in self.sse.close():
            if event == "error":
                raise _reported(text)
            yield text.strip()


def decoded(text: str, decoder: msgspec.json.Decoder[T], *, last: bool) -> T | None:
    """An event; nothing for a sign of life such as ``ping`` or ``[DONE]``, and for what the end of the body cut off.

    Raises:
        ProviderError: it is not JSON, or has another shape; then it holds what the server says.
    """
    if not text.startswith(("{", "[")) or text.startswith("[DONE]"):
        return None
    try:
        try:
            return decoder.decode(text)
        except msgspec.ValidationError:
            value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        if last:
            return None
        raise ProviderError(NOT_JSON) from None
    raise failure(value)


def failure(error: Any) -> ProviderError:
    """The exception for an error that a server reports inside a body."""
    return ProviderError(sentence(error) or BROKE_OFF, status=status_in(error))


def _reported(text: str) -> ProviderError:
    """The exception for an event named ``error``."""
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        value = None
    status = status_in(value.get("error") or value) if isinstance(value, dict) else None
    return ProviderError(said(text.strip()) or BROKE_OFF, status=status)
