import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telex.errors import ProviderDropped, ProviderError
from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Reply, Usage
from telex.providers.chat_decoder import ChatDecoder
from tests.providers import decoding
from tests.providers.chat_events import STOP, chunk, say, sse


def decode(body: bytes, step: int = 1) -> tuple[list[TextDelta | ReasoningDelta], ChatDecoder]:
    decoder = ChatDecoder(100_000)
    events = [event for i in range(0, len(body), step) for event in decoder.feed(body[i : i + step])]
    events += decoder.close()
    return events, decoder


def reply(body: bytes) -> Reply:
    return decoding.reply(ChatDecoder, body)


HELLO = [chunk({"role": "assistant", "content": ""}), say("Hé"), say("llo 😀"), STOP]

OPENAIS = {
    "id": "chatcmpl-1", "created": 1, "model": "m", "service_tier": "default", "system_fingerprint": None,
    "usage": None, "obfuscation": "9s2",
}  # fmt: skip
HELLOS = {
    "the documented form": sse(*HELLO),
    "all of OpenAI's fields": sse(*({**item, **OPENAIS} for item in HELLO)),
    "what Azure says of the question first": sse(
        {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}, *HELLO
    ),
    "no [DONE]": sse(*HELLO, done=False),
    "no blank line at the end": sse(*HELLO, done=False).rstrip(),
    "CRLF": sse(*HELLO, end="\r\n\r\n"),
    "CR": sse(*HELLO, end="\r\r"),
    "no blank after data:": sse(*HELLO, field="data:"),
    "a byte order mark": b"\xef\xbb\xbf" + sse(*HELLO),
    "blank lines first": b"\n\r\n" + sse(*HELLO),
    "comments": b": OPENROUTER PROCESSING\n\n" + sse(*HELLO).replace(b"\n\n", b"\n\n: ping\n\n"),
    "event names": sse(*HELLO).replace(b"data:", b"event: message\ndata:"),
    "pings": sse("ping", *HELLO, "", "keep-alive"),
    "content null": sse(chunk({"role": "assistant", "content": None}), *HELLO),
    "no delta": sse({"choices": [{"index": 0}]}, *HELLO),
    "delta null": sse(chunk(None), *HELLO),
    "choices empty": sse({"choices": []}, *HELLO),
    "choices missing": sse({"object": "chat.completion.chunk"}, *HELLO),
    "choices null": sse({"choices": None}, *HELLO),
    "a choice null": sse({"choices": [None]}, *HELLO),
    "odd shapes": sse({"choices": {"0": 1}}, {"choices": [{"delta": "x"}]}, "[]", *HELLO),
    "nothing as a list": sse(
        {"choices": [{"delta": {"content": "Hé"}, "message": []}]}, say("llo 😀"), chunk([], "stop")
    ),
    "nothing as a word": sse(*HELLO[:3], chunk("", "stop")),
    "error null": sse({**say("Hé"), "error": None}, {**say("llo 😀"), "error": {}}, STOP),
    "no index": sse(*({"choices": [{**c["choices"][0], "index": None}]} for c in HELLO)),
    "other choices": sse(*HELLO[:2], {"choices": [{"index": 1, "delta": {"content": "no"}}]}, *HELLO[2:]),
    "data lines of one event": sse(*HELLO).replace(b'"choices": ', b'"choices":\ndata: '),
    "a line end too few": sse(*HELLO, end="\n"),
    "finish with the last words": sse(say("Hé"), chunk({"content": "llo 😀"}, "stop")),
    "two finishes": sse(*HELLO, STOP),
    "an unknown finish": sse(*HELLO[:3], chunk({}, "eos")),
    "end_turn": sse(*HELLO[:3], chunk({}, "end_turn")),
    "an empty finish at the end": sse(*HELLO[:3], chunk({}, "")),
    "an empty finish without [DONE]": sse(*HELLO[:3], chunk({"content": ""}, ""), done=False),
    "an empty finish everywhere": sse(say("Hé"), chunk({"content": "llo 😀"}, ""), {"choices": []}),
    "tool_calls without one": sse(*HELLO[:3], chunk({}, "tool_calls")),
    "nothing after [DONE] counts": sse(*HELLO) + sse(say("more")),
    "content in parts": sse(
        say([{"type": "text", "text": "Hé"}]), say(["llo ", {"text": "😀"}, {"type": "image"}]), STOP
    ),
    "a refusal": sse(chunk({"content": None, "refusal": "Hé"}), chunk({"refusal": "llo 😀"}), STOP),
    "the message beside the deltas": sse(
        {"choices": [{"delta": {"content": "Hé"}, "message": {"content": "Hé"}}]},
        {"choices": [{"delta": {"content": "llo 😀"}, "message": {"content": "Héllo 😀"}}]},
        {"choices": [{"delta": {}, "message": {"content": "Héllo 😀"}, "finish_reason": "stop"}]},
    ),
    "the message beside empty deltas": sse(
        {
            "choices": [
                {
                    "delta": {"role": "assistant", "content": ""},
                    "message": {"content": "Héllo 😀"},
                    "finish_reason": "stop",
                }
            ]
        }
    ),
    "one event with the message": sse({"choices": [{"message": {"content": "Héllo 😀"}, "finish_reason": "stop"}]}),
    "JSON instead of a stream": json.dumps(
        {"choices": [{"message": {"content": "Héllo 😀"}, "finish_reason": "stop"}]}
    ).encode(),
    "JSON in lines, with blanks": b"\xef\xbb\xbf\n "
    + json.dumps(
        {"choices": [{"message": {"content": "Héllo 😀"}, "finish_reason": "stop"}]}, indent=1, ensure_ascii=False
    ).encode()
    + b"\n",
    "JSON without a finish": json.dumps({"choices": [{"message": {"content": "Héllo 😀"}}]}).encode(),
    "one object a line": "\n".join(json.dumps(item) for item in HELLO).encode(),
}


