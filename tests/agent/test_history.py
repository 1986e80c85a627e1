import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.agent.agent import AIAgent
from telex.agent.context import SHORTENED, size
from telex.agent.history import BROKEN, CANCELLED, STOPPED, History
from telex.errors import ConfigError
from telex.providers.base import Reply
from telex.providers.scripted import Scripted
from telex.providers.tool_calls import ToolCall


def conversation(*said: str) -> History:
    """A history in which questions and answers follow one another."""
    history = History()
    for number, text in enumerate(said):
        (history.answer if number % 2 else history.question)(text)
    return history


def sent(history: History, context_tokens: int | None = None) -> list[str]:
    return [f"{message['role'][0]}:{message['content']}" for message in history.for_model(context_tokens)]


def test_questions_and_answers_are_sent_in_order_behind_the_system_prompt() -> None:
    history = History([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "be brief")
    history.question("c")
    assert sent(history) == ["s:be brief", "u:a", "a:b", "u:c"]
    assert [message["content"] for message in history.messages] == ["a", "b", "c"]


def test_an_answer_that_was_cut_off_is_marked_for_the_model() -> None:
    history = conversation("a")
    history.cut_answer("One, two ", STOPPED)
    history.question("go on")
    assert sent(history) == ["u:a", f"a:One, two\n\n{STOPPED}", "u:go on"]


def test_a_question_without_an_answer_is_joined_with_the_next() -> None:
    history = conversation("a")
    history.cut_answer(" ", BROKEN)
    history.question("b")
    assert sent(history) == ["u:a\n\nb"]
    assert [message["content"] for message in history.messages] == ["a", "b"]


def test_a_question_whose_answer_nobody_wants_is_not_asked_with_the_next() -> None:
    history = conversation("a")
    history.cut_answer("", STOPPED, unwanted=True)
    history.question("b")
    assert sent(history) == ["u:a", f"a:{STOPPED}", "u:b"]


def test_a_question_that_is_asked_again_counts_once() -> None:
    history = conversation("a")
    history.question("a")
    assert sent(history) == ["u:a"]


def test_the_oldest_turns_are_left_out_whole_when_the_context_is_full() -> None:
    history = conversation("a" * 400, "b" * 400, "c" * 400, "d" * 400, "now?")
    assert sent(history, 1200) == sent(history)
    assert sent(history, 400) == ["u:" + "c" * 400, "a:" + "d" * 400, "u:now?"]
    assert sent(history, 200) == ["u:now?"]


def test_the_newest_question_is_sent_whole_however_long_it_is() -> None:
    assert sent(conversation("a", "b", "c" * 9000), 100) == ["u:" + "c" * 9000]


def test_of_questions_without_an_answer_the_oldest_are_left_out_first() -> None:
    history = conversation("a", "b")
    for letter in "cde":
        history.question(letter * 400)
    history.question("now?")
    assert sent(history, 400) == ["u:a", "a:b", "\n\n".join(["u:" + "d" * 400, "e" * 400, "now?"])]


def test_a_question_without_an_answer_that_does_not_fit_does_not_hide_what_was_said_before() -> None:
    history = conversation("a", "b", "c" * 9000)
    history.question("now?")
    assert sent(history, 400) == ["u:a", "a:b", "u:now?"]


def test_letters_that_are_no_ascii_count_more() -> None:
    assert len(sent(conversation("a" * 200, "b", "now?"), 120)) == 3
    assert len(sent(conversation("я" * 200, "b", "now?"), 120)) == 1


def test_what_is_given_out_is_a_copy() -> None:
    history = conversation("a")
    history.messages[0]["content"] = "b"
    assert sent(history) == ["u:a"]


@given(st.lists(st.tuples(st.sampled_from("qa"), st.text(max_size=40))), st.none() | st.integers(0, 200))
def test_a_model_never_sees_two_questions_in_a_row_and_always_the_newest(
    said: list[tuple[str, str]], context_tokens: int | None
) -> None:
    history = History(system_prompt="s")
    for kind, text in said:
        (history.question if kind == "q" else history.answer)(text)
    history.question("now?")
    messages = history.for_model(context_tokens)
    roles = [message["role"] for message in messages]
    assert roles[0] == "system"
    assert roles[-1] == "user"
    assert ("user", "user") not in set(pairwise(roles))
    assert "now?" in messages[-1]["content"]


# -- tools ------------------------------------------------------------------------------------------------------------

CALLS = (ToolCall("1", "look", "{}"), ToolCall("2", "walk", '{"far": 9}'))


def with_tools(*results: str) -> History:
    """A question for which two tools were called; so many of them have a result, the last first."""
    history = conversation("a")
    history.called(Reply("hm", calls=CALLS))
    for tool_call, text in zip(reversed(CALLS), results, strict=False):
        history.result(tool_call, text)
    return history


def test_results_follow_their_calls_in_the_order_of_the_calls() -> None:
    assert sent(with_tools("there", "seen")) == ["u:a", "a:hm", "t:seen", "t:there"]


def test_results_are_kept_in_the_order_of_the_calls() -> None:
    history = with_tools("there", "seen")
    assert [message["content"] for message in history.messages] == ["a", "hm", "seen", "there"]
    history.called(Reply("", calls=CALLS[::-1]))
    history.result(CALLS[0], "seen again")
    history.cut_answer("", STOPPED, unwanted=True)
    assert [message["content"] for message in history.messages[4:]] == ["", "seen again", STOPPED]


def test_arguments_that_are_no_json_object_are_sent_as_an_empty_one_and_kept_as_they_came() -> None:
    history = conversation("a")
    odd = ['{"t":"1', "[1]", "", '{"t": 1}']
    calls = tuple(ToolCall(str(number), "look", arguments) for number, arguments in enumerate(odd))
    history.called(Reply("", calls=calls))
    told = [one["function"]["arguments"] for one in history.for_model()[1]["tool_calls"]]
    assert told == ["{}", "{}", "{}", '{"t": 1}']
    assert [one["function"]["arguments"] for one in history.messages[1]["tool_calls"]] == odd


def test_of_the_newest_turn_the_oldest_results_are_shortened_until_it_fits() -> None:
    history = conversation("a", "b", "read these")
    for number in range(5):
        call = ToolCall(str(number), "fetch", "{}")
        history.called(Reply("", calls=(call,)))
        history.result(call, "x" * 20_000)
    messages = history.for_model(16_384)
    assert size(messages) <= 16_384 * 2 / 3
    assert [message["role"] for message in messages] == ["user", *["assistant", "tool"] * 5]
    results = [message["content"] for message in messages if message["role"] == "tool"]
    assert results[0] == "x" * 200 + SHORTENED.format(kept=200, whole=20_000)
    assert results[4] == "x" * 20_000
    assert [len(text) for text in results] == sorted(len(text) for text in results)
    assert all(message["content"] in {"", "x" * 20_000} for message in history.messages[3:])


def test_a_call_without_a_result_gets_one_for_the_model() -> None:
    history = with_tools("there")
    history.cut_answer("", STOPPED)
    history.question("b")
    assert sent(history) == ["u:a", "a:hm", f"t:{CANCELLED}", "t:there", "u:b"]


def test_an_id_that_is_used_again_means_the_newest_call_before_it() -> None:
    history = with_tools("there", "seen")
    history.called(Reply("", calls=CALLS[:1]))
    history.result(CALLS[0], "seen again")
    assert sent(history) == ["u:a", "a:hm", "t:seen", "t:there", "a:", "t:seen again"]


def test_calls_of_one_answer_with_the_same_id_get_a_result_each() -> None:
    history = conversation("q")
    calls = (ToolCall("f", "f", '{"x":1}'), ToolCall("f", "f", '{"x":2}'))
    history.called(Reply("", calls=calls))
    history.result(calls[0], "one")
    history.result(calls[1], "two")
    assert sent(history) == ["u:q", "a:", "t:one", "t:two"]


def test_a_result_without_a_call_is_left_out() -> None:
    assert sent(History([{"role": "tool", "tool_call_id": "1", "content": "x"}, {"role": "user", "content": "a"}])) == [
        "u:a"
    ]


def test_the_context_is_never_cut_between_a_call_and_its_result() -> None:
    history = with_tools("b" * 400, "c" * 400)
    history.answer("d")
    history.question("now?")
    assert sent(history, 600) == sent(history)
    assert sent(history, 200) == ["u:now?"]


@given(
    st.lists(st.sampled_from(["question", "answer", "call", "result", "other result"])), st.none() | st.integers(0, 200)
)
def test_every_call_that_a_model_sees_is_followed_by_its_results(said: list[str], context_tokens: int | None) -> None:
    history = History()
    for kind in said:
        match kind:
            case "call":
                history.called(Reply("", calls=CALLS))
            case "result" | "other result":
                history.result(CALLS[kind == "other result"], "x" * 40)
            case _:
                getattr(history, kind)("y" * 40)
    history.question("now?")
    waiting: list[str] = []
    for message in history.for_model(context_tokens):
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0)
        else:
            assert not waiting
            waiting = [tool_call["id"] for tool_call in message.get("tool_calls", ())]
    assert not waiting


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ("Hello", "Expected `object`, got `str` - at `history[0]`"),
        ([("user", "hi")], "Expected `object`, got `array` - at `history[0]`"),
        ([{"role": "user"}], "field `content` - at `history[0]`"),
        ([{"role": "user", "content": "a"}, {"role": "robot", "content": "b"}], "at `history[1].role`"),
        ([{"role": "tool", "content": "b"}], "field `tool_call_id` - at `history[0]`"),
        ([{"role": "assistant", "tool_calls": [{"id": "1"}]}], "field `function` - at `history[0].tool_calls[0]`"),
    ],
)
def test_what_is_no_conversation_is_told_where_it_is_given(messages: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        AIAgent(Scripted([]), history=messages)


def test_a_models_name_is_no_provider_and_that_is_said_at_once() -> None:
    with pytest.raises(ConfigError, match=r"AIAgent\('gpt-5'\): give a provider, such as OpenAIChat"):
        AIAgent("gpt-5")  # type: ignore[arg-type] # the mistake
