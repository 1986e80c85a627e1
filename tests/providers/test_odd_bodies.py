"""Bodies that are neither a stream of server-sent events nor one JSON object, or both; in each format."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from telex.errors import ProviderDropped, ProviderError
from telex.providers.anthropic_decoder import AnthropicDecoder
from telex.providers.base import Decoder
from telex.providers.chat_decoder import ChatDecoder
from telex.providers.openai_responses_decoder import ResponsesDecoder
from tests.providers import anthropic_events as anthropic
from tests.providers import chat_events as chat
from tests.providers import decoding
from tests.providers import responses_events as responses

CHAT = [chat.chunk({"role": "assistant", "content": ""}), chat.say("Hé"), chat.say("llo"), chat.STOP]
ANTHROPIC = [anthropic.START, *anthropic.said(0, "Hé", "llo"), anthropic.finish(), anthropic.STOP]
RESPONSES = [*responses.CREATED, *responses.said(0, "Hé", "llo"), responses.ended(responses.message("Héllo"))]
CHAT_WHOLE: dict[str, Any] = {"choices": [{"message": {"role": "assistant", "content": "Héllo"}}]}
ANTHROPIC_WHOLE: dict[str, Any] = {"content": [{"type": "text", "text": "Héllo"}], "stop_reason": "end_turn"}
RESPONSES_WHOLE: dict[str, Any] = {"object": "response", "output": [responses.message("Héllo")]}


class Form(NamedTuple):
    """A format, and "Héllo" in it."""

    made: Callable[[], Decoder]
    events: list[dict[str, Any]]
    half: int  # so many events hold "Hé"
    whole: dict[str, Any]


FORMS = {
    "chat": Form(ChatDecoder, CHAT, 2, CHAT_WHOLE),
    "anthropic": Form(AnthropicDecoder, ANTHROPIC, 3, ANTHROPIC_WHOLE),
    "responses": Form(ResponsesDecoder, RESPONSES, 5, RESPONSES_WHOLE),
}
of_each_format = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)

STREAMS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "an object a line": lambda events: "\n".join(map(json.dumps, events)).encode(),
    "an object a line, and an end": lambda events: "".join(json.dumps(event) + "\r\n" for event in events).encode(),
    "no blank lines": lambda events: "".join(f"data: {json.dumps(event)}\n" for event in events).encode(),
    "no blank lines, with names": lambda events: b"".join(
        f"event: {event.get('type', 'message')}\ndata: {json.dumps(event)}\n".encode() for event in events
    ),
    "bare objects between comments": lambda events: b"".join(
        b": hi\n\n" + json.dumps(event, indent=1).encode() + b"\n\n" for event in events
    ),
    "the type in the event's name alone": lambda events: b"".join(
        f"event: {event.get('type', 'message')}\ndata: {json.dumps({**event, 'type': None})}\n\n".encode()
        for event in events
    ),
    "no type, and a name": lambda events: b"".join(
        f"event: {event.get('type', 'message')}\n".encode()
        + f"data: {json.dumps({key: value for key, value in event.items() if key != 'type'})}\n\n".encode()
        for event in events
    ),
}


@of_each_format
@pytest.mark.parametrize("written", STREAMS.values(), ids=STREAMS)
def test_a_stream_is_read_however_its_events_are_parted(form: Form, written: Any) -> None:
    assert decoding.reply(form.made, written(form.events)).text == "Héllo"


@of_each_format
@pytest.mark.parametrize(
    "before", [b"", b": OPENROUTER PROCESSING\n\n", b": one\n: two\n", b"event: ping\ndata: ping\n\n"]
)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_may_stand_behind_comments_and_say_little_about_itself(
    form: Form, before: bytes, indent: int | None
) -> None:
    assert decoding.reply(form.made, before + json.dumps(form.whole, indent=indent).encode()).text == "Héllo"


@of_each_format
@pytest.mark.parametrize(
    "told",
    [
        b'{"error": {"message": "Overloaded", "code": 503}}',
        b'{"error": {"message": "Overloaded", "code": 503}}\n',
        b'{\n "error": {\n  "message": "Overloaded",\n  "code": 503\n }\n}\n\n',
        b'{"error": {"message": "Overloaded", "code": 503}}\ndata: [DONE]\n\n',
        b'{"error": {"message": "Overloaded", "code": 503}}\n: the end\n\n',
        b'data: {"error": {"message": "Overloaded", "code": 503}}\n\n',
        b'event: error\ndata: {"error": {"message": "Overloaded", "code": 503}}\n\n',
    ],
)
@pytest.mark.parametrize("said", [True, False], ids=["after words", "at once"])
def test_an_error_is_told_in_the_servers_words_wherever_it_stands(form: Form, told: bytes, said: bool) -> None:
    before = (
        [f"data: {json.dumps(event)}\n\n".encode() for event in form.events[: form.half]] if said else [b": hi\n\n"]
    )
    found = decoding.reading(form.made, b"".join(before) + told)
    assert found.text == ("Hé" if said else "")
    assert (type(found.error), str(found.error)) == (ProviderError, "Overloaded")
    assert found.error is not None
    assert found.error.status == 503


@of_each_format
def test_the_servers_last_marker_ends_the_answer_also_without_the_models_word(form: Form) -> None:
    decoder = form.made()
    for event in [*form.events[: form.half], "[DONE]"]:
        list(decoder.feed(f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()))
    assert decoder.done
    assert decoder.finished
    assert not list(decoder.close())
    with pytest.raises(ProviderDropped):
        decoder.reply()


@of_each_format
def test_objects_in_lines_of_which_one_is_broken_are_no_silent_loss(form: Form) -> None:
    lines = [json.dumps(event) for event in form.events]
    lines[form.half] = lines[form.half][:-1]
    with pytest.raises(ProviderError, match="not JSON"):
        decoding.reply(form.made, "\n".join(lines).encode())


@of_each_format
@pytest.mark.parametrize("indent", [None, 2])
def test_a_whole_answer_that_is_cut_off_is_a_drop(form: Form, indent: int | None) -> None:
    found = decoding.reading(form.made, json.dumps(form.whole, indent=indent).encode()[:-8])
    assert isinstance(found.error, ProviderDropped)


@pytest.mark.parametrize("content", ["hi", ["hi"], [None, {"type": "text", "text": "hi"}]])
def test_a_whole_message_may_hold_anything_as_its_content(content: Any) -> None:
    body = json.dumps({"type": "message", "content": content, "stop_reason": None}).encode()
    assert decoding.reply(AnthropicDecoder, body).text == "hi"


def test_a_response_may_name_its_type() -> None:
    assert (
        decoding.reply(ResponsesDecoder, json.dumps({"type": "response", **RESPONSES_WHOLE}).encode()).text == "Héllo"
    )


@pytest.mark.parametrize("content", [[None], "ab", 7])
def test_a_message_of_an_odd_shape_at_the_end_of_a_response_takes_nothing_back(content: Any) -> None:
    end = responses.ended({"type": "message", "id": "m", "content": content})
    assert decoding.reply(ResponsesDecoder, responses.sse(*responses.said(0, "ab"), end)).text == "ab"
