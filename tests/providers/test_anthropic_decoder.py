import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telex.errors import ProviderDropped, ProviderError
from telex.events import ReasoningDelta, TextDelta
from telex.providers.anthropic_decoder import AnthropicDecoder
from telex.providers.base import Reply, Usage
from tests.providers import decoding
from tests.providers.anthropic_events import PING, START, STOP, begin, delta, end, finish, said, sse


def decode(body: bytes, step: int = 1) -> tuple[list[TextDelta | ReasoningDelta], AnthropicDecoder]:
    decoder = AnthropicDecoder(100_000)
    events = [event for i in range(0, len(body), step) for event in decoder.feed(body[i : i + step])]
    return events + list(decoder.close()), decoder


def reply(body: bytes) -> Reply:
    return decoding.reply(AnthropicDecoder, body)


HELLO = [START, *said(0, "Hé", "llo 😀"), finish(), STOP]
WHOLE = {
    "type": "message",
    "content": [{"type": "text", "text": "Héllo 😀"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 5},
}
HELLOS = {
    "the documented form": sse(*HELLO),
    "CRLF": sse(*HELLO, end="\r\n\r\n"),
    "a byte order mark": b"\xef\xbb\xbf" + sse(*HELLO),
    "no event names": sse(*HELLO, named=False),
    "no blank after data:": sse(*HELLO).replace(b"data: ", b"data:"),
    "pings": sse(START, PING, *(item for event in HELLO[1:] for item in (event, PING))),
    "comments": b": hi\n\n" + sse(*HELLO),
    "unknown events and deltas": sse(START, {"type": "vertex_event"}, *HELLO[1:3], delta(0, "new_delta", new=1), *HELLO[3:]),
    "unknown events of any shape": sse(START, {"type": "new_event", "delta": "x"}, *HELLO[1:]),
    "nothing as a list": sse(START, HELLO[1], {**HELLO[2], "delta": []}, *HELLO[2:-1], {**finish(), "delta": []}, STOP),
    "all that a message's end may hold": sse(
        *HELLO[:-2],
        {**finish(), "delta": {"stop_reason": "end_turn", "stop_details": {"type": "x"}, "container": {"id": "c"}}},
        STOP,
    ),
    "no message_stop": sse(*HELLO[:-1]),
    "no blank line at the end": sse(*HELLO[:-1]).rstrip(),
    "no content_block_start": sse(START, *HELLO[2:]),
    "words in content_block_start": sse(START, begin(0, type="text", text="Hé"), *HELLO[3:]),
    "[DONE] from a proxy": sse(*HELLO) + b"data: [DONE]\n\n",
    "no stop_reason": sse(*HELLO[:-2], finish(None), STOP),
    "[DONE] without message_stop": sse(*HELLO[:-1]) + b"data: [DONE]\n\n",
    "split into two blocks": sse(START, *said(0, "Hé"), *said(1, "llo 😀"), *HELLO[-2:]),
    "usage only at the start of the end": sse(*HELLO[:-2], {**finish(None), "delta": {}}, finish(), STOP),
    "JSON instead of a stream": json.dumps(WHOLE).encode(),
}  # fmt: skip


@pytest.mark.parametrize("body", HELLOS.values(), ids=HELLOS)
def test_every_dialect_says_the_same_words_byte_by_byte(body: bytes) -> None:
    assert reply(body) == Reply("Héllo 😀", usage=Usage(3, 5))


@settings(max_examples=40)
@given(st.sampled_from(list(HELLOS)), st.data())
def test_chunking_does_not_matter(name: str, data: st.DataObject) -> None:
    body = HELLOS[name]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=10)))
    decoder = AnthropicDecoder()
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    events = [event for piece in pieces for event in decoder.feed(piece)] + list(decoder.close())
    assert "".join(event.text for event in events) == "Héllo 😀" == decoder.reply().text


CALL = [
    begin(2, type="tool_use", id="toolu_1", name="f", input={}),
    delta(2, "input_json_delta", partial_json=""),
    delta(2, "input_json_delta", partial_json='{"x": "\\u00'),
    delta(2, "input_json_delta", partial_json='e9"}'),
    end(2),
]


def test_signed_thoughts_and_calls_are_kept_as_they_came() -> None:
    body = sse(
        START,
        begin(0, type="thinking", thinking="", signature=""),
        delta(0, "thinking_delta", thinking="h"),
        delta(0, "thinking_delta", thinking="m"),
        delta(0, "signature_delta", signature="s1"),
        delta(0, "signature_delta", signature="g=="),
        end(0),
        begin(1, type="redacted_thinking", data="blob"),
        end(1),
        *CALL,
        finish("tool_use"),
        STOP,
    )
    answer = reply(body)
    assert (answer.text, answer.reasoning, answer.finish) == ("", "hm", "tool_calls")
    assert [(call.id, call.name, call.arguments) for call in answer.calls] == [("toolu_1", "f", '{"x": "\\u00e9"}')]
    assert answer.state == {
        "wire": "anthropic",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s1g=="},
            {"type": "redacted_thinking", "data": "blob"},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"x": "é"}},
        ],
    }


