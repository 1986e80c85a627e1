"""What a view shows of any events in any order: thoughts change nothing else."""

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from telex.display.screen import Reasoning
from telex.display.styled_prepare import COLLAPSED
from telex.display.view import Place, View
from telex.events import (
    Event,
    Notice,
    ReasoningDelta,
    SegmentEnded,
    TextDelta,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    TurnEnded,
)

WORDS = ["a", "b ", "c\n", "d\n\n", "e\n\nf", " ", "\n", "```\n", "- g\n", "> h\n", "# i\n", "| j |\n", "", "~~~"]
CALLS = st.integers(0, 5).map(str)
EVENT = st.one_of(
    st.builds(TextDelta, st.sampled_from(WORDS)),
    st.builds(TextDelta, st.sampled_from(WORDS)),
    st.builds(ReasoningDelta, st.sampled_from(["hm ", "think " * 9])),
    st.builds(SegmentEnded),
    st.builds(ToolStarted, CALLS, st.just("t")),
    st.builds(ToolProgress, CALLS, st.just("half")),
    st.builds(ToolFinished, CALLS, st.booleans()),
    st.builds(Notice, st.sampled_from(["n", " "])),
)
OWN = re.compile(r"[⏳✅❌⏹⚠][^\n]*")
QUOTE = re.compile(f"> {COLLAPSED}💭[^\n]*")


def final(reasoning: Reasoning, events: list[Event]) -> str:
    view = View(reasoning)
    for event in [*events, TurnEnded()]:
        view.feed(event)
    return view.read(Place(0, 0))[0]


@settings(max_examples=500)
@given(st.lists(EVENT, max_size=12))
def test_an_answer_reads_the_same_whether_its_thoughts_were_shown_or_not(events: list[Event]) -> None:
    assert final("live", events) == final("off", events)


@settings(max_examples=500)
@given(st.lists(EVENT, max_size=12))
def test_kept_thoughts_add_their_quotes_and_nothing_else(events: list[Event]) -> None:
    kept = final("keep", events)
    assert kept.count(COLLAPSED) == thoughts(events)
    closers = "`~"  # of code that nobody closed
    assert words(QUOTE.sub("", kept)).rstrip(closers) == words(final("off", events)).rstrip(closers)


def thoughts(events: list[Event]) -> int:
    """How often the model began to think; a tool that goes on meanwhile does not interrupt it."""
    kinds = [type(event) for event in events if not isinstance(event, ToolProgress | ToolFinished)]
    return sum(kind is ReasoningDelta and before is not kind for before, kind in pairwise([None, *kinds]))


def words(text: str) -> str:
    """The answer's own letters in their order, without white space and without lines of telex itself."""
    return re.sub(r"\s", "", OWN.sub("", text))
