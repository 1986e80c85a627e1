"""Streams of the OpenAI SDK."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Any

from telex.agent.loop import TOO_LONG, WITHHELD
from telex.closing import closing
from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, Notice, ReasoningDelta, SegmentEnded, TextDelta, ToolFinished, ToolStarted

DROPPED = "The stream ended before the model said that it was done."
SERVER_TOOLS = frozenset(  # which the model's server runs by itself; all others are the caller's
    {"web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_call"}
)
_CUT = {"length": TOO_LONG, "max_output_tokens": TOO_LONG, "content_filter": WITHHELD}


async def pieces(stream: AsyncIterable[Any]) -> AsyncIterator[Event]:
    """What ``client.chat.completions.create(stream=True)`` or ``client.responses.create(stream=True)`` gives, as events.

    Tools that the model's server runs are lines of their own; a call of one of yours ends a paragraph.

    Raises:
        ProviderError: the model failed in the middle of the answer; everything else the SDK raises itself.
        ProviderDropped: the stream ended before the model said that it was done.
    """
    ended = False
    async with closing(stream):
        async for given in stream:
            chunk = (
                given.chunk if getattr(given, "type", None) == "chunk" else given
            )  # as `chat.completions.stream()` wraps it
            for piece in told(chunk):
                yield piece
            ended = ended or _ends(chunk)
    if not ended:
        raise ProviderDropped(DROPPED)


def told(chunk: Any) -> Iterator[Event]:
    """What one chunk of a stream tells.

    Raises:
        ProviderError: that the model failed.
    """
    kind = getattr(chunk, "type", None) or ""
    if kind.startswith("response.output_item."):
        yield from _item(chunk.item, kind.rpartition(".")[2], first=not chunk.output_index)
    elif kind in {"response.output_text.delta", "response.refusal.delta"}:
        yield TextDelta(chunk.delta)
    elif kind in {"response.reasoning_summary_text.delta", "response.reasoning_text.delta"}:
        yield ReasoningDelta(chunk.delta)
    elif kind in {"response.failed", "error"}:
        said = getattr(chunk.response.error, "message", "") if kind == "response.failed" else chunk.message
        raise ProviderError(f"The model failed: {said or 'it did not say why'}")
    elif kind == "response.incomplete":
        yield from _cut(getattr(chunk.response.incomplete_details, "reason", None))
    for choice in getattr(chunk, "choices", None) or ():
        yield from _choice(choice)


def _item(item: Any, happened: str, *, first: bool) -> Iterator[Event]:
    """An item of a response has begun, or is done."""
    if item.type in SERVER_TOOLS:
        if happened == "added":
            yield ToolStarted(item.id, getattr(item, "name", None) or item.type.removesuffix("_call"))
        elif happened == "done":
            failed = getattr(item, "status", None) == "failed" or getattr(item, "error", None)
            yield ToolFinished(item.id, ok=not failed)
    elif happened == "added" and not first and (item.type == "message" or item.type.endswith("_call")):
        yield SegmentEnded()


def _choice(choice: Any) -> Iterator[Event]:
    delta = choice.delta
    thought = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
    if isinstance(thought, str) and thought:
        yield ReasoningDelta(thought)
    if text := getattr(delta, "content", None) or getattr(delta, "refusal", None):
        yield TextDelta(text)
    if any(call.function and call.function.name for call in getattr(delta, "tool_calls", None) or ()):
        yield SegmentEnded()
    yield from _cut(getattr(choice, "finish_reason", None))


def _cut(reason: str | None) -> Iterator[Event]:
    if reason in _CUT:
        yield Notice(_CUT[reason])


def _ends(chunk: Any) -> bool:
    """Does the model say that it is done?"""
    if getattr(chunk, "type", None) in {"response.completed", "response.incomplete"}:
        return True
    return any(getattr(choice, "finish_reason", None) for choice in getattr(chunk, "choices", None) or ())
