"""What rich Markdown is made of an answer, and what Telegram's reading of it (the simulator's) shows."""

from typing import Any

import pytest

from telex.bench import samples
from telex.display.markdown_rules import GLUE
from telex.display.styled_prepare import COLLAPSED, THINKING
from telex.simulator.rich import counted, read_markdown
from telex.simulator.rich_tree import letters
from telex.surfaces.telegram import dialect as telegram
from telex.surfaces.telegram.rich_dialect import MOST_BLOCKS, MOST_CHARACTERS, Rich, forget, read, render


def blocks(markdown: str, *, draft: bool = False) -> list[dict[str, Any]]:
    """What the server stores."""
    return read_markdown(render(markdown, draft=draft).markdown)


def wide(columns: int) -> str:
    """A table of so many columns."""
    heads = "|".join(f"h{number}" for number in range(columns))
    cells = "|".join(f"c{number}" for number in range(columns))
    return f"|{heads}|\n|{'---|' * columns}\n|{cells}|"


def test_a_table_is_a_table_with_its_head_and_alignment():
    (table,) = blocks("| a | b |\n|---|--:|\n| **x** | 1 |")
    assert table["type"] == "table"
    assert table["cells"] == [
        [
            {"text": "a", "align": "left", "valign": "top", "is_header": True},
            {"text": "b", "align": "right", "valign": "top", "is_header": True},
        ],
        [
            {"text": {"type": "bold", "text": "x"}, "align": "left", "valign": "top"},
            {"text": "1", "align": "right", "valign": "top"},
        ],
    ]


def test_headings_formulas_and_summaries_are_blocks_of_their_own():
    source = "## Title\n\n$$\nx^2\n$$\n\nso \\(y\\)\n\n<details><summary>More</summary>\n\nhidden\n\n</details>"
    heading, formula, words, details = blocks(source)
    assert heading == {"type": "heading", "text": "Title", "size": 2}
    assert formula == {"type": "mathematical_expression", "expression": "x^2"}
    assert words["text"] == ["so ", {"type": "mathematical_expression", "expression": "y"}]
    assert (details["type"], details["summary"]) == ("details", "More")
    assert details["blocks"] == [{"type": "paragraph", "text": "hidden"}]


@pytest.mark.parametrize(
    "source",
    ["| a |\n|---|\n| b |", "# a", "\\(x\\)", "$$\nx\n$$", "- a\n\n  ```py\n  b\n  ```", "<details>a</details>"],
)
def test_what_entities_cannot_show_needs_a_rich_message(source):
    assert render(source).needed
    assert render(f"words\n\n{source}\n\nwords").needed


@pytest.mark.parametrize(
    "source", ["words", "**a** `b` [c](https://d.e)", "- a\n  - b", "> a", "```py\na\n```", "1. a", ""]
)
def test_what_entities_can_show_needs_none(source):
    assert not render(source).needed


def test_what_a_model_thinks_has_its_own_block_in_a_draft_and_is_a_quote_elsewhere():
    source = f"> {THINKING}💭 hm \\* <tg-button>\n\n# So"
    assert [block["type"] for block in blocks(source, draft=True)] == ["thinking", "heading"]
    assert blocks(source, draft=True)[0]["text"] == "💭 hm * <tg-button>"
    assert [block["type"] for block in blocks(source)] == ["blockquote", "heading"]
    assert (render(source, draft=True).thinks, render(source).thinks) == (True, False)


def test_a_folded_quote_is_one():
    assert blocks(f"> {COLLAPSED}a *b*\n> c") == [
        {"type": "expandable_blockquote", "text": ["a ", {"type": "italic", "text": "b"}, "\nc"]}
    ]


def test_tags_of_telegrams_own_are_letters_when_a_model_writes_them():
    source = "`a`\n\n<tg-button type=url url=https://evil>press</tg-button> <tg-map lat=1 long=2> \\<tg-thinking>x"
    assert not counted(blocks(source)).kinds - {"paragraph"}
    assert "<tg-button type=url url=https://evil>" in letters(blocks(source))


def test_what_looks_like_markup_and_is_none_stays_as_it_is():
    source = "\\*a\\* 5 \\$ and 6 \\$ \\| \\|\\|no\\|\\| \\=\\=no\\=\\= \\~\\~no\\~\\~ &amp;lt; 1\\. \\# x"
    assert letters(blocks(source)) == "*a* 5 $ and 6 $ | ||no|| ==no== ~~no~~ &lt; 1. # x"


def test_a_table_of_too_many_columns_is_written_as_where_there_are_none():
    assert counted(blocks(wide(20))).columns == 20
    rich = render(wide(21))
    assert (rich.columns, rich.needed, rich.fits) == (0, False, True)
    found, wanted = letters(read_markdown(rich.markdown)), telegram.render(wide(21)).text
    assert "".join(filter(str.isalnum, found)) == "".join(filter(str.isalnum, wanted))


