"""The presenter alone: what each outcome leads to, and calls that are never answered."""

import pytest

from telex.display.frame import (
    Again,
    Closed,
    Elsewhere,
    Frame,
    NoTransport,
    Plain,
    Show,
    Shown,
    Smaller,
    TryLater,
    Unknown,
    Vanished,
)
from telex.display.pace import Bucket, Pace
from telex.display.presenter import Presenter
from telex.display.screen import Pacing
from tests.display.stage import TRIP, Screen, Stage, end, say, words

# -- outcomes -------------------------------------------------------------------------------------------------------------


def test_an_outcome_may_come_a_clock_tick_before_the_deadline_at_which_its_frame_left():
    presenter = Presenter(Screen(), Pacing(edit_interval=1.0), 0.0)
    for at, word in ((0.0, "One "), (0.5, "two " * 20)):
        presenter.feed(say(at, word)[1], at)
        deadline = 0.0 if at == 0.0 else 1.0
        assert isinstance(presenter.next_step(deadline), Show)
        presenter.outcome(Shown(), deadline - 1e-9)


def test_refused_markup_is_shown_plain_at_once_and_stays_plain():
    pace = Pace(Bucket(rate=0.2, burst=2))
    stage = Stage(Screen(live=[pace], final=[pace]), {0: Plain()}).play([say(0.0, "*One*. "), end(30.0)])
    assert [(round(at, 3), frame.plain) for at, frame in stage.calls[:2]] == [(0.0, False), (TRIP, True)]
    assert stage.frames[-1] == Frame(0, "*One*.", final=True, plain=True)


def test_a_missing_transport_costs_no_pacing_wait():
    pace = Pace(Bucket(rate=0.2, burst=1))
    stage = Stage(Screen(live=[pace], final=[pace]), {0: NoTransport()}).play([say(0.0, "One. ")], until=1.0)
    assert [round(at, 3) for at, _ in stage.calls] == [0.0, TRIP]


def test_a_page_that_is_too_long_is_cut_again():
    text = "This is a sentence. " * 20
    stage = Stage(answers={0: Smaller(120)}).play([say(0.0, text), end(0.0)])
    pages = stage.finals[1:]
    assert all(len(page) <= 120 for page in pages)
    assert words(*pages) == words(text)


def test_what_a_person_deleted_goes_on_in_a_new_message():
    stage = Stage(answers={1: Vanished()}).play([say(0.0, "One. "), say(1.0, "Two. " * 10), end(5.0)])
    assert [frame.page for frame in stage.frames] == [0] * len(stage.frames)
    assert stage.finals == ["One. " + ("Two. " * 10).strip()]


def test_an_answer_that_moves_elsewhere_is_shown_there_whole():
    stage = Stage(answers={1: Elsewhere()}).play([say(0.0, "One. "), say(1.0, "Two. " * 10)], until=1.2)
    assert stage.frames[2].text == stage.frames[1].text
    assert stage.calls[2][0] == pytest.approx(1.0 + TRIP)


def test_where_nothing_can_be_shown_any_more_it_ends_and_says_why():
    stage = Stage(answers={0: Closed("Forbidden: bot was blocked by the user")}).play([say(0.0, "One.")])
    assert len(stage.calls) == 1
    assert stage.presenter.closed == "Forbidden: bot was blocked by the user"
    assert not stage.presenter.already_sent


def test_a_lost_preview_is_made_again_from_newer_text():
    stage = Stage(answers={1: Unknown()}).play(
        [say(0.0, "One. "), say(1.0, "Two. " * 10), say(1.04, "Three. "), end(9.0)]
    )
    assert "Three." in stage.frames[2].text


def test_a_lost_final_is_tried_until_it_is_shown():
    stage = Stage(answers={1: Unknown(), 2: Unknown(), 3: Unknown(), 4: Unknown()}).play([say(0.0, "One."), end(0.3)])
    assert stage.finals == ["One."] * 5
    assert stage.presenter.already_sent


def test_a_server_out_of_reach_is_asked_again_after_the_time_named():
    stage = Stage(answers={0: Again(1.0)}).play([say(0.0, "One. ")], until=2.0)
    assert [round(at, 3) for at, _ in stage.calls] == [0.0, 1.0 + TRIP]


def test_whoever_refuses_again_and_again_is_given_time():
    stage = Stage(answers=dict.fromkeys(range(100), Unknown())).play([say(0.0, "One."), end(0.0)], until=60.0)
    assert 5 < len(stage.calls) < 20


