"""Streams of LangChain."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Any

from telex.agent.loop import TOO_LONG, WITHHELD
from telex.closing import closing
from telex.events import Event, Notice, ReasoningDelta, SegmentEnded, TextDelta

_CUT = {"length": TOO_LONG, "max_tokens": TOO_LONG, "content_filter": WITHHELD, "refusal": WITHHELD}


async def pieces(chunks: AsyncIterable[Any]) -> AsyncIterator[Event]:
    """What a chat model's or a chain's ``astream()`` gives, as events: message chunks or plain text.

    A call of a tool ends a paragraph.
    """
    async with closing(chunks):
        async for chunk in chunks:
            content = chunk if isinstance(chunk, str) else chunk.content
            for block in [content] if isinstance(content, str) else content:
                for piece in _block(block):
                    yield piece
            if any(call.get("name") for call in getattr(chunk, "tool_call_chunks", None) or ()):
                yield SegmentEnded()
            said = getattr(chunk, "response_metadata", None) or {}
            reason = said.get("finish_reason") or said.get("stop_reason")
            if reason in _CUT:
                yield Notice(_CUT[reason])


def _block(block: Any) -> Iterator[Event]:
    if isinstance(block, str):
        if block:
            yield TextDelta(block)
    elif block.get("type") == "text" and block.get("text"):
        yield TextDelta(block["text"])
    elif block.get("type") in {"thinking", "reasoning"}:
        yield ReasoningDelta(block.get("thinking") or block.get("reasoning") or "")
    elif block.get("type") == "server_tool_use":
        yield SegmentEnded()
