"""`render`: Markdown as a text and entities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.display.styled_table import display_width
from telex.surfaces.telegram.dialect import length, render, utf16_length


def shown(markdown: str) -> tuple[str, list[tuple[str, str]]]:
    """The text, and each entity's kind and letters."""
    rendered = render(markdown)
    units = rendered.text.encode("utf-16-le")
    marked = [
        (entity["type"], units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le"))
        for entity in rendered.entities
    ]
    return rendered.text, marked


@pytest.mark.parametrize(
    ("markdown", "kind"),
    [
        ("**x y**", "bold"),
        ("__x y__", "bold"),
        ("<b>x y</b>", "bold"),
        ("*x y*", "italic"),
        ("_x y_", "italic"),
        ("<em>x y</em>", "italic"),
        ("~~x y~~", "strikethrough"),
        ("<u>x y</u>", "underline"),
        ("||x y||", "spoiler"),
        ("`x y`", "code"),
        ("<kbd>x y</kbd>", "code"),
        ("$x y$", "code"),
        ("\\(x y\\)", "code"),
        ("$$x y$$", "pre"),
        ("\\[\nx y\n\\]", "pre"),
        ("```\nx y\n```", "pre"),
        ("> x y", "blockquote"),
        ("## x y", "bold"),
        ("[x y](https://example.org)", "text_link"),
        ("![x y](https://example.org/a.png)", "text_link"),
    ],
)
def test_markup_becomes_its_entity(markdown, kind):
    assert shown(markdown) == ("x y", [(kind, "x y")])


def test_a_title_is_bold_and_underlined():
    assert shown("# Title") == ("Title", [("bold", "Title"), ("underline", "Title")])


def test_a_code_block_has_its_language():
    rendered = render("```py title=x\na = 1\n```")
    assert rendered.entities == ({"type": "pre", "offset": 0, "length": 5, "language": "py"},)


def test_code_keeps_its_indentation_and_its_signs():
    assert shown("```\ndef f():\n    return **x || ~y~ `z` \\* $1$\n```")[0] == (
        "def f():\n    return **x || ~y~ `z` \\* $1$"
    )


def test_a_link_has_its_address():
    assert render("[x](https://example.org/a_(b))").entities[0]["url"] == "https://example.org/a_(b)"


def test_a_sources_number_that_is_a_link_keeps_its_brackets():
    rendered = render("See [1] and [two].\n\n[1]: https://x.y\n[two]: https://x.y/2")
    assert rendered.text == "See [1] and two."
    assert [(found["offset"], found["length"]) for found in rendered.entities] == [(4, 3), (12, 3)]


def test_two_sources_side_by_side_are_two_numbers():
    source = "It is so [1][2], and so[3][12].\n\n[1]: https://x.y/1\n[2]: https://x.y/2"
    assert render(source).text == "It is so [1][2], and so[3][12]."
    assert [found["url"][-1] for found in render(source).entities] == ["1", "2"]
    assert render("`[1][2]`\n\n[2]: https://x.y").text == "[1][2]"


def test_the_cells_of_a_row_of_html_stand_apart():
    table = "<table>\n<tr><th>Name</th><th>Age</th></tr>\n<tr><td>Ann</td><td>30</td></tr>\n</table>"
    assert render(table).text == "Name | Age\nAnn | 30"
    assert render("<table><tr>\n<td>Ann</td>\n<td>30</td>\n</tr></table>").text == "Ann\n30"


def test_a_line_break_of_html_between_blocks_adds_no_empty_lines():
    assert render("One\n\n<br>\n\n<br/>\n\nTwo").text == "One\n\nTwo"
    assert render("One<br><br>Two").text == "One\n\nTwo"


@pytest.mark.parametrize(
    "address", ["./file.md", "#anchor", "javascript:alert(1)", "file:///etc/passwd", "example.org"]
)
def test_only_addresses_telegram_opens_become_links(address):
    assert shown(f"[x]({address})") == ("x", [])


def test_a_bare_address_is_left_to_telegram():
    assert shown("<https://example.org/~me>") == ("https://example.org/~me", [])


def test_an_image_without_words_is_called_one():
    assert shown("![](https://example.org/a.png)") == ("image", [("text_link", "image")])


def test_code_in_a_link_is_a_link():
    assert shown("[`x`](https://example.org)") == ("x", [("text_link", "x")])


def test_emphasis_makes_room_for_code():
    assert shown("**a `b` c**")[1] == [("bold", "a"), ("code", "b"), ("bold", "c")]


def test_quotes_do_not_nest():
    assert shown("> a\n>\n> > b") == ("a\n\nb", [("blockquote", "a\n\nb")])


def test_code_may_stand_in_a_quote():
    assert [kind for kind, _ in shown("> a\n>\n> ```\n> b\n> ```")[1]] == ["blockquote", "pre"]


def test_an_alert_says_what_it_is():
    assert shown("> [!WARNING]\n> Hot") == ("Warning\nHot", [("blockquote", "Warning\nHot"), ("bold", "Warning")])


def test_spoilers_may_cross_emphasis():
    assert shown("**a ||b** c||")[1] == [("bold", "a b"), ("spoiler", "b"), ("spoiler", "c")]


@pytest.mark.parametrize("source", ["a || b || c", "`||x||`", "\\|\\|x||", "||x"])
def test_bars_that_enclose_nothing_are_letters(source):
    assert "spoiler" not in dict(shown(source)[1])
    assert "||" in shown(source)[0]


def test_lists_have_bullets_by_depth_and_numbers():
    text = shown("- a\n  - b\n    - c\n      - d\n- e\n\n7. x\n8. y\n   - z\n")[0]
    assert text == "• a\n  ◦ b\n    ▪ c\n      • d\n• e\n\n7. x\n8. y\n   • z"


def test_task_lists_have_boxes():
    assert shown("- [ ] a\n- [x] b")[0] == "☐ a\n☑ b"


def test_a_list_whose_items_are_apart_stays_so():
    assert shown("- a\n\n- b\n\n  c")[0] == "• a\n\n• b\n\n  c"


def test_a_nested_list_stays_close_to_its_item():
    assert shown("1. a\n\n   - b\n   - c\n\n2. d")[0] == "1. a\n   • b\n   • c\n\n2. d"


def test_blocks_are_one_empty_line_apart():
    assert shown("# A\nb\n\n\n\n---\nc\n- d\n\n> e")[0] == "A\n\nb\n\n———\n\nc\n\n• d\n\ne"


def test_line_breaks_are_kept():
    assert shown("a\nb  \nc\\\nd<br>e")[0] == "a\nb\nc\nd\ne"


def test_table_columns_are_aligned():
    text, marked = shown("| a | b | c |\n|:--|:-:|--:|\n| 1 | **2** | 3 |\n| long | long | long |")
    assert marked == [("pre", text)]
    assert text.split("\n") == [
        "a    │  b   │    c",
        "─────┼──────┼─────",
        "1    │  2   │    3",
        "long │ long │ long",
    ]


def test_table_columns_are_aligned_by_width_not_by_letters():
    lines = shown("| a | b |\n|---|---|\n| 西瓜 | x |\n| 👨‍👩‍👧 | y |\n| e\u0301 | z |")[0].split("\n")
    assert {
        display_width(line[: line.index(line.translate({9532: "│"})[line.translate({9532: "│"}).index("│")])])
        for line in lines
        if "│" in line
    } == {5}


def test_from_the_first_row_too_wide_for_a_phone_a_table_becomes_paragraphs():
    long = "many words that go on and on " * 2
    text, marked = shown(
        f"| Name | Use | Link |\n|---|---|---|\n| A | {long}| [x](https://example.org) |\n| B | {long}| no |"
    )
    head = "Name │ Use │ Link\n─────┼─────┼─────"
    assert text == f"{head}\n\nA\nUse: {long.strip()}\nLink: x\n\nB\nUse: {long.strip()}\nLink: no"
    assert marked == [("pre", head), ("bold", "A"), ("text_link", "x"), ("bold", "B")]


def test_a_table_with_a_header_too_wide_for_a_phone_becomes_paragraphs():
    wide = "a name that is too long for a column " * 2
    assert shown(f"| A | {wide}|\n|---|---|\n| b | c |")[0] == f"b\n{wide.strip()}: c"


def test_currency_is_no_math():
    assert shown("between $5 and $10, or $5-$10, US$ 3 and 4$") == ("between $5 and $10, or $5-$10, US$ 3 and 4$", [])


def test_math_in_code_is_code():
    assert shown("`$x$` and `\\(y\\)`\n\n```\n$$z$$ \\[a\\]\n```")[0] == "$x$ and \\(y\\)\n\n$$z$$ \\[a\\]"


def test_math_keeps_its_bars_in_a_table():
    assert "|x|" in shown("| a | b |\n|---|---|\n| $|x|$ | 2 |")[0]


def test_emphasis_ends_behind_punctuation_as_it_is_meant():
    assert shown("**重点：**内容 **Note:**text")[1] == [("bold", "重点："), ("bold", "Note:")]
    assert shown("运行“**测试**”和内**“引用”**外")[1] == [("bold", "测试"), ("bold", "“引用”")]


def test_a_lone_tilde_is_a_tilde():
    assert shown("(~5) to (~6) km, ~/a~b") == ("(~5) to (~6) km, ~/a~b", [])


def test_html_that_says_nothing_is_not_shown_and_other_brackets_are_letters():
    assert shown("a<!-- b -->c <span>d</span> H<sub>2</sub>O Vec<T> &amp; &lt;")[0] == "ac d H2O Vec<T> & <"
    assert shown("<details>\n<summary>More</summary>\n\ntext\n\n</details>") == ("More\n\ntext", [("bold", "More")])


def test_footnotes_are_numbers_in_brackets():
    assert shown("a[^1]\n\n[^1]: b")[0] == "a[1]\n\n[1] b"
    assert shown("a[^1]")[0] == "a[1]"


def test_names_of_emoji_are_left_alone():
    assert shown(":smile: :+1:")[0] == ":smile: :+1:"


def test_offsets_count_utf_16_units():
    assert render("🎈 **b** 🎈 *i*").entities == (
        {"type": "bold", "offset": 3, "length": 1},
        {"type": "italic", "offset": 8, "length": 1},
    )


def test_an_entity_never_splits_a_grapheme():
    assert shown("a**b**\u0301c")[1] == [("bold", "b\u0301")]
    assert shown("<b>👨</b>\u200d👩 x")[1] == [("bold", "👨\u200d👩")]


def test_too_many_entities_lose_code_first_and_then_links():
    rendered = render("```\npre\n```\n\n" + "`c` " * 60 + "[l](https://e.org/x) " * 60 + "**b** " * 30)
    kinds = [entity["type"] for entity in rendered.entities]
    assert (kinds.count("pre"), kinds.count("code"), kinds.count("text_link"), kinds.count("bold")) == (1, 39, 60, 30)


def test_half_a_surrogate_pair_is_shown_as_a_replacement():
    assert render("a \ud83d b").text == "a \ufffd b"


@pytest.mark.parametrize(
    "source", ["", " ", "\n\n", "****", "``", "> ", "- ", "<!-- -->", "[](http://a.b/c)", "```\n```", "\u2060"]
)
def test_nothing_to_read_renders_as_nothing_or_its_letters(source):
    rendered = render(source)
    assert rendered.text == rendered.text.strip()
    assert length(source) == utf16_length(rendered.text)


@given(st.text())
def test_length_is_that_of_the_rendered_text(source):
    assert length(source) == utf16_length(render(source).text)