@pytest.mark.parametrize("body", HELLOS.values(), ids=HELLOS)
def test_every_dialect_says_the_same_words_byte_by_byte(body: bytes) -> None:
    assert reply(body) == Reply("Héllo 😀")


@settings(max_examples=60)
@given(st.sampled_from(list(HELLOS)), st.data())
def test_chunking_does_not_matter(name: str, data: st.DataObject) -> None:
    body = HELLOS[name]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=10)))
    decoder = ChatDecoder()
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    events = [event for piece in pieces for event in decoder.feed(piece)] + list(decoder.close())
    assert "".join(event.text for event in events) == "Héllo 😀"
    assert decoder.reply().text == "Héllo 😀"


THOUGHTS = {
    "reasoning_content": sse(chunk({"reasoning_content": "hm"}), say("a"), STOP),
    "reasoning": sse(chunk({"reasoning": "h"}), chunk({"reasoning": "m"}), say("a"), STOP),
    "both": sse(chunk({"reasoning_content": "hm", "reasoning": "hm"}), say("a"), STOP),
    "both, one after the other": sse(chunk({"reasoning_content": "hm"}), chunk({"reasoning": "hm"}), say("a"), STOP),
    "reasoning and its details": sse(
        chunk({"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]}), say("a"), STOP
    ),
    "details alone": sse(
        chunk({"reasoning_details": [{"type": "reasoning.text", "text": "h", "signature": None}]}),
        chunk(
            {
                "reasoning_details": [
                    {"type": "reasoning.summary", "summary": "m"},
                    {"type": "reasoning.encrypted", "data": "x"},
                ]
            }
        ),
        say("a"),
        STOP,
    ),
    "null and empty first": sse(
        chunk({"reasoning_content": None, "reasoning": ""}),
        chunk({"reasoning_content": "", "reasoning": "hm"}),
        say("a"),
        STOP,
    ),
    "Mistral's parts": sse(
        say([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "a"}]), STOP
    ),
    "parts beside a field": sse(
        chunk({"reasoning_content": "hm", "content": [{"type": "thinking", "thinking": "hm"}]}), say("a"), STOP
    ),
    "tags in the content": sse(say("<thi"), say("nk>hm</think"), say(">\n\na"), STOP),
    "in one JSON object": json.dumps(
        {"choices": [{"message": {"content": "a", "reasoning": "hm", "reasoning_content": "hm"}}]}
    ).encode(),
}


@pytest.mark.parametrize("body", THOUGHTS.values(), ids=THOUGHTS)
def test_thoughts_are_read_once_under_every_name(body: bytes) -> None:
    assert reply(body) == Reply("a", "hm")


USAGES = {
    "after the finish": sse(say("a"), STOP, {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5}}),
    "with the finish": sse(say("a"), chunk({}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 5})),
    "in every chunk": sse(
        chunk({"content": "a"}, usage={"prompt_tokens": 3, "completion_tokens": 1}),
        chunk({}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 5}),
        {"choices": [], "usage": None},
    ),
    "with odd values beside": sse(
        say("a"),
        chunk(
            {}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 5, "cost": None, "prompt_tokens_details": "?"}
        ),
    ),
    "in the choice": sse(
        say("a"),
        {
            "choices": [
                {
                    "index": 0,
                    "delta": {},
                    "finish_reason": "stop",
                    "usage": {"prompt_tokens": 3, "completion_tokens": 5},
                }
            ]
        },
    ),
    "Groq's": sse(
        chunk({"role": "assistant", "content": ""}, x_groq={"id": "req"}),
        say("a"),
        chunk({}, "stop", x_groq={"id": "req", "usage": {"prompt_tokens": 3, "completion_tokens": 5}}),
    ),
    "in two halves": sse(
        say("a"), chunk({}, "stop", usage={"prompt_tokens": 3}), {"choices": [], "usage": {"completion_tokens": 5}}
    ),
}


