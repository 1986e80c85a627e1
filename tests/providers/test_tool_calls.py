from typing import Any

import pytest

from telex.providers.chat_decoder import ChatDecoder
from telex.providers.tool_calls import ToolCall, ToolCallCollector, distinct
from tests.providers import decoding
from tests.providers.chat_events import STOP, chunk, say, sse


def collect(*chunks: Any) -> list[tuple[str, str, str]]:
    collector = ToolCallCollector()
    for pieces in chunks:
        collector.feed(pieces)
    return [(call.id, call.name, call.arguments) for call in collector.calls]


def piece(id: Any = None, name: Any = None, arguments: Any = None, **more: Any) -> dict[str, Any]:  # noqa: A002 - the field's name
    return {"id": id, "function": {"name": name, "arguments": arguments}, **more}


ONE = [("a", "f", '{"x":1}')]
TWO = [("a", "f", "{}"), ("b", "g", '{"y":2}')]
SAME_ID = [("f", "f", '{"x":1}'), ("f_2", "f", '{"x":2}')]
CASES: dict[str, tuple[list[Any], list[tuple[str, str, str]]]] = {
    "the documented form": (
        [[piece("a", "f", "", index=0)], [piece(arguments='{"x"', index=0)], [piece(arguments=":1}", index=0)]],
        ONE,
    ),
    "no index": ([[piece("a", "f", '{"x"')], [piece(arguments=":1}")]], ONE),
    "index null": ([[piece("a", "f", '{"x"', index=None)], [piece(arguments=":1}", index=None)]], ONE),
    "id and name in every piece": ([[piece("a", "f", '{"x"', index=0)], [piece("a", "f", ":1}", index=0)]], ONE),
    "id and name empty later": ([[piece("a", "f", '{"x"', index=0)], [piece("", "", ":1}", index=0)]], ONE),
    "arguments as an object": ([[piece("a", "f", {"x": 1})]], ONE),
    "arguments null": ([[piece("a", "f", None, index=0)]], [("a", "f", "{}")]),
    'arguments "null"': ([[piece("a", "f", "null", index=0)]], [("a", "f", "{}")]),
    "two by index": ([[piece("a", "f", "{}", index=0)], [piece("b", "g", '{"y":2}', index=1)]], TWO),
    "two, mixed": (
        [
            [piece("a", "f", "", index=0)],
            [piece("b", "g", '{"y"', index=1)],
            [piece(arguments="{}", index=0)],
            [piece(arguments=":2}", index=1)],
        ],
        TWO,
    ),
    "two without index": ([[piece("a", "f", "{}")], [piece("b", "g", '{"y"')], [piece(arguments=":2}")]], TWO),
    "two in one chunk without index": ([[piece("a", "f", "{}"), piece("b", "g", '{"y":2}')]], TWO),
    "two with index 0": (
        [[piece("a", "f", "{}", index=0)], [piece("b", "g", '{"y"', index=0)], [piece(arguments=":2}", index=0)]],
        TWO,
    ),
    "two in one chunk, twice": (
        [[piece("a", "f", "{}"), piece("b", "g", "{}")], [piece("c", "f", "{}"), piece("d", "g", "{}")]],
        [("a", "f", "{}"), ("b", "g", "{}"), ("c", "f", "{}"), ("d", "g", "{}")],
    ),
    "no id": ([[piece(name="f", arguments="{}")]], [("call_0", "f", "{}")]),
    "two without id and index": (
        [[piece(name="f", arguments="{}")], [piece(name="g", arguments="{}")]],
        [("call_0", "f", "{}"), ("call_1", "g", "{}")],
    ),
    "two without id, of which the first has no arguments": (
        [[piece(name="f", arguments="")], [piece(name="g", arguments='{"y"')], [piece(arguments=":2}")]],
        [("call_0", "f", "{}"), ("call_1", "g", '{"y":2}')],
    ),
    "two without id and arguments, both with index 0": (
        [[piece(name="f", arguments="", index=0)], [piece(name="g", index=0)]],
        [("call_0", "f", "{}"), ("call_1", "g", "{}")],
    ),
    "the same one twice without id and arguments": (
        [[piece(name="f", arguments="{}")], [piece(name="f", arguments="{}")]],
        [("call_0", "f", "{}"), ("call_1", "f", "{}")],
    ),
    "an empty object before the arguments": (
        [[piece("a", "f", "{}", index=0)], [piece(arguments='{"x"', index=0)], [piece(arguments=":1}", index=0)]],
        ONE,
    ),
    "null before the arguments": ([[piece("a", "f", "null", index=0)], [piece(arguments='{"x":1}', index=0)]], ONE),
    "the same one twice without id": (
        [[piece(name="f", arguments='{"x":1}')], [piece(name="f", arguments='{"x":2}')]],
        [("call_0", "f", '{"x":1}'), ("call_1", "f", '{"x":2}')],
    ),
    "two by index, in digits": (
        [
            [piece("a", "f", "", index="0")],
            [piece("b", "g", "", index="1")],
            [piece(arguments="{}", index="0")],
            [piece(arguments='{"y":2}', index="1")],
        ],
        TWO,
    ),
    "two by index with the same id": (
        [[piece("f", "f", '{"x":1}', index=0)], [piece("f", "f", '{"x":2}', index=1)]],
        SAME_ID,
    ),
    "two by index with the same id, in fragments": (
        [
            [piece("f", "f", '{"x"', index=0), piece("f", "f", '{"x"', index=1)],
            [piece("f", arguments=":1}", index=0), piece("f", arguments=":2}", index=1)],
        ],
        SAME_ID,
    ),
    "two in one chunk with the same id": ([[piece("f", "f", '{"x":1}'), piece("f", "f", '{"x":2}')]], SAME_ID),
    "two in one chunk with the same id, in fragments": (
        [[piece("f", "f", '{"x"'), piece("f", "f", '{"x"')], [piece("f", None, ":1}"), piece("f", None, ":2}")]],
        SAME_ID,
    ),
    "two with index 0 and the same id": (
        [[piece("f", "f", '{"x":1}', index=0)], [piece("f", "f", '{"x":2}', index=0)]],
        SAME_ID,
    ),
    "the same call said twice": ([[piece("a", "f", '{"x":1}', index=0)], [piece("a", "f", '{"x":1}', index=0)]], ONE),
    "a whole call, then its name again": ([[piece("a", "f", '{"x":1}', index=0)], [piece("a", "f", "", index=0)]], ONE),
    "half a character in the arguments": (
        [[piece("a", "f", '{"x":"\ud83d', index=0)], [piece(arguments='\ude00"}', index=0)]],
        [("a", "f", '{"x":"😀"}')],
    ),
    "an index that is no number": ([[piece("a", "f", '{"x":1}', index=[0])]], ONE),
    "not a list": (["what"], []),
    "not objects": ([[None, 3]], []),
    "no function": ([[{"id": "a", "index": 0}]], []),
}


