"""The formats of three kinds of model servers, as events of a stream: what a model says, piece by piece."""

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from telex.providers.scripted import Piece
from telex.testing.model_side import ModelSide
from tests.providers.conftest import Call

Json: TypeAlias = dict[str, Any]


class Chat:
    """OpenAI's Chat Completions."""

    path = "/chat/completions"

    def __init__(self) -> None:
        self.calls = 0

    def begin(self) -> Iterator[Json]:
        yield self._chunk({"role": "assistant", "content": ""})

    def more(self, piece: Piece) -> Iterator[Json]:
        if piece.kind == "call":
            function = {"name": piece.tool, "arguments": piece.text}
            number = self.calls
            self.calls += 1
            call = {"index": number, "id": f"call_{number}", "type": "function", "function": function}
            yield self._chunk({"tool_calls": [call]})
        else:
            yield self._chunk({"content" if piece.kind == "text" else "reasoning_content": piece.text})

    def end(self) -> Iterator[Json]:
        yield self._chunk({}, "tool_calls" if self.calls else "stop")

    def failure(self, words: str) -> Json:
        return {"error": {"message": words}}

    def _chunk(self, delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}


class _Parts:
    """A format whose answers have parts of one kind each, which begin and end."""

    def __init__(self) -> None:
        self.place, self.kind, self.calls = -1, "", 0

    def more(self, piece: Piece) -> Iterator[Json]:
        if piece.kind != self.kind or piece.kind == "call":
            yield from self.end_part()
            self.place, self.kind = self.place + 1, piece.kind
            self.calls += piece.kind == "call"
            yield from self.begin_part(piece)
        yield self.delta(piece)

    def end_part(self) -> Iterator[Json]:
        raise NotImplementedError

    def begin_part(self, piece: Piece) -> Iterator[Json]:
        raise NotImplementedError

    def delta(self, piece: Piece) -> Json:
        raise NotImplementedError


class Messages(_Parts):
    """Anthropic's Messages."""

    path = "/messages"

    def begin(self) -> Iterator[Json]:
        usage = {"input_tokens": 3, "output_tokens": 1}
        message = {"id": "msg", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
        yield {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None}}

    def begin_part(self, piece: Piece) -> Iterator[Json]:
        block = {
            "text": {"type": "text", "text": ""},
            "reasoning": {"type": "thinking", "thinking": "", "signature": ""},
            "call": {"type": "tool_use", "id": f"toolu_{self.calls}", "name": piece.tool, "input": {}},
        }[piece.kind]
        yield {"type": "content_block_start", "index": self.place, "content_block": block}

    def delta(self, piece: Piece) -> Json:
        delta = {
            "text": {"type": "text_delta", "text": piece.text},
            "reasoning": {"type": "thinking_delta", "thinking": piece.text},
            "call": {"type": "input_json_delta", "partial_json": piece.text},
        }[piece.kind]
        return {"type": "content_block_delta", "index": self.place, "delta": delta}

    def end_part(self) -> Iterator[Json]:
        if self.kind:
            yield {"type": "content_block_stop", "index": self.place}

    def end(self) -> Iterator[Json]:
        yield from self.end_part()
        stop = {"stop_reason": "tool_use" if self.calls else "end_turn", "stop_sequence": None}
        yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 5}}
        yield {"type": "message_stop"}

    def failure(self, words: str) -> Json:
        return {"type": "error", "error": {"type": "api_error", "message": words}}


class Responses(_Parts):
    """OpenAI's Responses."""

    path = "/responses"

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Json] = []

    def begin(self) -> Iterator[Json]:
        yield {"type": "response.created", "response": self._response("in_progress")}

    def begin_part(self, piece: Piece) -> Iterator[Json]:
        name = f"item_{self.place}"
        items: dict[str, Json] = {
            "text": {"type": "message", "role": "assistant", "content": []},
            "reasoning": {"type": "reasoning", "summary": []},
            "call": {"type": "function_call", "call_id": f"call_{self.calls}", "name": piece.tool, "arguments": ""},
        }
        self.items.append({"id": name, "status": "in_progress", **items[piece.kind]})
        yield {"type": "response.output_item.added", "output_index": self.place, "item": dict(self.items[-1])}

    def delta(self, piece: Piece) -> Json:
        name = {"text": "output_text", "reasoning": "reasoning_summary_text", "call": "function_call_arguments"}[
            piece.kind
        ]
        item = self.items[-1]
        if piece.kind == "call":
            item["arguments"] += piece.text
        else:
            key, kind = ("content", "output_text") if piece.kind == "text" else ("summary", "summary_text")
            said = "".join(part["text"] for part in item[key]) + piece.text
            item[key] = [{"type": kind, "text": said, **({"annotations": []} if piece.kind == "text" else {})}]
        place = {
            "output_index": self.place,
            "content_index": 0,
            "summary_index": 0,
            "item_id": item["id"],
            "logprobs": [],
        }
        return {"type": f"response.{name}.delta", **place, "delta": piece.text}

    def end_part(self) -> Iterator[Json]:
        if self.items:
            self.items[-1]["status"] = "completed"
            yield {"type": "response.output_item.done", "output_index": self.place, "item": dict(self.items[-1])}

    def end(self) -> Iterator[Json]:
        yield from self.end_part()
        yield {"type": "response.completed", "response": {**self._response("completed"), "output": self.items}}

    def failure(self, words: str) -> Json:
        return {"type": "response.failed", "response": {**self._response("failed"), "error": {"message": words}}}

    def _response(self, status: str) -> Json:
        fixed = {"id": "resp", "object": "response", "created_at": 0, "model": "m", "output": [], "tools": []}
        return {**fixed, "parallel_tool_calls": True, "tool_choice": "auto", "status": status}


Wire: TypeAlias = Chat | Messages | Responses


async def send(call: Call, *events: Json) -> None:
    """Send events of a stream."""
    for number, event in enumerate(events):
        name = f"event: {event['type']}\n" if "type" in event else ""
        await call.part(
            f"{name}data: {json.dumps({**event, 'sequence_number': number}, ensure_ascii=False)}\n\n".encode()
        )


async def answer(call: Call, wire: Wire, model: ModelSide) -> None:
    """Answer as the model does, in a server's format."""
    begun = False
    async with model.answering(call.body) as pieces:
        async for piece in pieces:
            if piece.kind == "error" and not begun:
                await call.json({"error": {"type": "invalid_request_error", "message": piece.text}}, 400)
                return
            if piece.kind == "drop":
                call.writer.transport.abort()
                return
            if not begun:
                await call.head()
                await send(call, *wire.begin())
                begun = True
            if piece.kind == "error":
                await send(call, wire.failure(piece.text))
                await call.raw(b"0\r\n\r\n")
                return
            await send(call, *wire.more(piece))
        if not begun:
            await call.head()
            await send(call, *wire.begin())
        await send(call, *wire.end())
        if isinstance(wire, Chat):
            await call.part(b"data: [DONE]\n\n")
        await call.raw(b"0\r\n\r\n")
