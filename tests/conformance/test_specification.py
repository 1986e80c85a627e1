"""Every example of CommonMark and of GFM's extensions, and every prefix of each, in every dialect."""

import html as escaping
import re

import pytest

from telex.display import html, plain
from telex.display.markdown import heal
from telex.simulator.rich_markdown import read_markdown
from telex.simulator.rich_tree import letters
from telex.surfaces.telegram import dialect as telegram
from telex.surfaces.telegram import rich_dialect
from telex.surfaces.terminal import dialect as terminal
from tests.conformance import reference, rules, specification

SHARES = 6  # each test takes a share of the examples, so that processes can share the work


def examples(share: int) -> list[str]:
    """A share of all examples."""
    return [*specification.commonmark(), *specification.extensions()][share::SHARES]


def test_the_specification_has_all_its_examples():
    assert len(specification.commonmark()) == 652
    assert len(specification.extensions()) > 60


@pytest.mark.parametrize("share", range(SHARES))
def test_every_prefix_of_every_example_keeps_every_dialects_rules(share):
    for source in examples(share):
        for end in range(len(source) + 1):
            rules.check(heal(source[:end]))


@pytest.mark.parametrize("share", range(SHARES))
def test_the_letters_of_every_example_are_those_of_a_reference_renderer(share):
    wrong = []
    for source in examples(share):
        if source in rules.READ_AS_MODELS_MEAN_IT:
            continue
        wanted = reference.visible(source)
        found = {
            "Telegram": telegram.render(source).text,
            "rich Telegram": letters(read_markdown(rich_dialect.render(source).markdown)),
            "plain": plain.render(source),
            "HTML": escaping.unescape(re.sub(r"<[^>]*>", "", html.render(source))),
            "terminal": "\n".join(line.text for line in terminal.lines(source, 200)),
        }
        wrong += [(source, name, text, wanted) for name, text in found.items() if reference.letters(text) != wanted]
    assert not wrong, f"{len(wrong)} differ, such as {wrong[:3]}"