@pytest.mark.parametrize(("chunks", "expected"), CASES.values(), ids=CASES)
def test_calls_are_put_together(chunks: list[Any], expected: list[tuple[str, str, str]]) -> None:
    assert collect(*chunks) == expected


@pytest.mark.parametrize(("chunks", "expected"), CASES.values(), ids=CASES)
def test_calls_are_put_together_in_whatever_packets_they_come(
    chunks: list[Any], expected: list[tuple[str, str, str]]
) -> None:
    body = sse(say("a"), *(chunk({"tool_calls": pieces}) for pieces in chunks), STOP, escape=True)
    found = decoding.reply(ChatDecoder, body).calls
    assert [(call.id, call.name, call.arguments) for call in found] == expected


def test_ids_are_each_given_once() -> None:
    assert distinct(["", "a", "a", "a_2", "call_0", ""], "call") == ["call_0_2", "a", "a_3", "a_2", "call_0", "call_5"]


def test_the_older_form_with_one_function_is_understood() -> None:
    collector = ToolCallCollector()
    collector.legacy({"name": "f", "arguments": '{"x"'})
    collector.legacy({"arguments": ":1}"})
    assert collector.calls == (ToolCall("call_0", "f", '{"x":1}'),)


def test_calls_are_certain_only_when_their_arguments_are_whole() -> None:
    collector = ToolCallCollector()
    assert not collector.certain
    collector.feed([piece("a", "f", '{"x"')])
    assert not collector.certain
    collector.feed([piece(arguments=":1}")])
    assert collector.certain
