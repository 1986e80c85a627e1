"""The body of a chat completion: bytes in, events out. Pure: no clock, no sockets.

The body may be a stream of server-sent events, one JSON object although a stream was asked for, or one JSON object a line;
its first byte tells. The state that matters is how the answer ends::

    a finish_reason with a name     the model is done; usage and [DONE] may follow, and need not
    finish_reason ""                done if it is in the last chunk and [DONE] follows, or the chunk holds nothing else
    no finish_reason                tool calls whose arguments are whole: done; otherwise the stream was dropped
    finish_reason "error", `error`  the server failed
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from telex.errors import ProviderDropped, ProviderError
from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Delta, Reply, Usage
from telex.providers.body import BROKE_OFF, DROPPED, NOT_JSON, NOTHING, Body, failure
from telex.providers.chat_chunk import SILENT, Choice, Chunk, Said, decoder, read_chunk, words_in
from telex.providers.chat_reasoning import ReasoningDetails, details_in, joined, text_in, thinking_in
from telex.providers.halves import Halves, mended_in
from telex.providers.packet_shape import UNREADABLE, PacketShape
from telex.providers.sse import BARE, MAX_EVENT_BYTES, ServerEvent
from telex.providers.tool_calls import ToolCall, ToolCallCollector
from telex.thinking import ThinkSplitter

FINISHES = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
}  # every other name means "stop"


class ChatDecoder:
    """Reads one answer; `Decoder` says how it is used.

    Attributes:
        done: the server said ``[DONE]``: nothing that matters follows.
        finished: the model said why it stopped, or the server that this was all; only usage and ``[DONE]`` may follow.
    """

    __slots__ = (
        "_blank_finish",
        "_body",
        "_collector",
        "_details",
        "_finish",
        "_halves",
        "_new",
        "_reasoning",
        "_reasoning_field",
        "_shape",
        "_text",
        "_think",
        "_usage",
        "done",
        "finished",
    )

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.done = False
        self.finished = False
        self._body = Body(max_event_bytes)
        self._shape = PacketShape(words_in)
        self._think = ThinkSplitter()
        self._halves = Halves()
        self._collector = ToolCallCollector()
        self._text = self._think.said
        self._reasoning: list[str] = []
        self._reasoning_field = ""
        self._details = ReasoningDetails()
        self._finish: str | None = None
        self._blank_finish = ""  # "", "with text" or "alone": an empty finish_reason in the last chunk
        self._usage = Usage()
        self._new: list[Delta] = []

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls of this answer, in order."""
        return self._collector.calls

    def feed(self, data: bytes) -> Iterable[Delta]:
        """Take the next bytes of the body and give what they add to the answer.

        Raises:
            ProviderError: the server reports an error, or sends what is not a chat completion.
        """
        if self.done or not self._body.sse.between:
            return self._thoroughly(data)
        words = self._shape.words(data)
        if not words and (one := self._body.sse.one(data)) is not None:
            if (words := words_in(one)) and self._think.certain(words) and not self._halves.held:
                self._shape.learn(data, one, words)
            else:
                return self._whole(one, data)
        if not words or not self._think.certain(words):
            return self._thoroughly(data)
        self._blank_finish = ""
        self._text.append(words)
        return (TextDelta(words),)

    def _whole(self, event: bytes, data: bytes) -> Iterable[Delta]:
        """A packet that is one event."""
        try:
            chunk = decoder.decode(event)
        except UNREADABLE:
            return self._thoroughly(data)
        try:
            self._chunk(chunk)
        except ProviderError as error:
            return _until(self._given(), error)
        return self._given()

    def _thoroughly(self, data: bytes) -> Iterator[Delta]:
        for part in self._body.feed(data):
            try:
                self._part(part, last=False)
            finally:  # what came before an error counts
                yield from self._given()

    def close(self) -> Iterator[Delta]:
        """The body has ended, or nothing more of it is wanted: give what was held back.

        Raises:
            ProviderError: as ``feed`` does.
        """
        for part in self._body.close():
            try:
                self._part(part, last=True)
            finally:
                yield from self._given()
        if self.finished:
            if thought := self._halves.close("thoughts"):
                self._take((ReasoningDelta(thought),))
            self._take(self._think.feed(self._halves.close("words")))
        self._take(self._think.close())
        yield from self._given()

    def reply(self) -> Reply:
        """The whole answer, after ``close()``.

        Raises:
            ProviderDropped: the model never said that it was done; what came was given by ``feed``.
        """
        finish = self._finish
        if finish is None and (self._blank_finish == "alone" or (self._blank_finish and self.done)):
            finish = "stop"
        if finish is None and (self._collector.certain or (self.done and self.calls and self._whole_calls)):
            finish = "tool_calls"
        if finish is None:
            raise ProviderDropped(DROPPED if self._heard else NOTHING)
        # Servers say "stop" after tool calls and "tool_calls" without one: the calls themselves decide.
        if finish in ("stop", "tool_calls"):
            finish = "tool_calls" if self.calls else "stop"
        reasoning = "".join(self._reasoning)
        calls = self.calls if finish == "tool_calls" else ()  # cut off, they must not run
        state = mended_in(self._details.state(self._collector.extras, reasoning)) if calls else None
        return Reply("".join(self._text), reasoning, finish, self._usage, calls, state)

    @property
    def _whole_calls(self) -> bool:
        return all(call.complete for call in self.calls)

    def _part(self, part: ServerEvent, *, last: bool) -> None:
        text = part.data.strip()
        if text.startswith("[DONE]"):
            self.done = self.finished = True
        if self.done or not text.startswith(("{", "[")):
            return  # a sign of life, such as "ping"
        try:
            chunk = read_chunk(text)
        except msgspec.DecodeError:
            if not last:  # cut off at the end of the body: ``reply`` says so
                raise ProviderError(NOT_JSON) from None
            return
        self._chunk(chunk, plain=part.event == BARE)

    def _chunk(self, chunk: Chunk, *, plain: bool = False) -> None:
        if error := chunk.error or (chunk.choices is None and (chunk.message or chunk.detail)):
            raise failure(error)
        self._count(chunk.usage)
        if isinstance(chunk.x_groq, dict):
            self._count(chunk.x_groq.get("usage"))
            if stopped := chunk.x_groq.get("error"):
                raise failure(stopped)
        for choice in chunk.choices or ():
            if choice is not None and not choice.index:  # other indices are other answers to the same question
                self._choice(choice, plain=plain)

    def _count(self, usage: Any) -> None:
        if isinstance(usage, dict):
            asked, said = usage.get("prompt_tokens"), usage.get("completion_tokens")
            self._usage = Usage(
                asked if isinstance(asked, int) else self._usage.prompt_tokens,
                said if isinstance(said, int) else self._usage.completion_tokens,
            )

    def _choice(self, choice: Choice, *, plain: bool) -> None:
        delta = choice.delta
        if choice.message is not None and delta in SILENT and not self._heard:
            delta = choice.message  # a server that does not stream; beside deltas it repeats what they said
            if plain:
                self._ended("stop")  # an object that is whole holds a whole answer, also without a finish_reason
        if delta is not None:
            self._delta(delta)
        self._count(choice.usage)
        if choice.error:
            raise failure(choice.error)
        if choice.finish_reason == "error":
            raise ProviderError(BROKE_OFF)
        self._blank_finish = ""
        if choice.finish_reason == "":
            self._blank_finish = "alone" if delta in SILENT else "with text"
        elif isinstance(choice.finish_reason, str):
            self._ended(FINISHES.get(choice.finish_reason.lower(), "stop"))

    def _ended(self, finish: str) -> None:
        self._finish = finish
        self.finished = True

    @property
    def _heard(self) -> bool:
        return bool(self._text or self._reasoning or self._collector.calls)

    def _delta(self, delta: Said) -> None:
        content = delta.content
        if isinstance(content, list) or delta.reasoning_content or delta.reasoning or delta.reasoning_details:
            self._thought(delta)
        if content:
            content = self._halves.join("words", content if isinstance(content, str) else text_in(content))
            if self._think.certain(content):
                self._say(content)
            else:
                self._take(self._think.feed(content))
        if isinstance(delta.refusal, str):
            self._say(self._halves.join("words", delta.refusal))
        if self._halves.held:
            self._shape.forget()  # the words that come next are no words alone
        if delta.reasoning_details:
            self._details.feed(delta.reasoning_details)
        if delta.tool_calls:
            self._collector.feed(delta.tool_calls)
        elif delta.function_call:
            self._collector.legacy(delta.function_call)

    def _thought(self, delta: Said) -> None:
        """The reasoning in a delta: servers send the same words under several names, so one name counts per answer."""
        for name, found_in in _REASONING_FIELDS:
            if self._reasoning_field in ("", name) and (thought := found_in(delta)):
                self._reasoning_field = name
                if thought := self._halves.join("thoughts", thought):
                    self._take((ReasoningDelta(thought),))
                return

    def _say(self, text: str) -> None:
        if text:
            self._text.append(text)
            self._new.append(TextDelta(text))

    def _take(self, events: Iterable[Delta]) -> None:
        for event in events:
            if isinstance(event, ReasoningDelta):
                self._reasoning.append(event.text)
            self._new.append(event)

    def _given(self) -> list[Delta]:
        """What was taken and not yet given."""
        new, self._new = self._new, []
        return new


def _until(events: list[Delta], error: ProviderError) -> Iterator[Delta]:
    """What came before an error, and then the error."""
    yield from events
    raise error


_REASONING_FIELDS: tuple[tuple[str, Callable[[Said], str]], ...] = (
    ("reasoning_content", lambda delta: joined(delta.reasoning_content)),
    ("reasoning", lambda delta: joined(delta.reasoning)),
    ("reasoning_details", lambda delta: details_in(delta.reasoning_details)),
    ("content", lambda delta: thinking_in(delta.content)),
)
