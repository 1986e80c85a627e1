"""Characters that a server cuts in two: joined where both halves come, never given out in halves."""

from collections.abc import Callable
from typing import Any

import pytest

from telex.errors import ProviderDropped
from telex.providers.anthropic_decoder import AnthropicDecoder
from telex.providers.base import Decoder
from telex.providers.chat_decoder import ChatDecoder
from telex.providers.halves import Halves, mended_in
from telex.providers.openai_responses_decoder import ResponsesDecoder
from tests.providers import anthropic_events as anthropic
from tests.providers import chat_events as chat
from tests.providers import decoding
from tests.providers import responses_events as responses


def chat_body(words: list[str], thoughts: list[str], arguments: list[str]) -> bytes:
    function = {"name": "f", "arguments": ""}
    return chat.sse(
        *(chat.chunk({"reasoning": thought}) for thought in thoughts),
        *map(chat.say, words),
        *([chat.chunk({"tool_calls": [{"index": 0, "id": "c", "function": function}]})] if arguments else []),
        *(chat.chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}) for piece in arguments),
        chat.STOP,
        escape=True,
    )


def anthropic_body(words: list[str], thoughts: list[str], arguments: list[str]) -> bytes:
    return anthropic.sse(
        anthropic.START,
        *(anthropic.delta(0, "thinking_delta", thinking=thought) for thought in thoughts),
        *anthropic.said(1, *words),
        *([anthropic.begin(2, type="tool_use", id="c", name="f", input={})] if arguments else []),
        *(anthropic.delta(2, "input_json_delta", partial_json=piece) for piece in arguments),
        anthropic.finish(),
        anthropic.STOP,
        escape=True,
    )


def responses_body(words: list[str], thoughts: list[str], arguments: list[str]) -> bytes:
    call = {"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": ""}
    return responses.sse(
        *(responses.event("reasoning_text.delta", 0, delta=thought) for thought in thoughts),
        *(responses.event("output_text.delta", 1, delta=piece) for piece in words),
        *([responses.event("output_item.added", 2, item=call)] if arguments else []),
        *(responses.event("function_call_arguments.delta", 2, delta=piece) for piece in arguments),
        responses.ended(),
        escape=True,
    )


FORMATS: dict[str, tuple[Callable[[], Decoder], Callable[..., bytes]]] = {
    "chat": (ChatDecoder, chat_body),
    "anthropic": (AnthropicDecoder, anthropic_body),
    "responses": (ResponsesDecoder, responses_body),
}
of_each_format = pytest.mark.parametrize(("made", "body"), FORMATS.values(), ids=FORMATS)


@of_each_format
@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["Hi \ud83d", "\ude00 there"], "Hi 😀 there"),
        (["Hi ", "\ud83d", "\ude00", " there"], "Hi 😀 there"),
        (["Hi \ud83d", "\ude00 and \ud83d", "\ude00\ud83d", "\ude00"], "Hi 😀 and 😀😀"),
        (["Hi \ud83d", " there"], "Hi \ufffd there"),
        (["Hi \ude00 there"], "Hi \ufffd there"),
        (["Hi there", " you\ud83d"], "Hi there you\ufffd"),
        (
            ["Hi there", " you", " é", "\ud83d", " all", " \ud83d", "\ude00", " a", " b"],
            "Hi there you é\ufffd all 😀 a b",
        ),
    ],
)
def test_halves_of_words_and_thoughts_are_joined(made: Any, body: Any, pieces: list[str], expected: str) -> None:
    found = decoding.reply(made, body(pieces, pieces, []))
    assert (found.text, found.reasoning) == (expected, expected)


@of_each_format
def test_halves_of_arguments_are_joined_for_the_call_and_for_the_server(made: Any, body: Any) -> None:
    found = decoding.reply(made, body(["a"], ["b\ud83d", "\ude00"], ['{"x": "\ud83d', '\ude00", "y": "\ud83d"}']))
    (call,) = found.calls
    assert call.arguments == '{"x": "😀", "y": "\ufffd"}'
    assert mended_in(found.state) == found.state
    assert "b😀" in (found.reasoning, str(found.state))


@of_each_format
def test_half_a_character_at_a_place_where_the_answer_breaks_off_is_left_to_its_continuation(
    made: Any, body: Any
) -> None:
    whole = body(["Hi", " there \ud83d", "\ude00"], [], [])
    found = decoding.reading(made, whole[: whole.index(b"\\ude00")])
    assert found.text == "Hi there "
    assert isinstance(found.error, ProviderDropped)


@of_each_format
@pytest.mark.parametrize("odd", [b'"odd": NaN', b'"odd": "a\tb"', b'"odd\\ud83d": 1', b'"odd": [-Infinity, "\\ude00"]'])
def test_json_that_the_standard_does_not_allow_costs_nothing(made: Any, body: Any, odd: bytes) -> None:
    assert decoding.reply(made, body(["a", "b"], [], []).replace(b'data: {"', b"data: {" + odd + b', "')).text == "ab"


def test_each_channel_has_halves_of_its_own() -> None:
    halves = Halves()
    assert [halves.join("words", "a\ud83d"), halves.join("thoughts", "\ud83d"), halves.join("words", "\ude00b")] == [
        "a",
        "",
        "😀b",
    ]
    assert (halves.close("words"), halves.close("thoughts")) == ("", "\ufffd")
