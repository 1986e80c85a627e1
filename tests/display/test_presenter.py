"""The presenter alone: when it shows what, and how it ends."""

from itertools import pairwise

import pytest

from telex.display.frame import (
    Finished,
    Frame,
    TryLater,
)
from telex.display.pace import Bucket, Pace
from telex.display.screen import Pacing
from telex.events import End, Notice, ToolFinished, ToolStarted, TurnEnded
from tests.display.stage import TRIP, Screen, Stage, end, say, words

# -- when previews go -------------------------------------------------------------------------------------------------


def test_the_first_words_go_at_once_however_few():
    assert Stage().play([say(0.1, "H")], until=0.2).previews == [(0.1, "H")]


def test_a_preview_waits_for_the_threshold_of_new_characters():
    stage = Stage(pacing=Pacing(edit_interval=0, buffer_threshold=10))
    stage.play([say(0.0, "one"), say(0.1, "123456789"), say(0.15, "0")], until=0.2)
    assert [at for at, _ in stage.previews] == [0.0, 0.15]


def test_a_preview_waits_no_longer_than_0_3_s_since_the_oldest_unseen_character():
    stage = Stage(pacing=Pacing(edit_interval=0, buffer_threshold=100))
    stage.play([say(0.0, "one "), say(1.0, "two "), say(1.2, "three ")], until=3.0)
    assert stage.previews == [(0.0, "one "), (1.3, "one two three ")]


def test_edit_interval_is_the_least_time_between_the_starts_of_two_previews():
    stage = Stage(pacing=Pacing(edit_interval=0.5, buffer_threshold=1))
    stage.play([say(n / 20, "word ") for n in range(60)], until=3.0)
    starts = [at for at, _ in stage.previews]
    assert len(starts) >= 5
    assert all(later - earlier == pytest.approx(0.5) for earlier, later in pairwise(starts))


def test_with_an_interval_of_0_one_call_in_flight_is_the_only_brake():
    stage = Stage(pacing=Pacing(edit_interval=0, buffer_threshold=1))
    stage.play([say(n / 200, "w") for n in range(200)], until=1.0)
    starts = [at for at, _ in stage.previews]
    assert all(later - earlier == pytest.approx(TRIP) for earlier, later in pairwise(starts))


def test_the_threshold_does_not_hold_a_tool_line():
    stage = Stage(pacing=Pacing(edit_interval=0, buffer_threshold=4000))
    stage.play([say(0.0, "Look: "), (0.5, ToolStarted("1", "find"))], until=0.6)
    assert [at for at, _ in stage.previews] == [0.0, 0.5]


def test_the_threshold_does_not_hold_the_last_frame():
    stage = Stage(pacing=Pacing(edit_interval=0, buffer_threshold=4000)).play(
        [say(0.0, "One "), say(0.5, "two"), end(0.5)]
    )
    assert (stage.calls[-1][0], stage.finals) == (0.5, ["One two"])


def test_there_is_no_preview_right_before_the_final():
    stage = Stage().play([say(0.0, "One. "), say(1.0, "Two. " * 20), end(1.0)])
    assert [frame.final for frame in stage.frames] == [False, True]


def test_a_sign_of_life_comes_soon_when_no_words_do():
    stage = Stage().play(until=1.0)
    assert stage.previews == [(0.25, "")]


def test_what_shows_nothing_to_a_reader_is_not_sent_as_words():
    stage = Stage().play([say(0.0, "\n")], until=0.2)
    assert stage.previews == []


def test_an_unchanged_preview_is_refreshed_before_it_dies():
    stage = Stage().play([say(0.0, "Let me look. "), (0.1, ToolStarted("1", "find"))], until=65.0)
    signs = [0.0, *(at for at, _ in stage.previews)]
    assert all(later - earlier <= 20.3 for earlier, later in pairwise(signs))
    assert 4 <= len(stage.previews) <= 6
    assert len({text for _, text in stage.previews[1:]}) == 1


