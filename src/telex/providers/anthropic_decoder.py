"""The body of an Anthropic message: bytes in, events out. Pure: no clock, no sockets.

An answer is a list of blocks, each begun, continued and ended by events that name it by index. The state that matters is how
the answer ends::

    message_delta with a stop_reason    the model is done; message_stop follows, and need not
    message_stop without one            done, as servers that imitate the format say it
    neither                             the stream was dropped
    error, by event name or type        the server failed; what came before was given
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from telex.errors import ProviderDropped
from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Delta, Reply, Usage
from telex.providers.body import DROPPED, NOTHING, Body, decoded, failure
from telex.providers.packet_shape import UNREADABLE, PacketShape
from telex.providers.sse import MAX_EVENT_BYTES
from telex.providers.tool_calls import ToolCall

WORDS = ("text", "thinking")
PAUSED = "pause"  # the server wants to be asked to go on, with what it has said so far
FINISHES = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
    "pause_turn": PAUSED,
}  # every other name means "stop"


class _Delta(msgspec.Struct):
    type: Any = None
    text: Any = None
    thinking: Any = None
    partial_json: Any = None
    signature: Any = None
    citation: Any = None
    stop_reason: Any = None


class _Event(msgspec.Struct):
    """Fields are ``Any`` where imitations differ: one odd field must not cost the event."""

    type: str = ""
    index: Any = 0
    delta: _Delta | None = None
    content_block: Any = None
    message: Any = None
    usage: Any = None
    error: Any = None
    content: Any = None  # of a whole message that is no stream
    stop_reason: Any = None


class _Word(msgspec.Struct, gc=False):
    text: str
    stop_reason: None = None


class _WordEvent(msgspec.Struct, gc=False):
    """An event that holds more words and nothing else, as most do: it needs none of the questions below."""

    type: Literal["content_block_delta"]
    delta: _Word
    index: int = 0
    error: None = None


_decoder = msgspec.json.Decoder(_Event)
_words = msgspec.json.Decoder(_WordEvent)


class AnthropicDecoder:
    """Reads one answer; `Decoder` says how it is used.

    Attributes:
        done: the server said ``message_stop``: nothing that matters follows.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.done = False
        self.finished = False
        self._body = Body(max_event_bytes)
        self._shape = PacketShape(self._words)
        self._blocks: dict[Any, dict[str, Any]] = {}
        self._parts: dict[tuple[Any, str], list[str]] = {}  # words and thoughts by block
        self._arguments: dict[Any, str] = {}
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._speaking: Any = None  # index of the block whose words came last
        self._spoken: list[str] = []  # its words
        self._aside = False  # something else stood between two blocks of words
        self._finish: str | None = None
        self._tokens: dict[str, int] = {}

    def feed(self, data: bytes) -> Iterable[Delta]:
        """Take the next bytes of the body and give what they add to the answer.

        Raises:
            ProviderError: the server reports an error, or sends what is no message.
        """
        if self.done or not self._body.sse.between:
            return self._thoroughly(data)
        words = self._shape.words(data)
        if not words and (one := self._body.sse.one(data)) is not None:
            if words := self._words(one):
                self._shape.learn(data, one, words)
            else:
                return self._whole(one, data)
        if not words:
            return self._thoroughly(data)
        self._spoken.append(words)
        self._text.append(words)
        return (TextDelta(words),)

    def _whole(self, event: bytes, data: bytes) -> Iterable[Delta]:
        """A packet that is one event."""
        try:
            return self._event(_decoder.decode(event), "")
        except UNREADABLE:
            return self._thoroughly(data)

    def _words(self, event: bytes) -> str:
        """More words of the block that speaks, of an event that holds nothing else."""
        if self._speaking is None or self._aside:
            return ""
        try:
            said = _words.decode(event)
        except UNREADABLE:
            return ""
        return said.delta.text if said.index == self._speaking else ""

    def _thoroughly(self, data: bytes) -> Iterator[Delta]:
        for text in self._body.feed(data):
            yield from self._line(text, last=False)

    def close(self) -> Iterator[Delta]:
        """The body has ended, or nothing more of it is wanted; raises as ``feed`` does."""
        for text in self._body.close():
            yield from self._line(text, last=True)

    def reply(self) -> Reply:
        """The whole answer, after ``close()``.

        Raises:
            ProviderDropped: the model never said that it was done; what came was given by ``feed``.
        """
        finish = self._finish or ("stop" if self.done and self._blocks else None)
        if finish is None:
            raise ProviderDropped(DROPPED if self._blocks else NOTHING)
        calls = self._calls()
        if finish in ("stop", "tool_calls"):
            finish = "tool_calls" if calls else "stop"
        usage = Usage(self._prompt_tokens(), self._tokens.get("output_tokens"))
        # Signed thoughts must come back as they were beside a tool's result, and what was paused to be gone on with.
        state = {"wire": "anthropic", "content": self._content()} if finish in ("tool_calls", PAUSED) else None
        running = calls if finish == "tool_calls" else ()
        return Reply("".join(self._text), "".join(self._reasoning), finish, usage, running, state)

    def _line(self, text: str, *, last: bool) -> Iterator[Delta]:
        if text.startswith("[DONE]"):
            self.done = True
        if not self.done and (event := decoded(text, _decoder, last=last)) is not None:
            yield from self._event(event, text)

    def _event(self, event: _Event, text: str) -> Iterator[Delta]:
        if event.error or event.type == "error":
            raise failure(event.error)
        match event.type:
            case "content_block_delta" if event.delta is not None:
                yield from self._delta(event.index, event.delta)
            case "content_block_start" if isinstance(event.content_block, dict):
                yield from self._begin(event.index, event.content_block)
            case "message_start" | "message_delta":
                self._about(event)
            case "message_stop":
                self.done = True
            case "message" if isinstance(event.content, list):
                for index, block in enumerate(event.content):
                    yield from self._begin(index, block)
                self._count(event.usage)
                self._ended(event.stop_reason)
            case _ if self._body.plain:
                raise failure(msgspec.json.decode(text))

    def _about(self, event: _Event) -> None:
        """What the server says about the message, at its start and its end."""
        self._count(event.message.get("usage") if isinstance(event.message, dict) else event.usage)
        if event.delta is not None and isinstance(event.delta.stop_reason, str):
            self._ended(event.delta.stop_reason)

    def _ended(self, reason: Any) -> None:
        self._finish = FINISHES.get(str(reason), "stop")
        self.finished = True

    def _begin(self, index: Any, block: dict[str, Any]) -> Iterator[Delta]:
        """A block begins; what it already holds counts, for not every server sends it again."""
        words, thoughts = block.get("text"), block.get("thinking")
        empty = {key: "" for key in WORDS if isinstance(block.get(key), str)}
        self._shape.forget()
        for key in WORDS:
            self._parts.get((index, key), []).clear()
        self._blocks[index] = {**block, **empty}
        if block.get("type") != "text":
            self._aside = True
        if isinstance(words, str) and words:
            yield from self._say(index, words)
        if isinstance(thoughts, str) and thoughts:
            yield self._think(index, thoughts)

    def _delta(self, index: Any, delta: _Delta) -> Iterator[Delta]:
        if isinstance(delta.text, str) and delta.text:
            yield from self._say(index, delta.text)
        elif isinstance(delta.thinking, str) and delta.thinking:
            yield self._think(index, delta.thinking)
        elif isinstance(delta.partial_json, str):
            self._arguments[index] = self._arguments.get(index, "") + delta.partial_json
        elif isinstance(delta.signature, str):
            block = self._block(index, "thinking")
            block["signature"] = block.get("signature", "") + delta.signature
        elif delta.citation is not None:
            block = self._block(index, "text")
            block["citations"] = [*(block.get("citations") or ()), delta.citation]

    def _say(self, index: Any, words: str) -> Iterator[Delta]:
        self._spoken = self._add(index, "text", words)
        self._shape.forget()
        if self._aside and self._text and index != self._speaking:
            words = f"\n\n{words.lstrip()}"  # words before and after something else are two paragraphs
        self._speaking, self._aside = index, False
        self._text.append(words)
        yield TextDelta(words)

    def _think(self, index: Any, thought: str) -> Delta:
        self._add(index, "thinking", thought)
        self._reasoning.append(thought)
        return ReasoningDelta(thought)

    def _add(self, index: Any, kind: str, words: str) -> list[str]:
        self._block(index, kind)
        parts = self._parts.setdefault((index, kind), [])
        parts.append(words)
        return parts

    def _block(self, index: Any, kind: str) -> dict[str, Any]:
        """The block at ``index``; some servers do not begin it."""
        return self._blocks.setdefault(index, {"type": kind, kind: ""})

    def _calls(self) -> tuple[ToolCall, ...]:
        calls = ((index, block) for index, block in self._blocks.items() if block.get("type") == "tool_use")
        return tuple(
            ToolCall(str(block.get("id") or f"toolu_{index}"), str(block.get("name", "")), self._input(index, block))
            for index, block in calls
        )

    def _input(self, index: Any, block: dict[str, Any]) -> str:
        """A call's arguments as JSON text: the pieces, or where none came what the block began with."""
        pieces = self._arguments.get(index, "")
        return pieces if pieces.strip() else msgspec.json.encode(block.get("input") or {}).decode()

    def _content(self) -> list[dict[str, Any]]:
        """The blocks as the server wants to see them again."""
        content = []
        for index, block in self._blocks.items():
            if index in self._arguments:
                try:
                    block = {**block, "input": msgspec.json.decode(self._input(index, block))}  # noqa: PLW2901 - the block, whole
                except msgspec.DecodeError:
                    block = {**block, "input": {}}  # noqa: PLW2901 - the server takes only objects
            words = {kind: "".join(self._parts[index, kind]) for kind in WORDS if (index, kind) in self._parts}
            block = {**block, **words}  # noqa: PLW2901 - the same
            if block.get("type") != "text" or str(block.get("text", "")).strip():  # it refuses blocks without words
                content.append(block)
        return content

    def _count(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self._tokens.update({key: value for key, value in usage.items() if isinstance(value, int)})

    def _prompt_tokens(self) -> int | None:
        """All that was read; the server counts apart what it had kept from before."""
        kinds = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        counts = [self._tokens[kind] for kind in kinds if kind in self._tokens]
        return sum(counts) if counts else None
