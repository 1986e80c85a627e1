"""Blocks whose indices, ids and arguments are not the documented ones."""

from typing import Any

import pytest

from telex.errors import ProviderDropped, ProviderError
from telex.providers.anthropic_decoder import AnthropicDecoder
from telex.providers.base import Reply, Usage
from tests.providers import decoding
from tests.providers.anthropic_events import START, STOP, begin, delta, end, finish, said, sse


def reply(*events: dict[str, Any], reason: str | None = "tool_use") -> Reply:
    return decoding.reply(AnthropicDecoder, sse(START, *events, finish(reason), STOP))


def calling(index: int, identity: Any, name: Any, *pieces: Any, given: Any = None) -> list[dict[str, Any]]:
    return [
        begin(index, type="tool_use", id=identity, name=name, input={} if given is None else given),
        *(delta(index, "input_json_delta", partial_json=piece) for piece in pieces),
        end(index),
    ]


def without_index(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return [{key: value for key, value in event.items() if key != "index"} for event in events]


def calls(answer: Reply) -> list[tuple[str, str, str]]:
    return [(call.id, call.name, call.arguments) for call in answer.calls]


def content(answer: Reply) -> Any:
    assert answer.state
    return answer.state["content"]


THOUGHT = [
    begin(0, type="thinking", thinking="", signature=""),
    delta(0, "thinking_delta", thinking="hm"),
    delta(0, "signature_delta", signature="s1g"),
    end(0),
]
SIGNED = {"type": "thinking", "thinking": "hm", "signature": "s1g"}
USE = {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}}
BOTH = [*calling(0, "a", "f", '{"x"', ":1}"), *calling(0, "b", "g", '{"y"', ":2}")]


@pytest.mark.parametrize(
    "events",
    [BOTH, without_index(*BOTH), [*calling(0, "a", "f", '{"x":1}'), *without_index(*calling(1, "b", "g", '{"y":2}'))]],
    ids=["one index for all", "no index", "no index later"],
)
def test_each_beginning_is_a_block_whatever_its_index(events: list[dict[str, Any]]) -> None:
    answer = reply(*events)
    assert calls(answer) == [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')]
    assert content(answer) == [USE, {"type": "tool_use", "id": "b", "name": "g", "input": {"y": 2}}]


def test_a_thought_words_and_a_call_at_one_index_are_kept_apart() -> None:
    answer = reply(*THOUGHT, *said(0, "I ", "look."), *calling(0, "a", "f", '{"x":1}'))
    assert (answer.text, answer.reasoning) == ("I look.", "hm")
    assert content(answer) == [SIGNED, {"type": "text", "text": "I look."}, USE]


def test_words_behind_a_call_at_its_index_are_a_block_of_their_own() -> None:
    answer = reply(*said(0, "I look."), *calling(0, "a", "f", '{"x":1}'), delta(0, "text_delta", text="Wait."))
    assert answer.text == "I look.\n\nWait."
    assert content(answer) == [{"type": "text", "text": "I look."}, USE, {"type": "text", "text": "Wait."}]


def test_blocks_that_are_mixed_are_told_apart_by_an_index_in_digits() -> None:
    one, two = calling(0, "a", "f", '{"x"', ":1}"), calling(1, "b", "g", '{"y"', ":2}")
    mixed = [event for pair in zip(one, two, strict=True) for event in pair]
    answer = reply(*({**event, "index": str(event["index"])} for event in mixed))
    assert [call.arguments for call in answer.calls] == ['{"x":1}', '{"y":2}']


@pytest.mark.parametrize("index", [None, [0], {"0": 0}, True, "first"])
def test_an_index_that_is_no_number_is_none(index: Any) -> None:
    assert reply(*({**event, "index": index} for event in said(0, "a", "b")), reason="end_turn").text == "ab"


def test_ids_that_are_missing_or_given_twice_are_mended_alike_for_the_call_and_for_the_server() -> None:
    events = [calling(n, identity, "f", "{}") for n, identity in enumerate([None, "", "a", "a", 7])]
    answer = reply(*(event for each in events for event in each))
    assert [call.id for call in answer.calls] == ["toolu_0", "toolu_1", "a", "a_2", "7"]
    assert [block["id"] for block in content(answer)] == ["toolu_0", "toolu_1", "a", "a_2", "7"]


@pytest.mark.parametrize(
    ("pieces", "given", "meant", "shown"),
    [
        (["null"], None, "{}", {}),
        ([""], None, "{}", {}),
        ([{"x": 1}], None, '{"x":1}', {"x": 1}),
        ([], '{"x":1}', '{"x":1}', {"x": 1}),
        ([], {"x": 1}, '{"x":1}', {"x": 1}),
        (['{"x":2}'], {"x": 1}, '{"x":2}', {"x": 2}),
        (["[1]"], None, "[1]", {}),
        (['{"x"'], None, '{"x"', {}),
    ],
)
def test_arguments_of_every_shape_go_to_the_tool_and_back(pieces: Any, given: Any, meant: str, shown: Any) -> None:
    answer = reply(*calling(0, "a", "f", *pieces, given=given))
    assert calls(answer) == [("a", "f", meant)]
    assert content(answer)[0]["input"] == shown


def test_a_call_without_a_name_has_none() -> None:
    assert calls(reply(*calling(0, "a", None, "{}"))) == [("a", "", "{}")]


@pytest.mark.parametrize("signature", [None, "", 5])
def test_a_signature_may_begin_as_anything(signature: Any) -> None:
    answer = reply(
        begin(0, type="thinking", thinking="", signature=signature), *THOUGHT[1:], *calling(1, "a", "f", '{"x":1}')
    )
    assert content(answer)[0]["signature"] == f"{signature or ''}s1g"


def test_a_block_without_a_type_is_what_it_holds() -> None:
    answer = reply(begin(0, text=""), delta(0, "text_delta", text="a"), *calling(1, "a", "f", '{"x":1}'))
    assert content(answer) == [{"type": "text", "text": "a"}, USE]


def test_a_stop_reason_error_is_a_failure_after_what_came() -> None:
    found = decoding.reading(AnthropicDecoder, sse(START, *said(0, "a"), finish("error"), STOP))
    assert (found.text, type(found.error)) == ("a", ProviderError)


def test_calls_of_which_one_is_not_whole_are_a_drop() -> None:
    found = decoding.reading(AnthropicDecoder, sse(START, *BOTH[:-2]))
    assert isinstance(found.error, ProviderDropped)


def test_usage_at_the_very_end_counts() -> None:
    body = sse(START, *said(0, "a"), finish(tokens=1), {**STOP, "usage": {"output_tokens": 9}})
    assert decoding.reply(AnthropicDecoder, body).usage == Usage(3, 9)
