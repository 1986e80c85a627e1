"""What stands below the text of the open page, and what of it a page may be sealed with."""

from telex.display.screen import Pacing
from telex.display.styled_prepare import THINKING
from telex.events import ReasoningDelta, TextDelta, TurnEnded
from tests.display.stage import Screen, Stage

LIVE = Pacing(reasoning="live")
THOUGHT = f"> {THINKING}💭 hm"


def test_a_thought_is_shown_behind_code_that_is_open_and_not_in_it():
    stage = Stage(pacing=LIVE).play([(0.0, TextDelta("```py\nx = 1\n")), (0.5, ReasoningDelta("hm"))], until=5.0)
    assert stage.calls[-1][1].text == f"```py\nx = 1\n```\n\n{THOUGHT}"


def test_a_thought_fills_no_page_and_is_not_shown_where_there_is_no_room_for_it():
    words = "word " * 19
    stage = Stage(Screen(limit=100), pacing=LIVE)
    stage.play([(0.0, TextDelta(words)), (1.0, ReasoningDelta("hm")), (2.0, TurnEnded())])
    assert {frame.page for _, frame in stage.calls} == {0}
    assert not any("💭" in frame.text for _, frame in stage.calls)
    assert stage.calls[-1][1].text == words.rstrip()
