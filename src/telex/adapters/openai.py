"""Streams of the OpenAI SDK."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from telex.errors import ProviderError
from telex.events import Event, ReasoningDelta, TextDelta


async def pieces(stream: AsyncIterable[Any]) -> AsyncIterator[Event]:
    """What ``client.chat.completions.create(stream=True)`` or ``client.responses.create(stream=True)`` gives, as events.

    Raises:
        ProviderError: the model failed in the middle of a response; everything else the SDK raises itself.
    """
    async for chunk in stream:
        kind = getattr(chunk, "type", None)
        if kind in {"response.output_text.delta", "response.refusal.delta"}:
            yield TextDelta(chunk.delta)
        elif kind in {"response.reasoning_summary_text.delta", "response.reasoning_text.delta"}:
            yield ReasoningDelta(chunk.delta)
        elif kind == "response.failed":
            said = chunk.response.error
            raise ProviderError(f"The model failed: {said.message if said else 'it did not say why'}")
        for choice in getattr(chunk, "choices", None) or ():
            thought = getattr(choice.delta, "reasoning_content", None) or getattr(choice.delta, "reasoning", None)
            if isinstance(thought, str) and thought:
                yield ReasoningDelta(thought)
            if text := choice.delta.content or getattr(choice.delta, "refusal", None):
                yield TextDelta(text)
