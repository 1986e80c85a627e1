"""Where a text may be parted, and where its end stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.display.markdown import Cut, cut
from telex.display.settled import parts
from telex.display.styled import BETWEEN, read
from telex.display.tail import Leaf, Tail
from telex.display.tail_borders import last_border

LINES = st.sampled_from(
    [
        "text",
        "**bold**",
        "# head",
        "- a",
        "  - b",
        "    c",
        "1. d",
        "7. e",
        "   f",
        "> q",
        "> - r",
        ">",
        "",
        "",
        "",
        "```py",
        "```",
    ]
) | st.sampled_from(
    ["  ```", "   ~~~", "~~~~", "> ```", "- ```", "<!-- x", "-->", "<pre>", "</pre>", "| a |", "|---|", "---", "\tg"]
)
DOCUMENTS = st.lists(LINES, max_size=14).map("\n".join)


def state(source: str, *, from_start: bool) -> tuple[list[tuple[str, int]], Leaf]:
    tail = Tail()
    last = source.rfind("\n") + 1
    if from_start:
        at = 0
        for line in source[:last].split("\n")[:-1]:
            tail.feed(line, at)
            at += len(line) + 1
    else:
        tail.feed_all(source, last)
    tail.feed(source[last:], last)
    return [(container.marker, container.width) for container in tail.containers], tail.leaf


@given(DOCUMENTS)
def test_reading_from_the_last_border_is_reading_from_the_start(source):
    assert state(source, from_start=False) == state(source, from_start=True)


@given(DOCUMENTS)
def test_the_parts_are_the_text(source):
    assert "".join(parts(source)) == source


def test_a_paragraph_after_an_empty_line_is_a_border():
    assert last_border("- a\n\ntext\nmore", 14) == 5
    assert parts("- a\n\ntext") == ["- a\n\n", "text"]


@given(DOCUMENTS)
def test_the_parts_are_shown_one_by_one_as_the_text_is_as_a_whole(source):
    one_by_one = [shown for part in parts(source) if (shown := read(part).text)]
    assert BETWEEN.join(one_by_one) == read(source).text


@pytest.mark.parametrize(
    "block",
    [
        "> a quote",
        "```py\ncode",
        "~~~\ncode",
        "| a | b |\n|---|---|\n",
    ],
)
def test_a_quote_code_and_a_table_begin_a_part(block):
    assert parts(f"- a\n\n{block}") == ["- a\n\n", block]


@pytest.mark.parametrize(
    "block",
    [
        "```py\n    indented",
        "> ```\n>   indented",
        "| a | b |\n|---:|---|\n| wider | b |",
        f"| {'long ' * 20} | b |\n|---|---|\n| | c |",
    ],
)
def test_what_may_be_shown_with_white_space_at_its_beginning_begins_no_part(block):
    source = f"Words.\n\n{block}"
    assert parts(source) == [source]


def test_code_has_no_borders():
    assert parts("```\na\n\nb\n```") == ["```\na\n\nb\n```"]
    assert last_border("```\na\n\nb", 8) == 0


def test_what_is_defined_elsewhere_goes_with_each_part_that_mentions_it():
    assert parts("see [x]\n\ntext\n\n[X]: https://example.org") == [
        "[X]: https://example.org\n\nsee [x]\n\n",
        "text\n\n[X]: https://example.org",
    ]


def test_what_only_a_full_reading_finds_is_not_parted():
    assert len(parts("see [x]\n\ntext\n\n> [x]: https://example.org")) == 1
    assert len(parts("see [x]\n\ntext\n\n```\n[x]: https://example.org\n```")) == 1


def test_nothing_is_opened_where_nothing_is_open():
    assert cut("text\n\n") == Cut("", "")
    assert cut("# head\n") == Cut("", "")


def test_a_list_counts_on_in_the_next_message():
    assert cut("1. a\n1. b").opener.startswith("2. ")
