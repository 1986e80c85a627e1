"""What a provider is: something that turns a conversation into events.

The contract, in order:

1. ``stream(request, emit)`` is called once per answer; several may run side by side.
2. It calls ``emit`` with ``TextDelta`` and ``ReasoningDelta`` as the bytes arrive, in the order of arrival, from the
   task that awaits it, with nothing between the socket and ``emit`` that waits.
3. It returns a ``Reply`` when the model said that it is done, and raises ``ProviderError`` otherwise;
   an end of the stream without the model's word is ``ProviderDropped``.
4. When its task is cancelled it closes its connection at once and emits nothing more.
5. ``close()`` frees what the provider holds; nothing is called after it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from telex.events import Event

Emit: TypeAlias = Callable[[Event], None]
Message: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model.

    Attributes:
        messages: the conversation, oldest first, as ``{"role": "system"|"user"|"assistant", "content": str}``.
        options: further parameters for the server, such as ``temperature``; sent as they are.
    """

    messages: Sequence[Message]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens counted by the server; ``None`` where it did not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole answer, once it is complete.

    Attributes:
        text: all text deltas joined.
        reasoning: all reasoning deltas joined.
        finish: why the model stopped: ``"stop"``, ``"length"``, ``"content_filter"`` or ``"tool_calls"``.
        usage: what the server counted.
    """

    text: str
    reasoning: str = ""
    finish: str = "stop"
    usage: Usage = Usage()


class Provider(Protocol):
    """A source of words; the module's docstring is its contract."""

    @property
    def name(self) -> str:
        """What people call it, for a log line or the page: ``"openai (gpt-5 at api.example)"``; never a key."""
        ...

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer ``request``, emitting events as they arrive."""
        ...

    async def close(self) -> None:
        """Free connections and child processes."""
        ...
