"""Every prefix of an answer, healed and rendered: what a person sees while it is written, and across messages."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.bench import samples
from telex.display import settled
from telex.display.markdown import cut, heal
from telex.surfaces.telegram import dialect
from telex.surfaces.telegram.dialect import Rendered, render, utf16_length
from telex.surfaces.telegram.dialect_entities import few

RAW = re.compile(r"\*\*|~~|``|\|\||\]\(|\*\w|\$\$|\\[(\[]|^#|^\|", re.MULTILINE)
MEANT = {  # signs that the sample shows on purpose
    "MATH": {"**"},
    "SPOILERS": {"||"},
    "SNAKE": {"*s"},
}
TAKEN_BACK = {  # what cannot be known in time: a table that turns out wide
    "WIDE_TABLE": 1,
}
MOST_TAKEN_BACK = 40
PLAIN = st.sampled_from(
    ["`e`", "[f](https://x.y/z)", "$g_1$", "\\(h\\)", "<b>i</b>", "j", "k l", "重点", "👨‍👩‍👧", "e\u0301"]
)
NESTED = st.sampled_from(
    ["**{} *{}* {}**", "*{} **{}** {}*", "||{} ~~{}~~ {}||", "~~{} **{}** {}~~", "_{} `{}` {}_", "{} **{}** {}"]
)
SPANS = st.builds(str.format, NESTED, PLAIN, PLAIN, PLAIN)
LINES = st.lists(SPANS, min_size=1, max_size=4).map(" ".join)


def _indented(text: str, first: str, rest: str) -> str:
    return first + text.replace("\n", f"\n{rest}")


BLOCKS = st.recursive(
    LINES
    | LINES.map(lambda line: f"## {line}")
    | st.just("```py\nx = '**'\n```")
    | st.just("| a | b |\n|---|---|\n| **c** | `d` |"),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("\n\n".join)
        | inner.map(lambda text: _indented(text, "> ", "> "))
        | inner.map(lambda text: _indented(text, "- ", "  "))
        | inner.map(lambda text: _indented(text, "3. ", "   "))
    ),
    max_leaves=6,
)


DEFINED = st.sampled_from(
    ["see [x] and[^1].", "[x]: https://x.y/z", "[^1]: a note", "## [X] again[^1]", "> [x]: https://q.r", "text [x][y]"]
)
DOCUMENTS = st.lists(BLOCKS, max_size=4).map("\n\n".join)
WITH_DEFINITIONS = st.lists(BLOCKS | DEFINED, max_size=5).map("\n\n".join)


def letters(text: str) -> str:
    """What matters of a text: no white space, no lines of tables."""
    return re.sub(r"[\s│┼─]+", "", text)


def common(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def outside_code(rendered: Rendered) -> str:
    units = rendered.text.encode("utf-16-le")
    for entity in rendered.entities:
        if entity["type"] in {"code", "pre"}:
            start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
            units = units[:start] + " ".encode("utf-16-le") * entity["length"] + units[end:]
    return units.decode("utf-16-le")


def check(rendered: Rendered) -> None:
    """Every rule Telegram has for a text and its entities."""
    assert rendered.text == rendered.text.strip()
    units = rendered.text.encode("utf-16-le")
    inside: list[dict[str, Any]] = []
    last = (-1, 0)
    for entity in rendered.entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        assert 0 <= start < end <= utf16_length(rendered.text)
        covered = units[2 * start : 2 * end].decode("utf-16-le")  # fails in the middle of a pair
        assert not covered[-1].isspace()
        assert not covered[0].isspace() or entity["type"] == "pre"
        assert last <= (start, -end)
        last = (start, -end)
        while inside and inside[-1]["offset"] + inside[-1]["length"] <= start:
            inside.pop()
        for outer in inside:
            assert end <= outer["offset"] + outer["length"]
            assert outer["type"] not in {"code", "pre", entity["type"]}
            assert entity["type"] not in {"code", "pre"} or outer["type"] == "blockquote"
        inside.append(entity)


@pytest.mark.parametrize("name", samples.ALL)
def test_no_prefix_breaks_a_rule_or_shows_raw_markers(name):
    source = samples.ALL[name]
    for end in range(len(source) + 1):
        rendered = render(heal(source[:end]))
        check(rendered)
        raw = set(RAW.findall(outside_code(rendered)))
        assert raw <= MEANT.get(name, set()), source[:end]


@pytest.mark.parametrize("name", samples.ALL)
def test_letters_once_shown_stay(name):
    source = samples.ALL[name]
    before, taken_back = "", 0
    for end in range(len(source) + 1):
        now = letters(render(heal(source[:end])).text)
        taken_back += not now.startswith(before)
        assert len(before) - common(before, now) <= MOST_TAKEN_BACK
        before = now
    assert taken_back == TAKEN_BACK.get(name, 0)


def _poor_place(source: str, k: int) -> bool:
    """Where nobody should cut: in a link's target or a comment, in a table, right behind a bullet."""
    line = source[source.rfind("\n", 0, k) + 1 : k]
    after = source[k : source.find("\n", k) if "\n" in source[k:] else None]
    return (
        re.search(r"\]\([^)]*$|<!--(?:(?!-->).)*$", line) is not None
        or (line + after).lstrip().startswith("|")
        or re.fullmatch(r"[ >]*(?:[-*+]|\d+[.)])\s*(?:\[[ x]?\]?)?", line) is not None
    )


