"""The text of pages: exactly the answer, closed and opened again only where something goes on from page to page."""

import re

import pytest

from telex.display import html, plain
from telex.display.book import Book
from telex.display.view import View
from telex.events import End, Notice, TextDelta, TurnEnded
from telex.surfaces.memory import MemorySurface

WORDS = "lorem ipsum dolor sit amet consectetur "


class Measured(MemorySurface):
    """A place that counts what a reader sees."""

    def measure(self, markdown: str) -> int:
        return len(plain.render(markdown))


def pages(answer: str, *, limit: int = 300, step: int = 13, end: End = End.FINISHED, numbered: bool = False):
    """The pages of an answer that comes ``step`` letters at a time."""
    view = View()
    book = Book(view, Measured(limit=limit), numbered=numbered)
    for at in range(0, len(answer), step):
        view.feed(TextDelta(answer[at : at + step]))
        while book.seal_open_page():
            pass
        book.open_text()
    view.feed(TurnEnded(end))
    book.seal_rest()
    return [page.text for page in book.pages]


@pytest.mark.parametrize(
    "answer",
    [
        "As shown in [Smith 2020]",
        "Use *.py and *.txt files",
        "rm -rf /tmp/*/foo and more",
        "Call f(**kwargs) now.",
        "In C, p->a||q is a test.",
        "Arrays [0 to 5) are half-open",
        "A `tick alone",
        "It is **never closed",
        "See [docs](https://x.y",
        "<b>a tag",
        "| only | a header |",
        "```py\nnever closed",
    ],
)
def test_the_last_page_of_a_finished_answer_is_its_source(answer):
    assert pages(answer) == [answer]


@pytest.mark.parametrize("last", ["as in [Smith 2020]", "files *.py are here", "p->a||q", "[0 to 5)"])
def test_a_page_that_ends_with_a_paragraph_is_its_source(last):
    first, second = f"First {WORDS * 6}{last}", f"Second {WORDS * 3}".rstrip()
    assert pages(f"{first}\n\n{second}") == [first, second]


def test_what_ends_on_the_next_page_is_closed_and_opened_again():
    first, second = pages(f"Here **{(WORDS * 12).rstrip()}** is bold.")
    assert first.endswith("**")
    assert second.startswith("**")
    assert "*" not in plain.render(first) + plain.render(second)


def test_what_is_known_to_end_nowhere_is_not_closed():
    answer = f"Use *.py {WORDS * 12}.\n\nMore."
    first, second = pages(answer, step=len(answer))
    assert plain.render(first).startswith("Use *.py")
    assert "*" not in second


def test_what_turns_out_to_end_nowhere_is_not_opened_on_the_next_page():
    _, second = pages(f"Use *.py {WORDS * 12}.\n\nMore.")
    assert "*" not in second
    assert plain.render(second).endswith("More.")


def test_markers_that_stay_letters_make_no_page_too_long():
    answer = "**" + "a" * 300 + " " + "b" * 290 + "\n\nc"
    assert all(len(plain.render(page)) <= 300 for page in pages(answer, step=len(answer)))


def test_code_that_is_never_closed_ends_before_the_number_of_its_page():
    first, second = pages("```\n" + "code\n" * 80, numbered=True)
    assert first.endswith("\n```\n\n(1/…)")
    assert second.endswith("\n```\n\n(2/2)")


def test_what_an_answer_that_broke_off_left_open_is_closed():
    assert pages("It is **bold", end=End.INTERRUPTED) == ["It is **bold**"]
    assert pages("As in [Smith 2020]", end=End.INTERRUPTED) == ["As in [Smith 2020]"]


def links(page: str | None) -> list[str]:
    """The addresses of a page's links."""
    return re.findall(r'href="([^"]*)"', html.render(page or ""))


def test_a_link_is_one_on_every_page_behind_the_one_that_says_where_it_leads():
    words = (WORDS * 6).rstrip()
    answer = (
        f"[1]: https://x.y/1\n\nA [guide][1] {words}.\n\nA [Guide][1] {words}.\n\n- no link {words}.\n\n{words} [1]."
    )
    made = pages(answer)
    assert [links(page) for page in made] == [["https://x.y/1"], ["https://x.y/1"], [], ["https://x.y/1"]]
    assert made[2] == f"- no link {words}."


