"""`heal`: what a growing answer shows at each of its prefixes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.bench import samples
from telex.display import plain
from telex.display.markdown import heal
from telex.display.styled_prepare import prepare

MARKUP = st.sampled_from(
    [
        "**",
        "*",
        "_",
        "__",
        "~~",
        "||",
        "`",
        "``",
        "```",
        "```py\n",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "> ",
        "# ",
        "| a | b |\n",
        "|---|---|\n",
        "[",
        "]",
        "(",
        ")",
        "](http://x.y/z)",
        "![",
        "$",
        "$$",
        "\\(",
        "\\)",
        "\\",
        "<b>",
        "</b>",
        "<br>",
        "&amp;",
        "&am",
        "a",
        "b c",
        " ",
        "  ",
        "    ",
        "1",
        ".",
        "：",
        "重点",
        "“",
        "”",
        "👨\u200d👩\u200d👧",
        "é",
        "\t",
        "---",
        "===",
    ]
)
DOCUMENTS = st.lists(MARKUP, max_size=30).map("".join)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**bold", "**bold**"),
        ("**bold*", "**bold**"),
        ("*it", "*it*"),
        ("_it", "_it_"),
        ("__bold_", "__bold__"),
        ("~~gone~", "~~gone~~"),
        ("***both", "***both***"),
        ("**bold *it", "**bold *it***"),
        ("**bold *it*", "**bold *it***"),
        ("||secret|", "||secret||"),
        ("`code", "`code`"),
        ("``a `", "``a ``"),
        ("$$x^2", "$$x^2$$"),
        ("$x_1", "$x_1$"),
        ("\\(x", "\\(x\\)"),
        ("**重点：**内", "**重点：**内"),
        ("- item **b", "- item **b**"),
        ("> quote *i", "> quote *i*"),
        ("## Head `c", "## Head `c`"),
        ("**bold \n", "**bold** \n"),
        ("| a | b |\n|---|---|\n| **x", "| a | b |\n|---|---|\n| **x**"),
    ],
)
def test_what_is_open_is_closed(source, shown):
    assert heal(source) == shown


@pytest.mark.parametrize(
    "opener", ["**", "*", "_", "~~", "`", "``", "$$", "\\(", "[", "![", "<", "<b", "&", "&am", "\\"]
)
def test_an_opener_with_nothing_after_it_is_held_back(opener):
    assert heal(f"text {opener}") == "text "


@pytest.mark.parametrize(
    "line",
    [
        "-",
        "- ",
        "*",
        "+",
        "> ",
        ">",
        "#",
        "### ",
        "- [",
        "- [ ]",
        "--",
        "---",
        "==",
        "```",
        "```py",
        "`",
        "|",
        "| a",
        "~~~",
    ],
)
def test_a_line_of_markers_under_a_paragraph_is_held_back(line):
    assert heal(f"text\n{line}") == "text\n"


@pytest.mark.parametrize(
    "source",
    [
        "[the whole text",
        "[the whole text]",
        "[text](",
        "[text](http://par",
        '[text](http://x.y "ti',
        "![text](http",
        "[text][1",
    ],
)
def test_an_unfinished_link_shows_its_text_only(source):
    assert heal(f"a {source}").partition("\n")[0] == ("a the whole text" if "the" in source else "a text")


@pytest.mark.parametrize("source", ["[sic", "[RFC 2119]", "[x"])
def test_a_word_in_brackets_waits_for_what_follows_them(source):
    assert heal(f"see {source}") in {"see ", "see [x"}


def test_a_long_text_in_brackets_is_shown_up_to_forty_letters_until_it_is_known_what_it_is():
    aside = "a" * 50
    assert heal(f"so [{aside}") == f"so {aside[:40]}"
    assert heal(f"so [{2 * aside}") == f"so [{2 * aside}"
    assert heal(f"so [{aside}](he tho") == f"so [{aside}](he tho"
    assert heal(f"so [{aside}](he") == f"so {aside[:40]}"
    assert heal(f"so [{aside}](https:") == f"so {aside}"
    assert heal(f"so [{aside}] and") == f"so [{aside}] and"


@pytest.mark.parametrize("source", ["[the guide][1] is", "a word[^boil] is"])
def test_a_label_that_is_defined_later_is_shown_as_it_will_be(source):
    assert "[the" not in plain.render(heal(source))
    assert "^" not in plain.render(heal(source))
    assert plain.render(heal(source)).endswith(" is")


@pytest.mark.parametrize(
    "line", ["[1]: https://x.y", '[1]: https://x.y "a ti', '[1]: https://x.y "a title"', "[1", "[^no"]
)
def test_what_says_where_a_label_leads_is_not_shown_while_it_is_written(line):
    assert plain.render(heal(f"[the guide][1] a[^no]\n\n{line}")) == "the guide a[no]"


@pytest.mark.parametrize(
    "source",
    [
        "Use *.py and",
        "rm /tmp/*/foo and",
        "f(**kwargs) and",
        "the **kwargs and",
        "p->a||q and",
        "a ` tick",
        "f(*rows) and",
    ],
)
def test_signs_of_code_open_nothing(source):
    assert heal(source) == source


@pytest.mark.parametrize("half", ['<a href="https://x.y/z"', '<a href="https://x.y/z" ', "<img src=x alt='y'"])
def test_a_tag_is_held_back_until_it_ends(half):
    assert heal(f"see {half}") == "see "


def test_a_finished_link_stays():
    assert heal("see [text](http://x.y)") == "see [text](http://x.y)"


def test_a_source_number_or_an_index_is_no_link():
    assert heal("as in [1") == "as in [1"
    assert heal("as in array[0") == "as in array[0"


@pytest.mark.parametrize(
    "source", ["2 * 3 * 4", "it costs $5", "snake_case_name", "2**3", "a | b", "x < y", "AT&T", "5 > 3", "1."]
)
def test_signs_that_are_no_markup_are_left_alone(source):
    assert heal(source) == source


@pytest.mark.parametrize("rows", ["|", "| a", "| a |", "|a|b", "| a\n"])
def test_a_row_that_may_be_anything_is_held_back(rows):
    assert heal(f"Text:\n\n{rows}") == "Text:\n\n"


@pytest.mark.parametrize("rows", ["| a | b", "| a | b |", "| a | b |\n", "| a | b |\n|", "| a | b |\n|--"])
def test_a_row_of_two_cells_is_shown_as_the_header_that_it_most_likely_is(rows):
    assert plain.render(heal(f"Text:\n\n{rows}")) == "Text:\n\na │ b\n──┼──"


def test_a_line_with_a_bar_and_forty_letters_is_a_line():
    line = "| not a table, just a line with bars that goes on and on"
    assert heal(line) == line


def test_the_row_under_a_header_without_outer_bars_is_held_back():
    assert heal("Name | Age\n--- | -") == "Name | Age\n--- | -"
    assert heal("Name | Age\n---") == "Name | Age\n"


def test_a_header_too_wide_to_be_drawn_is_shown_with_the_first_row():
    header = f"| {'a' * 40} | {'b' * 40} |\n|---|---|\n"
    assert heal(f"Text\n\n{header}| ") == heal(f"Text\n\n{header}") == "Text\n\n"
    assert heal(f"{header}| c") == f"{header}| c"


def test_a_table_is_shown_once_its_second_row_is_known():
    table = "| a | b |\n|---|---"
    assert heal(table) == table


def test_a_fence_is_shown_once_it_holds_code_and_is_closed():
    assert heal("```py") == ""
    assert heal("```py\n") == ""
    assert heal("```py\nx") == "```py\nx\n```"
    assert heal("```py\nx\n") == "```py\nx\n```"


def test_a_half_closing_fence_is_not_shown():
    assert heal("```py\nx\n``") == "```py\nx\n```"
    assert heal("````py\nx\n```") == "````py\nx\n````"


def test_a_fence_in_a_quote_or_an_item_is_closed_inside_it():
    assert heal("> ```\n> x") == "> ```\n> x\n> ```"
    assert heal("1. a\n   ```\n   x") == "1. a\n   ```\n   x\n   ```"


def test_an_open_formula_between_brackets_is_closed():
    assert heal("So\n\n\\[\nx = a*b*c") == "So\n\n\\[\nx = a*b*c\\]"


@pytest.mark.parametrize("line", ["\\[ x \\]", "> \\[ x \\].", "so \\[x = 1\\] holds", "\\[a \\\\[4pt] b\\]"])
def test_brackets_that_stand_alone_or_hold_a_formula_are_math(line):
    assert "\ufdd2" in prepare(line)[0]


@pytest.mark.parametrize("line", ["Use \\[optional\\] args", "\\[note\\] a text", "run \\[--opt=x\\] a_b"])
def test_escaped_brackets_around_words_are_brackets(line):
    assert heal(line) == line
    assert "\ufdd2" not in prepare(line)[0]


def test_markers_in_code_are_code():
    assert heal("```\n**x") == "```\n**x\n```"
    assert heal("`**x") == "`**x`"
    assert heal("`a` **b") == "`a` **b**"


def test_escaped_markers_open_nothing():
    assert heal("\\*text") == "\\*text"
    assert heal("\\**text") == "\\**text*"


def test_what_may_say_where_a_number_leads_is_held_back():
    assert heal("So [1] it is.\n\n[1") == "So [1] it is.\n\n"
    assert heal("So [1] it is.\n\n[1] Smith") == "So [1] it is.\n\n[1] Smith"


def test_a_label_alone_that_leads_somewhere_is_taken_for_a_link():
    assert plain.render(heal("See [the guide][] and")) == "See the guide and"
    assert plain.render(heal("The type a[x][] and")) == "The type a[x][] and"


def test_two_sources_side_by_side_are_no_link_while_they_come():
    assert heal("so [1][2], and") == "so [1][2], and"


def test_a_dollar_with_a_backslash_is_part_of_the_formula_that_is_being_written():
    assert heal("so $\\text{cost} = \\$5") == "so $\\text{cost} = \\$5$"


def test_a_declaration_is_held_back_while_it_is_written():
    assert heal("so <!DOCTYPE ht") == "so "


def test_a_definition_is_held_back_while_its_line_is_written():
    assert heal("text\n\n[1]: http://ex") == "text\n\n"


@pytest.mark.parametrize("name", samples.ALL)
def test_a_complete_answer_comes_back_unchanged(name):
    assert heal(samples.ALL[name]) == samples.ALL[name]


@pytest.mark.parametrize("name", samples.ALL)
def test_healing_a_healed_prefix_changes_nothing(name):
    source = samples.ALL[name]
    for end in range(len(source) + 1):
        healed = heal(source[:end])
        assert heal(healed) == healed, source[:end]


@pytest.mark.parametrize("name", samples.ALL)
def test_a_prefix_loses_no_more_than_its_unfinished_end(name):
    source = samples.ALL[name]
    for end in range(len(source) + 1):
        settled = source[:end].rsplit("\n\n", 1)[0] if "\n\n" in source[:end] else ""
        letters = re.sub(r"\W", "", settled)
        assert re.sub(r"\W", "", heal(source[:end])).startswith(letters[: max(0, len(letters) - 40)])


@given(DOCUMENTS)
def test_no_text_makes_heal_fail(source):
    heal(source)


@given(st.text())
def test_no_letters_make_heal_fail(source):
    heal(source)


@given(st.lists(st.sampled_from(["word", "Wort", "слово", "单词", " ", ". ", "\n\n"]), max_size=40).map("".join))
def test_plain_words_are_left_alone(source):
    assert heal(source) == source
