"""Documents of nested structures, and every prefix of each, in every dialect."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from telex.display.markdown import cut, heal
from tests.conformance import rules
from tests.conformance.figures import COUNTED
from tests.display.test_pages import paginate

DOCUMENTS_TRIED = 2_000 if os.environ.get("CI") == "true" else 200
SIGNS = [
    "word",
    "two words",
    "重点：",
    "👨\u200d👩\u200d👧",
    "e\u0301",
    "שלום",
    ":smile:",
    "5 < 6 & 7",
    "a_b_c",
    "2 * 3",
    "\\*no\\*",
]
LINKS = ["[link](https://x.y/z)", "![image](https://x.y/i.png)", "https://x.y/bare", "[^1]"]
MARKED = ["`code`", "$x^2$", "\\(y\\)", "**bold**", "*it*", "~~gone~~", "||secret||", "**bold *both* end**"]
HTML = ["<br>", "H<sub>2</sub>O", "<!-- unseen -->"]
WORDS = st.sampled_from([*SIGNS, *LINKS, *MARKED, *HTML])
TEXT = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
ROWS = st.lists(st.lists(WORDS.filter(lambda word: "|" not in word), min_size=2, max_size=2), min_size=1, max_size=3)


def _table(rows: list[list[str]]) -> str:
    return "\n".join(["| a | b |", "|---|--:|", *("| " + " | ".join(row) + " |" for row in rows)])


def _indented(text: str, first: str, rest: str) -> str:
    return first + text.replace("\n", f"\n{rest}")


LEAVES = (
    TEXT
    | TEXT.map(lambda text: f"### {text}")
    | TEXT.map(lambda text: f"```py\n{text}\n```")
    | ROWS.map(_table)
    | st.sampled_from(
        ["---", "$$\nx\n$$", "<details><summary>s</summary>d</details>", "- [ ] a\n- [x] b", "[^1]: note"]
    )
)
BLOCKS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("\n\n".join)
        | inner.map(lambda text: _indented(text, "> ", "> "))
        | inner.map(lambda text: _indented(text, "- ", "  "))
        | inner.map(lambda text: _indented(text, "3. ", "   "))
    ),
    max_leaves=6,
)
DOCUMENTS = st.lists(BLOCKS, min_size=1, max_size=4).map("\n\n".join)


@settings(max_examples=DOCUMENTS_TRIED)
@given(DOCUMENTS)
def test_every_prefix_of_a_document_keeps_every_dialects_rules(source):
    COUNTED["documents"] += 1
    for end in range(len(source) + 1):
        rules.check(heal(source[:end]))
        COUNTED["prefixes of documents"] += 1


@settings(max_examples=DOCUMENTS_TRIED)
@given(DOCUMENTS, st.data())
def test_a_document_cut_anywhere_keeps_every_dialects_rules(source, data):
    at = data.draw(st.integers(0, len(source)))
    COUNTED.update(["documents", "cuts"])
    between = cut(source[:at])
    rules.check(source[:at] + between.closer)
    rules.check(between.opener + source[at:])


@settings(max_examples=DOCUMENTS_TRIED)
@given(st.lists(DOCUMENTS, min_size=4, max_size=12), st.sampled_from([300, 600]), st.integers(30, 90))
def test_no_page_of_documents_is_too_long_or_shorter_than_half_unless_it_is_the_last(documents, limit, step):
    source = "\n\n".join(documents)
    pages = paginate([source[at : at + step] for at in range(0, len(source), step)], limit)
    COUNTED["documents"] += len(documents)
    COUNTED["pages"] += len(pages)
    assert all(len(page) >= limit / 2 for page in pages[:-1])
    assert all(page.strip() for page in pages)
