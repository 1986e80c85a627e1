"""Markdown as lines of a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from telex.surfaces.terminal.dialect import Style, lines, open_table


def texts(markdown: str, width: int = 40) -> list[str]:
    return [line.text.rstrip() for line in lines(markdown, width)]


def test_what_goes_on_stands_under_the_text_of_its_item():
    assert texts("- one two three four\n- five", 14) == ["• one two", "  three four", "• five"]


def test_a_block_that_shows_nothing_takes_no_line():
    assert texts("Text\n\n# \n\n# ") == ["Text"]
    assert texts("") == []


def test_a_quote_has_a_bar_on_each_of_its_lines():
    assert texts("> one two three four", 14) == ["│ one two", "│ three four"]


def test_code_keeps_its_lines_and_their_indentation():
    assert texts("```python\ndef f():\n    return 1\n```") == ["def f():", "    return 1"]


def test_a_long_line_of_code_is_broken_where_the_terminal_would_break_it():
    assert texts("```\nabcdefghijkl mnop\n```", 8) == ["abcdefgh", "ijkl mno", "p"]


def test_the_rows_of_a_table_that_fit_are_drawn_and_the_others_listed():
    table = "| name | what it is |\n|---|---|\n| alpha | the first letter |"
    assert texts(table)[1].startswith("──")
    assert texts(table, 20)[3:] == ["alpha", "what it is: the", "first letter"]


def test_a_table_in_a_quote_is_open_too_while_it_is_the_last():
    made = lines("Before.\n\n> words\n>\n> | a | b |\n> |---|---|\n> | 1 | 2 |", 40)
    assert open_table(made) == 2


def test_a_quote_fits_into_a_very_narrow_terminal():
    assert all(line.width <= 6 for line in lines("> some words in a quote", 6))


def test_what_no_longer_changes_in_a_long_answer_is_not_rendered_again():
    paragraphs = "\n\n".join(f"Paragraph {number}." for number in range(2000))
    code = "```python\n" + "\n".join(f"x = {number}" for number in range(500))
    for source in (paragraphs, code):
        before, after = lines(source, 40), lines(f"{source}\n\nand more", 40)
        assert all(old is new for old, new in zip(before[:400], after[:400], strict=True) if old.letters)


def test_a_link_carries_its_address():
    (line,) = lines("see [here](https://example.org/x)", 40)
    assert {cell[2].link for cell in line.cells if cell[0] == "h"} == {"https://example.org/x"}


def test_code_of_a_known_language_is_coloured_and_of_an_unknown_one_is_not():
    assert any(cell[2] != Style() for line in lines("```python\nreturn 1\n```", 40) for cell in line.cells)
    assert all(cell[2] == Style() for line in lines("```no-such\nreturn 1\n```", 40) for cell in line.cells)


def test_a_joined_emoji_is_one_cell_with_room_for_its_parts_where_a_terminal_shows_them_apart():
    (line,) = lines("👩‍👩‍👧‍👦 👍🏽 e\u0301", 40)
    assert [cell[:2] for cell in line.cells if cell[0] != " "] == [("👩‍👩‍👧‍👦", 8), ("👍🏽", 4), ("e\u0301", 1)]


words = st.text(st.sampled_from("abcdefgh"), min_size=1, max_size=12)


@given(st.lists(words, min_size=1, max_size=40), st.integers(12, 40))
def test_wrapping_keeps_every_word_and_never_exceeds_the_width(said: list[str], width: int):
    made = lines(" ".join(said), width)
    assert [word for line in made for word in line.text.split()] == said
    assert all(line.width <= width for line in made)


@given(st.lists(st.sampled_from([*"漢字ab ", "🎉"]), max_size=60), st.integers(10, 30))
def test_wide_letters_are_wrapped_by_columns(said: list[str], width: int):
    made = lines("".join(said), width)
    assert "".join("".join(line.text for line in made).split()) == "".join("".join(said).split())
    assert all(line.width <= width for line in made)
