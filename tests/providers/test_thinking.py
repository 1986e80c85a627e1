import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.events import ReasoningDelta
from telex.providers.thinking import ThinkSplitter


def split(*pieces: str) -> tuple[str, str]:
    splitter = ThinkSplitter()
    events = [event for piece in pieces for event in splitter.feed(piece)] + list(splitter.close())
    thought = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    return thought, "".join(event.text for event in events if not isinstance(event, ReasoningDelta))


CASES = {
    "an answer without thoughts": ("Hello <b>", ("", "Hello <b>")),
    "thoughts, then the answer": ("<think>\nhm\n</think>\n\nHello", ("\nhm\n", "Hello")),
    "blanks before the tag": ("\n <think>hm</think>Hello", ("hm", "Hello")),
    "a tag later on is text": ("Say <think>x</think>", ("", "Say <think>x</think>")),
    "a second pair is text": ("<think>a</think>b<think>c</think>", ("a", "b<think>c</think>")),
    "thoughts that never end": ("<think>hm </th", ("hm </th", "")),
    "the beginning of a tag is text in the end": ("<thi", ("", "<thi")),
    "blanks alone are text": (" \n", ("", " \n")),
    "something like the closing tag": ("<think>a</thin></think>b", ("a</thin>", "b")),
    "empty thoughts": ("<think></think>b", ("", "b")),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_thoughts_and_answer_are_told_apart_whole_and_letter_by_letter(text: str, expected: tuple[str, str]) -> None:
    assert split(text) == split(*text) == expected


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<", "/", "think", ">", "x", " "]), max_size=12), st.integers(1, 9)
)
def test_chunking_does_not_matter(parts: list[str], step: int) -> None:
    text = "".join(parts)
    assert split(*(text[i : i + step] for i in range(0, len(text), step))) == split(text)


def test_an_ordinary_first_word_is_not_held_back() -> None:
    assert [event.text for event in ThinkSplitter().feed("H")] == ["H"]
