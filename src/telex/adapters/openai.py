"""Streams of the OpenAI SDK."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from telex.events import Event, ReasoningDelta, TextDelta


async def pieces(stream: AsyncIterable[Any]) -> AsyncIterator[Event]:
    """What ``client.chat.completions.create(stream=True)`` or ``client.responses.create(stream=True)`` gives, as events."""
    async for chunk in stream:
        kind = getattr(chunk, "type", None)
        if kind == "response.output_text.delta":
            yield TextDelta(chunk.delta)
        elif kind in {"response.reasoning_summary_text.delta", "response.reasoning_text.delta"}:
            yield ReasoningDelta(chunk.delta)
        for choice in getattr(chunk, "choices", None) or ():
            thought = getattr(choice.delta, "reasoning_content", None) or getattr(choice.delta, "reasoning", None)
            if isinstance(thought, str) and thought:
                yield ReasoningDelta(thought)
            if choice.delta.content:
                yield TextDelta(choice.delta.content)
