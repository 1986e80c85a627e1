"""Where a page ends. `paginate` cuts as the presenter does while the text grows piece by piece."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.display import plain
from telex.display.book import Book
from telex.display.markdown import cut
from telex.display.pages import SEAL_FROM, seal_at, skip_white
from telex.display.view import View
from telex.events import TextDelta, TurnEnded
from telex.surfaces.memory import MemorySurface

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1eb\U0001f1ee"


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def end(source: str, limit: int, *, shown: int = 0, ended: bool = False) -> str | None:
    """What stays on the page, or None."""
    at = seal_at(source, shown, limit, len, ended=ended)
    return None if at is None else source[:at]


def paginate(pieces: list[str], limit: int, measure=len) -> list[str]:
    """The pages of a text that comes piece by piece, each piece shown before the next comes."""
    pages: list[str] = []
    text, start, shown, opener = "".join(pieces), 0, 0, ""
    known = 0
    for number, piece in enumerate(pieces):
        known += len(piece)
        ended = number == len(pieces) - 1
        while True:
            source = opener + text[start:known]
            at = seal_at(
                source,
                max(shown - start, 0) + len(opener) if shown > start else len(opener),
                limit,
                measure,
                ended=ended,
            )
            if at is None:
                break
            pages.append(source[:at].rstrip() + cut(source[:at].rstrip()).closer)
            assert measure(pages[-1]) <= limit
            goes_on = skip_white(source, at)
            start += goes_on - len(opener)
            opener = cut(source[:goes_on]).opener
        shown = known
    source = opener + text[start:]
    return [*pages, source + cut(source).closer]


def test_a_page_stays_open_while_it_is_short():
    assert end("One sentence. Another.", 100) is None


def test_a_page_stays_open_up_to_its_limit_when_nothing_is_to_follow():
    assert end("word " * 20, 100, ended=True) is None


def test_from_85_percent_on_the_first_natural_end_seals_the_page():
    text = "a" * 80 + ". " + "b" * 8 + ". " + "c" * 5
    assert SEAL_FROM == 0.85
    assert end(text, 100) == "a" * 80 + ". " + "b" * 8 + "."


def test_between_the_ends_a_block_wins_over_a_line_and_a_line_over_a_sentence():
    block = "x" * 85 + ". y.\nz\n\nrest"
    line = "x" * 85 + ". y.\nz"
    assert (end(block, 100), end(line, 100)) == ("x" * 85 + ". y.\nz", "x" * 85 + ". y.")


HEADINGS = ["## Two", "**Two**", "**Two:**", "Two\n---", "> ### Two"]


@pytest.mark.parametrize("heading", HEADINGS)
def test_no_page_ends_behind_a_heading(heading):
    first, rest = "word " * 17 + "end.", "more " * 30
    for ended in (False, True):
        assert end(f"{first}\n\n{heading}\n\n{rest}", 100, ended=ended) == first
    assert end(f"{first[10:]}\n\n{heading}\n\n{rest}", 100) == first[10:]


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_that_is_shown_takes_some_of_what_follows_to_its_page(heading):
    before = "word " * 15 + f"end.\n\n{heading}"
    page = end(f"{before}\n\nmore and more of it", 100, shown=len(before)) or ""
    assert page.startswith(f"{before}\n\nmore")


def test_a_page_is_not_cut_in_half_for_a_heading():
    page = end(f"{'a' * 30}\n\n## {'b' * 55}\n\n{'c' * 60}", 100) or ""
    assert len(page) > 50


def test_a_comment_in_code_is_no_heading():
    code = "```sh\n" + "ls -la\n" * 12 + "# a comment\n"
    assert end(f"{code}{'ls -la ' * 9}", 105) == code.rstrip()


def test_what_is_shown_is_never_moved_to_the_next_page():
    text = "a" * 86 + ". " + "b" * 8 + " it"
    assert end(text, 100) == "a" * 86 + "."
    assert end(text, 100, shown=96) is None
    assert end(text + " and more", 100, shown=96) == text


def test_without_a_natural_end_a_words_end_does():
    assert end("word " * 30, 98) == ("word " * 30)[:94]


def test_without_any_white_space_the_limit_does():
    assert end("x" * 300, 100) == "x" * 100


@pytest.mark.parametrize("grapheme", [FAMILY, "e\u0301", "\U0001f44d\U0001f3fd", "1\ufe0f\u20e3"])
def test_a_forced_end_splits_no_grapheme(grapheme):
    for limit in range(40, 40 + 2 * len(grapheme)):
        kept = end(grapheme * 60, limit)
        assert kept is not None
        assert len(kept) % len(grapheme) == 0


def test_a_forced_end_splits_no_flag():
    for limit in range(40, 50):
        kept = end(("x" + FLAG) * 60, limit)
        assert kept is not None
        assert sum("\U0001f1e6" <= char <= "\U0001f1ff" for char in kept) % 2 == 0


def test_a_decimal_point_and_a_list_number_end_no_sentence():
    assert end("x" * 84 + " 3.14 and\u00a01. more text here and on", 100) == "x" * 84 + " 3.14 and\u00a01."
    assert end("x" * 80 + "\n12. " + "y" * 40, 100) != "x" * 80 + "\n12."


def test_a_code_span_is_not_parted():
    text = "w " * 40 + "`some code. that goes on` and more words to follow"
    kept = end(text, 100)
    assert kept is not None
    assert kept.count("`") % 2 == 0


def test_a_link_is_not_parted():
    text = "w " * 38 + "[the. whole. text](https://example.org/a) and then more words to follow it"
    kept = end(text, 100)
    assert kept is not None
    assert ("](" in kept) == ("[" in kept)


@pytest.mark.parametrize(
    "half", ["](https://example.org/" + "z" * 60, "](https://example.org/" + "z" * 60 + ' "T', "]"]
)
def test_a_link_that_is_being_written_is_not_parted(half):
    words = "word " * 15
    assert end(f"{words}[a link{half}", 90 if half != "]" else 82) == words.rstrip()


@pytest.mark.parametrize("run", ["**", "__", "~~", "||", "``", "$$", "***"])
def test_a_forced_end_splits_no_run_of_marks(run):
    for length in range(96, 101):
        page = end("a" * length + run + "b" * 50, 100) or ""
        assert page.strip("ab") in {"", run}


def test_a_cut_fence_is_closed_and_opened_again_with_its_language():
    code = "".join(f"line_{n} = {n}\n" for n in range(40))
    pages = paginate([f"Look:\n\n```python\n{code}```\n\nDone."], 200)
    assert len(pages) > 2
    assert all(page.startswith("```python\n") for page in pages[1:-1])
    assert all(page.count("```") % 2 == 0 for page in pages)
    assert re.findall(r"line_\d+ = \d+", "\n".join(pages)) == code.split("\n")[:-1]


def test_a_quote_goes_on_as_a_quote():
    pages = paginate(["> " + "words in a quote " * 20], 100)
    assert all(page.lstrip().startswith(">") for page in pages)


@pytest.mark.parametrize(
    ("source", "at", "goes_on"), [("a\n\n  b", 1, 3), ("a   b", 1, 4), ("ab", 1, 1), ("a\n    code", 1, 2)]
)
def test_white_space_between_pages_is_skipped_but_for_indentation(source, at, goes_on):
    assert skip_white(source, at) == goes_on


def test_lengths_are_counted_as_the_platform_counts_them():
    text = "\U0001f600 " * 40
    at = seal_at(text, 0, 60, utf16, ended=False)
    assert at is not None
    assert utf16(text[:at]) <= 60


IN_A_NESTED_LIST = (
    "- - ![image](https://x.y/i.png) 5 < 6 & 7 2 * 3\n\n| a | b |\n|---|--:|\n| https://x.y/bare | H<sub>2</sub>O |\n"
    "| 重点： | $x^2$ |\n| :smile: | H<sub>2</sub>O |\n\n---\n\n```py\n*it* word *it* https://x.y/bare\n```\n\n"
    "```py\n[^1] שלום ~~gone~~\n```\n\n3. - ```py\n     two words H<sub>2</sub>O\n     ```\n\n"
    "| a | b |\n|---|--:|\n| a_b_c | 2 * 3 |"
)
BEFORE_A_QUOTED_TABLE = (
    "4. 3. [link](https://x.y/z) and so on\n\n      word https://x.y/bare [link](https://x.y/z) `code` word\n\n"
    "      | a | b |\n      |---|--:|\n      | word | word |\n\n> > <details><summary>s</summary>d</details>\n\n"
    "> - - ```py\n>     word word word word [link](https://x.y/z)\n>     ```\n\n> | a | b |\n> |---|--:|\n> | word | word |"
)


@pytest.mark.parametrize("source", [IN_A_NESTED_LIST, BEFORE_A_QUOTED_TABLE])
@pytest.mark.parametrize("step", [30, 65])
def test_what_closes_a_page_counts_in_its_length(source, step):
    for start in range(0, 60, 3):
        text = f"{'x' * start}\n\n{source}"
        paginate([text[at : at + step] for at in range(0, len(text), step)], 300)


@pytest.mark.parametrize("prefix", ["", "> ", "3. - ", "- > 1) "])
@pytest.mark.parametrize("line", ["one. two.", "- ```", "```py"])
def test_code_in_any_quotes_and_items_ends_at_its_own_fence(prefix, line):
    inner = re.sub(r"[^>]", " ", prefix)
    fenced = f"{prefix}```py\n{inner}{line}\n{inner}``` \n"
    text = f"{'w ' * 30}\n\n{fenced}\n{'A sentence. ' * 9}"
    kept = [end(text, limit) for limit in range(140, 152)]
    assert all(page and page.endswith("A sentence.") for page in kept)


def rendered(markdown: str) -> int:
    return len(plain.render(markdown))


class Rendered(MemorySurface):
    """A place that counts the letters a reader sees."""

    def measure(self, markdown: str) -> int:
        return rendered(markdown)


@pytest.mark.parametrize("closer", ["```\n", "</details>\n", "<!-- unseen -->\n", "[d]: https://x.y/d\n"])
@pytest.mark.parametrize("step", [1, 7, 30])
def test_no_page_begins_where_nothing_is_shown_any_more(closer, step):
    opening = {"```\n": "```py\n", "</details>\n": "<details>\n\n"}.get(closer, "")
    for lines in range(8, 13):
        text = opening + "a line of words.\n" * lines + ("\n" if closer[0] in "<[" else "") + closer
        pages = paginate([text[at : at + step] for at in range(0, len(text), step)], 200, rendered)
        assert all(map(rendered, pages))


@pytest.mark.parametrize(
    ("piece", "rest"),
    [("[docs", "]: https://x.y/docs"), ("<!", "-- unseen -->"), ("[^1", "]: note"), ("&", "#32;"), ("[d", "]: <x y>")],
)
def test_what_turns_out_to_show_nothing_is_no_page(piece, rest):
    view = View()
    book = Book(view, Rendered(limit=100))
    for text in ("words go here. " * 6 + "\n\n" + piece, rest):
        view.feed(TextDelta(text))
        book.seal_open_page()
    view.feed(TurnEnded())
    book.seal_rest()
    assert all(page.text and rendered(page.text) for page in book.pages)


@pytest.mark.parametrize(
    "hidden",
    ["<!-- words. that are hidden, and. more of them -->", '<a href="https://x.y/z" title="a title. here">it</a>'],
)
@pytest.mark.parametrize("step", [1, 13, 400])
def test_neither_a_comment_nor_a_tag_is_parted(hidden, step):
    for before in range(20, 50):
        text = "w " * before + hidden + " and more. words to follow. " * 4
        pages = paginate([text[at : at + step] for at in range(0, len(text), step)], 100, rendered)
        assert "".join(pages).count(hidden) == 1
        assert len(pages) > 1


def test_a_comment_that_is_being_written_does_not_fill_its_page():
    text = "w " * 40 + "<!-- hidden words. and many more"
    assert seal_at(text, len(text), 100, rendered, ended=False) is None
    assert seal_at(text, 0, 100, rendered, ended=True) is not None


words = st.lists(
    st.sampled_from(
        ["word", "a", "end.", "So!", "\n\n", "\n", "`code`", "**bold**", "longerwordthanmost", FAMILY, "日本語。"]
    ),
    min_size=1,
    max_size=120,
)


@given(words, st.integers(40, 90), st.integers(1, 9))
def test_the_pages_together_are_the_text_and_none_is_too_long(parts, limit, step):
    text = " ".join(parts)
    pieces = [text[at : at + step] for at in range(0, len(text), step)]
    pages = paginate(pieces, limit)
    assert all(len(page) <= limit for page in pages)

    def letters(said: str) -> str:
        return re.sub(r"[\s*`\u2060]", "", said)

    assert letters("".join(pages)) == letters(text)


@given(st.text("ab \n.", min_size=1, max_size=300), st.integers(10, 60), st.data())
def test_an_end_is_never_within_what_is_shown(text, limit, data):
    shown = data.draw(st.integers(0, min(len(text), limit)))
    at = seal_at(text, shown, limit, len, ended=data.draw(st.booleans()))
    assert at is None or at >= len(text[:shown].rstrip())


def test_a_line_twice_as_long_takes_no_more_than_about_twice_the_work_to_cut():
    def work(letters: int) -> float:
        source = "word " * (letters // 5)
        began = time.thread_time()
        assert seal_at(source, 0, letters - 100, len, ended=False) is not None
        return time.thread_time() - began

    pairs = [(work(50_000), work(100_000)) for _ in range(5)]  # side by side: a busy machine slows down both
    once, twice = (min(took) for took in zip(*pairs, strict=True))
    assert twice / max(once, 0.001) < 3  # where each word looks at all others it is 4
