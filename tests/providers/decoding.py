"""A body read in every way in which its bytes may arrive: what it says must not depend on that."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from telex.errors import ProviderError
from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Decoder, Reply

SPLITS = 1500 if os.environ.get("CI") == "true" else 150  # most places at which a long body is cut in two


@dataclass(frozen=True)
class Reading:
    """What a body said.

    Attributes:
        text: its words, as they were given.
        reasoning: its thoughts, as they were given.
        reply: the whole answer, where there is one.
        error: how it failed otherwise.
    """

    text: str
    reasoning: str
    reply: Reply | None = None
    error: ProviderError | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reading) and self._all == other._all

    __hash__ = None  # type: ignore[assignment]

    @property
    def _all(self) -> tuple[object, ...]:
        error = self.error and (type(self.error), str(self.error), self.error.status)
        return self.text, self.reasoning, self.reply, self.reply and self.reply.state, error


def packets(body: bytes) -> Iterator[list[bytes]]:
    """The body whole, byte by byte, an event a packet, and in every two parts."""
    yield [body]
    yield [body[i : i + 1] for i in range(len(body))]
    yield re.findall(rb"(?s).+?(?:\r\n\r\n|\n\n|\r\r|\Z)", body)
    for i in range(0, len(body), len(body) // SPLITS + 1):
        yield [body[:i], body[i:]]


def read(decoder: Decoder, pieces: Iterable[bytes]) -> Reading:
    """What the pieces of a body say, one after the other."""
    said: list[TextDelta | ReasoningDelta] = []
    reply, error = None, None
    try:
        for piece in pieces:
            for event in decoder.feed(piece):
                said.append(event)  # noqa: PERF402 - what came before an error must be kept
        for event in decoder.close():
            said.append(event)  # noqa: PERF402 - the same
        reply = decoder.reply()
    except ProviderError as failed:
        error = failed
    text, reasoning = (
        "".join(event.text for event in said if isinstance(event, kind)) for kind in (TextDelta, ReasoningDelta)
    )
    if reply is not None:
        assert (reply.text, reply.reasoning) == (text, reasoning)
    (text + reasoning).encode()  # halves of characters are no text
    return Reading(text, reasoning, reply, error)


def reading(made: Callable[[], Decoder], body: bytes) -> Reading:
    """What a body says, in whatever packets it comes."""
    first, *others = (read(made(), pieces) for pieces in packets(body))
    for other in others:
        assert other == first
    return first


def reply(made: Callable[[], Decoder], body: bytes) -> Reply:
    """The whole answer of a body."""
    found = reading(made, body)
    if found.error is not None:
        raise found.error
    assert found.reply is not None
    return found.reply
