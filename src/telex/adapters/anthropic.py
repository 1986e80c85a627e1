"""Streams of the Anthropic SDK."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from telex.events import Event, ReasoningDelta, SegmentEnded, TextDelta


async def pieces(stream: AsyncIterable[Any]) -> AsyncIterator[Event]:
    """What ``client.messages.create(stream=True)`` or ``client.messages.stream()`` gives, as events."""
    async for event in stream:
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            yield TextDelta(event.delta.text)
        elif event.type == "content_block_delta" and event.delta.type == "thinking_delta":
            yield ReasoningDelta(event.delta.thinking)
        elif event.type == "content_block_start" and event.content_block.type == "tool_use":
            yield SegmentEnded()
