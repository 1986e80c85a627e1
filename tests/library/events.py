"""Streams of other libraries, made of what their SDKs make of JSON."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterable
from functools import partial
from types import SimpleNamespace
from typing import Any

from telex.events import Event


async def each(values: Iterable[Any]) -> AsyncIterator[Any]:
    for value in values:
        yield value() if isinstance(value, partial) else value


def collected(pieces: AsyncIterator[Event]) -> list[Event]:
    async def main() -> list[Event]:
        return [piece async for piece in pieces]

    return asyncio.run(main())


# Made when a test is run, for the SDKs take their time to be loaded.


def made(module: str, name: str, values: dict[str, Any]) -> Any:
    construct_type = importlib.import_module(f"{module.partition('.')[0]}._models").construct_type
    return construct_type(type_=getattr(importlib.import_module(module), name), value=values)


def chat(delta: dict[str, Any], finish: str | None = None) -> partial[Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    value = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return partial(made, "openai.types.chat", "ChatCompletionChunk", value)


def response(kind: str, **values: Any) -> partial[Any]:
    return partial(
        made, "openai.types.responses", "ResponseStreamEvent", {"type": kind, "sequence_number": 1, **values}
    )


def item(happened: str, index: int, **values: Any) -> partial[Any]:
    return response(f"response.output_item.{happened}", output_index=index, item=values)


def message(kind: str, **values: Any) -> partial[Any]:
    return partial(made, "anthropic.types", "RawMessageStreamEvent", {"type": kind, **values})


def block(index: int, **values: Any) -> partial[Any]:
    return message("content_block_start", index=index, content_block=values)


def block_delta(**values: Any) -> partial[Any]:
    return message("content_block_delta", index=0, delta=values)


def stopped(reason: str) -> partial[Any]:
    return message("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": 3})


def wrapped(kind: str, name: str, value: partial[Any]) -> partial[Any]:
    return partial(lambda: SimpleNamespace(type=kind, **{name: value()}))