def test_after_the_final_nothing_is_refreshed():
    stage = Stage().play([say(0.0, "Done."), end(0.2)])
    assert isinstance(stage.presenter.next_step(1000.0), Finished)


def test_without_previews_only_what_never_changes_is_shown_as_words():
    stage = Stage(pacing=Pacing(previews=False)).play([say(0.0, "One "), say(3.0, "two."), end(4.0)])
    assert [text for _, text in stage.previews if text] == []
    assert stage.finals == ["One two."]


# -- limits -------------------------------------------------------------------------------------------------------------


def test_text_is_bound_when_the_slot_opens_and_not_when_it_is_booked():
    pace = Pace(Bucket(rate=0.5, burst=2))
    stage = Stage(Screen(live=[pace], final=[pace]), pacing=Pacing(edit_interval=0, buffer_threshold=1))
    stage.play([say(n / 10, f"{n} ") for n in range(100)], until=9.0)
    assert len(stage.previews) > 2
    for at, text in stage.previews:
        newest = int(at * 10 + 1e-6)
        assert text.split()[-1] in {str(newest), str(newest - 1)}


def test_a_refusal_to_wait_is_obeyed_in_full_and_then_the_newest_text_goes():
    pace = Pace(Bucket(rate=1, burst=5))
    stage = Stage(Screen(live=[pace], final=[pace]), {1: TryLater(7.0)})
    stage.play([say(0.0, "One. "), say(1.0, "Two. " * 10), say(4.0, "Three. "), end(60.0)])
    refused, after = stage.calls[1], stage.calls[2]
    assert after[0] >= refused[0] + TRIP + 7.0
    assert "Three." in after[1].text


def test_while_a_final_waits_out_a_limit_its_draft_is_refreshed():
    messages, drafts = Pace(Bucket(rate=1, burst=5)), Pace(Bucket(rate=2, burst=10))
    stage = Stage(Screen(live=[drafts], final=[messages], overwrites=False))
    messages.freeze(70.0, 0.0)
    stage.play([say(0.0, "One. "), say(0.5, "Two."), end(1.0)])
    signs = [at for at, _ in stage.calls]
    assert all(later - earlier <= 20.3 for earlier, later in pairwise(signs))
    assert stage.previews[-1][1] == "One. Two."
    assert stage.calls[-1] == (70.0, Frame(0, "One. Two.", final=True))


def test_a_waiting_final_does_not_spend_its_own_limit_on_signs_of_life():
    pace = Pace(Bucket(rate=1, burst=5))
    stage = Stage(Screen(live=[pace], final=[pace]))
    pace.freeze(70.0, 0.0)
    stage.play([say(0.0, "One."), end(1.0)])
    assert stage.calls == [(70.0, Frame(0, "One.", final=True))]


# -- pages ----------------------------------------------------------------------------------------------------------------


def test_an_outgrown_page_is_sealed_and_the_answer_goes_on_in_the_next():
    text = "This is a sentence. " * 40
    stage = Stage(Screen(limit=200))
    stage.play([*(say(n / 20, text[n * 8 : n * 8 + 8]) for n in range(100)), end(6.0)])
    assert max(frame.page for frame in stage.frames) >= 4
    assert all(len(frame.text) <= 200 for frame in stage.frames)
    last = {frame.page: frame.text for frame in stage.frames if frame.final}
    assert words(*(last[page] for page in sorted(last))) == words(text)


def test_pages_are_numbered_where_that_is_asked_for():
    text = " ".join(f"word{number}" for number in range(40))
    stage = Stage(Screen(limit=100), pacing=Pacing(page_numbers=True)).play([say(0.0, text), end(9.0)])
    numbers = [page.rpartition("\n\n")[2] for page in stage.finals]
    assert numbers == ["(1/…)", "(2/…)", "(3/…)", "(4/4)"]
    assert words(*(page.rpartition("\n\n")[0] for page in stage.finals)) == words(text)
    assert all(len(frame.text) <= 100 for frame in stage.frames)


