import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.simulator.checks import COUNTED, Formatted, fix, parse_entities, units
from telex.simulator.refusals import Refused

KINDS = ["bold", "italic", "code", "pre", "text_link", "blockquote", "mention", "custom_emoji", "date_time", "odd"]
NUMBERS = st.integers(-5, 30) | st.sampled_from(["3", "x", None, True, 2**70])
ENTITY = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*KINDS, 7]),
        "offset": NUMBERS,
        "length": NUMBERS,
        "url": st.sampled_from(["https://x.org", 5]),
        "custom_emoji_id": st.just("1"),
        "unix_time": NUMBERS,
        "language": st.just("py"),
    },
)


def bold(offset: int, length: int) -> dict[str, object]:
    return {"type": "bold", "offset": offset, "length": length}


@given(st.text(max_size=25), st.lists(ENTITY | st.none() | st.text(max_size=2), max_size=6) | st.integers())
def test_no_text_and_no_entities_raise_anything_but_a_documented_refusal(text, raw):
    try:
        fixed = fix(text, parse_entities(raw))
    except Refused:
        return
    size = units(fixed.text)
    starts = {units(fixed.text[:at]) for at in range(len(fixed.text) + 1)}
    for entity in fixed.entities:
        assert entity["length"] > 0
        assert entity["offset"] in starts
        assert entity["offset"] + entity["length"] in starts
        assert entity["offset"] + entity["length"] <= size


@given(st.text(alphabet="ab😀 \n\r\t", max_size=20), st.data())
def test_what_was_fixed_stays_as_it_is(text, data):
    ends = [units(text[:at]) for at in range(len(text) + 1)]
    chosen = data.draw(st.lists(st.tuples(st.sampled_from(ends), st.sampled_from(ends)), max_size=4))
    entities = [bold(start, end - start) for start, end in chosen if end > start]
    fixed = fix(text, entities, allow_empty=True)
    assert fix(fixed.text, list(fixed.entities), allow_empty=True) == fixed


def test_white_space_around_a_text_goes_and_entities_move_along():
    assert fix("  \nbold rest \n", [bold(3, 4)]) == Formatted("bold rest", (bold(0, 4),))


def test_an_entity_over_the_trimmed_end_is_cut():
    assert fix(" 😀 ", [bold(0, 4)]) == Formatted("😀", (bold(0, 2),))


def test_carriage_returns_go_and_tabs_become_spaces():
    assert fix("a\r\nb\tc", [bold(3, 1)]) == Formatted("a\nb c", (bold(2, 1),))


def test_neighbours_of_one_kind_become_one():
    assert fix("abcd", [bold(0, 2), bold(2, 2)]).entities == (bold(0, 4),)


def test_more_than_a_hundred_counted_entities_are_dropped_without_a_word():
    code = [{"type": "code", "offset": 2 * at, "length": 1} for at in range(120)]
    extra = [bold(2 * at, 1) for at in range(120)]
    kept = fix("a " * 120, code + extra).entities
    assert sum(entity["type"] in COUNTED for entity in kept) == 100
    assert sum(entity["type"] == "bold" for entity in kept) == 120


@pytest.mark.parametrize(
    ("text", "kind", "offset", "length"),
    [
        ("/start now", "bot_command", 0, 6),
        ("😀 /ask@telex_demo_bot", "bot_command", 3, 19),
        ("hi @telex_demo_bot!", "mention", 3, 15),
        ("see https://x.org/a.", "url", 4, 15),
        ("mail ada@example.org", "email", 5, 15),
        ("a #tag", "hashtag", 2, 4),
        ("is $USD", "cashtag", 3, 4),
    ],
)
def test_telegram_finds_entities_that_nobody_marked(text, kind, offset, length):
    assert fix(text, []).entities == ({"type": kind, "offset": offset, "length": length},)


@pytest.mark.parametrize("text", ["a/b", "1/2", "#1", "x@y", "//x", "me@"])
def test_telegram_finds_nothing_in_what_only_looks_like_one(text):
    assert fix(text, []).entities == ()


def test_nothing_is_found_inside_code():
    code = {"type": "code", "offset": 0, "length": 6}
    assert fix("/start", [code]).entities == (code,)


def test_what_stands_behind_35000_bytes_is_cut():
    assert len(fix("a" * 36000, []).text) == 35000
