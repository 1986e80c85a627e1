"""Runs of the OpenAI Agents SDK."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from telex.adapters import openai
from telex.agent.tool_runs import summary
from telex.closing import closing
from telex.events import Event, ToolFinished, ToolStarted


async def pieces(events: AsyncIterable[Any]) -> AsyncIterator[Event]:
    """What ``Runner.run_streamed(...).stream_events()`` gives, as events; tools are lines of their own.

    Raises:
        ProviderError: the model failed in the middle of the answer; everything else the SDK raises itself.
    """
    async with closing(events):
        async for event in events:
            if event.type == "raw_response_event":
                for piece in openai.told(event.data):
                    yield piece
            elif event.type == "run_item_stream_event" and event.name == "tool_called":
                call = event.item.raw_item
                if getattr(call, "type", None) in openai.SERVER_TOOLS:
                    continue  # its response has told of it
                asked = summary(getattr(call, "arguments", None) or "")
                yield ToolStarted(_call_id(call), getattr(call, "name", "tool"), asked)
            elif event.type == "run_item_stream_event" and event.name == "tool_output":
                yield ToolFinished(_call_id(event.item.raw_item))


def _call_id(item: Any) -> str:
    return str(
        item.get("call_id") if isinstance(item, dict) else getattr(item, "call_id", "") or getattr(item, "id", "")
    )
