"""What stands when an answer is finished is the answer: every example and document, token by token, in every dialect."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings

from telex.bench.markdown import prefixes
from telex.display import html, plain
from telex.display.book import Book
from telex.display.view import View
from telex.events import End, TextDelta, TurnEnded
from telex.surfaces.memory import MemorySurface
from telex.surfaces.telegram import dialect as telegram
from telex.surfaces.telegram import rich_dialect
from telex.surfaces.terminal import dialect as terminal


def beside(name: str) -> ModuleType:
    """A module that stands beside this one."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


specification, documents, rules = beside("specification"), beside("test_documents"), beside("rules")


def final(source: str, end: End = End.FINISHED) -> str:
    """The only page of an answer, as it stays."""
    view = View()
    book = Book(view, MemorySurface(limit=100_000))
    for prefix in prefixes(source):
        view.feed(TextDelta(prefix[view.letters :]))
        book.open_text()
    view.feed(TurnEnded(end))
    book.seal_rest()
    text = book.pages[-1].text
    assert text is not None
    return text


def seen(markdown: str) -> list[object]:
    """What every dialect makes of it."""
    rendered = telegram.render(markdown)
    lines = [(line.text, line.cells) for line in terminal.lines(markdown, 60)]
    rich = rich_dialect.render(markdown).markdown
    return [rendered.text, rendered.entities, rich, html.render(markdown), plain.render(markdown), lines]


def test_the_final_of_every_example_shows_what_the_example_shows():
    for source in [*specification.commonmark(), *specification.extensions()]:
        if source.strip():
            assert seen(final(source)) == seen(source), source


@settings(max_examples=documents.DOCUMENTS_TRIED)
@given(documents.DOCUMENTS)
def test_the_final_of_a_document_shows_what_the_document_shows(source):
    assert seen(final(source)) == seen(source)


@pytest.mark.parametrize("end", [End.INTERRUPTED, End.FAILED])
def test_an_answer_that_broke_off_keeps_every_dialects_rules(end):
    for source in specification.commonmark()[::7]:
        if source.strip():
            rules.check(final(source, end))