def test_arguments_may_be_missing_or_come_whole() -> None:
    body = sse(
        START,
        begin(0, type="tool_use", id="a", name="f", input={}),
        begin(1, type="tool_use", id="b", name="g", input={"y": 2}),
        finish("tool_use"),
        STOP,
    )
    assert [call.arguments for call in reply(body).calls] == ["{}", '{"y":2}']


def test_the_calls_decide_and_not_the_stop_reason() -> None:
    assert reply(sse(START, *CALL, finish("end_turn"), STOP)).finish == "tool_calls"
    assert reply(sse(START, *said(0, "a"), finish("tool_use"), STOP)).finish == "stop"


def test_whole_calls_without_a_stop_reason_are_run() -> None:
    answer = reply(sse(START, *said(0, "Hé"), *CALL))
    assert (answer.text, answer.finish, len(answer.calls)) == ("Hé", "tool_calls", 1)


def test_calls_that_the_length_limit_cut_off_do_not_run() -> None:
    answer = reply(sse(START, *CALL[:3], finish("max_tokens"), STOP))
    assert (answer.finish, answer.calls, answer.state) == ("length", (), None)


@pytest.mark.parametrize(
    ("reason", "meant"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("something_new", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
        ("pause_turn", "pause"),
    ],
)
def test_stop_reasons_have_their_meanings(reason: str, meant: str) -> None:
    assert reply(sse(START, *said(0, "a"), finish(reason), STOP)).finish == meant


def test_words_on_both_sides_of_a_servers_own_tool_are_two_paragraphs() -> None:
    body = sse(
        START, *said(0, "I look."), begin(1, type="server_tool_use", id="s", name="web_search", input={}),
        *said(2, "Found", " it."), finish(), STOP,
    )  # fmt: skip
    assert reply(body).text == "I look.\n\nFound it."


def test_citations_stay_with_their_words() -> None:
    body = sse(
        START,
        begin(0, type="text", text="", citations=None),
        delta(0, "text_delta", text="a"),
        delta(0, "citations_delta", citation={"cited_text": "b"}),
        *CALL,
        finish("tool_use"),
        STOP,
    )
    state = reply(body).state
    assert state
    assert state["content"][0] == {"type": "text", "text": "a", "citations": [{"cited_text": "b"}]}


def test_all_that_was_read_counts_as_the_prompt() -> None:
    usage = {"input_tokens": 3, "cache_read_input_tokens": 40, "cache_creation_input_tokens": None, "output_tokens": 1}
    body = sse({"type": "message_start", "message": {"usage": usage}}, *HELLO[1:])
    assert reply(body).usage == Usage(43, 5)


DROPS = {
    "in the middle": sse(*HELLO[:3]),
    "in the middle of an event": sse(*HELLO[:3]) + sse(HELLO[3])[:-20],
    "before the stop reason": sse(*HELLO[:-2]),
    "in the middle of a tool call": sse(START, *said(0, "Hé"), *CALL[:3]),
    "a tool call without arguments, and no stop reason": sse(START, *said(0, "Hé"), *CALL[:2], CALL[-1]),
    "only the start": sse(START, PING),
    "nothing at all": b"",
    "JSON in the middle": json.dumps(WHOLE).encode()[:40],
}


@pytest.mark.parametrize("body", DROPS.values(), ids=DROPS)
def test_an_end_without_the_models_word_is_a_drop(body: bytes) -> None:
    found = decoding.reading(AnthropicDecoder, body)
    assert isinstance(found.error, ProviderDropped)


OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
ERRORS = {
    "as documented": sse(*HELLO[:3], OVERLOADED),
    "without the event's name": sse(*HELLO[:3], OVERLOADED, named=False),
    "at the very end": sse(*HELLO[:3], OVERLOADED).rstrip(),
    "as JSON in a 200": json.dumps(OVERLOADED).encode(),
}


@pytest.mark.parametrize("body", ERRORS.values(), ids=ERRORS)
def test_an_error_in_a_200_is_raised_with_its_status_after_what_came(body: bytes) -> None:
    found = decoding.reading(AnthropicDecoder, body)
    assert found.text == ("" if body.startswith(b"{") else "Hé")
    assert found.error is not None
    assert "Overloaded" in str(found.error)
    assert found.error.status == 529


@pytest.mark.parametrize("body", [b'{"detail": "no such thing"}', b'[{"message": "no such thing"}]'])
def test_json_that_is_no_message_is_an_error(body: bytes) -> None:
    with pytest.raises(ProviderError, match="no such thing"):
        decode(body)


def test_an_event_that_is_not_json_is_no_silent_loss() -> None:
    with pytest.raises(ProviderError, match="not JSON"):
        decode(sse(*HELLO[:3]) + b'data: {"type": "content_bl\n\n' + sse(STOP))


def test_words_are_given_with_the_byte_that_completes_them() -> None:
    decoder = AnthropicDecoder()
    body = sse(*HELLO[:3])
    assert list(decoder.feed(body[:-1])) == []
    assert list(decoder.feed(body[-1:])) == [TextDelta("Hé")]
    list(decoder.feed(sse(finish())))
    assert (decoder.finished, decoder.done) == (True, False)
    list(decoder.feed(sse(STOP)))
    assert decoder.done
