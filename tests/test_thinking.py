import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.events import ReasoningDelta
from telex.thinking import ThinkSplitter


def split(*pieces: str) -> tuple[str, str]:
    splitter = ThinkSplitter()
    events = [event for piece in pieces for event in splitter.feed(piece)] + list(splitter.close())
    thought = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    return thought, "".join(event.text for event in events if not isinstance(event, ReasoningDelta))


CASES = {
    "an answer without thoughts": ("Hello <b>", ("", "Hello <b>")),
    "thoughts, then the answer": ("<think>\nhm\n</think>\n\nHello", ("\nhm\n", "Hello")),
    "blanks before the tag": ("\n <think>hm</think>Hello", ("hm", "Hello")),
    "thoughts in the middle of a line": ("Say <think>x</think> it", ("x", "Say it")),
    "thoughts between letters": ("<think>a</think>b<think>c</think> d", ("ac", "b d")),
    "thoughts between paragraphs": ("One.\n\n<think>\nhm\n</think>\n\nTwo.", ("\nhm\n", "One.\n\nTwo.")),
    "a paragraph's end behind a thought": ("One.\n<think>hm</think>\n\nTwo.", ("hm", "One.\n\nTwo.")),
    "thoughts upon thoughts": ("<think>a</think>\n<thinking>b</thinking>\nc", ("ab", "c")),
    "another name": ("<reasoning>a</think></reasoning>b", ("a</think>", "b")),
    "another spelling": ("[THINK]a[/THINK]b", ("a", "b")),
    "another spelling later on is text": ("b [THINK]a[/THINK]", ("", "b [THINK]a[/THINK]")),
    "thoughts later on that never end": ("b\n<think>a", ("a", "b\n")),
    "a tag in a code span is text": (
        "The tag `<think>x` and `a\n<think>`",
        ("", "The tag `<think>x` and `a\n<think>`"),
    ),
    "a tag behind a code span": ("`a`\n<think>b", ("b", "`a`\n")),
    "a tag in a fence is text": ("```xml\n<think>\na\n</think>\n```", ("", "```xml\n<think>\na\n</think>\n```")),
    "a tag in a fence in a list is text": ("- ```\n  <think>\n", ("", "- ```\n  <think>\n")),
    "a tag behind a fence": ("```\na\n```\n<think>b", ("b", "```\na\n```\n")),
    "an indented tag is text": ("Code:\n\n    <think>a", ("", "Code:\n\n    <think>a")),
    "an unclosed code span ends with its paragraph": ("a ` b\n\n<think>c", ("c", "a ` b\n\n")),
    "a tag that is mentioned": ("The <think> and </think> tags", ("", "The <think> and </think> tags")),
    "a tag in quotation marks": ('Write "<think>a', ("", 'Write "<think>a')),
    "a tag at the end of a line's words is text": ("Its name is <think>", ("", "Its name is <think>")),
    "a tag and others": ("a <b> <<think>x</think>", ("x", "a <b> <")),
    "thoughts that never end": ("<think>hm </th", ("hm </th", "")),
    "the beginning of a tag is text in the end": ("<thi", ("", "<thi")),
    "the beginning of a tag behind a thought": ("<think>a</think>b\n<th", ("a", "b\n<th")),
    "the beginning of a tag right behind a thought": ("<think>a</think>\n<th", ("a", "\n<th")),
    "blanks alone are text": (" \n", ("", " \n")),
    "something like the closing tag": ("<think>a</thin></think>b", ("a</thin>", "b")),
    "empty thoughts": ("<think></think>b", ("", "b")),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_thoughts_and_answer_are_told_apart_whole_and_letter_by_letter(text: str, expected: tuple[str, str]) -> None:
    assert split(text) == split(*text) == expected


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<", "/", "think", ">", "x", " ", "\n", "`", "```"]), max_size=12),
    st.integers(1, 9),
)
def test_chunking_does_not_matter(parts: list[str], step: int) -> None:
    text = "".join(parts)
    assert split(*(text[i : i + step] for i in range(0, len(text), step))) == split(text)


def test_only_what_may_become_a_tag_is_held_back() -> None:
    splitter = ThinkSplitter()
    given = [[event.text for event in splitter.feed(piece)] for piece in ("a ", "< b", " <t", "d>", "<think", ">")]
    assert given == [["a "], ["< b"], [" "], ["<td>"], [], []]


def test_an_ordinary_first_word_is_not_held_back() -> None:
    assert [event.text for event in ThinkSplitter().feed("H")] == ["H"]
