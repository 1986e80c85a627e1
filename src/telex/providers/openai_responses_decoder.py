"""The body of an OpenAI response: bytes in, events out. Pure: no clock, no sockets.

An answer is a list of items: messages, thoughts, calls of functions (``openai_responses_items.py``). What an event says at
the end of a thing counts only as far as the pieces did not come. How the answer ends::

    response.completed     the model is done
    response.incomplete    it was cut off: by its length, or by a filter
    response.failed, error the server failed; what came before was given
    none of them           tool calls whose arguments are whole: done; otherwise the stream was dropped
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from telex.errors import ProviderDropped
from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Delta, Reply, Usage
from telex.providers.body import DROPPED, NOTHING, Body, decoded, failure, value_in
from telex.providers.halves import Halves, mended
from telex.providers.openai_responses_items import CALL, MESSAGE, THOUGHT, Item, Items, thoughts_in, words_in
from telex.providers.packet_shape import UNREADABLE
from telex.providers.sse import BARE, MAX_EVENT_BYTES, ServerEvent
from telex.providers.tool_calls import ToolCall, arguments_in, index_in

WORDS = ("response.output_text", "response.refusal")
THOUGHTS = ("response.reasoning_summary_text", "response.reasoning_text")
ENDS = ("completed", "incomplete", "failed", "cancelled")


class _Event(msgspec.Struct):
    """Fields are ``Any`` where imitations differ: one odd field must not cost the event."""

    type: str | None = None
    delta: Any = None
    text: Any = None  # of a ".done" event
    refusal: Any = None  # the same
    arguments: Any = None  # the same
    item: Any = None
    response: Any = None
    item_id: Any = None
    output_index: Any = None
    content_index: Any = None
    summary_index: Any = None
    error: Any = None
    code: Any = None
    message: Any = None


class _WordEvent(msgspec.Struct, gc=False):
    """An event that holds more words and nothing else, as most do: it needs none of the questions below."""

    type: Literal["response.output_text.delta"]
    delta: str
    item_id: str | None = None
    output_index: int | None = None
    content_index: int | None = None
    error: None = None


_decoder = msgspec.json.Decoder(_Event)
_words = msgspec.json.Decoder(_WordEvent)


class ResponsesDecoder:
    """Reads one answer; `Decoder` says how it is used.

    Attributes:
        done: the response has ended: nothing that matters follows.
    """

    __slots__ = (
        "_body",
        "_finish",
        "_halves",
        "_items",
        "_last_thought",
        "_last_words",
        "_reasoning",
        "_speaking",
        "_spoken",
        "_text",
        "_usage",
        "done",
        "finished",
    )

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.done = False
        self.finished = False
        self._body = Body(max_event_bytes)
        self._items = Items()
        self._halves = Halves()
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._last_words: Item | None = None  # the item that spoke last
        self._spoken: list[str] = []  # the pieces of its part
        self._speaking: Any = None  # how events name that part, as long as nothing else came between
        self._last_thought: Any = None
        self._finish: str | None = None
        self._usage = Usage()

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls so far, in order."""
        return self._items.calls

    def feed(self, data: bytes) -> Iterable[Delta]:
        """Take the next bytes of the body and give what they add to the answer.

        Raises:
            ProviderError: the server reports an error, or sends what is no response.
        """
        if not self.done and (one := self._body.sse.one(data)) is not None:
            if self._speaking is not None:
                try:
                    said = _words.decode(one)
                except UNREADABLE:
                    pass  # it holds something else
                else:
                    if (said.item_id, said.output_index, said.content_index) == self._speaking and said.delta:
                        self._spoken.append(said.delta)
                        self._text.append(said.delta)
                        return (TextDelta(said.delta),)
            try:
                event = _decoder.decode(one)
            except UNREADABLE:
                return self._thoroughly(data)
            return self._event(event) if event.type else self._thoroughly(data)  # only there its name is known
        return self._thoroughly(data)

    def _thoroughly(self, data: bytes) -> Iterator[Delta]:
        for part in self._body.feed(data):
            yield from self._part(part, last=False)

    def close(self) -> Iterator[Delta]:
        """The body has ended, or nothing more of it is wanted; raises as ``feed`` does."""
        for part in self._body.close():
            yield from self._part(part, last=True)
        if self._finish is not None:
            yield from self._halves.rest(self._reasoning, self._text)

    def reply(self) -> Reply:
        """The whole answer, after ``close()``.

        Raises:
            ProviderDropped: the response did not end; what came was given by ``feed``.
        """
        finish = self._finish or ("stop" if self._items.certain else None)
        if finish is None:
            raise ProviderDropped(DROPPED if self._items or self._text or self._reasoning else NOTHING)
        calls = self.calls if finish == "stop" else ()  # cut off, they must not run
        state = {"wire": "responses", "output": self._items.state} if calls else None
        text, reasoning = "".join(self._text), "".join(self._reasoning)
        return Reply(text, reasoning, "tool_calls" if calls else finish, self._usage, calls, state)

    def _part(self, part: ServerEvent, *, last: bool) -> Iterator[Delta]:
        text = part.data.strip()
        if text.startswith("[DONE]"):
            self.done = self.finished = True
        if self.done or (event := decoded(text, _decoder, last=last)) is None:
            return
        event.type = event.type or part.event
        if part.event == BARE and event.type in (BARE, "response"):
            yield from self._ended(value_in(part.data))
        else:
            yield from self._event(event)

    def _event(self, event: _Event) -> Iterator[Delta]:
        if event.error or event.type == "error":
            raise failure(event.error or {"code": event.code, "message": event.message})
        name, _, stage = (event.type or "").rpartition(".")
        if name in WORDS or name in THOUGHTS:
            yield from self._piece(name, stage, event)
        elif name == "response.function_call_arguments":
            item = self._items.at(event.item_id, event.output_index, CALL)
            if stage == "delta":
                item.arguments += arguments_in(event.delta)
            else:
                item.arguments = arguments_in(event.arguments) or item.arguments
        elif name == "response.output_item" and isinstance(event.item, dict):
            self._speaking = None
            if stage == "done":
                yield from self._whole(self._items.done(event.item, event.output_index))
            else:
                self._items.announce(event.item, event.output_index)
        elif name == "response" and stage in ENDS:
            response = event.response if isinstance(event.response, dict) else {}
            status = response.get("status")
            yield from self._ended({**response, "status": status if status in ENDS else stage})

    def _piece(self, name: str, stage: str, event: _Event) -> Iterator[Delta]:
        """Words or thoughts: the pieces, or at the end of a part what of it did not come in pieces."""
        words = event.delta if stage == "delta" else event.refusal if name == WORDS[1] else event.text
        if not isinstance(words, str) or not words:
            return
        place = (event.item_id, event.output_index, event.content_index)
        if place == self._speaking and name == WORDS[0] and stage == "delta" and words.isascii():
            self._spoken.append(words)
            self._text.append(words)
            yield TextDelta(words)
            return
        item = self._items.at(event.item_id, event.output_index, MESSAGE if name in WORDS else THOUGHT)
        part = (name, index_in(event.summary_index if name == THOUGHTS[0] else event.content_index))
        if stage != "delta":
            words = item.rest(mended(words), part)
        if name in THOUGHTS:
            yield from self._think(item, part, words)
            return
        yield from self._say(item, part, words)
        if name == WORDS[0] and item is self._last_words and not self._halves.held:
            self._spoken, self._speaking = item.heard.setdefault(part, []), place

    def _say(self, item: Item, part: Any, words: str) -> Iterator[Delta]:
        self._speaking = None
        item.hear(part, words)
        if not (words := self._halves.join("words", words)):
            return
        if self._text and item is not self._last_words:
            words = f"\n\n{words.lstrip()}"  # another message: another paragraph
        self._last_words = item
        self._text.append(words)
        yield TextDelta(words)

    def _think(self, item: Item, part: Any, thought: str) -> Iterator[Delta]:
        """A summary and the thoughts themselves may both come: what came first counts."""
        before = self._last_thought or (item, part)
        if before[1][0] != part[0] or not thought:
            return
        item.hear(part, thought)
        if not (thought := self._halves.join("thoughts", thought)):
            return
        if (item, part) != before:
            thought = f"\n\n{thought}"
        self._last_thought = (item, part)
        self._reasoning.append(thought)
        yield ReasoningDelta(thought)

    def _whole(self, item: Item) -> Iterator[Delta]:
        """A thing is whole: what of it did not come in pieces is given now."""
        if item.kind == MESSAGE and (words := item.rest(words_in(item.given))):
            yield from self._say(item, (WORDS[0], None), words)
        if item.kind == THOUGHT and not item.heard:
            for name, key in zip(THOUGHTS, ("summary", "content"), strict=True):
                for index, thought in enumerate(thoughts_in(item.given, key)):
                    yield from self._think(item, (name, index), thought)

    def _ended(self, response: dict[str, Any]) -> Iterator[Delta]:
        status = response.get("status")
        output = response.get("output")
        if status is None and isinstance(output, list):
            status = ENDS[0]
        if response.get("error") or status not in ENDS[:2]:
            raise failure(response.get("error") or response)
        self._speaking = None
        for item in self._items.end(output if isinstance(output, list) else []):
            yield from self._whole(item)
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


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) else None
