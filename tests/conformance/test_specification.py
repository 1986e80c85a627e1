"""Every example of CommonMark and of GFM's extensions, and every prefix of each, in every dialect."""

import html as escaping
import re
from collections import Counter

import pytest

from telex.display import html, plain
from telex.display.markdown import heal
from telex.display.styled_html import LINKED, RULE
from telex.simulator.rich_markdown import read_markdown
from telex.simulator.rich_tree import letters
from telex.surfaces.telegram import dialect as telegram
from telex.surfaces.telegram import rich_dialect
from telex.surfaces.terminal import dialect as terminal
from tests.conformance import reference, rules, specification
from tests.conformance.figures import COUNTED

_ADDRESS = re.compile(r"(?<![\w.:/])/(?=ur[li]|bar|foo|train|moon|my|path)")
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
        COUNTED["examples"] += 1
        for end in range(len(source) + 1):
            rules.check(heal(source[:end]))
            COUNTED["prefixes of examples"] += 1


@pytest.mark.parametrize("share", range(SHARES))
def test_what_is_seen_of_every_example_is_what_a_reference_renderer_shows(share):
    wrong = []
    for source in examples(share):
        if source in rules.READ_ON_PURPOSE:
            COUNTED["examples read differently on purpose"] += 1
            continue
        wanted = reference.visible(source)
        found = {
            "Telegram": telegram.render(source).text,
            "plain": plain.render(source),
            "HTML": escaping.unescape(re.sub(r"<[^>]*>", "", html.render(source))),
            "terminal": "\n".join(line.text for line in terminal.lines(source, 200)),
        }
        signs = {name: (reference.signs(text), wanted) for name, text in found.items()}
        rich = letters(read_markdown(rich_dialect.render(source).markdown))
        signs["rich Telegram"] = (reference.signs(rich), wanted.replace(RULE, ""))  # a rule is a block there
        differing = [(source, name, *pair) for name, pair in signs.items() if pair[0] != pair[1]]
        COUNTED["signs"] += len(wanted) * len(signs)
        COUNTED["signs that differ"] += sum(_different(seen, expected) for _, _, seen, expected in differing)
        wrong += differing
    assert not wrong, f"{len(wrong)} differ, such as {wrong[:3]}"


@pytest.mark.parametrize("source", rules.READ_ON_PURPOSE)
def test_an_example_that_is_read_differently_on_purpose_is_one_and_is_read_so_in_all_dialects(source):
    assert source in {*specification.commonmark(), *specification.extensions()}
    assert reference.signs(plain.render(source)) != reference.visible(source)


@pytest.mark.parametrize("share", range(SHARES))
def test_the_links_of_every_example_lead_where_a_reference_renderer_leads(share):
    wrong = []
    for example in examples(share):
        source = _ADDRESS.sub("https://example.org/", example)  # a chat has no addresses without a machine
        wanted = [address for address in reference.links(source) if LINKED.match(address)]
        entities = [found["url"] for found in telegram.render(source).entities if found["type"] == "text_link"]
        in_html = [escaping.unescape(found) for found in re.findall(r'<a href="([^"]*)"', html.render(source))]
        differ = [*map(reference.normal, entities)] != wanted and "<a " not in source
        differ = differ or not set(entities) <= set(in_html)
        COUNTED["links"] += len(wanted)
        COUNTED["links that differ"] += differ
        wrong += [(source, entities, in_html, wanted)] if differ else []
    assert not wrong, f"{len(wrong)} differ, such as {wrong[:3]}"


def _different(seen: str, wanted: str) -> int:
    """How many signs are too many or missing."""
    return sum(((Counter(seen) - Counter(wanted)) + (Counter(wanted) - Counter(seen))).values()) or 1