def test_limits_are_kept_to_the_last_character_and_block():
    assert Rich("x" * MOST_CHARACTERS).fits
    assert not Rich("x" * (MOST_CHARACTERS + 1)).fits
    assert render("\n\n".join("x" for _ in range(MOST_BLOCKS))).fits
    assert not render("\n\n".join("x" for _ in range(MOST_BLOCKS + 1))).fits


@pytest.mark.parametrize("name", samples.ALL)
def test_a_sample_is_the_same_with_and_without_memory(name):
    source = samples.ALL[name]
    for end in range(0, len(source), 7):
        kept = render(source[:end])
        forget()
        assert render(source[:end]) == kept


def test_a_footnote_is_found_wherever_its_words_are():
    source = "First [^a].\n\nSecond.\n\n<details><summary>S [^a]</summary>\n\nIn [^a].\n\n[^a]: its words\n\n</details>\n\nLast [^a] [^b].\n\n[^b]:"
    made = render(source).markdown
    assert made.count("[^a]: its words") == 1
    assert made.count("[^a]") == 4  # but in a summary, which is a tag
    words = [piece for block in read_markdown(made) for piece in [block.get("text", "")] if piece]
    assert {"type": "reference_link", "reference_name": "a", "text": "a"} in words[0]


def test_a_summary_over_several_paragraphs_is_one_block_and_what_follows_is_not_in_it():
    source = (
        "A\n\n<details open>\n<summary>S</summary>\n\nB\n\nC <details>D\n\nE</details>\n\nF\n\n</details>\n\nG\n\nH"
    )
    first, details, *rest = blocks(source)
    assert (first["text"], [block["text"] for block in rest]) == ("A", ["G", "H"])
    assert details["is_open"] is True
    assert [block["type"] for block in details["blocks"]] == ["paragraph", "paragraph", "details", "paragraph"]


@pytest.mark.parametrize(
    ("source", "rtl"),
    [("# שלום abc", True), ("**1. 2** العربي", True), ("a שלום", False), ("5 + 6", None), ("\n\n".join("אב"), True)],
)
def test_the_first_letter_says_which_way_a_message_is_read(source, rtl):
    assert render(source).rtl is rtl


def test_an_address_is_left_to_telegram_but_where_it_holds_signs_that_are_escaped():
    assert render("see https://x.y/a_b?c=d&e=f.").markdown == "see https://x.y/a_b?c=d&e=f."
    escaped = render("see https://x.y/a*b.").markdown
    assert escaped == "see [https://x.y/a\\*b](https://x.y/a*b)."
    brackets = render("(see https://x.y/A\\_*_(b))").markdown
    assert brackets.endswith("](https://x.y/A_*_%28b%29))")


@pytest.mark.parametrize("mark", ["3.", "-"])
def test_a_list_in_an_item_that_goes_on_from_another_message_stays_apart_from_the_list_behind(mark):
    source = f"- {GLUE} word\n\n  {mark} inner\n\n{mark} outer"
    assert [block["type"] for block in blocks(source)] == ["paragraph", "list", "list"]


def test_what_follows_an_item_that_goes_on_from_another_message_counts_on():
    _, rest = blocks(f"1. {GLUE}rest\n2. b\n3. c")
    assert [item["value"] for item in rest["items"]] == [2, 3]


def test_two_lists_stay_apart_where_the_heading_between_them_is_empty():
    assert [block["type"] for block in blocks("3. a\n\n# \n3. b")] == ["list", "list"]


def test_an_item_of_dashes_only_is_no_rule():
    (rule,) = blocks("- a\n- * * *")
    assert [[block["type"] for block in item["blocks"]] for item in rule["items"]] == [["paragraph"], ["divider"]]
    assert [block["type"] for block in blocks("* - +")] == ["list"]


def test_signs_at_the_end_of_a_heading_are_its_words():
    assert [block["text"] for block in blocks("# a \\##\n\n# \\#\n\n# b#")] == ["a ##", "#", "b#"]


@pytest.mark.parametrize("source", ["```a ||b|| `` c```d", "`a`<code>b</code>", "x`a||b||c`", "\\``a``"])
def test_code_is_what_it_is_beside_letters_and_other_code(source):
    assert letters(blocks(source)) == telegram.render(source).text


def test_a_spoiler_on_a_line_that_begins_with_html_is_one():
    source = "<!-- unseen --> ||secret||"
    assert telegram.render(source).text == letters(blocks(source)) == "secret"


def test_half_a_surrogate_pair_is_no_error():
    assert read("a \ud83d b\n\n# c")
