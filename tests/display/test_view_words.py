from hypothesis import example, given, settings
from hypothesis import strategies as st

from telex.display.html import render as html
from telex.display.plain import render as plain_letters
from telex.display.view_words import plain
from telex.surfaces.telegram.dialect import render as telegram

WORDS = st.lists(
    st.one_of(
        st.sampled_from([*"\\`*_{}[]()#+-.!|~>$<&=:1a", "\\[", "\\(", "$$", "&#91;", "<b>", "||", "](", "1."]),
        st.text(st.characters(exclude_categories=["C"])),
    ),
    max_size=20,
).map("".join)


@settings(max_examples=300)
@given(WORDS)
@example("f([1,2],[3])")
@example("[a-z]")
@example("|||||")
@example("||\\||")
@example("max(a, b) (and) \\(x\\)")
def test_words_that_are_no_markdown_are_read_as_they_are(text: str) -> None:
    text = f"a {' '.join(text.split())} b".strip()
    message = telegram(plain(text))
    assert message.text == plain_letters(plain(text))
    assert message.text.split() == text.split()
    assert not message.entities
    assert "<" not in html(plain(text)).removeprefix("<p>").replace("</p>", "")
