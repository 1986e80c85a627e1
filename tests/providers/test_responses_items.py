"""Items whose places, ids and arguments are not the documented ones."""

import json
from typing import Any

import pytest

from telex.errors import ProviderDropped
from telex.providers.base import Reply
from telex.providers.openai_responses_decoder import ResponsesDecoder
from tests.providers import decoding
from tests.providers.responses_events import CREATED, ended, event, message, said, sse

Events = list[dict[str, Any]]


def reply(*events: dict[str, Any]) -> Reply:
    return decoding.reply(ResponsesDecoder, sse(*CREATED, *events))


def call(identity: Any = "fc", call_id: Any = "c", arguments: Any = '{"x":1}', name: str = "f", **more: Any) -> Any:
    return {"type": "function_call", "id": identity, "call_id": call_id, "name": name, "arguments": arguments, **more}


def calling(place: int, item: Any, *, done: bool = True) -> Events:
    identity, whole = item["id"], item["arguments"]
    events = [
        event("output_item.added", place, item={**item, "arguments": ""}),
        *(event("function_call_arguments.delta", place, item_id=identity, delta=p) for p in (whole[:3], whole[3:])),
        event("function_call_arguments.done", place, item_id=identity, arguments=whole),
        event("output_item.done", place, item=item),
    ]
    return events if done else events[:3]


def without_place(events: Events) -> Events:
    return [{key: value for key, value in event.items() if key != "output_index"} for event in events]


def at_zero(events: Events) -> Events:
    return [{**event, "output_index": 0} for event in events]


def calls(answer: Reply) -> list[tuple[str, str, str]]:
    return [(call.id, call.name, call.arguments) for call in answer.calls]


def output(answer: Reply) -> Any:
    assert answer.state
    return answer.state["output"]


def test_a_message_that_goes_on_behind_another_is_a_paragraph_whatever_was_done_meanwhile() -> None:
    def of(place: int, stage: str, **words: str) -> dict[str, Any]:
        return event(f"output_text.{stage}", place, item_id=f"m{place}", content_index=0, **words)

    answer = reply(
        of(0, "delta", delta="é"),
        of(1, "delta", delta="ö"),
        of(0, "done", text="é"),
        of(0, "delta", delta="è"),
        ended(),
    )
    assert answer.text == "é\n\nö\n\nè"


THOUGHT = {
    "id": "rs_1",
    "summary": [],
    "type": "reasoning",
    "content": [{"text": "h m\n", "type": "reasoning_text"}],
    "encrypted_content": "",
}
SAID: dict[str, Any] = {
    "type": "message",
    "status": "completed",
    "id": "msg_1",
    "content": [{"type": "output_text", "annotations": [], "logprobs": [], "text": "Yes it is."}],
    "role": "assistant",
}
LLAMA_CPP: Events = [
    {"type": "response.created", "response": {"id": "resp_1", "object": "response", "status": "in_progress"}},
    {"type": "response.in_progress", "response": {"id": "resp_1", "object": "response", "status": "in_progress"}},
    {"type": "response.output_item.added", "item": {**THOUGHT, "content": [], "status": "in_progress"}},
    {"type": "response.reasoning_text.delta", "delta": "h", "item_id": "rs_1"},
    {"type": "response.reasoning_text.delta", "delta": " m", "item_id": "rs_1"},
    {"type": "response.reasoning_text.delta", "delta": "\n", "item_id": "rs_1"},
    {"type": "response.output_item.added", "item": {**SAID, "content": [], "status": "in_progress"}},
    {"type": "response.content_part.added", "item_id": "msg_1", "part": {"type": "output_text", "text": ""}},
    {"type": "response.output_text.delta", "item_id": "msg_1", "delta": "Yes"},
    {"type": "response.output_text.delta", "item_id": "msg_1", "delta": " it"},
    {"type": "response.output_text.delta", "item_id": "msg_1", "delta": " is."},
    {"type": "response.output_item.done", "item": THOUGHT},
    {"type": "response.output_text.done", "item_id": "msg_1", "text": "Yes it is."},
    {"type": "response.content_part.done", "item_id": "msg_1", "part": SAID["content"][0]},
    {"type": "response.output_item.done", "item": SAID},
    {"type": "response.completed", "response": {"status": "completed", "output": [THOUGHT, SAID]}},
]


