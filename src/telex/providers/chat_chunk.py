"""One chunk of a chat completion, read from its JSON. Pure."""

from typing import Any, Literal

import msgspec

from telex.providers.body import fitted, read, value_in
from telex.providers.packet_shape import UNREADABLE


class Said(msgspec.Struct):
    """A ``delta``, or a whole ``message``. Fields are ``Any`` where servers differ: one odd field must not cost the chunk."""

    content: Any = None
    refusal: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None
    tool_calls: Any = None
    function_call: Any = None


class Choice(msgspec.Struct):
    """One of the answers to a question; few ask for more than one."""

    index: Any = None
    delta: Said | None = None
    message: Said | None = None
    finish_reason: Any = None
    error: Any = None
    usage: Any = None  # Moonshot's place for it


class Chunk(msgspec.Struct):
    """A piece of a stream, or a whole answer that is no stream."""

    choices: list[Choice | None] | None = None
    usage: Any = None
    x_groq: Any = None  # holds Groq's usage, and why it stopped early
    error: Any = None
    message: Any = None  # where there are no choices, these two are an error without its wrapping
    detail: Any = None


class _Word(msgspec.Struct, gc=False):
    content: str
    refusal: None = None
    reasoning_content: None = None
    reasoning: None = None
    reasoning_details: None = None
    tool_calls: None = None
    function_call: None = None


class _WordChoice(msgspec.Struct, gc=False):
    delta: _Word
    index: Literal[0] | None = None
    message: None = None
    finish_reason: None = None
    error: None = None
    usage: None = None


class _WordChunk(msgspec.Struct, gc=False):
    """A chunk that holds more words and nothing else, as most do: no question need be asked of it."""

    choices: tuple[_WordChoice]
    usage: None = None
    x_groq: None = None
    error: None = None


decoder = msgspec.json.Decoder(Chunk)
_words = msgspec.json.Decoder(_WordChunk)
SILENT = (None, Said(), Said(content=""))  # deltas that say nothing


def words_in(event: bytes) -> str:
    """More words, of a chunk that holds nothing else."""
    try:
        return _words.decode(event).choices[0].delta.content
    except UNREADABLE:
        return ""


def read_chunk(text: str) -> Chunk:
    """A chunk; where its shape is not the documented one what of it can be read.

    Raises:
        msgspec.DecodeError: it is not JSON.
    """
    try:
        return read(text, decoder)
    except msgspec.ValidationError:
        value = value_in(text)
    if isinstance(value, list):  # Gemini wraps errors in a list
        value = next((item for item in value if isinstance(item, dict)), None)
    if not isinstance(value, dict):
        return Chunk()
    choices = value.get("choices")
    whole = [fitted(one, Choice) for one in (choices if isinstance(choices, list) else ()) if isinstance(one, dict)]
    return fitted({**value, "choices": whole}, Chunk)
