"""Streams of the Anthropic SDK."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Any

from telex.agent.loop import TOO_LONG, WITHHELD
from telex.closing import closing
from telex.errors import ProviderDropped
from telex.events import Event, Notice, ReasoningDelta, SegmentEnded, TextDelta, ToolFinished, ToolStarted

DROPPED = "The stream ended before the model said that it was done."
_CUT = {"max_tokens": TOO_LONG, "model_context_window_exceeded": TOO_LONG, "refusal": WITHHELD}
_OF_THE_SERVER = frozenset({"server_tool_use", "mcp_tool_use"})


async def pieces(stream: AsyncIterable[Any]) -> AsyncIterator[Event]:
    """What ``client.messages.create(stream=True)`` or ``client.messages.stream()`` gives, as events.

    Tools that the model's server runs are lines of their own; a call of one of yours ends a paragraph.

    Raises:
        ProviderDropped: the stream ended before the model said that it was done; everything else the SDK raises itself.
    """
    ended = False
    async with closing(stream):
        async for event in stream:
            if event.type == "content_block_delta":
                for piece in _delta(event.delta):
                    yield piece
            elif event.type == "content_block_start":
                for piece in _begun(event.content_block):
                    yield piece
            elif event.type == "message_delta":
                ended = ended or bool(event.delta.stop_reason)
                if event.delta.stop_reason in _CUT:
                    yield Notice(_CUT[event.delta.stop_reason])
            elif event.type == "message_stop":
                ended = True
    if not ended:
        raise ProviderDropped(DROPPED)


def _delta(delta: Any) -> Iterator[Event]:
    if delta.type == "text_delta":
        yield TextDelta(delta.text)
    elif delta.type == "thinking_delta":
        yield ReasoningDelta(delta.thinking)


def _begun(block: Any) -> Iterator[Event]:
    if block.type in _OF_THE_SERVER:
        yield SegmentEnded()
        yield ToolStarted(block.id, block.name)
    elif block.type.endswith("_tool_result"):
        failed = getattr(block, "is_error", False) or getattr(block.content, "error_code", None)
        yield ToolFinished(block.tool_use_id, ok=not failed)
    elif block.type.endswith("tool_use"):
        yield SegmentEnded()
