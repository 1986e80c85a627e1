"""What goes back to a model that went on with an answer: its own notes unchanged, and the beginning that they do not hold."""

from collections.abc import Mapping
from typing import Any

import pytest

from telex.providers import anthropic_request, openai_responses_request
from telex.providers.base import Message

THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "signed"}
HIDDEN = {"type": "redacted_thinking", "data": "secret"}
CALL = {"type": "tool_use", "id": "1", "name": "look", "input": {}}
REASONING = {"type": "reasoning", "id": "r", "encrypted_content": "secret"}
FUNCTION = {"type": "function_call", "call_id": "1", "name": "look", "arguments": "{}"}


def state(message: Message) -> Mapping[str, Any]:
    return dict(message["state"])


def words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def item(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


@pytest.mark.parametrize(
    ("said", "own", "sent"),
    [
        ("One, two.", [THOUGHT, words("One, two."), CALL], [THOUGHT, words("One, two."), CALL]),
        ("One, two.", [THOUGHT, HIDDEN, words("two."), CALL], [THOUGHT, HIDDEN, words("One,"), words("two."), CALL]),
        ("One, two.", [words("two."), CALL], [words("One,"), words("two."), CALL]),
        ("One,", [THOUGHT, CALL], [THOUGHT, words("One,"), CALL]),
        ("", [THOUGHT, CALL], [THOUGHT, CALL]),
        ("A\n\nB", [words("A"), words("B"), CALL], [words("A"), words("B"), CALL]),
    ],
)
def test_anthropics_blocks_have_the_beginning_behind_the_first_thoughts(said: str, own: Any, sent: Any) -> None:
    message = {"role": "assistant", "content": said, "state": {"content": own}}
    assert anthropic_request.conversation([message], state) == [{"role": "assistant", "content": sent}]


@pytest.mark.parametrize(
    ("said", "own", "before"),
    [
        ("One, two.", [REASONING, item("One, two."), FUNCTION], None),
        ("One, two.", [REASONING, item("two."), FUNCTION], "One, "),
        ("One,", [REASONING, FUNCTION], "One,"),
        ("", [REASONING, FUNCTION], None),
    ],
)
def test_items_of_responses_have_the_beginning_before_them(said: str, own: Any, before: str | None) -> None:
    message = {"role": "assistant", "content": said, "state": {"output": own}}
    beginning = [{"role": "assistant", "content": before}] if before else []
    assert openai_responses_request.items([message], state) == [*beginning, *own]


@pytest.mark.parametrize(
    ("own", "sent"), [([{**CALL, "id": "look:0"}], "look:0"), ([], "look_0")], ids=["own", "another's"]
)
def test_anthropics_servers_are_told_anothers_ids_in_letters_that_they_take(own: list[Any], sent: str) -> None:
    call = {"id": "look:0", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    messages: list[Message] = [
        {"role": "assistant", "content": "", "tool_calls": [call], "state": {"content": own}},
        {"role": "tool", "tool_call_id": "look:0", "content": "seen"},
    ]
    (said,), (result,) = (turn["content"] for turn in anthropic_request.conversation(messages, state))
    assert (said["id"], result["tool_use_id"]) == (sent, sent)
