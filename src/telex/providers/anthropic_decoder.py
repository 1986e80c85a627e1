"""The body of an Anthropic message: bytes in, events out. Pure: no clock, no sockets.

An answer is a list of blocks (``anthropic_blocks.py``). The state that matters is how the answer ends::

    message_delta with a stop_reason    the model is done; message_stop follows, and need not
    message_stop without one            done, as servers that imitate the format say it
    neither                             tool calls whose arguments are whole: done; otherwise the stream was dropped
    error, by event name or type        the server failed; what came before was given
    a stop_reason "error"               the same
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from telex.errors import ProviderDropped, ProviderError
from telex.events import ReasoningDelta, TextDelta
from telex.providers.anthropic_blocks import NEWEST, Block, Blocks, place
from telex.providers.base import Delta, Reply, Usage
from telex.providers.body import BROKE_OFF, DROPPED, NOTHING, Body, decoded, failure, value_in
from telex.providers.halves import Halves
from telex.providers.packet_shape import UNREADABLE, PacketShape
from telex.providers.sse import BARE, MAX_EVENT_BYTES, ServerEvent
from telex.providers.tool_calls import ToolCall, arguments_in

PAUSED = "pause"  # the server wants to be asked to go on, with what it has said so far
FINISHES = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
    "pause_turn": PAUSED,
}  # every other name means "stop"
EVENTS = frozenset(("ping", "error", "message_start", "message_delta", "message_stop")) | {
    f"content_block_{stage}" for stage in ("start", "delta", "stop")
}


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

    type: str | None = None
    index: Any = NEWEST
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
    index: int = NEWEST
    error: None = None


_decoder = msgspec.json.Decoder(_Event)
_words = msgspec.json.Decoder(_WordEvent)


class AnthropicDecoder:
    """Reads one answer; `Decoder` says how it is used.

    Attributes:
        done: the server said ``message_stop``: nothing that matters follows.
    """

    __slots__ = (
        "_aside",
        "_blocks",
        "_body",
        "_finish",
        "_halves",
        "_reasoning",
        "_shape",
        "_short",
        "_speaking",
        "_spoken",
        "_text",
        "_tokens",
        "done",
        "finished",
    )

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.done = False
        self.finished = False
        self._body = Body(max_event_bytes)
        self._shape = PacketShape(self._words)
        self._blocks = Blocks()
        self._halves = Halves()
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._speaking: Block | None = None  # whose words came last
        self._spoken: list[str] = []  # its words
        self._short: int | None = None  # the index at which it goes on speaking, with nothing else in between
        self._aside = False  # something else stood between two blocks of words
        self._finish: str | None = None
        self._tokens: dict[str, int] = {}

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls so far, in order."""
        return self._blocks.calls

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
            read = _decoder.decode(event)
        except UNREADABLE:
            return self._thoroughly(data)
        return self._event(read) if read.type else self._thoroughly(data)  # only there its name is known

    def _words(self, event: bytes) -> str:
        """More words of the block that speaks, of an event that holds nothing else."""
        if self._short is None:
            return ""
        try:
            said = _words.decode(event)
        except UNREADABLE:
            return ""
        return said.delta.text if said.index == self._short else ""

    def _thoroughly(self, data: bytes) -> Iterator[Delta]:
        for part in self._body.feed(data):
            yield from self._part(part, last=False)

    def close(self) -> Iterator[Delta]:
        """The body has ended, or nothing more of it is wanted; raises as ``feed`` does."""
        for part in self._body.close():
            yield from self._part(part, last=True)
        if self.finished:
            yield from self._halves.rest(self._reasoning, self._text)

    def reply(self) -> Reply:
        """The whole answer, after ``close()``.

        Raises:
            ProviderDropped: the model never said that it was done; what came was given by ``feed``.
        """
        calls, finish = self.calls, self._finish
        if finish is None and (self._blocks.certain or (self.done and calls and all(one.complete for one in calls))):
            finish = "stop"
        if finish is None:
            raise ProviderDropped(DROPPED if self._blocks else NOTHING)
        if finish in ("stop", "tool_calls"):
            finish = "tool_calls" if calls else "stop"
        usage = Usage(self._prompt_tokens(), self._tokens.get("output_tokens"))
        # Signed thoughts must come back as they were beside a tool's result, and what was paused to be gone on with.
        state = {"wire": "anthropic", "content": self._blocks.content} if finish in ("tool_calls", PAUSED) else None
        running = calls if finish == "tool_calls" else ()
        return Reply("".join(self._text), "".join(self._reasoning), finish, usage, running, state)

    def _part(self, part: ServerEvent, *, last: bool) -> Iterator[Delta]:
        text = part.data.strip()
        if text.startswith("[DONE]"):
            self.done = self.finished = True
        if self.done or (event := decoded(text, _decoder, last=last)) is None:
            return
        event.type = event.type or part.event
        if part.event == BARE:
            if event.type in ("message", BARE) and event.content is not None:
                yield from self._message(event)
                return
            if event.type not in EVENTS and not event.error:
                raise failure(value_in(text))
        yield from self._event(event)

    def _event(self, event: _Event) -> Iterator[Delta]:
        if event.error or event.type == "error":
            raise failure(event.error)
        match event.type:
            case "content_block_delta" if event.delta is not None:
                yield from self._delta(event.index, event.delta)
            case "content_block_start" if isinstance(event.content_block, dict):
                yield from self._begin(event.index, event.content_block)
            case "message" if isinstance(event.content, list):
                yield from self._message(event)
            case "message_stop":
                self._count(event.usage)
                self.done = self.finished = True
                self._finish = self._finish or ("stop" if self._blocks else None)
            case "message_start" | "message_delta":
                self._about(event)

    def _message(self, event: _Event) -> Iterator[Delta]:
        """A whole message that is no stream."""
        blocks = event.content if isinstance(event.content, list) else [event.content]
        for index, block in enumerate(blocks):
            if isinstance(block, dict):
                yield from self._begin(index, block)
            elif isinstance(block, str):
                yield from self._begin(index, {"type": "text", "text": block})
        self._count(event.usage)
        self._ended(event.stop_reason)

    def _about(self, event: _Event) -> None:
        """What the server says about the message, at its start and its end."""
        self._count(event.message.get("usage") if isinstance(event.message, dict) else event.usage)
        if event.delta is not None and isinstance(event.delta.stop_reason, str):
            self._ended(event.delta.stop_reason)

    def _ended(self, reason: Any) -> None:
        if reason == "error":
            raise ProviderError(BROKE_OFF)
        self._finish = FINISHES.get(str(reason), "stop")
        self.finished = True

    def _begin(self, index: Any, given: dict[str, Any]) -> Iterator[Delta]:
        """A block begins; what it already holds counts, for not every server sends it again."""
        words, thoughts = given.get("text"), given.get("thinking")
        block = self._open(index, given)
        if block.kind != "text":
            self._aside = True
        if isinstance(words, str) and words:
            yield from self._say(index, block, words)
        if isinstance(thoughts, str) and thoughts:
            yield from self._think(block, thoughts)

    def _open(self, index: Any, given: dict[str, Any]) -> Block:
        self._shape.forget()
        self._short = None
        return self._blocks.begin(index, given)

    def _delta(self, index: Any, delta: _Delta) -> Iterator[Delta]:
        if isinstance(delta.text, str) and delta.text:
            yield from self._say(index, self._block(index, "text"), delta.text)
        elif isinstance(delta.thinking, str) and delta.thinking:
            yield from self._think(self._block(index, "thinking"), delta.thinking)
        elif arguments := arguments_in(delta.partial_json):
            if (block := self._blocks.at(index, "input")) is not None:
                block.arguments += arguments
        elif isinstance(delta.signature, str):
            self._block(index, "thinking").sign(delta.signature)
        elif delta.citation is not None:
            self._block(index, "text").cite(delta.citation)

    def _block(self, index: Any, kind: str) -> Block:
        """The block that goes on at ``index``; some servers do not begin it."""
        return self._blocks.at(index, kind) or self._open(index, {"type": kind})

    def _say(self, index: Any, block: Block, words: str) -> Iterator[Delta]:
        block.words.append(words)
        self._shape.forget()
        words = self._halves.join("words", words)
        self._short = None if self._halves.held else place(index)
        if not words:
            return
        if self._aside and self._text and block is not self._speaking:
            words = f"\n\n{words.lstrip()}"  # words before and after something else are two paragraphs
        self._speaking, self._spoken, self._aside = block, block.words, False
        self._text.append(words)
        yield TextDelta(words)

    def _think(self, block: Block, thought: str) -> Iterator[Delta]:
        block.words.append(thought)
        if thought := self._halves.join("thoughts", thought):
            self._reasoning.append(thought)
            yield ReasoningDelta(thought)

    def _count(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self._tokens.update({key: value for key, value in usage.items() if isinstance(value, int)})

    def _prompt_tokens(self) -> int | None:
        """All that was read; the server counts apart what it had kept from before."""
        kinds = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        counts = [self._tokens[kind] for kind in kinds if kind in self._tokens]
        return sum(counts) if counts else None