def test_a_preview_taken_off_the_screen_is_shown_anew():
    stage = Stage().play([say(0.0, "One. ")], until=1.0)
    stage.presenter.vanished(0, 1.0)
    stage.play(until=2.0)
    assert stage.previews == [(0.0, "One. "), (1.0, "One. ")]


def test_a_final_that_stands_is_not_taken_away_by_an_interposed_message():
    stage = Stage().play([say(0.0, "One."), end(0.1)])
    stage.presenter.vanished(0, 5.0)
    assert stage.presenter.already_sent


# -- hanging calls ------------------------------------------------------------------------------------------------------


def test_a_hanging_preview_holds_up_the_final_by_half_a_second_at_most():
    stage = Stage(hang={0}).play([say(0.0, "One. "), end(1.0)])
    assert stage.abandoned[0] <= 1.5
    assert stage.finals[0] == "One."


def test_a_usual_trip_is_all_the_grace_that_a_hanging_preview_gets():
    stage = Stage(hang={20}, pacing=Pacing(edit_interval=0, buffer_threshold=1))
    stage.play([*(say(n / 10, "word ") for n in range(41)), end(4.0)])
    assert stage.abandoned
    assert stage.abandoned[-1] <= 4.0 + 0.2


def test_after_an_abandoned_edit_the_final_is_confirmed_once_the_bound_has_passed():
    stage = Stage(hang={1}, pacing=Pacing(final_bound=10.0))
    stage.play([say(0.0, "One. "), say(1.0, "Two. " * 10), end(1.1)])
    edit = stage.calls[1]
    assert [frame.final for frame in stage.frames] == [False, False, True, True]
    assert stage.calls[-1][0] >= edit[0] + 10.0


def test_after_an_abandoned_draft_nothing_is_confirmed():
    stage = Stage(Screen(overwrites=False), hang={1}).play([say(0.0, "One. "), say(1.0, "Two. " * 10), end(1.1)])
    assert [frame.final for frame in stage.frames] == [False, False, True]


def test_a_hanging_final_counts_as_unknown_after_its_bound():
    stage = Stage(hang={1}, pacing=Pacing(final_bound=4.0)).play([say(0.0, "One."), end(0.2)])
    assert stage.abandoned == [pytest.approx(4.2)]
    assert stage.finals == ["One.", "One."]


def test_a_refusal_that_means_the_whole_bot_freezes_its_line_and_teaches_the_chats_nothing():
    chat, bot = Pace(Bucket(rate=1, burst=5)), Pace(Bucket(rate=30, burst=30))
    stage = Stage(Screen(live=[chat, bot], final=[chat, bot]), {0: TryLater(7.0, whole=True)})
    stage.play([say(0.0, "One. "), end(1.0)])
    assert chat.scale == 1.0
    assert bot.frozen_until >= 7.0
    assert stage.calls[1][0] >= stage.calls[0][0] + 7.0


# -- nothing known stays known by mistake ------------------------------------------------------------------------------


def drafts_and_messages() -> tuple[Pace, Pace, Screen]:
    drafts, messages = Pace(Bucket(rate=2, burst=10)), Pace(Bucket(rate=1, burst=5))
    return drafts, messages, Screen(live=[drafts], final=[messages], overwrites=False)


def edits_and_signs() -> tuple[Pace, Screen]:
    """As in a group: edits share one limit, and a typing sign falls under none."""
    chat = Pace(Bucket(rate=1, burst=5))
    return chat, Screen(live=[chat], final=[chat], signs=[], refresh=5.0)


@pytest.mark.parametrize("outcome", [Vanished(), Elsewhere(), NoTransport()])
def test_what_a_sign_of_life_finds_gone_is_shown_anew_at_once(outcome):
    stage = Stage(answers={1: outcome}).play([say(0.0, "One. ")], until=22.0)
    assert [text for _, text in stage.previews] == ["One. ", "One. ", "One. "]


@pytest.mark.parametrize("outcome", [Vanished(), Elsewhere(), NoTransport()])
def test_what_a_sign_of_life_finds_gone_is_posted_again_under_the_limit_of_messages(outcome):
    chat, screen = edits_and_signs()
    Stage(screen, {1: outcome}).play([say(0.0, "One. ")], until=5.2)
    assert chat.tokens(5.2) < 5


