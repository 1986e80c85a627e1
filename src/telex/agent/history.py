"""What was said so far, and what of it a model is shown. Pure.

The history is a list of messages that can be written down as JSON. It may hold questions that were never answered: for
the model they are joined with the next one, since many chat templates insist on question and answer in turns. It may
hold calls of tools without a result, where a turn was stopped or killed between them: for the model each gets one, since
servers refuse a call without its result.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from telex.providers.base import Message, Reply
from telex.providers.pictures import parts, pictures, question, words
from telex.providers.tool_calls import ToolCall

STOPPED = "[The user stopped this answer here.]"
BROKEN = "[This answer broke off here.]"
CANCELLED = "[This call was cancelled before it had a result.]"
PER_PICTURE = 1000  # tokens; a large one may cost more
PER_MESSAGE = 6  # tokens that a chat template spends on a message beside its words
FOR_THE_ANSWER = 1 / 3  # of the context


class History:
    """The conversation of one agent.

    Args:
        messages: what was said before, oldest first, as ``messages`` of another history gives it.
        system_prompt: said to the model before everything else; never left out.
    """

    def __init__(self, messages: Iterable[Message] = (), system_prompt: str | None = None) -> None:
        self._messages: list[dict[str, Any]] = [dict(message) for message in messages]
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
        """What a tool said. In any order: each finds its call by its id."""
        self._messages.append({"role": "tool", "tool_call_id": call.id, "content": text})

    def cut_answer(self, text: str, mark: str) -> None:
        """The model's answer stopped after ``text``; ``mark`` says why. Without any words, the question stays open."""
        if text.strip():
            self.answer(f"{text.rstrip()}\n\n{mark}")

    def for_model(self, context_tokens: int | None = None) -> list[dict[str, Any]]:
        """The messages to send, ending with the newest question and the tools that were called for it.

        Args:
            context_tokens: what the model can hold. The oldest turns are left out, whole, so that a third is free for
                the answer; the newest question and what belongs to it is always sent.
        """
        system = [{"role": "system", "content": self._system}] if self._system else []
        turns = _turns(_joined(_paired(self._messages)))
        if context_tokens is not None:
            free = context_tokens * (1 - FOR_THE_ANSWER) - sum(map(_tokens, system))
            turns = _newest(turns, free)
        return system + [message for turn in turns for message in turn]


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
        paired.append(message)
    return paired[::-1]


def _cancelled(call: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call, "content": CANCELLED}


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


def _newest(turns: list[list[dict[str, Any]]], free: float) -> list[list[dict[str, Any]]]:
    """As many of the newest turns as fit, and at least one."""
    kept: list[list[dict[str, Any]]] = []
    for turn in reversed(turns):
        free -= sum(map(_tokens, turn))
        if free < 0 and kept:
            break
        kept.insert(0, turn)
    return kept


def _tokens(message: dict[str, Any]) -> float:
    """About how many tokens: four characters each in ASCII, one each in scripts that models know less well."""
    text = "".join(str(message[key]) for key in ("tool_calls", "state") if message.get(key)) + words(
        message.get("content")
    )
    ascii_letters = len(text.encode("ascii", "ignore"))
    return PER_MESSAGE + PER_PICTURE * len(pictures(message)) + ascii_letters / 4 + (len(text) - ascii_letters)
