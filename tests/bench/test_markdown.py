"""What ``telex bench markdown`` finds, but for its times."""

from telex.bench import markdown


def test_readers_see_letters_come_and_hardly_ever_go():
    found = markdown.tail(markdown.shown)
    assert found.back <= (1 - markdown.STEADY) * found.steps
    assert found.most <= markdown.MOST_TAKEN_BACK
    assert found.raw == 0


def test_the_bench_sees_letters_that_go_and_raw_markers():
    found = markdown.tail(lambda text: text[: len(text) // 40 * 40 - len(text) % 40])
    assert found.back > 0
    assert found.most > 0
    assert markdown.tail(str).raw > 0


def test_what_is_remembered_changes_nothing():
    assert markdown.remembered_wrong() == 0


def test_every_frame_of_an_answer_is_timed():
    answer = markdown.mixed(1_000)
    assert len(markdown.page_frames(answer)) == len([*markdown.prefixes(answer)])
