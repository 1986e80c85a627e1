import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telex.errors import ProviderDropped, ProviderError
from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Reply, Usage
from telex.providers.openai_responses_decoder import ResponsesDecoder
from tests.providers import decoding
from tests.providers.responses_events import CREATED, ended, event, message, said, sse


def decode(body: bytes, step: int = 1) -> tuple[list[TextDelta | ReasoningDelta], ResponsesDecoder]:
    decoder = ResponsesDecoder(100_000)
    events = [event for i in range(0, len(body), step) for event in decoder.feed(body[i : i + step])]
    return events + list(decoder.close()), decoder


def reply(body: bytes) -> Reply:
    return decoding.reply(ResponsesDecoder, body)


END = ended(message("Héllo 😀"))
HELLO = [*CREATED, *said(0, "Hé", "llo 😀"), END]
WHOLE = END["response"]
SILENT = (
    "queued", "custom_tool_call_input.delta", "custom_tool_call_input.done", "web_search_call.searching",
    "file_search_call.completed", "code_interpreter_call.interpreting", "code_interpreter_call_code.delta",
    "image_generation_call.partial_image", "mcp_call.in_progress", "mcp_call_arguments.delta", "mcp_list_tools.completed",
    "compaction.compacting", "shell_call_command.delta", "shell_call_output_content.delta", "audio.delta",
)  # fmt: skip
QUIET = [event(name, 7, item_id="other", delta="not for readers") for name in SILENT]
HELLOS = {
    "the documented form": sse(*HELLO),
    "CRLF": sse(*HELLO, end="\r\n\r\n"),
    "a byte order mark": b"\xef\xbb\xbf" + sse(*HELLO),
    "no event names": sse(*HELLO, named=False),
    "no blank after data:": sse(*HELLO).replace(b"data: ", b"data:"),
    "comments": sse(*HELLO).replace(b"\n\n", b"\n\n: ping\n\n"),
    "[DONE] at the end": sse(*HELLO) + b"data: [DONE]\n\n",
    "no blank line at the end": sse(*HELLO).rstrip(),
    "unknown events": sse(event("compaction.compacting"), *HELLO[:3], event("audio.delta", delta="x"), *HELLO[3:]),
    "all the events that say nothing to a reader": sse(*CREATED, *QUIET, *HELLO[2:5], *QUIET, *HELLO[5:]),
    "events of a server's own tool": sse(*CREATED, event("web_search_call.completed", 1), *HELLO[2:]),
    "nothing in the output at the end": sse(*HELLO[:-1], ended()),
    "pieces alone": sse(*HELLO[4:6], ended()),
    "the whole text at its end alone": sse(*CREATED, event("output_text.done", content_index=0, text="Héllo 😀"), END),
    "the item at its end alone": sse(*CREATED, event("output_item.done", item=message("Héllo 😀")), END),
    "the response at its end alone": sse(*CREATED, END),
    "annotations": sse(*HELLO[:5], event("output_text.annotation.added", annotation={}), *HELLO[5:]),
    "JSON instead of a stream": json.dumps(WHOLE, indent=1).encode(),
    "a refusal": sse(
        *CREATED, event("refusal.delta", content_index=0, delta="Hé"),
        event("refusal.delta", content_index=0, delta="llo 😀"),
        event("refusal.done", content_index=0, refusal="Héllo 😀"),
        ended({"type": "message", "content": [{"type": "refusal", "refusal": "Héllo 😀"}]}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("body", HELLOS.values(), ids=HELLOS)
def test_every_dialect_says_the_same_words_byte_by_byte(body: bytes) -> None:
    assert reply(body) == Reply("Héllo 😀", usage=Usage(3, 5))


@settings(max_examples=40)
@given(st.sampled_from(list(HELLOS)), st.data())
def test_chunking_does_not_matter(name: str, data: st.DataObject) -> None:
    body = HELLOS[name]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=10)))
    decoder = ResponsesDecoder()
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    events = [event for piece in pieces for event in decoder.feed(piece)] + list(decoder.close())
    assert "".join(event.text for event in events) == "Héllo 😀" == decoder.reply().text


THOUGHT = {
    "type": "reasoning",
    "id": "rs",
    "summary": [{"type": "summary_text", "text": "hm"}],
    "encrypted_content": "gAAA==",
    "status": None,
}
CALL = {"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": '{"x":1}', "status": "completed"}
CALLING = [
    *CREATED,
    event("output_item.added", 0, item={"type": "reasoning", "id": "rs", "summary": []}),
    event("reasoning_summary_part.added", 0, summary_index=0),
    event("reasoning_summary_text.delta", 0, summary_index=0, delta="h"),
    event("reasoning_summary_text.delta", 0, summary_index=0, delta="m"),
    event("reasoning_summary_text.done", 0, summary_index=0, text="hm"),
    event("output_item.done", 0, item=THOUGHT),
    event("output_item.added", 1, item={**CALL, "arguments": "", "status": "in_progress"}),
    event("function_call_arguments.delta", 1, delta='{"x"'),
    event("function_call_arguments.delta", 1, delta=":1}"),
    event("function_call_arguments.done", 1, arguments='{"x":1}'),
    event("output_item.done", 1, item=CALL),
]
CALLS = {
    "the documented form": sse(*CALLING, ended(THOUGHT, CALL)),
    "nothing in the output at the end": sse(*CALLING, ended()),
    "JSON instead of a stream": json.dumps(ended(THOUGHT, CALL)["response"]).encode(),
}


