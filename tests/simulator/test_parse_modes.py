import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.simulator.markup import parse_markup
from telex.simulator.refusals import Refused


def read(mode, source):
    text, entities = parse_markup(source, mode)
    return text, [(entity["type"], entity["offset"], entity["length"]) for entity in entities]


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>bold</b> <i>it</i>", "bold it", [("bold", 0, 4), ("italic", 5, 2)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<STRONG>x</STRONG>", "x", [("bold", 0, 1)]),
        ("1 &lt; 2 &amp;&#38; &copy;", "1 < 2 && &copy;", []),
        ("&#x1F600;<u>u</u>", "😀u", [("underline", 2, 1)]),
        ('<a href="https://x.org">x</a>', "x", [("text_link", 0, 1)]),
        ('<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>', "st", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ("<pre>p</pre>", "p", [("pre", 0, 1)]),
        ('<tg-emoji emoji-id="5">😀</tg-emoji>', "😀", [("custom_emoji", 0, 2)]),
        ('<tg-time unix="5" format="r">x</tg-time>', "x", [("date_time", 0, 1)]),
        ("<b></b>x", "x", []),
    ],
)
def test_html_is_read(source, text, entities):
    assert read("html", source) == (text, entities)


def test_code_that_fills_a_pre_names_its_language():
    source = '<pre><code class="language-python">x</code></pre>'
    assert parse_markup(source, "html") == ("x", [{"type": "pre", "offset": 0, "length": 1, "language": "python"}])


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("<x>", 'Unsupported start tag "x" at byte offset 0'),
        ("é <", "Unclosed start tag at byte offset 3"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b ", 'Unclosed start tag "b" at byte offset 0'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<a =>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_wrong_html_is_refused_in_the_servers_words(source, detail):
    with pytest.raises(Refused) as refused:
        parse_markup(source, "html")
    assert refused.value.description == f"Bad Request: can't parse entities: {detail}"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("*b* _i_ __u__ ~s~ ||p||", "b i u s p",
         [("bold", 0, 1), ("italic", 2, 1), ("underline", 4, 1), ("strikethrough", 6, 1), ("spoiler", 8, 1)]),
        ("*a _b_*", "a b", [("bold", 0, 3), ("italic", 2, 1)]),
        (r"1\.5 \* 2", "1.5 * 2", []),
        ("`a*b`", "a*b", [("code", 0, 3)]),
        ("```py\nx = 1\n```", "x = 1\n", [("pre", 0, 6)]),
        ("[x](https://x.org/\\))", "x", [("text_link", 0, 1)]),
        ("![😀](tg://emoji?id=7)", "😀", [("custom_emoji", 0, 2)]),
        (">a\n>b\nc", "a\nb\nc", [("blockquote", 0, 3)]),
        (">a\n>b||", "a\nb", [("expandable_blockquote", 0, 3)]),
        (">a\n**>b||\nc", "a\nb\nc", [("blockquote", 0, 1), ("expandable_blockquote", 2, 1)]),
    ],
)  # fmt: skip
def test_markdown_v2_is_read(source, text, entities):
    assert read("markdownv2", source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("1.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a!", "Character '!' is reserved and must be escaped with the preceding '\\'"),
        ("a > b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
        ("*b", "Can't find end of Bold entity at byte offset 0"),
        ("é_b", "Can't find end of Italic entity at byte offset 2"),
        ("`b", "Can't find end of Code entity at byte offset 0"),
        ("```b", "Can't find end of Pre entity at byte offset 0"),
        ("```py\nb", "Can't find end of PreCode entity at byte offset 0"),
        ("[b", "Can't find end of TextUrl entity at byte offset 0"),
        ("[b](x", "Can't find end of a URL at byte offset 3"),
        ("||b", "Can't find end of Spoiler entity at byte offset 0"),
    ],
)
def test_wrong_markdown_v2_is_refused_in_the_servers_words(source, detail):
    with pytest.raises(Refused) as refused:
        parse_markup(source, "markdownv2")
    assert refused.value.description == f"Bad Request: can't parse entities: {detail}"


def test_the_old_markdown_is_read():
    source = "*b* _i_ `c` [x](https://x.org) \\*\n```py\ny```"
    entities = [("bold", 0, 1), ("italic", 2, 1), ("code", 4, 1), ("text_link", 6, 1), ("pre", 10, 1)]
    assert read("markdown", source) == ("b i c x *\ny", entities)


def test_the_old_markdown_left_open_is_refused():
    with pytest.raises(Refused, match="Can't find end of the entity starting at byte offset 2"):
        parse_markup("a *b", "markdown")


@given(
    st.sampled_from(["html", "markdownv2", "markdown"]),
    st.text(alphabet="ab*_`~|[]()<>/=\"'!\\\n&#;1😀 >", max_size=30),
)
def test_no_source_raises_anything_but_a_refusal(mode, source):
    try:
        text, entities = parse_markup(source, mode)
    except Refused:
        return
    size = len(text.encode("utf-16-le")) // 2
    assert all(0 < entity["length"] <= size - entity["offset"] for entity in entities)
