from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from telex.agent.history import STOPPED, History


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
    history.cut_answer(" ", STOPPED)
    history.question("b")
    assert sent(history) == ["u:a\n\nb"]
    assert [message["content"] for message in history.messages] == ["a", "b"]


def test_a_question_that_is_asked_again_counts_once() -> None:
    history = conversation("a")
    history.question("a")
    assert sent(history) == ["u:a"]


def test_the_oldest_turns_are_left_out_whole_when_the_context_is_full() -> None:
    history = conversation("a" * 400, "b" * 400, "c" * 400, "d" * 400, "now?")
    assert sent(history, 1200) == sent(history)
    assert sent(history, 400) == ["u:" + "c" * 400, "a:" + "d" * 400, "u:now?"]
    assert sent(history, 200) == ["u:now?"]


def test_the_newest_question_is_sent_however_long_it_is() -> None:
    assert sent(conversation("a", "b", "c" * 9000), 100) == ["u:" + "c" * 9000]


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
