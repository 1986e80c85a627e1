"""What is remembered from frame to frame changes no frame, in any dialect."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telex.bench import samples
from telex.bench.markdown import prefixes
from tests.conformance.dialects import DIALECTS, forget, frame
from tests.conformance.figures import COUNTED
from tests.conformance.test_documents import DOCUMENTS, DOCUMENTS_TRIED


def differing(steps: Sequence[str]) -> list[tuple[str, str]]:
    """The steps, and the dialects, in which the frame with a memory is not the one from scratch."""
    forget()
    grown = [frame(step) for step in steps]
    found = []
    for step, remembered in zip(steps, grown, strict=True):
        forget()
        scratch = frame(step)
        found += [(name, step) for name in DIALECTS if remembered[name] != scratch[name]]
    COUNTED["frames"] += len(steps) * len(DIALECTS)
    COUNTED["frames that differ"] += len(found)
    return found


@pytest.mark.parametrize("name", samples.ALL)
def test_a_sample_that_grows_is_shown_as_one_that_is_read_from_scratch(name):
    assert not differing([*prefixes(samples.ALL[name])])


@settings(max_examples=DOCUMENTS_TRIED // 4)
@given(DOCUMENTS, st.integers(1, 9))
def test_a_document_that_grows_is_shown_as_one_that_is_read_from_scratch(source, step):
    assert not differing([source[:end] for end in range(step, len(source) + step, step)])


@example(["words", "words"], [0, 0, 1])  # the second has nothing behind what the first has settled
@settings(max_examples=DOCUMENTS_TRIED // 8)
@given(st.lists(DOCUMENTS, min_size=2, max_size=3), st.lists(st.integers(0, 2), min_size=20, max_size=60))
def test_answers_that_grow_at_the_same_time_are_shown_as_each_alone(documents, turns):
    begun = "An answer that begins as another one does, and for more letters than one would look at.\n\n"
    shown = [0] * len(documents)
    steps = []
    for turn in turns:
        which = turn % len(documents)
        steps.append(begun + documents[which][: shown[which]])
        shown[which] += 7
    assert not differing(steps)
