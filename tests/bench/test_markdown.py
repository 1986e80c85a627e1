"""What ``telex bench markdown`` finds, but for its times."""

import os
import re
import subprocess
import sys

import pytest

from telex.bench import markdown, samples
from tests.display.growing import DOUBTFUL

MOST_HELD = 12
"""Words of an answer's own text that wait for what comes behind them."""
HELD = {
    "longheadcell": 17,  # a header too wide to be drawn is shown with the first row
}
_UNSEEN = re.compile(
    r"\]\([^)]*\)?|\]\[[^]]*|^ *\[[^]\n]+\]:.*|<!--[\s\S]*?(?:-->|$)|</?\w[^>]*>?|^ *[`~]{3,}.*|https?:\S*|\\\w+|&\w+;?",
    re.MULTILINE,
)


def test_readers_see_letters_come_and_hardly_ever_go():
    found = markdown.tail(markdown.shown)
    assert found.back <= (1 - markdown.STEADY) * found.steps
    assert found.most <= markdown.MOST_TAKEN_BACK
    assert found.raw == 0


def test_what_looks_like_markup_and_is_none_hardly_ever_takes_letters_back():
    found = markdown.tail(markdown.shown, DOUBTFUL.values())
    assert found.back <= (1 - markdown.STEADY) * found.steps
    assert found.most <= markdown.MOST_TAKEN_BACK


@pytest.mark.parametrize("name", [*samples.ALL, *DOUBTFUL])
def test_no_more_than_a_few_words_are_ever_held_back(name):
    answer = (samples.ALL | DOUBTFUL)[name]
    most, since = 0, 0
    for prefix in markdown.prefixes(answer):
        seen = len(re.sub(r"[\W_]", "", markdown.shown(prefix)))
        if seen > most:
            most, since = seen, len(prefix)
        words = re.findall(r"\w+", _UNSEEN.sub(" ", answer[: len(prefix)])[len(_UNSEEN.sub(" ", answer[:since])) :])
        assert len(words) <= HELD.get(name, MOST_HELD), (prefix[since:], words)


def test_the_bench_sees_letters_that_go_and_raw_markers():
    found = markdown.tail(lambda text: text[: len(text) // 40 * 40 - len(text) % 40])
    assert found.back > 0
    assert found.most > 0
    assert markdown.tail(str).raw > 0


def test_what_is_remembered_changes_nothing_and_of_a_short_answer_every_step_is_compared():
    for answer in (*samples.ALL.values(), markdown.mixed(2_000)):
        assert markdown.remembered_wrong(answer) == (0, len([*markdown.prefixes(answer)]))


def test_of_a_long_answer_some_steps_are_compared(monkeypatch):
    monkeypatch.setattr(markdown, "_MOST_READ", 100_000)
    wrong, compared = markdown.remembered_wrong(markdown.mixed(1_000))
    assert wrong == 0
    assert 50 < compared < len([*markdown.prefixes(markdown.mixed(1_000))])


def test_the_bench_ends_quietly_where_nobody_reads_any_more():
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-c", "import sys; from telex.bench.markdown import main; sys.exit(main())"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_an_answer_that_is_one_block_is_as_long_as_its_name_says():
    assert {len(answer) for answer in markdown.ONE_BLOCK.values()} == {4_000}


def test_every_frame_of_an_answer_is_timed():
    answer = markdown.mixed(1_000)
    assert len(markdown.page_frames(answer)) == len([*markdown.prefixes(answer)])