def test_an_answer_of_one_page_has_no_number():
    stage = Stage(pacing=Pacing(page_numbers=True)).play([say(0.0, "one"), end(1.0)])
    assert stage.finals == ["one"]


def test_a_sealed_page_is_final_before_the_next_page_is_shown():
    text = "This is a sentence. " * 40
    stage = Stage(Screen(limit=200)).play([*(say(n / 20, text[n * 8 : n * 8 + 8]) for n in range(100)), end(6.0)])
    for number, frame in enumerate(stage.frames):
        earlier = [other for other in stage.frames[:number] if other.page == frame.page - 1]
        assert frame.page == 0 or earlier[-1].final


def test_a_fence_over_two_pages_is_reopened_with_its_language():
    code = "".join(f"value_{n} = {n}\n" for n in range(90))
    stage = Stage(Screen(limit=300)).play([say(0.0, f"Look:\n\n```python\n{code}```\n\nDone."), end(0.1)])
    assert len(stage.finals) > 3
    assert all(page.startswith("```python\n") for page in stage.finals[1:-1])
    assert all(page.count("```") % 2 == 0 for page in stage.finals)


# -- the end ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", list(End))
def test_every_end_brings_the_last_frame_without_a_cursor(how):
    stage = Stage().play([say(0.0, "Half an answ"), end(1.0, how)])
    assert stage.frames[-1].final
    assert not stage.frames[-1].busy
    assert all(frame.busy for frame in stage.frames if not frame.final)


def test_the_reason_of_a_failure_stands_below_what_came():
    stage = Stage().play([say(0.0, "Half"), end(1.0, End.FAILED, "The server is gone.")])
    assert stage.finals == ["Half\n\n⚠️ The server is gone\\."]


def test_a_turn_with_nothing_but_its_end_is_shown():
    assert len(Stage().play([end(0.0)]).finals) == 1


def test_a_notice_in_the_middle_stays_where_it_was():
    stage = Stage().play([say(0.0, "One."), (0.1, Notice("slow")), say(0.2, "Two."), end(1.0)])
    assert stage.finals == ["One.\n\n⚠️ slow\n\nTwo."]


def test_a_tool_that_finishes_after_more_text_changes_its_own_line():
    stage = Stage().play(
        [(0.0, ToolStarted("1", "find")), say(0.5, "Meanwhile."), (2.0, ToolFinished("1", seconds=2)), end(3.0)]
    )
    assert stage.finals == ["✅ `find` (2.0 s)\n\nMeanwhile."]


def test_what_is_fed_after_the_end_is_ignored():
    stage = Stage().play([say(0.0, "One."), end(0.5), say(0.5, " Two."), end(0.5, End.FAILED, "no")])
    assert stage.finals == ["One."]


def test_already_sent_is_true_only_while_the_whole_answer_is_on_the_screen():
    stage = Stage().play([say(0.0, "One.")], until=0.5)
    assert not stage.presenter.already_sent
    stage.presenter.feed(TurnEnded(), 0.5)
    assert not stage.presenter.already_sent
    stage.play()
    assert stage.presenter.already_sent


def test_a_draft_that_shows_it_all_does_not_make_already_sent_true():
    stage = Stage(Screen(overwrites=False)).play([say(0.0, "One.")], until=0.5)
    stage.presenter.feed(TurnEnded(), 0.5)
    assert stage.presenter.frames[0] == Frame(0, "One.", final=False, busy=True)
    assert not stage.presenter.already_sent


def test_its_repr_tells_what_is_shown_and_what_is_in_flight():
    stage = Stage(hang={0}).play([say(0.0, "One.")], until=0.1)
    assert repr(stage.presenter) == "Presenter(pages=[None], letters=4/4, flight=live, ended=None)"
