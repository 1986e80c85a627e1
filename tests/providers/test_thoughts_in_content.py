"""A thought in the content that never ends: the answer, where the model said that it was done and has no other word."""

import json
from typing import Any

import pytest

from telex.providers.chat_decoder import ChatDecoder

CALL = {"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}}


def said(delta: dict[str, Any], finish: str) -> str:
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    decoder = ChatDecoder(100_000)
    list(decoder.feed(f"data: {json.dumps(chunk)}\n\n".encode()))
    list(decoder.close())
    return decoder.reply().text


def test_a_whole_answer_inside_a_thought_that_never_ends_is_said() -> None:
    assert said({"content": "<think> is a tag."}, "stop") == "<think> is a tag."


@pytest.mark.parametrize(
    ("delta", "finish"),
    [({"content": "<think>hm"}, "length"), ({"content": "<think>hm", "tool_calls": [CALL]}, "tool_calls")],
    ids=["cut off", "before a tool"],
)
def test_a_thought_that_an_answer_is_to_follow_is_not_said(delta: dict[str, Any], finish: str) -> None:
    assert said(delta, finish) == ""
