"""Streams of LangChain."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from telex.events import Event, ReasoningDelta, TextDelta


async def pieces(chunks: AsyncIterable[Any]) -> AsyncIterator[Event]:
    """What a chat model's or a chain's ``astream()`` gives, as events: message chunks or plain text."""
    async for chunk in chunks:
        content = chunk if isinstance(chunk, str) else chunk.content
        for block in [content] if isinstance(content, str) else content:
            if isinstance(block, str):
                if block:
                    yield TextDelta(block)
            elif block.get("type") == "text" and block.get("text"):
                yield TextDelta(block["text"])
            elif block.get("type") in {"thinking", "reasoning"}:
                yield ReasoningDelta(block.get("thinking") or block.get("reasoning") or "")