def test_the_answer_of_a_server_that_names_no_places_is_given_once() -> None:
    body = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in LLAMA_CPP).encode()
    answer = decoding.reply(ResponsesDecoder, body)
    assert (answer.text, answer.reasoning) == ("Yes it is.", "h m\n")


TWO = [*calling(0, call("1", "a")), *calling(1, call("2", "b", '{"y":2}', "g"))]


@pytest.mark.parametrize("events", [TWO, without_place(TWO), at_zero(TWO)], ids=["places", "no places", "all 0"])
@pytest.mark.parametrize(
    "end", [[], [call("1", "a"), call("2", "b", '{"y":2}', "g")]], ids=["an empty end", "a whole end"]
)
def test_two_calls_are_two_wherever_they_stand(events: Events, end: list[Any]) -> None:
    answer = reply(*events, ended(*end))
    assert calls(answer) == [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')]
    assert output(answer) == [call("1", "a"), call("2", "b", '{"y":2}', "g")]


def test_calls_that_are_mixed_are_told_apart_by_their_ids() -> None:
    one, two = calling(0, call("1", "a")), calling(0, call("2", "b", '{"y":2}', "g"))
    mixed = [event for pair in zip(one, two, strict=True) for event in pair]
    assert [call.arguments for call in reply(*mixed, ended()).calls] == ['{"x":1}', '{"y":2}']


REASONING = {"type": "reasoning", "id": "rs", "summary": []}
OTHER_PLACES: dict[str, tuple[Events, list[Any]]] = {
    "a place too late": (said(1, "a", "b"), [message("ab")]),
    "a place too early": (said(0, "a", "b"), [REASONING, message("ab")]),
    "no place": (without_place(said(0, "a", "b")), [REASONING, message("ab")]),
    "pieces alone, without place and id": (
        [{"type": "response.output_text.delta", "delta": piece} for piece in "ab"],
        [REASONING, message("ab")],
    ),
    "another part": ([event("output_text.delta", 0, content_index=1, delta=piece) for piece in "ab"], [message("ab")]),
    "another part at its end": (
        [
            event("output_text.delta", 0, delta="ab"),
            event("output_text.done", 0, content_index=1, text="ab"),
            event("output_item.done", 0, item=message("ab")),
        ],
        [message("ab")],
    ),
    "another id in each event": (
        [
            event("output_item.added", 0, item={**message(""), "id": "1"}),
            event("output_text.delta", 0, item_id="2", delta="a"),
            event("output_text.delta", 0, item_id="3", delta="b"),
            event("output_item.done", 0, item={**message("ab"), "id": "4"}),
        ],
        [{**message("ab"), "id": "5"}],
    ),
    "a place in digits": ([{**one, "output_index": "1"} for one in said(1, "a", "b")], [message("ab")]),
    "a place that is a list": ([{**one, "output_index": [1]} for one in said(1, "a", "b")], [message("ab")]),
    "blanks cut off at the end": (said(0, "ab", " \n"), [message("ab")]),
}


@pytest.mark.parametrize(("events", "end"), OTHER_PLACES.values(), ids=OTHER_PLACES)
def test_words_that_were_heard_are_not_given_again_from_the_end(events: Events, end: list[Any]) -> None:
    assert reply(*events, ended(*end)).text.strip() == "ab"


MORE: dict[str, Events] = {
    "in the text's end": [event("output_text.done", 0, content_index=0, text="abc"), ended()],
    "in the item's end": [event("output_item.done", 0, item=message("abc")), ended()],
    "in the response's end": [ended(message("abc"))],
}


@pytest.mark.parametrize("events", MORE.values(), ids=MORE)
def test_a_tail_that_did_not_come_in_pieces_is_given_at_the_end(events: Events) -> None:
    assert reply(event("output_text.delta", 0, content_index=0, delta="a"), *events).text == "abc"


def test_a_message_that_only_the_end_holds_is_a_paragraph() -> None:
    two = {**message("b"), "id": "m2"}
    assert reply(*said(0, "a"), ended(message("a"), two)).text == "a\n\nb"


def test_a_call_that_the_end_counts_anew_runs_once() -> None:
    answer = reply(*calling(1, call()), ended(call()))
    assert calls(answer) == [("c", "f", '{"x":1}')]
    assert output(answer) == [call()]


def test_thoughts_that_only_the_end_holds_stand_before_their_call_when_they_go_back() -> None:
    assert output(reply(*calling(0, call()), ended(REASONING, call()))) == [REASONING, call()]


def test_what_the_end_leaves_out_stays_where_it_was() -> None:
    thought = event("output_item.done", 0, item=REASONING)
    answer = reply(thought, *calling(1, call()), *said(2, "a"), ended(call()))
    assert output(answer) == [REASONING, call(), message("a")]


def test_ids_that_are_missing_or_given_twice_are_mended_alike_for_the_call_and_for_the_server() -> None:
    items = [call(None, None), call("", ""), call("1", "a"), call("2", "a")]
    answer = reply(*(event for place, item in enumerate(items) for event in calling(place, item)), ended())
    assert [call.id for call in answer.calls] == ["call_0", "call_1", "a", "a_2"]
    assert [item["call_id"] for item in output(answer)] == ["call_0", "call_1", "a", "a_2"]


ARGUMENTS: dict[str, tuple[Events, str]] = {
    "null": ([event("output_item.done", item=call(arguments=None))], "{}"),
    "the word null": ([event("output_item.done", item=call(arguments="null"))], "{}"),
    "empty": ([event("output_item.done", item=call(arguments=""))], "{}"),
    "an object": ([event("output_item.done", item=call(arguments={"x": 1}))], '{"x":1}'),
    "an object as a piece": (
        [
            event("output_item.added", item=call(arguments="")),
            event("function_call_arguments.delta", delta={"x": 1}),
        ],
        '{"x":1}',
    ),
    "an object at their end": (
        [
            event("output_item.added", item=call(arguments="")),
            event("function_call_arguments.done", arguments={"x": 1}),
        ],
        '{"x":1}',
    ),
    "an item that is never done": (calling(0, call(status="in_progress"), done=False), '{"x":1}'),
    "an item that is done without them": (
        [*calling(0, call(), done=False), event("output_item.done", item=call(arguments="{}"))],
        '{"x":1}',
    ),
    "an item that begins with them": (
        [event("output_item.added", item=call()), event("function_call_arguments.delta", delta='{"x":1}')],
        '{"x":1}',
    ),
}


@pytest.mark.parametrize(("events", "meant"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_of_every_shape_go_to_the_tool_and_back(events: Events, meant: str) -> None:
    answer = reply(*events, ended())
    assert calls(answer) == [("c", "f", meant)]
    (item,) = output(answer)
    assert item["arguments"] == meant
    assert item.get("status", "completed") == "completed"


def test_words_of_an_item_that_is_never_done_go_back_beside_the_call() -> None:
    answer = reply(*said(0, "I ", "look.")[:4], *calling(1, call()), ended())
    assert output(answer)[0]["content"] == [{"type": "output_text", "text": "I look."}]


@pytest.mark.parametrize("response", [None, {}, {"status": "in_progress", "output": []}])
def test_the_events_name_says_how_the_response_ended_where_the_response_does_not(response: Any) -> None:
    assert reply(*said(0, "a"), event("completed", response=response)).finish == "stop"


def test_calls_of_which_one_is_not_whole_are_a_drop() -> None:
    events = [*calling(0, call("1", "a")), *calling(1, call("2", "b"))[:2]]
    assert isinstance(decoding.reading(ResponsesDecoder, sse(*events)).error, ProviderDropped)
