"""Runs of pydantic-ai."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any

from telex.agent.tool_runs import summary
from telex.closing import closing
from telex.events import Event, ReasoningDelta, TextDelta, ToolFinished, ToolStarted

_TEXTS: dict[str, Callable[[str], Event]] = {"text": TextDelta, "thinking": ReasoningDelta}


async def pieces(events: AsyncIterable[Any]) -> AsyncIterator[Event]:
    """What ``agent.run_stream_events()`` gives, as events; tools are lines of their own."""
    async with closing(events):
        async for event in events:
            kind = event.event_kind
            if kind == "part_start" and event.part.part_kind in _TEXTS and event.part.content:
                yield _TEXTS[event.part.part_kind](event.part.content)
            elif kind == "part_delta" and event.delta.part_delta_kind in _TEXTS and event.delta.content_delta:
                yield _TEXTS[event.delta.part_delta_kind](event.delta.content_delta)
            elif kind == "function_tool_call":
                yield ToolStarted(event.part.tool_call_id, event.part.tool_name, summary(event.part.args_as_json_str()))
            elif kind == "function_tool_result":
                result = getattr(event, "result", None) or event.part
                yield ToolFinished(result.tool_call_id, ok=result.part_kind == "tool-return")
