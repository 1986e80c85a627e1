"""Live lines on an emulated terminal: what a reader sees, and what it cost to write."""

import os
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from telex.display.markdown import heal
from telex.surfaces.terminal.dialect import lines, plain_lines
from telex.surfaces.terminal.screen import LiveLines
from tests.surfaces.terminal.emulator import Terminal

PROSE = (
    "The quick brown fox jumps over the lazy dog, and then it goes on to tell a story that is long enough to be wrapped "
    "more than once on any terminal that people use. "
) * 6
BLOCKS = [
    "# A heading",
    "Some **bold** and *italic* words, `code`, and a [link](https://example.org/x) in a sentence that goes on.",
    "- one\n- two with more words than the line will take in one go\n  - nested\n- [x] done",
    "1. first\n2. second",
    "> quoted words that go on and on until they must be wrapped",
    '```python\ndef f(x):\n    """A string\n    of two lines."""\n    return [x for x in range(100)]  # a long comment here\n```',
    "| a | b |\n|---|--:|\n| one | 22 |\n| three | 4 |",
    "漢字と日本語の文章はどこでも折り返すことができます。とても長い文章です。",
    "Emoji 🎉 take two columns.",  # pyte knows no joined ones
    "---",
]
COUNT = 400 if os.environ.get("CI") == "true" else 60


def typed(terminal: Terminal, source: str, step: int = 1) -> None:
    """Show a growing answer, ``step`` characters at a time."""
    for end in [*range(1, len(source), step), len(source)]:
        terminal.live.show(lines(heal(source[:end]), terminal.live.width))
    terminal.live.end()


def expected(source: str, columns: int) -> str:
    return "\n".join(line.text.rstrip() for line in lines(source, columns - 1)).rstrip()


def test_plain_prose_costs_at_most_three_bytes_for_a_visible_character():
    terminal = Terminal(columns=72, rows=24)
    typed(terminal, PROSE, step=4)
    visible = sum(not letter.isspace() for letter in terminal.text())
    assert terminal.written <= 3 * visible


def test_what_is_on_screen_in_the_end_is_the_answer_line_by_line():
    source = "\n\n".join([*BLOCKS, PROSE])
    terminal = Terminal(columns=50, rows=60)
    typed(terminal, source)
    assert terminal.text() == expected(source, 50)


def test_lines_that_have_left_the_screen_are_never_written_again():
    source = "\n\n".join(f"Line number {number} stands here." for number in range(100))
    terminal = Terminal(columns=50, rows=8)
    typed(terminal, source, step=3)
    assert terminal.text() == expected(source, 50)


def test_a_finished_frame_that_changes_nothing_writes_nothing():
    terminal = Terminal()
    terminal.live.show(lines("Hello **there**", 39))
    before = terminal.written
    terminal.live.show(lines("Hello **there**", 39))
    assert terminal.written == before


def test_appended_words_are_written_alone():
    terminal = Terminal()
    terminal.live.show(lines("Hello", 39))
    before = terminal.written
    terminal.live.show(lines("Hello there", 39))
    assert terminal.written - before == len(" there")


def test_a_wide_letter_never_stands_across_the_border():
    terminal = Terminal(columns=21, rows=30)
    typed(terminal, "a漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字")
    assert terminal.text() == expected("a漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字", 21)


def test_without_colours_bold_is_left_and_colours_are_not():
    terminal = Terminal()
    pieces: list[str] = []
    live = type(terminal.live)(pieces.append, lambda: (40, 10), colours=False)
    live.show(lines("**bold** and `code`\n\n```python\nreturn 1\n```", 39))
    assert "\x1b[1m" in "".join(pieces)
    assert "3" not in "".join(pieces).replace("\x1b[1m", "").replace("\x1b[m", "")


def test_control_characters_of_a_model_never_reach_the_terminal():
    terminal = Terminal()
    pieces: list[str] = []
    live = type(terminal.live)(pieces.append, lambda: (40, 10))
    live.show(lines("a \x1b[31mred\x07 word and [a link](http://x.y/\x1b]8;;)\n\n```\n\x1b[2J\n```", 39))
    assert "\x1b[31m" not in "".join(pieces)
    assert "\x1b[2J" not in "".join(pieces)
    assert "\x07" not in "".join(pieces)


def test_after_a_resize_the_open_block_is_wrapped_anew_and_nothing_is_lost():
    source = PROSE[:400]
    terminal = Terminal(columns=60, rows=30)
    for end in range(1, 200):
        terminal.live.show(lines(heal(source[:end]), terminal.live.width))
    terminal.screen.resize(30, 40)  # pyte cuts lines where a terminal would wrap them: only words count here
    terminal.live.fit()
    for end in range(200, 401):
        terminal.live.show(lines(heal(source[:end]), terminal.live.width))
    terminal.live.end()
    words = terminal.text().split()
    assert words[-40:] == source.split()[-40:]


def test_words_are_not_lost_when_a_line_that_has_left_the_screen_becomes_shorter_or_longer():
    for before, after in (("one two three four", "one"), ("one", "one two three four")):
        terminal = Terminal(columns=50, rows=6)
        said = [f"Word number {number}." for number in range(12)]
        for end in range(1, 13):
            first = before if end < 9 else after
            terminal.live.show(lines("\n\n".join([first, *said[:end]]), 49))
        terminal.live.end()
        assert terminal.text().split("\n\n") == [before, *said]