def test_a_footnote_is_one_on_every_page_behind_the_one_that_holds_its_words():
    words = (WORDS * 7).rstrip()
    _, second = pages(f"[^note]: Its words.\n\n{words}.\n\nWater boils[^note] {words}.")
    assert plain.render(second or "").startswith("Water boils[note] lorem")


@pytest.mark.parametrize("step", [1, 13, 1000])
def test_a_page_shows_no_brackets_of_a_link_that_a_later_page_says_where_it_leads(step):
    words = (WORDS * 6).rstrip()
    first, second = pages(f"A [guide][b] {words}.\n\nA [Guide][b] {words}.\n\n[b]: https://x.y\n", step=step)
    assert plain.render(first or "").startswith("A guide lorem")
    assert links(first) == (["https://x.y"] if step == 1000 else [])
    assert links(second) == ["https://x.y"]


def test_brackets_that_nothing_in_a_finished_answer_makes_a_link_stay():
    view = View()
    view.feed(TextDelta(f"The [x][y] range {WORDS * 6}.\n\nMore {WORDS * 3}."))
    view.feed(TurnEnded(End.FINISHED))
    book = Book(view, Measured(limit=300))
    book.seal_rest()
    assert str(book.pages[0].text).startswith("The [x][y] range")


def test_lines_that_say_where_links_lead_do_so_on_either_side_of_a_cut():
    lines = "".join(f"[l{number}]: https://x.y/{'z' * 20}/{number}\n" for number in range(30))
    made = pages(f"{WORDS * 7}\n\n{lines}\nA [link][l1], {WORDS}and [another][l29].", step=1)
    assert all("https" not in plain.render(page or "") for page in made)
    assert links(made[-1]) == [f"https://x.y/{'z' * 20}/{number}" for number in (1, 29)]


@pytest.mark.parametrize("limit", range(260, 330, 3))
def test_wherever_pages_are_cut_code_is_code_and_the_notice_in_it_is_not(limit):
    view = View()
    book = Book(view, Measured(limit=limit))
    lines = "".join(f"code_{number:02} = 1\n" for number in range(19))
    view.feed(TextDelta(f"```py\n{lines}"))
    while book.seal_open_page():
        pass
    view.feed(Notice("A notice"))
    while book.seal_open_page():
        pass
    view.feed(TextDelta(f"{lines}```\n\nThe end."))
    view.feed(TurnEnded(End.FINISHED))
    book.seal_rest()
    shown = "\n".join(html.render(page.text or "") for page in book.pages)
    words = re.sub(r"<pre>.*?</pre>", "", shown, flags=re.DOTALL)
    assert [line for line in words.split("\n") if line] == ["⚠️ A notice", "The end."]
    assert shown.count("= 1") == 38
    assert shown.count("⚠️") == 1
    assert "```" not in shown


def test_words_that_were_shown_never_move_to_the_next_page():
    view = View()
    book = Book(view, MemorySurface(limit=100))
    seen = "Some words. " * 7 + "and more"
    view.feed(TextDelta(seen))
    book.pages[0].seen = view.end
    assert not book.seal_open_page()
    view.feed(TextDelta(" that go on" * 3))
    assert book.seal_open_page()
    assert book.pages[0].text is not None
    assert book.pages[0].text.startswith(seen)


@pytest.mark.parametrize("limit", [32, 60, 120, 200])
def test_a_header_that_leaves_no_room_below_it_is_not_repeated(limit):
    columns = "Model | Strengths | Weaknesses | When to use it"
    rows = [" | ".join(f"word{row}{column} and further words" for column in range(4)) for row in range(3)]
    answer = "".join(f"| {row} |\n" for row in [columns, "--- | --- | --- | ---", *rows])
    view = View()
    book = Book(view, MemorySurface(limit=limit))
    for at in range(0, len(answer), 4):
        view.feed(TextDelta(answer[at : at + 4]))
        while book.seal_open_page():
            assert len(book.pages) <= len(answer)
    told = " ".join(page.text or "" for page in book.pages)
    assert re.findall(r"word\d\d", told)[:8] == [f"word{row}{column}" for row in range(2) for column in range(4)]
