import re

import pytest
from hypothesis import given, settings
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
    "thoughts between sentences": ("So. <think>x</think> It is.", ("x", "So. It is.")),
    "thoughts between sentences with no blanks": ("<think>a</think>B!<think>c</think> D", ("ac", "B! D")),
    "thoughts in an item, a quote and a heading": (
        "- <think>a</think> x\n> <think>b</think> y\n# <think>c</think> z",
        ("abc", "- x\n> y\n# z"),
    ),
    "a tag in the middle of a sentence": ("Use <think>x</think> here.", ("", "Use <think>x</think> here.")),
    "a tag behind an abbreviation": ("Tags, e.g. <think>x</think>.", ("", "Tags, e.g. <think>x</think>.")),
    "a tag behind a colon": ("It is: <think>\nx\n</think>", ("", "It is: <think>\nx\n</think>")),
    "another case": ("<Think>a</THINK>b\n<THINK>c</think>", ("ac", "b\n")),
    "blanks in the tags": ("<think >a</think \t>b", ("a", "b")),
    "too many blanks in a tag": (f"<think{' ' * 9}>a", ("", f"<think{' ' * 9}>a")),
    "an end without a beginning": ("Okay, 2+2.\n</think>\n\nIt is 4.", ("", "Okay, 2+2.\n\nIt is 4.")),
    "an end at the beginning": ("\n</think>\n\nIt is 4.", ("", "It is 4.")),
    "an end upon an end": ("<think>a</think>\n</think>\nb", ("a", "b")),
    "an end in a fence is text": ("```\n</think>\n```", ("", "```\n</think>\n```")),
    "an end in the middle of a line is text": ("It ends with </think>\n", ("", "It ends with </think>\n")),
    "a tag in HTML's code is text": ("<pre>\n<think>\n\n</pre>\nx", ("", "<pre>\n<think>\n\n</pre>\nx")),
    "a tag in a line of HTML's code": ("See <code>\n<think>a</code>", ("", "See <code>\n<think>a</code>")),
    "a tag behind HTML's code": ("<pre>a</pre>\n<code>b</code>\n<think>c", ("c", "<pre>a</pre>\n<code>b</code>\n")),
    "a tag where HTML's code is mentioned": ("Use `<code>` and\n<think>c</think>d", ("c", "Use `<code>` and\nd")),
    "thoughts that never end, and no other word": ("<think>\nIt is 4.", ("\nIt is 4.", "")),
    "a tag as the first word": ("<think> is a tag.", (" is a tag.", "")),
    "thoughts, and thoughts that never end": ("<think>a</think>\n<think>b", ("ab", "")),
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
    "a tag and others": ("a <b>. <<think>x</think>", ("", "a <b>. <<think>x</think>")),
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


PARTS = ["<think>", "</think>", "<Think >", "</THINK\t>", "[THINK]", "[/THINK]", "<pre>", "</pre>", "<code>", "</code>"]
PARTS += ["<", "/", "think", ">", "x", ". ", " ", "\n", "\n\n", "`", "```", "- ", "e.g. ", "[", "    "]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)
TAG = re.compile(r"</?think\s*>|\[/?THINK\]|\s", re.IGNORECASE)


@settings(max_examples=1000)
@given(TEXTS, st.integers(1, 9))
def test_chunking_does_not_matter(text: str, step: int) -> None:
    assert split(*(text[i : i + step] for i in range(0, len(text), step))) == split(text)


@settings(max_examples=1000)
@given(TEXTS)
def test_all_but_tags_and_blanks_is_thought_or_said_in_its_order(text: str) -> None:
    splitter = ThinkSplitter()
    events = [*splitter.feed(text), *splitter.close()]
    assert TAG.sub("", "".join(event.text for event in events)) == TAG.sub("", text)


def test_only_what_may_become_a_tag_is_held_back() -> None:
    splitter = ThinkSplitter()
    pieces = ("a. ", "< b. ", "<t", "d>. ", "<think", ">")
    assert [[event.text for event in splitter.feed(piece)] for piece in pieces] == [
        ["a. "],
        ["< b. "],
        [],
        ["<td>. "],
        [],
        [],
    ]


def test_what_may_only_be_mentioned_is_not_held_back() -> None:
    splitter = ThinkSplitter()
    given = [[event.text for event in splitter.feed(piece)] for piece in ("if a <", "t", " the </", "think")]
    assert given == [["if a <"], ["t"], [" the </"], ["think"]]


def test_an_ordinary_first_word_is_not_held_back() -> None:
    assert [event.text for event in ThinkSplitter().feed("H")] == ["H"]