def test_many_lines_above_may_become_one():
    terminal = Terminal(columns=50, rows=6)
    tools = [f"Tool {number} at work" for number in range(8)]
    terminal.live.show(lines("\n\n".join(tools), 49))
    said = [f"Word number {number}." for number in range(12)]
    for end in range(1, 13):
        terminal.live.show(lines("\n\n".join(["8 tools", *said[:end]]), 49))
    terminal.live.end()
    shown = [line for line in terminal.text().split("\n") if line]
    assert [line for line in shown if line.startswith("Word")] == said


def test_links_that_are_defined_after_they_left_the_screen_cost_no_word():
    terminal = Terminal(columns=50, rows=6)
    said = " ".join(f"[reference{number}][1]" for number in range(60)) + "\n\n" + " ".join(f"v{n}" for n in range(30))
    for source in (said[:800], said, f"{said}\n\n[1]: https://example.org/x\n\nThe end."):
        terminal.live.show(lines(source, 49))
    terminal.live.end()
    assert re.findall(r"(?:reference|v)\d+", terminal.text()) == [f"reference{n}" for n in range(60)] + [
        f"v{n}" for n in range(30)
    ]
    assert terminal.text().endswith("The end.")


def test_a_resize_with_the_cursor_in_the_first_row_writes_no_word_twice():
    terminal = Terminal(columns=60, rows=10)
    terminal.live.show(lines("The first words.", 59))
    for columns in (50, 40, 30):
        terminal.screen.resize(10, columns)
        terminal.live.fit()
        terminal.live.show(lines("The first words.", terminal.live.width))
    assert terminal.text() == "The first words."


def test_a_line_of_wide_letters_is_found_in_all_the_rows_that_a_narrow_terminal_makes_of_it():
    pieces: list[str] = []
    columns = 20
    live = LiveLines(pieces.append, lambda: (columns, 30))
    said = "above\n\n" * 6 + "a漢漢漢漢漢漢漢漢漢"
    live.show(lines(said, live.width))
    columns = 3  # one of them fits into a row, and leaves a column empty
    live.fit()
    live.show(lines(said, live.width))
    assert pieces[-1].startswith("\r\x1b[8A")


def test_nothing_is_written_at_a_column_behind_letters_that_terminals_count_differently():
    pieces: list[str] = []
    live = LiveLines(pieces.append, lambda: (40, 10))
    live.show(lines("Good 👍🏽 one two", live.width))
    live.show(lines("Good 👍🏽 one two\n\nmore", live.width))
    live.show(lines("Good 👍🏽 one other\n\nmore", live.width))
    assert pieces[-1] == "\r\x1b[2A\x1b[5C👍🏽 one other\x1b[K\r\n\r\nmore"


def test_a_table_stands_there_once_whatever_the_width_becomes():
    terminal = Terminal(columns=40, rows=20)
    source = "Before.\n\n| name | what |\n|---|---|\n| a | one |\n| b | two |\n"
    for columns in (40, 60, 50, 70):
        terminal.screen.resize(20, columns)
        terminal.live.fit()
        terminal.live.show(lines(source, terminal.live.width))
    assert terminal.text() == expected(source, 70)


def test_a_very_narrow_terminal_shows_every_word_once():
    terminal = Terminal(columns=9, rows=6)
    typed(terminal, "one two three four five six seven eight nine ten")
    assert terminal.text().split() == ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def test_lines_that_are_held_back_on_a_smaller_screen_come_back_once():
    terminal = Terminal(columns=40, rows=20)
    said = lines("\n\n".join(f"Line {number}" for number in range(6)), 39)
    for rows, shown in ((20, said), (5, said[:3]), (5, said[:3]), (20, said)):
        terminal.screen.resize(rows, 40)
        terminal.live.fit()
        terminal.live.show(shown)
    assert terminal.text() == "\n".join(line.text for line in said)


def test_a_status_is_never_a_part_of_what_stays():
    terminal = Terminal(columns=30, rows=5)
    status = plain_lines("A question that is longer than the few rows that there are, with y or n at its end", 10)
    for columns in (30, 24, 36):
        terminal.screen.resize(5, columns)
        terminal.live.fit()
        terminal.live.show(lines("Words.", terminal.live.width), status)
        assert terminal.text().endswith("\nits end")
    terminal.live.show(lines("Words.\n\nMore.", terminal.live.width))
    terminal.live.end()
    assert terminal.text() == "Words.\n\nMore."


@settings(max_examples=COUNT, deadline=None)
@given(
    blocks=st.lists(st.sampled_from([*BLOCKS, PROSE[:300]]), min_size=1, max_size=5),
    columns=st.integers(24, 90),
    rows=st.integers(4, 40),
    step=st.integers(1, 40),
)
def test_however_it_arrives_every_word_is_shown_once(blocks: list[str], columns: int, rows: int, step: int):
    source = "\n\n".join(blocks)
    terminal = Terminal(columns, rows)
    typed(terminal, source, step)
    assert "".join(terminal.text().split()) == "".join(expected(source, columns).split())
