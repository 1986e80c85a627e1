"""Code in colours, while it grows."""

import sys
from types import FrameType

import pytest

from telex.surfaces.terminal.dialect_code import Row, highlighted

FUNCTION = 'def number_{n}(value):\n    """Its text.\n\nAnd more.\n    """\n    return str(value)  # {n}\n\n'
COMMENT = "/* what it does\n * and why {n}\n */\nint number_{n}(int value) {{\n    return value;\n}}\n\n"


def letters(rows: list[Row]) -> list[tuple[str, str]]:
    """Each letter with its colour."""
    return [(letter, colour) for row in rows for piece, colour in row for letter in piece if not letter.isspace()]


def test_code_has_the_colours_that_it_has_where_it_is_read_at_once():
    code = "".join(FUNCTION.format(n=n) for n in range(60))
    each = [highlighted(FUNCTION.format(n=n), "python")[:-1] for n in range(60)]
    assert letters(highlighted(code, "python")) == [letter for rows in each for letter in letters(rows)]


def test_a_comment_of_several_lines_is_one_wherever_it_stands():
    rows = highlighted("".join(COMMENT.format(n=n) for n in range(60)), "c")
    assert {colour for row in rows for piece, colour in row if "and why" in piece} == {"90"}


def test_what_is_open_in_a_long_code_stays_open():
    rows = highlighted("<?php\n" + "echo 1;\n\n" * 200 + "echo 'word';", "php")
    assert rows[1] == rows[399]
    assert ("w", "32") in letters(rows)


@pytest.mark.parametrize("language", ["python", "c", "javascript", "json", "yaml", "ruby", "html", "diff", "console"])
def test_no_letter_of_the_code_is_lost_or_moved(language: str):
    code = "".join(FUNCTION.format(n=n) + COMMENT.format(n=n) for n in range(20))
    assert ["".join(piece for piece, _ in row) for row in highlighted(code, language)] == code.split("\n")


def test_a_line_more_costs_a_long_code_as_little_as_a_short_one():
    calls = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code.co_name == "get_tokens_unprocessed"

    def cost(count_of: int) -> int:
        nonlocal calls
        code = "".join(FUNCTION.format(n=f"{count_of}{n}") for n in range(count_of))
        highlighted(code, "python")
        calls = 0
        sys.setprofile(count)
        try:
            highlighted(f"{code}more = 1\n", "python")
        finally:
            sys.setprofile(None)
        return calls

    assert cost(200) <= 2 * cost(10)


def test_a_language_that_cannot_be_gone_on_with_is_coloured_all_the_same():
    assert any(colour for row in highlighted("a: 1\n" * 200, "yaml")[100:] for _, colour in row)
