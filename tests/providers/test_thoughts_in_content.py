"""Thoughts that a model writes into its words, in every format and however the bytes arrive."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from telex.providers.anthropic_decoder import AnthropicDecoder
from telex.providers.base import Decoder, Reply
from telex.providers.chat_decoder import ChatDecoder
from telex.providers.openai_responses_decoder import ResponsesDecoder
from telex.providers.thoughts_apart import ThoughtsApart
from tests.providers import anthropic_events as anthropic
from tests.providers import decoding

Body = Callable[..., bytes]


def chat(*words: str) -> bytes:
    deltas: list[dict[str, Any]] = [{"delta": {"content": text}} for text in words]
    chunks = [*deltas, {"delta": {}, "finish_reason": "stop"}]
    return b"".join(b"data: " + json.dumps({"choices": [chunk]}).encode() + b"\n\n" for chunk in chunks)


def messages(*words: str) -> bytes:
    return anthropic.sse(anthropic.START, *anthropic.said(0, *words), anthropic.finish(), anthropic.STOP)


def responses(*words: str) -> bytes:
    deltas = [{"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": t} for t in words]
    text = {"type": "output_text", "text": "".join(words)}
    item = {"type": "message", "id": "m1", "content": [text]}
    whole = {"type": "response.completed", "response": {"status": "completed", "output": [item]}}
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in [*deltas, whole])


FORMATS: dict[str, tuple[Callable[[], Decoder], Body]] = {
    "chat": (ChatDecoder, chat),
    "messages": (lambda: ThoughtsApart(AnthropicDecoder()), messages),
    "responses": (lambda: ThoughtsApart(ResponsesDecoder()), responses),
}


@pytest.mark.parametrize(("made", "body"), FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize(
    ("words", "text", "reasoning"),
    [
        (("<think>hm</think>", "It is 4."), "It is 4.", "hm"),
        (("<th", "ink>h", "m</", "think>\n\nIt is 4."), "It is 4.", "hm"),
        (("<thinking>\nhm",), "", "\nhm"),
        (("Use ", "`<think>`", " so."), "Use `<think>` so.", ""),
        (("No ", "tags ", "at ", "all."), "No tags at all.", ""),
        (("a <", "b"), "a <b", ""),
    ],
)
def test_thoughts_in_the_words_are_thoughts(
    made: Callable[[], Decoder], body: Body, words: tuple[str, ...], text: str, reasoning: str
) -> None:
    reply = decoding.reply(made, body(*words))
    assert (reply.text, reply.reasoning, reply.finish) == (text, reasoning, "stop")


def test_thoughts_of_both_kinds_keep_their_order() -> None:
    body = anthropic.sse(
        anthropic.START,
        anthropic.begin(0, type="thinking", thinking="first "),
        anthropic.end(0),
        *anthropic.said(1, "<think>second</think>", "4."),
        anthropic.finish(),
        anthropic.STOP,
    )
    reply: Reply = decoding.reply(FORMATS["messages"][0], body)
    assert (reply.text, reply.reasoning) == ("4.", "first second")
