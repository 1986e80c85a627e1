"""One turn on an emulated terminal: the spinner, thoughts that fold, and tables that stay on the screen while they grow."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from telex.display.frame import Frame
from telex.display.markdown import heal
from telex.display.screen import Reasoning
from telex.display.view import Place, View
from telex.events import Event, ReasoningDelta, TextDelta, ToolFinished, ToolStarted
from telex.surfaces.terminal.dialect import lines
from telex.surfaces.terminal.surface import TerminalSurface
from telex.surfaces.terminal.thoughts import Thoughts
from tests.surfaces.terminal.emulator import Terminal


class Stage:
    """A terminal, a surface on it, and a clock to turn."""

    def __init__(
        self, columns: int = 40, rows: int = 10, *, folded: bool = True, reasoning: Reasoning = "keep"
    ) -> None:
        self.now = 0.0
        self.terminal = Terminal(columns, rows)
        self.thoughts = Thoughts(lambda: self.now, reasoning, folded=folded, hint="a key shows it")
        self.surface = TerminalSurface(self.terminal.live, lambda: self.now, self.thoughts)

    def show(self, text: str, *, busy: bool = True) -> str:
        asyncio.run(self.surface.show(Frame(0, text, final=not busy, busy=busy)))
        return self.terminal.text()


def table(rows: int) -> str:
    body = "".join(f"| {'x' * number} | row {number} |\n" for number in range(rows))
    return f"Before.\n\n| name | what |\n|---|---|\n{body}"


def test_a_spinner_turns_until_the_first_word():
    stage = Stage()
    first = stage.show("")
    stage.now = 0.1
    assert stage.show("") != first
    stage.now = 2.0
    assert stage.show("").endswith(" 2 s")
    assert stage.show("Hello") == "Hello"


def test_thoughts_that_are_off_are_not_shown():
    stage = Stage(reasoning="off")
    stage.thoughts.hear(ReasoningDelta("Let me see."))
    assert "Let me" not in stage.show("")
    stage.thoughts.hear(TextDelta("Hello"))
    assert stage.show("Hello") == "Hello"


def test_live_thoughts_show_their_last_words_until_the_answer_begins():
    stage = Stage(reasoning="live")
    stage.thoughts.hear(ReasoningDelta(" ".join(f"thought{number}" for number in range(400))))
    shown = stage.show("")
    assert "thought399" in shown
    assert "thought380" not in shown
    stage.thoughts.hear(TextDelta("Hello"))
    assert stage.show("Hello") == "Hello"


def test_thoughts_are_one_line_that_says_how_long_they_took():
    stage = Stage()
    stage.thoughts.hear(ReasoningDelta("Let me see. "))
    stage.now = 1.0
    assert "thinking 1 s" in stage.show("")
    stage.now = 4.0
    stage.thoughts.hear(TextDelta("Hello"))
    assert stage.show("Hello") == "▸ thought for 4 s · a key shows it\n\nHello"


def test_unfolded_thoughts_stand_above_the_answer_and_fold_again():
    stage = Stage(folded=False)
    stage.thoughts.hear(ReasoningDelta("Let me see."))
    assert stage.show("").startswith("Let me see.\n\n")
    stage.thoughts.hear(TextDelta("Hello"))
    assert stage.show("Hello") == "Let me see.\n▴ thought for 0 s\n\nHello"
    stage.surface.fold(folded=True)
    assert stage.terminal.text() == "▸ thought for 0 s · a key shows it\n\nHello"


def test_thoughts_stay_as_they_are_once_something_has_left_the_screen():
    stage = Stage(rows=5)
    stage.thoughts.hear(ReasoningDelta("Let me see."))
    stage.thoughts.hear(TextDelta("words"))
    shown = stage.show("\n\n".join(f"line {number}" for number in range(9)))
    stage.surface.fold(folded=False)
    assert stage.terminal.text() == shown


def test_the_model_is_seen_thinking_again_after_a_tool():
    stage = Stage()
    for event in (TextDelta("I look. "), ToolStarted("1", "look"), ToolFinished("1"), ReasoningDelta("So that is it.")):
        stage.thoughts.hear(event)
    assert "thinking" in stage.show("I look.")
    stage.thoughts.hear(TextDelta("It is."))
    assert stage.show("I look.\n\nIt is.") == "I look.\n\nIt is."


def test_a_table_that_is_longer_than_the_screen_is_held_back_until_it_is_whole():
    stage = Stage(rows=8)
    for rows in range(1, 20):
        shown = stage.show(heal(table(rows)))
    assert "⋯ 16 more lines" in shown
    stage.show(table(20) + "\nAfter.", busy=False)
    stage.terminal.live.end()
    rules = [line for line in stage.terminal.text().split("\n") if line.startswith("─")]
    assert len(rules) == 1
    assert [line.split()[-1] for line in stage.terminal.text().split("\n") if "row" in line] == [
        str(n) for n in range(20)
    ]


def test_tools_that_become_one_line_leave_no_fragment_where_some_have_left_the_screen():
    stage, view = Stage(rows=6), View()
    seen: set[str] = set()

    def happens(event: Event) -> None:
        view.feed(event)
        text = view.read(Place(0, 0))[0]
        stage.show(text)
        seen.update(line.text.rstrip() for line in lines(text, 39))

    for number in range(4):
        happens(ToolStarted(str(number), "calculator" if number < 2 else "fetch", f"asked {number} {'x' * 30}"))
    for number in range(4):
        happens(ToolFinished(str(number), seconds=1.0))
    happens(TextDelta("The end."))
    shown = stage.terminal.text()
    assert set(shown.splitlines()) <= seen
    assert shown.endswith("✅ 4 tools: calculator ×2, fetch ×2\n(4.0 s)\n\nThe end.")


def test_a_tool_whose_line_has_left_the_screen_keeps_its_first_state_and_says_nothing_below():
    stage, view = Stage(rows=4), View()
    view.feed(ToolStarted("1", "fetch", "the first page"))
    for text in ("", "One.\n\nTwo.\n\nThree."):
        view.feed(TextDelta(text))
        stage.show(view.read(Place(0, 0))[0])
    view.feed(ToolFinished("1", seconds=1.0))
    stage.show(view.read(Place(0, 0))[0], busy=False)
    assert stage.terminal.text() == "⏳ fetch the first page …\n\nOne.\n\nTwo.\n\nThree."


def test_a_question_stands_below_the_answer_until_it_is_answered():
    stage = Stage()
    stage.show("I look.")
    stage.surface.ask("Run it? y or n")
    assert stage.terminal.text() == "I look.\n\nRun it? y or n"
    stage.surface.ask("")
    assert stage.terminal.text() == "I look."


def test_a_question_that_ends_after_its_turn_draws_nothing():
    stage = Stage()
    stage.surface.ask("Run it? y or n")
    stage.show("I look.", busy=False)
    stage.surface.leave()
    stage.surface.ask("")
    assert stage.terminal.text() == "I look."


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 30), rows=st.integers(5, 30), columns=st.integers(24, 60), step=st.integers(1, 30))
def test_however_a_table_grows_each_of_its_rows_stands_there_once(count: int, rows: int, columns: int, step: int):
    stage = Stage(columns, rows)
    source = f"{table(count)}\nAfter it more words."
    for end in range(1, len(source), step):
        stage.show(heal(source[:end]))
    stage.show(source, busy=False)
    seen = stage.terminal.text()
    assert [word for word in seen.split() if word.isdigit()] == [str(number) for number in range(count)]
    assert seen.endswith("more words.")