def test_a_sign_of_life_that_is_too_long_is_cut_and_not_repeated():
    text = "This is a sentence. " * 5
    stage = Stage(answers={1: Smaller(60)}).play([say(0.0, text)], until=22.0)
    assert max(len(frame.text) for frame in stage.frames[2:]) <= 60
    assert words(*{frame.page: frame.text for frame in stage.frames[2:]}.values()) == words(text)


def test_what_is_taken_off_while_its_call_is_in_flight_is_shown_anew():
    stage = Stage().play([say(0.0, "One. ")], until=0.01)
    stage.presenter.vanished(0, 0.01)
    stage.play(until=1.0)
    assert [text for _, text in stage.previews] == ["One. ", "One. "]


def test_what_follows_a_sealed_page_is_shown_though_its_draft_was_refreshed_before_the_final():
    _, messages, screen = drafts_and_messages()
    screen.limit = 100
    messages.freeze(5.0, 0.0)
    text = "This is a sentence. " * 6
    stage = Stage(screen).play([say(0.0, text)], until=8.0)
    assert stage.frames[-1] == Frame(1, stage.frames[-1].text, final=False, busy=True)
    assert words(stage.finals[0], stage.frames[-1].text) == words(text)


def test_while_a_refused_edit_waits_a_sign_of_life_has_no_words():
    _, screen = edits_and_signs()
    stage = Stage(screen, {1: TryLater(30.0)}).play([say(0.0, "One. "), say(1.0, "Two. " * 10)], until=29.0)
    signs = [text for at, text in stage.previews if at > 1.1]
    assert len(signs) >= 4
    assert set(signs) == {""}


def test_while_a_refused_final_waits_a_sign_of_life_is_no_edit():
    _, screen = edits_and_signs()
    stage = Stage(screen, {1: TryLater(30.0)}).play([say(0.0, "One."), end(1.0)])
    assert len(stage.previews) >= 5
    assert {text for _, text in stage.previews[1:]} == {""}
    assert stage.finals == ["One."] * 2


def test_a_draft_that_may_be_on_the_screen_is_not_refreshed_with_older_words():
    pace = Pace(None)
    stage = Stage(Screen(live=[pace], signs=[], overwrites=False, refresh=5.0), {1: Unknown()})
    stage.play([say(0.0, "One. "), say(1.0, "Two. ")], until=1.31)
    pace.freeze(60.0, 1.31)
    stage.play(until=30.0)
    assert {text for _, text in stage.previews[2:]} == {"One. Two. "}


def test_a_lost_sign_of_life_without_words_has_nothing_to_confirm():
    stage = Stage(answers={0: Unknown()}).play([say(5.0, "One."), end(5.0)])
    assert [frame.text for frame in stage.frames] == ["", "", "One."]


def test_a_lost_sign_of_life_on_a_page_that_stays_empty_does_no_harm():
    text = "word " * 19 + "end"
    stage = Stage(Screen(limit=100), {1: Unknown()}).play([say(0.0, text + "\n" * 10), end(60.0)])
    assert stage.frames[1] == Frame(1, "", final=False, busy=True)
    assert stage.presenter.already_sent


@pytest.mark.parametrize("white", [" ", "\n"])
def test_a_page_with_nothing_but_white_space_is_not_shown(white):
    text = "word " * 19 + "end"
    stage = Stage(Screen(limit=100)).play([say(0.0, text + white * 10), end(5.0)])
    assert stage.frames == [Frame(0, text, final=True)]


def test_an_edit_that_was_followed_in_time_needs_no_confirmation():
    stage = Stage(answers={1: Unknown()}).play(
        [say(0.0, "One. "), say(1.0, "Two. " * 10), say(15.0, "Three. "), end(16.0)]
    )
    assert [frame.final for frame in stage.frames] == [False, False, False, False, True]


def test_who_has_nothing_to_say_lets_others_pass():
    pace = Pace(Bucket(rate=1, burst=5))
    Stage(Screen(live=[pace], final=[pace])).play([say(0.0, "\n")], until=0.2)
    assert "line=0" in repr(pace)


def test_a_final_keeps_its_place_in_line_while_its_draft_is_refreshed():
    drafts, messages, screen = drafts_and_messages()
    drafts.freeze(500.0, 0.0)
    messages.freeze(70.0, 0.0)
    Stage(screen).play([say(0.0, "One."), end(1.0)], until=60.0)
    assert ("line=0" in repr(drafts), "line=1" in repr(messages)) == (True, True)
