"""The body of an answer, cut into its events whatever form the server chose. Pure: no clock, no sockets.

Asked for a stream, some servers send one JSON object, and asked for one object, some send a stream: the first byte tells. JSON
may also stand between the events of a stream, or behind its comments; and several objects, one a line, are a stream too.
"""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from telex.errors import ProviderError
from telex.providers.halves import mended
from telex.providers.refusals import said, sentence, status_in
from telex.providers.sse import BARE, BOM, MAX_EVENT_BYTES, ServerEvent, SSEDecoder

T = TypeVar("T", bound=msgspec.Struct)

DROPPED = "The connection to the model ended in the middle of the answer."
NOTHING = "The model's server ended the connection without an answer."
BROKE_OFF = "The model's server broke off the answer with an error."
NOT_JSON = "The model's server sent a part of the answer that is not JSON."


class Body:
    """Reads a body in pieces of any size.

    Args:
        max_bytes: an event or a plain body that grows beyond this raises ``ProviderError``.

    Attributes:
        sse: reads the stream.
    """

    __slots__ = (
        "_begun",
        "_head",
        "_max",
        "_plain",
        "_whole",
        "sse",
    )

    def __init__(self, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_bytes
        self.sse = SSEDecoder(max_bytes)
        self._head = b""  # what came before the first letter
        self._whole = bytearray()
        self._begun = False
        self._plain = False  # the body is no stream of events but JSON

    def feed(self, data: bytes) -> Iterator[ServerEvent]:
        """Take the next bytes and give the events they complete.

        JSON that is no event of a stream is one with the name ``BARE``.

        Raises:
            ProviderError: the server sent an event named ``error`` in words of its own, or far too much.
        """
        if not self._begun:
            self._head += data
            data = self._head.removeprefix(BOM).lstrip()
            if not data or (len(self._head) < len(BOM) and BOM.startswith(self._head)):
                return
            self._begun, self._head = True, b""
            self._plain = data[:1] in (b"{", b"[")
        if self._plain:
            self._whole += data
            if len(self._whole) > self._max:
                raise ProviderError(f"The model's server sent an answer of more than {self._max:,} bytes.")
            return
        for event in self.sse.feed(data):
            if event.event == "error" or "\n" in event.data:
                yield from _odd(event)
            else:
                yield event

    def close(self) -> Iterator[ServerEvent]:
        """The body has ended: give what is left of it, which may be cut off; raises as ``feed`` does."""
        events: Iterable[ServerEvent] = self.sse.close()
        if self._plain:
            events = (ServerEvent(BARE, self._whole.decode("utf-8", "replace")),)
            self._whole = bytearray()
        for event in events:
            yield from _odd(event)


def _odd(event: ServerEvent) -> Iterator[ServerEvent]:
    """An event, or where it is several objects, one a line, each of them; the last may be cut off."""
    if event.event == "error":
        raise _reported(event.data.strip())
    *lines, last = event.data.strip().split("\n")
    if not lines or _is_json(event.data) or not _is_json(lines[0]):
        yield event
        return
    for line in lines:
        if line.lstrip().startswith(("{", "[")) and not _is_json(line):
            raise ProviderError(NOT_JSON)
        yield ServerEvent("message", line)
    yield ServerEvent("message", last)


def read(text: str, decoder: msgspec.json.Decoder[T]) -> T:
    """JSON of a known shape, also with what the standard does not allow: half characters, raw control characters, NaN.

    Raises:
        msgspec.ValidationError: it has another shape.
        msgspec.DecodeError: it is not JSON.
    """
    try:
        return decoder.decode(text)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError):
        return msgspec.convert(_leniently(text), decoder.type)


def fitted(value: Mapping[str, Any], shape: type[T]) -> T:
    """An object of a known shape; a field that has another one counts as not sent, as ``[]`` where an object is meant."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(shape):
        with contextlib.suppress(KeyError, msgspec.ValidationError):
            found[field.name] = msgspec.convert(value[field.encode_name], field.type)
    return shape(**found)


def value_in(text: str) -> Any:
    """JSON of any shape; raises and is read as for ``read``."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return _leniently(text)


def decoded(text: str, decoder: msgspec.json.Decoder[T], *, last: bool) -> T | None:
    """An event; nothing for a sign of life such as ``ping`` or ``[DONE]``, and for what the end of the body cut off.

    Raises:
        ProviderError: it is not JSON, or no event; then it holds what the server says.
    """
    if not text.startswith(("{", "[")) or text.startswith("[DONE]"):
        return None
    try:
        try:
            return read(text, decoder)
        except msgspec.ValidationError:
            value = value_in(text)
            if isinstance(value, dict) and isinstance(value.get("type"), str):
                return fitted(value, decoder.type)
    except msgspec.DecodeError:
        if last:
            return None
        raise ProviderError(NOT_JSON) from None
    raise failure(value)


def failure(error: Any) -> ProviderError:
    """The exception for an error that a server reports inside a body."""
    return ProviderError(mended(sentence(error)) or BROKE_OFF, status=status_in(error))


def _leniently(text: str) -> Any:
    try:
        return json.loads(text, strict=False, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {mended(key): value for key, value in pairs}  # values may be halves of what comes next


def _is_json(text: str) -> bool:
    try:
        value_in(text)
    except msgspec.DecodeError:
        return False
    return True


def _reported(text: str) -> ProviderError:
    """The exception for an event named ``error``."""
    try:
        value = value_in(text)
    except msgspec.DecodeError:
        value = None
    status = status_in(value.get("error") or value) if isinstance(value, dict) else None
    words = said(text) if value is None else sentence(value)
    return ProviderError(mended(words) or BROKE_OFF, status=status)
