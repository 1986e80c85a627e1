"""Packets that differ only in their words take a shorter way, and say the same as on the long one."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.errors import ProviderError
from telex.providers.anthropic_decoder import AnthropicDecoder
from telex.providers.base import Decoder
from telex.providers.chat_decoder import ChatDecoder
from telex.providers.openai_responses_decoder import ResponsesDecoder
from telex.providers.packet_shape import LESSONS, PacketShape


def words_in(event: bytes) -> str:
    try:
        return str(json.loads(event)["text"])
    except (ValueError, KeyError):
        return ""


def shape_of(event: bytes, words: str) -> PacketShape:
    shape = PacketShape(words_in)
    shape.learn(b"data: " + event + b"\n\n", event, words)
    return shape


def test_what_stands_between_the_same_bytes_is_the_words():
    shape = shape_of(b'{"text": "one", "n": 1}', "one")
    assert shape.words(b'data: {"text": "t\\u0077o \\"2\\"", "n": 1}\n\n') == 'two "2"'


@pytest.mark.parametrize(
    "packet",
    [
        b'data: {"text": "two", "n": 2}\n\n',
        b'data: {"text": "two", "n": 1}',
        b'data: {"text": "two", "more": "", "n": 1}\n\n',
        b'data: {"text": "two", "n": 1}\n\ndata: {"text": "three", "n": 1}\n\n',
        b'data: {"text": "\xff", "n": 1}\n\n',
        b'data: {"text": , "n": 1}\n\n',
        b'data: {"text": "n": 1}\n\n',
        b'event: error\ndata: {"text": "two", "n": 1}\n\n',
    ],
)
def test_a_packet_that_differs_in_anything_else_is_left_to_the_long_way(packet):
    assert shape_of(b'{"text": "one", "n": 1}', "one").words(packet) == ""


def test_words_that_stand_elsewhere_too_are_not_taken_for_the_words():
    shape = shape_of(b'{"role": "one", "text": "one"}', "one")
    assert shape.words(b'data: {"role": "two", "text": "one"}\n\n') == ""


def test_words_whose_place_is_not_found_teach_nothing():
    shape = shape_of(b'{"text": "\\u006fne", "n": 1}', "one")
    assert shape.words(b'data: {"text": "two", "n": 1}\n\n') == ""


def test_where_something_else_changes_each_time_learning_ends():
    asked = []

    def read(event: bytes) -> str:
        asked.append(event)
        return words_in(event)

    shape = PacketShape(read)
    for n in range(LESSONS + 5):
        event = b'{"text": "one", "n": %d}' % n
        shape.learn(b"data: " + event + b"\n\n", event, "one")
    assert len(asked) == LESSONS


def chat(delta: dict[str, Any], **choice: Any) -> bytes:
    body = {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": None, **choice}]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def message(kind: str, **body: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **body})}\n\n".encode()


def block_delta(index: int, kind: str, **body: Any) -> bytes:
    return message("content_block_delta", index=index, delta={"type": kind, **body})


words = st.sampled_from(
    [
        "a",
        "broken",
        " b",
        "c\n",
        "index",
        "0",
        "text",
        "é\u2028",
        '"',
        "\\",
        "</think>",
        "<think>",
        "",
        "\ud83d",
        "\ude00",
    ]
)
call = {"index": 0, "id": "t", "function": {"name": "f", "arguments": "{}"}}
chat_events = st.one_of(
    words.map(lambda text: chat({"content": text})),
    words.map(lambda text: chat({"content": text}, index=1)),
    words.map(lambda text: chat({"content": text}, finish_reason="")),
    words.map(lambda text: chat({"content": text, "reasoning": "hm"})),
    words.map(lambda text: chat({"content": text, "tool_calls": [call]})),
    st.sampled_from([chat({}, finish_reason="stop"), b": ping\n\n", b'data: {"error": "no"}\n\n', b"data: [DONE]\n\n"]),
)
indices = st.integers(0, 1)
message_events = st.one_of(
    st.builds(lambda index, text: block_delta(index, "text_delta", text=text), indices, words),
    st.builds(lambda index, text: block_delta(index, "thinking_delta", thinking=text), indices, words),
    st.builds(lambda index: block_delta(index, "input_json_delta", partial_json="{}"), indices),
    st.builds(
        lambda index, kind: message("content_block_start", index=index, content_block={"type": kind, "text": ""}),
        indices,
        st.sampled_from(["text", "tool_use", "thinking"]),
    ),
    st.sampled_from([message("message_delta", delta={"stop_reason": "pause_turn"}), message("message_stop")]),
    st.sampled_from([message("ping"), b": ping\n\n", message("error", error={"message": "no"})]),
)

response_events = st.one_of(
    st.builds(
        lambda kind, index, text: message(f"response.{kind}.delta", output_index=index, delta=text),
        st.sampled_from(["output_text", "refusal", "reasoning_text"]),
        indices,
        words,
    ),
    st.sampled_from([message("response.completed", response={"status": "completed"}), message("error", message="no")]),
)


def read(decoder: Decoder, packets: list[bytes]) -> tuple[str, object]:
    """What an answer says, event by event joined, and how it ends."""
    said = ""
    try:
        for packet in packets:
            for event in decoder.feed(packet):
                said += type(event).__name__[0] + event.text
        for event in decoder.close():
            said += type(event).__name__[0] + event.text
        reply = decoder.reply()
    except ProviderError as error:
        return said, str(error)
    return said, (reply, reply.state)


@pytest.mark.parametrize(
    ("made", "events"),
    [(ChatDecoder, chat_events), (AnthropicDecoder, message_events), (ResponsesDecoder, response_events)],
)
def test_an_answer_says_the_same_packet_by_packet_and_in_one_piece(made: Callable[[], Decoder], events: Any) -> None:
    @given(st.lists(events, max_size=12))
    def check(packets: list[bytes]) -> None:
        packets = [packet.replace(b"broken", b"\xe4\xb8") for packet in packets]  # no UTF-8
        assert read(made(), packets) == read(made(), [b"".join(packets)])

    check()


def begun(index: int, kind: str) -> bytes:
    return message("content_block_start", index=index, content_block={"type": kind, "text": ""})


@pytest.mark.parametrize("between", [begun(0, "text"), begun(1, "text"), begun(1, "tool_use"), begun(0, "tool_use")])
def test_a_block_that_begins_ends_the_short_way_of_the_words_before(between: bytes) -> None:
    say, speak = block_delta(0, "text_delta", text="a"), block_delta(1, "text_delta", text="b")
    end = message("message_delta", delta={"stop_reason": "pause_turn"})
    packets = [begun(0, "text"), say, say, say, between, say, say, say, speak, say, speak, speak, say, end]
    assert read(AnthropicDecoder(), packets) == read(AnthropicDecoder(), [b"".join(packets)])
