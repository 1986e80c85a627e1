"""The body of an OpenAI response: bytes in, events out. Pure: no clock, no sockets.

An answer is a list of items (messages, thoughts, calls of functions), each announced, continued and done by events that name
it by its place. What an event says at the end of a thing counts only where the pieces did not come. How the answer ends::

    response.completed     the model is done
    response.incomplete    it was cut off: by its length, or by a filter
    response.failed, error the server failed; what came before was given
    none of them           the stream was dropped
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from telex.errors import ProviderDropped
from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Delta, Reply, Usage
from telex.providers.body import DROPPED, NOTHING, Body, decoded, failure
from telex.providers.packet_shape import UNREADABLE
from telex.providers.sse import MAX_EVENT_BYTES
from telex.providers.tool_calls import ToolCall

WORDS = ("response.output_text", "response.refusal")
THOUGHTS = ("response.reasoning_summary_text", "response.reasoning_text")
ENDS = ("completed", "incomplete", "failed", "cancelled")


class _Event(msgspec.Struct):
    """Fields are ``Any`` where imitations differ: one odd field must not cost the event."""

    type: str = ""
    delta: Any = None
    text: Any = None  # of a ".done" event
    refusal: Any = None  # the same
    arguments: Any = None  # the same
    item: Any = None
    response: Any = None
    output_index: Any = 0
    content_index: Any = 0
    summary_index: Any = 0
    error: Any = None
    code: Any = None
    message: Any = None


class _WordEvent(msgspec.Struct, gc=False):
    """An event that holds more words and nothing else, as most do: it needs none of the questions below."""

    type: Literal["response.output_text.delta"]
    delta: str
    output_index: int = 0
    content_index: int = 0
    error: None = None


_decoder = msgspec.json.Decoder(_Event)
_words = msgspec.json.Decoder(_WordEvent)


class ResponsesDecoder:
    """Reads one answer; `Decoder` says how it is used.

    Attributes:
        done: the response has ended: nothing that matters follows.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.done = False
        self.finished = False
        self._body = Body(max_event_bytes)
        self._items: dict[Any, dict[str, Any]] = {}
        self._arguments: dict[Any, str] = {}
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._last_words: Any = None  # the place of the part that spoke last
        self._last_thought: Any = None
        self._heard: set[Any] = set()  # places whose pieces came
        self._finish: str | None = None
        self._usage = Usage()

    def feed(self, data: bytes) -> Iterable[Delta]:
        """Take the next bytes of the body and give what they add to the answer.

        Raises:
            ProviderError: the server reports an error, or sends what is no response.
        """
        if not self.done and (one := self._body.sse.one(data)) is not None:
            if self._last_words is not None:
                try:
                    said = _words.decode(one)
                except UNREADABLE:
                    pass  # it holds something else
                else:
                    if said.output_index == self._last_words and said.delta:
                        self._heard.add((said.output_index, True, said.content_index))
                        self._text.append(said.delta)
                        return (TextDelta(said.delta),)
            try:
                event = _decoder.decode(one)
            except UNREADABLE:
                return self._thoroughly(data)
            return self._event(event)
        return self._thoroughly(data)

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
            ProviderDropped: the response did not end; what came was given by ``feed``.
        """
        finish = self._finish
        if finish is None:
            raise ProviderDropped(DROPPED if self._items or self._text or self._reasoning else NOTHING)
        calls = self._calls() if finish == "stop" else ()  # cut off, they must not run
        state = {"wire": "responses", "output": list(self._items.values())} if calls else None
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        return Reply(text, reasoning, "tool_calls" if calls else finish, self._usage, calls, state)

    def _line(self, text: str, *, last: bool) -> Iterator[Delta]:
        event = None if self.done else decoded(text, _decoder, last=last)
        if event is None:
            return
        if self._body.plain and not event.type:
            yield from self._ended(msgspec.json.decode(text))
        else:
            yield from self._event(event)

    def _event(self, event: _Event) -> Iterator[Delta]:
        if event.error or event.type == "error":
            raise failure(event.error or {"code": event.code, "message": event.message})
        name, _, stage = event.type.rpartition(".")
        if name in WORDS or name in THOUGHTS:
            yield from self._piece(name, stage, event)
        elif name == "response.function_call_arguments":
            if stage == "delta" and isinstance(event.delta, str):
                self._arguments[event.output_index] = self._arguments.get(event.output_index, "") + event.delta
            elif isinstance(event.arguments, str):
                self._arguments[event.output_index] = event.arguments
        elif name == "response.output_item" and isinstance(event.item, dict):
            self._items[event.output_index] = event.item
            if stage == "done":
                yield from self._item(event.output_index, event.item)
        elif name == "response" and stage in ENDS and isinstance(event.response, dict):
            yield from self._ended({"status": stage, **event.response})

    def _piece(self, name: str, stage: str, event: _Event) -> Iterator[Delta]:
        """Words or thoughts: the pieces, or the whole at its end where no pieces came."""
        words = event.delta if stage == "delta" else event.refusal if name == WORDS[1] else event.text
        if not isinstance(words, str) or not words:
            return
        part = event.summary_index if name == THOUGHTS[0] else event.content_index
        place = (event.output_index, name in WORDS, part)
        if stage == "delta" or place not in self._heard:
            yield from self._say(place, words) if name in WORDS else self._think(name, place, words)

    def _say(self, place: Any, words: str) -> Iterator[Delta]:
        self._heard.add(place)
        if self._text and place[0] != self._last_words:
            words = f"\n\n{words.lstrip()}"  # another message: another paragraph
        self._last_words = place[0]
        self._text.append(words)
        yield TextDelta(words)

    def _think(self, name: str, place: Any, thought: str) -> Iterator[Delta]:
        """A summary and the thoughts themselves may both come: what came first counts."""
        kind, before = self._last_thought or (name, place)
        if kind != name:
            return
        self._heard.add(place)
        if place != before:
            thought = f"\n\n{thought}"
        self._last_thought = (name, place)
        self._reasoning.append(thought)
        yield ReasoningDelta(thought)

    def _item(self, place: Any, item: dict[str, Any]) -> Iterator[Delta]:
        """A thing is whole: what of it did not come in pieces is given now."""
        parts = item.get("content") if item.get("type") == "message" else None
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            words = part.get("text") or part.get("refusal") if isinstance(part, dict) else None
            if isinstance(words, str) and words and (place, True, index) not in self._heard:
                yield from self._say((place, True, index), words)
        summary = item.get("summary") if item.get("type") == "reasoning" else None
        if any(at == place and not words for at, words, _ in self._heard):
            return
        for index, part in enumerate(summary if isinstance(summary, list) else ()):
            thought = part.get("text") if isinstance(part, dict) else None
            if isinstance(thought, str) and thought:
                yield from self._think(THOUGHTS[0], (place, False, index), thought)

    def _ended(self, response: dict[str, Any]) -> Iterator[Delta]:
        status = response.get("status")
        if response.get("error") or status not in ENDS[:2]:
            raise failure(response.get("error") or response)
        output = response.get("output")
        for place, item in enumerate(output if isinstance(output, list) else ()):
            if isinstance(item, dict):
                self._items[place] = item
                yield from self._item(place, item)
        usage = response.get("usage")
        if isinstance(usage, dict):
            self._usage = Usage(_count(usage.get("input_tokens")), _count(usage.get("output_tokens")))
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        if status == "completed":
            self._finish = "stop"
        else:
            self._finish = "content_filter" if reason == "content_filter" else "length"
        self.done = self.finished = True

    def _calls(self) -> tuple[ToolCall, ...]:
        return tuple(
            ToolCall(
                str(item.get("call_id") or item.get("id") or f"call_{place}"),
                str(item.get("name", "")),
                _text(item.get("arguments")) or self._arguments.get(place) or "{}",
            )
            for place, item in self._items.items()
            if item.get("type") == "function_call"
        )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _text(arguments: Any) -> str:
    """Arguments as JSON text, also from servers that send the object itself."""
    return arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode() if arguments else ""