@pytest.mark.parametrize("body", CALLS.values(), ids=CALLS)
def test_encrypted_thoughts_and_calls_are_kept_as_they_came(body: bytes) -> None:
    answer = reply(body)
    assert (answer.text, answer.reasoning, answer.finish) == ("", "hm", "tool_calls")
    assert [(call.id, call.name, call.arguments) for call in answer.calls] == [("c", "f", '{"x":1}')]
    assert answer.state == {"wire": "responses", "output": [THOUGHT, CALL]}


def test_a_call_whose_item_never_ends_is_made_of_its_pieces() -> None:
    (call,) = reply(sse(*CALLING[:-2], ended())).calls
    assert (call.id, call.arguments) == ("c", '{"x":1}')


def test_whole_calls_without_an_end_of_the_response_are_run() -> None:
    answer = reply(sse(*CALLING))
    assert (answer.finish, [call.id for call in answer.calls]) == ("tool_calls", ["c"])


def test_arguments_may_come_as_an_object_or_not_at_all() -> None:
    calls = reply(sse(ended({**CALL, "arguments": {"x": 1}}, {**CALL, "call_id": "d", "arguments": ""}))).calls
    assert [call.arguments for call in calls] == ['{"x":1}', "{}"]


def test_two_parts_of_a_summary_and_two_messages_are_paragraphs() -> None:
    body = sse(
        event("reasoning_summary_text.delta", 0, summary_index=0, delta="h"),
        event("reasoning_summary_text.delta", 0, summary_index=1, delta="m"),
        *said(1, "a"),
        *said(2, "b"),
        ended(),
    )
    answer = reply(body)
    assert (answer.reasoning, answer.text) == ("h\n\nm", "a\n\nb")


def test_thoughts_and_their_summary_are_not_both_read() -> None:
    body = sse(
        event("reasoning_text.delta", 0, content_index=0, delta="hm"),
        event("reasoning_summary_text.delta", 0, summary_index=0, delta="hm, in short"),
        event("output_item.done", 0, item=THOUGHT),
        *said(1, "a"),
        ended(),
    )
    assert reply(body).reasoning == "hm"


@pytest.mark.parametrize(
    ("reason", "meant"), [("max_output_tokens", "length"), ("content_filter", "content_filter"), (None, "length")]
)
def test_an_incomplete_response_says_why(reason: str | None, meant: str) -> None:
    cut = ended(status="incomplete", incomplete_details={"reason": reason})
    assert reply(sse(*said(0, "a"), cut)).finish == meant


def test_calls_that_were_cut_off_do_not_run() -> None:
    answer = reply(sse(*CALLING, ended(THOUGHT, CALL, status="incomplete", incomplete_details=None)))
    assert (answer.finish, answer.calls, answer.state) == ("length", (), None)


DROPS = {
    "in the middle": sse(*HELLO[:5]),
    "in the middle of an event": sse(*HELLO[:6])[:-30],
    "after the item": sse(*HELLO[:-1]),
    "in the middle of a call": sse(*CALLING[:-3]),
    "after a call without arguments": sse(*CALLING[:-5]),
    "[DONE] without an end": sse(*HELLO[:-1]) + b"data: [DONE]\n\n",
    "nothing at all": b"",
    "JSON in the middle": json.dumps(WHOLE).encode()[:60],
}


@pytest.mark.parametrize("body", DROPS.values(), ids=DROPS)
def test_an_end_without_the_servers_word_is_a_drop(body: bytes) -> None:
    found = decoding.reading(ResponsesDecoder, body)
    assert isinstance(found.error, ProviderDropped)


OVERLOADED = {"code": "server_error", "message": "Overloaded"}
ERRORS = {
    "failed": sse(*HELLO[:5], ended(status="failed", error=OVERLOADED)),
    "error": sse(*HELLO[:5], {"type": "error", **OVERLOADED, "param": None}),
    "error, wrapped": sse(*HELLO[:5], {"type": "error", "error": OVERLOADED}, named=False),
    "error without its name": sse(*HELLO[:5], {"type": "error", **OVERLOADED}, named=False),
    "as JSON in a 200": json.dumps({"error": OVERLOADED}).encode(),
    "a failed response as JSON": json.dumps(ended(status="failed", error=OVERLOADED)["response"]).encode(),
}


@pytest.mark.parametrize("body", ERRORS.values(), ids=ERRORS)
def test_an_error_in_a_200_is_raised_with_its_status_after_what_came(body: bytes) -> None:
    found = decoding.reading(ResponsesDecoder, body)
    assert found.text == ("" if body.startswith(b"{") else "Hé")
    assert found.error is not None
    assert "Overloaded" in str(found.error)
    assert found.error.status == 500


@pytest.mark.parametrize("body", [b'{"detail": "no such thing"}', b'[{"message": "no such thing"}]'])
def test_json_that_is_no_response_is_an_error(body: bytes) -> None:
    with pytest.raises(ProviderError, match="no such thing"):
        decode(body)


def test_an_event_that_is_not_json_is_no_silent_loss() -> None:
    with pytest.raises(ProviderError, match="not JSON"):
        decode(sse(*HELLO[:5]) + b'data: {"type": "response.out\n\n' + sse(END))


def test_words_are_given_with_the_byte_that_completes_them() -> None:
    decoder = ResponsesDecoder()
    body = sse(*HELLO[:5])
    assert list(decoder.feed(body[:-1])) == []
    assert list(decoder.feed(body[-1:])) == [TextDelta("Hé")]
    list(decoder.feed(sse(END)))
    assert decoder.finished
    assert decoder.done