@pytest.mark.parametrize("body", USAGES.values(), ids=USAGES)
def test_the_last_usage_counts_wherever_it_stands(body: bytes) -> None:
    assert reply(body) == Reply("a", usage=Usage(3, 5))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "content_filter"),
        ("STOP", "stop"),
        ("eos", "stop"),
    ],
)
def test_the_names_of_a_finish_become_four(said: str, meant: str) -> None:
    assert reply(sse(say("a"), chunk({}, said))).finish == meant


CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}


@pytest.mark.parametrize(
    "body",
    [
        sse(chunk({"tool_calls": [CALL]}), chunk({}, "tool_calls")),
        sse(chunk({"tool_calls": [CALL]}), chunk({}, "stop")),
        sse(chunk({"tool_calls": [CALL]})),
        sse(chunk({"tool_calls": [CALL]}), done=False),
        sse(chunk({"function_call": CALL["function"]}), chunk({}, "function_call")),
        json.dumps({"choices": [{"message": {"content": None, "tool_calls": [CALL]}}]}).encode(),
    ],
    ids=["as documented", "finish stop", "no finish", "bare end", "older form", "JSON"],
)
def test_tool_calls_are_collected_and_decide_how_the_answer_ended(body: bytes) -> None:
    assert reply(body).finish == "tool_calls"
    (call,) = decode(body)[1].calls
    assert (call.name, call.arguments) == ("f", '{"x":1}')


DROPS = {
    "in the middle": sse(say("a"), done=False),
    "in the middle of a chunk": sse(say("a"), say("b"), done=False)[:-12],
    "[DONE] without a finish": sse(say("a")),
    "an empty finish in the middle": sse(chunk({"content": "a"}, ""), done=False),
    "tool calls in the middle": sse(
        say("a"), chunk({"tool_calls": [{**CALL, "function": {"name": "f", "arguments": '{"x'}}]}), done=False
    ),
    "JSON in the middle": b'{"choices": [{"message": {"cont',
    "nothing at all": b"",
    "only comments": b": ping\n\n",
}


@pytest.mark.parametrize("body", DROPS.values(), ids=DROPS)
def test_an_end_without_the_models_word_is_a_drop_and_what_came_was_given(body: bytes) -> None:
    found = decoding.reading(ChatDecoder, body)
    assert isinstance(found.error, ProviderDropped)
    assert found.text == ("a" if b'"a"' in body else "")


