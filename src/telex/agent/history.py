"""What was said so far, and what of it a model is shown. Pure.

The history is a list of messages that can be written down as JSON. It may hold questions that were never answered,
because the next one came or the server failed: for the model they are joined with the next one, since many chat templates
insist on question and answer in turns. It may hold calls of tools without a result, where a turn was stopped or killed
between them, and calls whose arguments are no JSON object: for the model each gets a result, and an empty object, since
servers refuse the whole conversation otherwise.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from telex.agent.context import FOR_THE_ANSWER, fitted, size
from telex.errors import ConfigError
from telex.providers.base import Message, Reply
from telex.providers.pictures import parts, pictures, question
from telex.providers.tool_calls import ToolCall

STOPPED = "[The user stopped this answer here.]"
BROKEN = "[This answer broke off here.]"
CANCELLED = "[This call was cancelled before it had a result.]"


class _Said(msgspec.Struct, tag_field="role"):
    """What every message must have; further fields are passed on."""


class _System(_Said, tag="system"):
    content: str


class _Question(_Said, tag="user"):
    content: str | list[dict[str, Any]]


class _Function(msgspec.Struct):
    name: str
    arguments: str


class _Call(msgspec.Struct):
    id: str
    function: _Function


class _Answer(_Said, tag="assistant"):
    content: str | None = None
    tool_calls: list[_Call] | None = None


class _Result(_Said, tag="tool"):
    tool_call_id: str
    content: str


def read(messages: Any) -> list[dict[str, Any]]:
    """What was written down of a conversation, where it is one.

    Raises:
        ConfigError: it is none; says which message is wrong, and how.
    """
    try:
        messages = list(messages)
        msgspec.convert(messages, list[_System | _Question | _Answer | _Result])
    except (TypeError, msgspec.ValidationError) as error:
        where = str(error).replace("`$", "`history")
        raise ConfigError(f"This is no history of a conversation: {where}.") from None
    return [dict(message) for message in messages]


class History:
    """The conversation of one agent.

    Args:
        messages: what was said before, oldest first, as ``messages`` of another history gives it.
        system_prompt: said to the model before everything else; never left out.

    Raises:
        ConfigError: ``messages`` are no conversation.
    """

    def __init__(self, messages: Iterable[Message] = (), system_prompt: str | None = None) -> None:
        self._messages: list[dict[str, Any]] = read(messages)
        self._system = system_prompt

    @property
    def messages(self) -> list[dict[str, Any]]:
        """All of it, without the system prompt: a copy that can be written down."""
        return [dict(message) for message in self._messages]

    def question(self, text: str, pictures: Sequence[str] = ()) -> None:
        """A person asked, and may have sent pictures, each an address or a name (see ``telex.agent.pictures``)."""
        self._messages.append({"role": "user", "content": question(text, pictures)})

    @property
    def shown(self) -> list[str]:
        """The pictures of the newest question."""
        return next((pictures(message) for message in reversed(self._messages) if message["role"] == "user"), [])

    def answer(self, text: str) -> None:
        """The model answered, completely."""
        self._messages.append({"role": "assistant", "content": text})

    def called(self, reply: Reply) -> None:
        """The model called tools; their results follow."""
        self._messages.append(reply.message)

    def result(self, call: ToolCall, text: str) -> None:
        """What a tool said. They may come in any order, and are kept in the order of the calls."""
        asked = max((place for place, one in enumerate(self._messages) if one.get("tool_calls")), default=-1)
        order = [one["id"] for one in self._messages[asked]["tool_calls"]] if asked >= 0 else []
        last = max(
            (number for number, one in enumerate(order) if one == call.id), default=len(order)
        )  # ids may be the same
        later = order[last + 1 :]
        behind = range(asked + 1, len(self._messages))
        before = next(
            (each for each in behind if self._messages[each].get("tool_call_id") in later), len(self._messages)
        )
        self._messages.insert(before, {"role": "tool", "tool_call_id": call.id, "content": text})

    def cut_answer(self, text: str, mark: str, *, unwanted: bool = False) -> None:
        """The model's answer stopped after ``text``; ``mark`` says why.

        Without any words the question stays open, to be asked with the next, unless its answer is ``unwanted``: then the
        mark alone stands for one.
        """
        if text.strip():
            self.answer(f"{text.rstrip()}\n\n{mark}")
        elif unwanted:
            self.answer(mark)

    def for_model(self, context_tokens: float | None = None) -> list[dict[str, Any]]:
        """The messages to send, ending with the newest question and the tools that were called for it.

        Args:
            context_tokens: what the model can hold. The oldest turns are left out, whole, so that a third is free for
                the answer. The newest question is always sent as it was asked, for half a question is another one; of
                what tools said since, only as much as fits.
        """
        system = [{"role": "system", "content": self._system}] if self._system else []
        turns = _turns(_paired(self._messages))
        if context_tokens is not None:
            turns = fitted(turns, context_tokens * (1 - FOR_THE_ANSWER) - size(system))
        return system + _joined([message for turn in turns for message in turn])


def _paired(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each call with exactly one result, right behind the message that calls, in the order of the calls."""
    paired: list[dict[str, Any]] = []
    results: dict[str, list[dict[str, Any]]] = {}  # newest first
    for message in reversed(messages):  # a server may use an id again, in a later message or beside the first
        if message["role"] == "tool":
            results.setdefault(message["tool_call_id"], []).append(message)
            continue
        for call in reversed(message.get("tool_calls") or ()):
            said = results.get(call["id"])
            paired.append(said.pop(0) if said else _cancelled(call["id"]))
        results = {}
        paired.append(_sound(message))
    return paired[::-1]


def _cancelled(call: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call, "content": CANCELLED}


def _sound(message: dict[str, Any]) -> dict[str, Any]:
    """A message whose calls have arguments that every server takes."""
    calls = message.get("tool_calls")
    if not calls:
        return message
    return {**message, "tool_calls": [{**call, "function": _sound_function(call["function"])} for call in calls]}


def _sound_function(function: dict[str, Any]) -> dict[str, Any]:
    return function if ToolCall("", "", function["arguments"]).complete else {**function, "arguments": "{}"}


def _joined(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Questions that follow one another, as one; the same question asked again counts once."""
    joined: list[dict[str, Any]] = []
    for message in messages:
        before = joined[-1] if joined else None
        if before is None or message["role"] != "user" or before["role"] != "user":
            joined.append(message)
        elif not isinstance(message["content"], str) or not isinstance(before["content"], str):
            if message["content"] != before["content"]:
                joined[-1] = {**before, "content": [*parts(before["content"]), *parts(message["content"])]}
        elif message["content"] not in before["content"].split("\n\n"):
            joined[-1] = {**before, "content": f"{before['content']}\n\n{message['content']}"}
    return joined


def _turns(messages: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Cut before each question."""
    turns: list[list[dict[str, Any]]] = []
    for message in messages:
        if message["role"] == "user" or not turns:
            turns.append([])
        turns[-1].append(message)
    return turns
