"""What a provider is: something that turns a conversation into events.

The contract, in order:

1. ``stream(request, emit)`` is called once per answer; several may run side by side.
2. While it runs it calls ``emit`` with ``TextDelta`` and ``ReasoningDelta`` as the bytes arrive, in the order of arrival
   and in the event loop's thread (in its own task or in a callback of the loop), with nothing between the socket and
   ``emit`` that waits. What ``emit`` raises comes out of it.
3. It returns a ``Reply`` when the model said that it is done, and raises ``ProviderError`` otherwise;
   an end of the stream without the model's word is ``ProviderDropped``.
4. When its task is cancelled it closes its connection at once and emits nothing more.
5. ``close()`` frees what the provider holds; nothing is called after it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

from telex.events import Event, ReasoningDelta, TextDelta
from telex.providers.tool_calls import ToolCall

Emit: TypeAlias = Callable[[Event], None]
Message: TypeAlias = Mapping[str, Any]
Delta: TypeAlias = TextDelta | ReasoningDelta


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model.

    Attributes:
        messages: the conversation, oldest first. Each has a ``role``: ``system``, ``user``, ``assistant`` (as
            ``Reply.message`` makes it, with ``tool_calls`` where it called tools) or ``tool`` (a call's result, with
            ``tool_call_id``); and ``content``: a string, or for a user a list of parts such as
            ``{"type": "text", "text": …}`` and ``{"type": "image_url", "image_url": {"url": …}}``.
        options: further parameters for the server, such as ``temperature``; sent as they are.
        tools: what the model may call, each ``{"name": …, "description": …, "parameters": JSON Schema}``.
        may_call: false where it must answer now; the tools are named all the same, since the conversation holds calls.
    """

    messages: Sequence[Message]
    options: Mapping[str, Any] = field(default_factory=dict)
    tools: Sequence[Mapping[str, Any]] = ()
    may_call: bool = True


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens counted by the server, ``prompt_tokens`` of the question and ``completion_tokens`` of the answer.

    They are ``None`` where it did not say.
    """

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
        calls: the tools that the model wants to run.
        state: what the same model wants to see again unchanged, such as its signed thoughts; nobody else reads it.
    """

    text: str
    reasoning: str = ""
    finish: str = "stop"
    usage: Usage = Usage()
    calls: tuple[ToolCall, ...] = ()
    state: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def message(self) -> dict[str, Any]:
        """The answer as a message for the conversation; can be written down as JSON."""
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.calls
            ]
        if self.state:
            message["state"] = dict(self.state)
        return message


ANSWER_NOW = "Go on: answer with what the tools said."


def without_tools(request: Request) -> Request:
    """The same question for a model that knows no tools: what they said becomes words of the model's own."""
    messages: list[Message] = []
    for message in request.messages:
        words = message.get("content") or ""
        if message["role"] == "tool":
            words = f"[A tool said: {words}]"
        elif message["role"] != "assistant":
            messages.append(message)
            continue
        if messages and messages[-1]["role"] == "assistant":
            words = "\n\n".join(part for part in (messages.pop()["content"], words) if part)
        messages.append({"role": "assistant", "content": words})
    if request.messages and request.messages[-1]["role"] == "tool":
        messages.append({"role": "user", "content": ANSWER_NOW})
    return replace(request, messages=messages, tools=())


def beginning(whole: str, end: str) -> str:
    """What stands in ``whole`` before ``end``; nothing where it does not end with it."""
    return whole.removesuffix(end) if whole.endswith(end) else ""


class Decoder(Protocol):
    """Reads the body of one answer in pieces of any size: bytes in, events out. Pure: no clock, no sockets.

    Feed bytes until ``done`` or the end of the body, then ``close()``, then ask for ``reply()``. Exhaust each iterator.
    """

    @property
    def done(self) -> bool:
        """Nothing that matters follows."""
        ...

    @property
    def finished(self) -> bool:
        """The model said why it stopped, or the server that it has ended; only words about the answer may follow."""
        ...

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls so far, in order; the last may not be whole yet."""
        ...

    def feed(self, data: bytes) -> Iterable[Delta]:
        """Take the next bytes of the body and give what they add to the answer.

        Raises:
            ProviderError: the server reports an error, or sends what is no answer.
        """
        ...

    def close(self) -> Iterator[Delta]:
        """The body has ended, or nothing more of it is wanted: give what was held back; raises as ``feed`` does."""
        ...

    def reply(self) -> Reply:
        """The whole answer, after ``close()``.

        Raises:
            ProviderDropped: the model never said that it was done; what came was given by ``feed``.
        """
        ...


class Provider(Protocol):
    """A source of words; the module's docstring is its contract.

    Three attributes it may have: ``context_tokens``, what its model can hold; ``takes_tools``, false where its model cannot
    call tools, so that none are offered; and ``vision``, true where its model sees pictures, so that they are sent.
    """

    @property
    def name(self) -> str:
        """What people call it, for a log line or the page: ``"openai (gpt-5 at api.example)"``; never a key."""
        ...

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer a question, emitting events as they arrive.

        Args:
            request: the question.
            emit: gets what comes, at once.

        Returns:
            The whole answer.

        Raises:
            ProviderError: the model's side refused or failed.
            ProviderDropped: the answer broke off; what had come was emitted.
        """
        ...

    async def close(self) -> None:
        """Free connections and child processes."""
        ...