ERRORS = {
    "top level": sse(say("a"), {"error": {"message": "Overloaded", "code": 503}}),
    "OpenRouter": sse(say("a"), {**chunk({"content": ""}, "error"), "error": {"code": 502, "message": "Overloaded"}}),
    "in the choice": sse(
        say("a"), {"choices": [{"delta": {}, "error": {"message": "Overloaded"}, "finish_reason": "error"}]}
    ),
    "OpenRouter, in full": sse(
        say("a"),
        {
            "error": {"code": "502", "message": "Overloaded", "metadata": {"provider_name": "x"}},
            "choices": [
                {"index": 0, "delta": {"content": ""}, "finish_reason": "error", "native_finish_reason": "error"}
            ],
        },
        done=False,
    ),
    "a string": sse(say("a"), {"error": "Overloaded"}),
    "event: error with JSON": sse(say("a"), done=False)
    + b'event: error\ndata: {"error": {"message": "Overloaded"}}\n\n',
    "event: error with a message": sse(say("a"), done=False) + b'event: error\ndata: {"message": "Overloaded"}\n\n',
    "event: error with words": sse(say("a"), done=False) + b"event: error\ndata: Overloaded\n\n",
    "event: error at the very end": sse(say("a"), done=False) + b"event: error\ndata: Overloaded",
    "without its wrapping": sse(say("a"), {"object": "error", "message": "Overloaded", "code": 400}),
    "why Groq stopped early": sse(say("a"), chunk({}, "stop", x_groq={"id": "req", "error": "Overloaded"})),
    "choices of an odd shape": sse(say("a"), {"choices": "none", "error": {"message": "Overloaded"}}),
}


@pytest.mark.parametrize("body", ERRORS.values(), ids=ERRORS)
def test_an_error_in_the_middle_is_raised_with_the_servers_words_after_what_came(body: bytes) -> None:
    found = decoding.reading(ChatDecoder, body)
    assert found.text == "a"
    assert "Overloaded" in str(found.error)
    assert not isinstance(found.error, ProviderDropped)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"message": "Overloaded"}}',
        b'[{"error": {"message": "Overloaded"}}]',
        b'{"detail": [{"msg": "Overloaded"}]}',
    ],
)
def test_an_error_in_a_plain_json_body_is_raised(body: bytes) -> None:
    with pytest.raises(ProviderError, match="Overloaded"):
        decode(body)


def test_finish_reason_error_alone_is_a_failure() -> None:
    with pytest.raises(ProviderError, match="error"):
        decode(sse(say("a"), chunk({}, "error")))


def test_a_chunk_that_is_not_json_is_no_silent_loss() -> None:
    with pytest.raises(ProviderError, match="not JSON"):
        decode(sse(say("a"), '{"choices": [{"delta"', STOP))


def test_an_endless_body_is_refused() -> None:
    decoder = ChatDecoder(50)
    with pytest.raises(ProviderError, match="more than 50 bytes"):
        list(decoder.feed(b'{"choices": [' + b" " * 60))


def test_words_are_given_with_the_byte_that_completes_them() -> None:
    decoder = ChatDecoder()
    body = sse(say("a"), done=False)
    assert list(decoder.feed(body[:-1])) == []
    assert list(decoder.feed(body[-1:])) == [TextDelta("a")]
    assert not decoder.finished
    list(decoder.feed(sse(STOP, done=False)))
    assert decoder.finished
    assert not decoder.done
    list(decoder.feed(b"data: [DONE]\n\n"))
    assert decoder.done


def test_signatures_beside_thoughts_and_calls_are_kept_for_the_server() -> None:
    signed = {"google": {"thought_signature": "s"}}
    body = sse(
        chunk({"reasoning": "h", "reasoning_details": [{"type": "reasoning.text", "text": "h", "index": 0}]}),
        chunk({"reasoning": "m", "reasoning_details": [{"type": "reasoning.text", "text": "m", "index": 0}]}),
        chunk({"reasoning_details": [{"type": "reasoning.text", "signature": "s1g", "index": 0}]}),
        chunk({"reasoning_details": [{"type": "reasoning.encrypted", "data": "blob", "index": 1}]}),
        chunk({"tool_calls": [{**CALL, "extra_content": signed}, {**CALL, "index": 1}]}),
        chunk({}, "tool_calls"),
    )
    answer = reply(body)
    assert [call.id for call in answer.calls] == ["c", "c_2"]
    assert answer.state == {
        "wire": "chat",
        "details": [
            {"type": "reasoning.text", "text": "hm", "index": 0, "signature": "s1g"},
            {"type": "reasoning.encrypted", "data": "blob", "index": 1},
        ],
        "extras": {"c": signed},
        "reasoning": "hm",
    }