@pytest.mark.parametrize("name", samples.ALL)
def test_two_messages_show_the_letters_of_one(name):
    source = samples.ALL[name]
    whole = letters(render(source).text)
    for k in range(1, len(source)):
        if not (source[k - 1].isspace() or source[k].isspace()) or _poor_place(source, k):
            continue
        ends = cut(source[:k])
        first, second = render(source[:k] + ends.closer), render(ends.opener + source[k:])
        check(first)
        check(second)
        assert letters(first.text) + letters(second.text) == whole, source[:k]


@pytest.mark.parametrize("name", samples.ALL)
def test_a_cut_at_any_place_keeps_the_rules(name):
    source = samples.ALL[name]
    for k in range(len(source) + 1):
        ends = cut(source[:k])
        check(render(source[:k] + ends.closer))
        check(render(heal(ends.opener + source[k : k + 9])))


def test_a_table_goes_on_under_its_header():
    table = "| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |\n"
    k = table.index("| 3")
    ends = cut(table[:k])
    assert letters(render(table[:k] + ends.closer).text) == "ab12"
    assert letters(render(ends.opener + table[k:]).text) == "ab34"


def test_a_repeated_header_is_not_shown_without_rows():
    ends = cut("| a | b |\n|---|--:|\n| 1 | 2 |\n")
    assert render(ends.opener + "\nText").text == "Text"


def test_a_fence_goes_on_with_its_language_and_length():
    ends = cut("````py\na\n")
    assert (ends.closer, ends.opener) == ("````", "````py\n")


def test_an_item_goes_on_without_a_second_bullet():
    ends = cut("- a\n  - **b")
    assert render(ends.opener + " c**\n  - d\n- e").text == "c\n  ◦ d\n• e"


def test_a_list_goes_on_with_its_numbers():
    ends = cut("3. a\n")
    assert render(ends.opener + "4. b").text == "4. b"


@given(BLOCKS)
def test_random_documents_show_no_raw_markers_at_any_prefix(source):
    for end in range(len(source) + 1):
        assert not RAW.search(outside_code(render(heal(source[:end])))), source[:end]


@given(DOCUMENTS, st.data())
def test_random_documents_read_the_same_over_two_messages(source, data):
    ends = [
        k
        for k in range(1, len(source))
        if (source[k - 1].isspace() or source[k].isspace())
        and not _poor_place(source, k)
        and not re.search(r"(?:[-*+]|\d\.)\s*$|\|.{,30}$", source[:k])
        and "|" not in source[k : k + 30]
    ]
    k = data.draw(st.sampled_from(ends or [len(source)]))
    between = cut(source[:k])
    first, second = render(source[:k] + between.closer), render(between.opener + source[k:])
    assert letters(first.text) + letters(second.text) == letters(render(source).text)


@given(WITH_DEFINITIONS)
def test_a_text_rendered_in_parts_is_the_text_rendered_whole(source):
    whole = dialect._part(source)
    assert render(source) == Rendered(whole.text, tuple(few(list(whole.entities))))


@given(WITH_DEFINITIONS)
def test_what_is_remembered_of_a_growing_text_changes_nothing(source):
    grown = [render(heal(source[:end])) for end in range(len(source) + 1)]
    for end in range(0, len(source) + 1, 5):
        settled.forget()
        dialect.forget()
        assert render(heal(source[:end])) == grown[end]


@given(BLOCKS, st.data())
def test_random_documents_keep_the_rules_at_every_cut(source, data):
    k = data.draw(st.integers(0, len(source)))
    check(render(source))
    check(render(heal(source[:k])))
    ends = cut(source[:k])
    check(render(source[:k] + ends.closer))
    check(render(ends.opener + source[k:]))


@given(st.text())
def test_any_letters_keep_the_rules(source):
    check(render(heal(source)))
