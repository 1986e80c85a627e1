"""What stands below the text of the open page, and what of it a page may be sealed with."""

import pytest

from telex.display.frame import Unknown
from telex.display.screen import Pacing
from telex.display.styled_prepare import THINKING
from telex.events import Event, ReasoningDelta, SegmentEnded, TextDelta, ToolFinished, ToolStarted, TurnEnded
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


def tools_at_once(letters: int, tools: int) -> list[tuple[float, Event]]:
    """An answer of so many letters, then tools that run for a second and are all done before it goes on."""
    asked = "a fairly long query about many things of the world"
    text = ("word " * letters)[: letters - 1] + "."
    return [
        (0.0, TextDelta(text)),
        *((1.0, ToolStarted(str(number), "search", asked)) for number in range(tools)),
        *((2.0, ToolFinished(str(number))) for number in range(tools)),
        (3.0, TextDelta("And the end.")),
        (4.0, TurnEnded()),
    ]


@pytest.mark.parametrize("tools", [1, 2, 3, 8])
def test_no_page_ends_behind_the_beginning_of_tools_that_run(tools: int):
    for letters in range(600, 1000, 20):
        stage = Stage(Screen(limit=1000)).play(tools_at_once(letters, tools))
        finals = [frame.text for _, frame in stage.calls if frame.final]
        assert not any("⏳" in text for text in finals), letters
        assert "".join(finals).count("✅") == (tools if tools <= 3 else 1)
        assert finals[-1].endswith("And the end.")


def test_tools_that_fill_a_page_alone_are_cut_all_the_same():
    asked = "many words " * 30
    started = [(0.0, ToolStarted(str(number), "search", asked)) for number in range(3)]
    stage = Stage(Screen(limit=500)).play([*started, (5.0, TurnEnded())])
    assert len([frame for _, frame in stage.calls if frame.final]) > 1


def test_a_thought_that_may_have_been_shown_is_not_repeated_once_it_has_passed():
    """To repeat what a message is not known to show would be an edit, and no sign of life."""
    stage = Stage(pacing=LIVE, answers={0: Unknown()})
    stage.play([(0.0, ReasoningDelta("hm")), (0.01, SegmentEnded())], until=30.0)
    assert [frame.text for _, frame in stage.calls] == [THOUGHT, ""]
