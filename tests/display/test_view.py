import pytest

from telex.display.screen import Reasoning
from telex.display.styled_prepare import COLLAPSED, THINKING
from telex.display.view import NOTHING_SAID, Place, View
from telex.display.view_thoughts import LAST_THOUGHTS, MOST_KEPT
from telex.display.view_tools import none_runs
from telex.display.view_words import plain
from telex.events import (
    End,
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
from telex.surfaces.telegram.dialect import render


def view(*events: Event) -> View:
    made = View()
    for event in events:
        made.feed(event)
    return made


def shown(*events: Event) -> str:
    return view(*events).read(Place(0, 0))[0]


def test_deltas_are_joined_as_they_come():
    assert shown(TextDelta("Hel"), TextDelta("lo "), TextDelta("you")) == "Hello you"


def test_a_segment_break_begins_a_new_paragraph():
    assert shown(TextDelta("One."), SegmentEnded(), TextDelta("Two.")) == "One.\n\nTwo."


def test_a_break_adds_no_more_blank_lines_than_are_missing():
    assert shown(TextDelta("One.\n"), SegmentEnded(), TextDelta("Two.")) == "One.\n\nTwo."
    assert shown(TextDelta("One.\n\n"), SegmentEnded(), TextDelta("Two.")) == "One.\n\nTwo."


def test_breaks_without_words_between_them_count_once():
    assert shown(SegmentEnded(), TextDelta("One."), SegmentEnded(), SegmentEnded(), TextDelta("Two.")) == "One.\n\nTwo."


def test_reasoning_is_no_part_of_the_answer():
    made = view(ReasoningDelta("hm"), TextDelta("Yes."))
    assert (made.read(Place(0, 0))[0], made.letters) == ("Yes.", 4)


def thinking(reasoning: Reasoning, *events: Event) -> str:
    made = View(reasoning)
    for event in events:
        made.feed(event)
    return "\n\n".join(filter(None, (made.read(Place(0, 0))[0], made.thinking)))


@pytest.mark.parametrize("reasoning", ["live", "keep"])
def test_the_last_words_of_the_reasoning_are_shown_while_the_model_thinks(reasoning):
    assert thinking(reasoning, ReasoningDelta("hm * 2")) == f"> {THINKING}💭 hm \\* 2"
    long = thinking(
        reasoning, TextDelta("So:"), ReasoningDelta("first " + "on and on " * 60), ReasoningDelta("and last " * 9)
    )
    assert long.startswith(f"So:\n\n> {THINKING}💭 …")
    assert long.endswith("and last")
    assert len(long) <= LAST_THOUGHTS + 20


def test_a_live_thought_leaves_the_answer_as_if_it_had_never_been():
    assert thinking("live", ReasoningDelta("hm"), TextDelta("Yes.")) == "Yes."
    assert thinking("live", TextDelta("Hel"), ReasoningDelta("hm"), TextDelta("lo")) == "Hello"
    assert thinking("live", ReasoningDelta("hm"), TurnEnded(End.FINISHED)) == f"⚠️ {plain(NOTHING_SAID)}"


def test_a_kept_thought_is_a_folded_quote_before_the_words_it_led_to():
    kept = thinking("keep", ReasoningDelta("h"), ReasoningDelta("m"), TextDelta("Yes."))
    assert kept == f"> {COLLAPSED}💭 hm\n\nYes."
    rendered = render(kept)
    assert rendered.text == "💭 hm\n\nYes."
    assert [entity["type"] for entity in rendered.entities] == ["expandable_blockquote"]
    assert len(thinking("keep", ReasoningDelta("on and " * 1_000), TextDelta("Yes."))) < MOST_KEPT + 30


def test_what_a_thought_stood_between_is_parted_as_if_it_had_never_been():
    hm, tool = ReasoningDelta("hm"), used(1)
    assert thinking("live", *tool, hm, TextDelta("# Two")) == thinking("off", *tool, hm, TextDelta("# Two"))
    assert thinking("live", Notice("n"), hm, TextDelta("Two.")) == "⚠️ n\n\nTwo."
    assert thinking("live", TextDelta("One."), SegmentEnded(), hm, TextDelta("Two.")) == "One.\n\nTwo."
    assert thinking("live", TextDelta("One."), hm, SegmentEnded(), TextDelta("Two.")) == "One.\n\nTwo."


@pytest.mark.parametrize(
    ("pieces", "kept"),
    [
        (("One.\n\n", "Two."), "One.\n\n> QUOTE\n\nTwo."),
        (("It is ", "42, of ", "course.\n\nNext."), "It is 42, of course.\n\n> QUOTE\n\nNext."),
        (("- a\n", "- b\n", "\nNext."), "- a\n- b\n\n> QUOTE\n\nNext."),
        (("| a |\n| - |\n", "| b |\n\n", "Next."), "| a |\n| - |\n| b |\n\n> QUOTE\n\nNext."),
        (("```\nx\n\n", "y\n\nz\n```", "\nNext."), "```\nx\n\ny\n\nz\n```\n\n> QUOTE\n\nNext."),
        (("- ```\n  x\n\n", "  y\n  ```\n", "Next."), "- ```\n  x\n\n  y\n  ```\n\n> QUOTE\n\nNext."),
        (("It is ", "42."), "It is 42.\n\n> QUOTE"),
        (("```\nx", "\ny"), "```\nx\ny\n```\n\n> QUOTE"),
        (("- ```\n  x", "\n  y"), "- ```\n  x\n  y\n  ```\n\n> QUOTE"),
    ],
    ids=["between", "sentence", "list", "table", "code", "code in a list", "last words", "open code", "open in a list"],
)
def test_a_kept_thought_parts_no_sentence_and_no_code(pieces: tuple[str, ...], kept: str):
    first, *rest = map(TextDelta, pieces)
    text = thinking("keep", first, ReasoningDelta("hm"), *rest, TurnEnded())
    assert text == kept.replace("QUOTE", f"{COLLAPSED}💭 hm")
    assert render(text).entities[-1]["type"] == "expandable_blockquote"


@pytest.mark.parametrize("event", [ToolStarted("1", "a"), Notice("n"), SegmentEnded()])
def test_a_kept_thought_stands_before_what_ended_the_sentence_it_came_in(event: Event):
    text = thinking("keep", TextDelta("So"), ReasoningDelta("hm"), event, TextDelta("Two."))
    assert text.startswith(f"So\n\n> {COLLAPSED}💭 hm\n\n")
    assert text.endswith("\n\nTwo.")


def test_a_kept_thought_behind_blanks_is_shown_once():
    assert thinking("keep", TextDelta(" "), ReasoningDelta("hm"), TurnEnded()).count("hm") == 1


def test_thoughts_are_no_part_of_what_is_read():
    made = View("live")
    for event in (TextDelta("So:"), ReasoningDelta("hm")):
        made.feed(event)
    assert (made.read(Place(0, 0))[0], made.thinking) == ("So:", f"> {THINKING}💭 hm")


def test_thoughts_are_news_every_few_words_only():
    made = View("live")
    news: list[int] = []
    for _ in range(100):
        made.feed(ReasoningDelta(f"{len(news):03} "))
        news.append(made.changes)
    assert news[0] == 1
    assert news[-1] == 10


def used(number: int, *, ok: bool = True) -> list[Event]:
    return [ToolStarted(str(number), "search", f"thing {number}"), ToolFinished(str(number), ok=ok, seconds=0.5)]


def test_up_to_three_tools_in_a_row_have_a_line_each():
    assert shown(*used(1), *used(2), *used(3)).count("✅") == 3


def test_many_tools_in_a_row_are_one_line_but_for_one_that_runs():
    events = [event for number in range(4) for event in used(number)]
    assert shown(TextDelta("Look:"), *events) == "Look:\n\n✅ 4 tools: `search` ×4 (2.0 s)"
    text = shown(*events, ToolStarted("x", "fetch", "page"))
    assert text.split("\n\n") == ["✅ 4 tools: `search` ×4 (2.0 s)", "⏳ `fetch` page …"]


def test_tools_that_failed_are_counted_in_the_line_of_many():
    failed = [event for number in range(4) for event in used(number, ok=False)]
    assert shown(*failed) == "❌ 4 tools: `search` ×4 (2.0 s)"
    assert shown(*used(7), *failed) == "✅ 1 tool, ❌ 4: `search` ×5 (2.5 s)"


def test_many_tools_that_run_at_once_are_one_line_until_all_are_done():
    names = ["search"] * 3 + ["fetch"]
    started = [ToolStarted(str(number), name, "thing") for number, name in enumerate(names)]
    over = [ToolFinished("0", seconds=1.0), ToolFinished("1"), ToolFinished("2", ok=False)]
    assert shown(*started) == "⏳ 4 tools: `search` ×3, `fetch` …"
    assert shown(*started, *over) == "⏳ 4 tools: `search` ×3, `fetch` … (2 done, 1 failed)"
    assert shown(*started, *over, ToolFinished("3")) == "✅ 3 tools, ❌ 1: `search` ×3, `fetch` (1.0 s)"
    assert shown(*started, *over, TurnEnded()) == "✅ 2 tools, ❌ 1, ⏹ 1: `search` ×3, `fetch` (1.0 s)"


@pytest.mark.parametrize(
    ("left", "mended"),
    [
        ("Look:\n\n⏳ `search` cats · 2 s left …\n\nSo", "Look:\n\n⏹ `search` cats\n\nSo"),
        ("⏳ `search` a · b · waits for your yes …", "⏹ `search` a · b"),
        ("⏳ `search` …\n\n⏳ `fetch` page …", "⏹ `search`\n\n⏹ `fetch` page"),
        ("⏳ 4 tools: `search` ×3, `fetch` … (2 done, 1 failed)", "⏹ 4 tools: `search` ×3, `fetch`"),
        ("✅ `search` cats (1.0 s)\n\n⏳ is an hourglass …?", "✅ `search` cats (1.0 s)\n\n⏳ is an hourglass …?"),
    ],
)
def test_where_a_page_was_left_no_tool_runs_any_more(left: str, mended: str):
    assert none_runs(left) == mended


def test_up_to_three_tools_that_run_at_once_say_what_they_do():
    started = [ToolStarted(str(number), "search", f"thing {number}") for number in range(3)]
    text = shown(*started, ToolProgress("1", "half"))
    assert text.split("\n\n") == ["⏳ `search` thing 0 …", "⏳ `search` thing 1 · half …", "⏳ `search` thing 2 …"]


def test_rounds_of_tools_with_thoughts_between_them_are_a_row_where_the_thoughts_are_not_kept():
    events = [event for number in range(4) for event in (ReasoningDelta("hm"), *used(number), SegmentEnded())]
    assert thinking("live", *events, TextDelta("So.")) == "✅ 4 tools: `search` ×4 (2.0 s)\n\nSo."
    assert thinking("keep", *events, TextDelta("So.")).count("✅ `search`") == 4


def test_words_between_tools_keep_their_place():
    events = [event for number in range(4) for event in used(number)]
    text = shown(*used(7), TextDelta("Then:"), *events, TextDelta("Done."), *used(8))
    assert text.split("\n\n") == [
        "✅ `search` thing 7 (0.5 s)",
        "Then:",
        "✅ 4 tools: `search` ×4 (2.0 s)",
        "Done.",
        "✅ `search` thing 8 (0.5 s)",
    ]


def test_a_tool_stands_in_a_line_of_its_own_where_it_was_started():
    text = shown(TextDelta("Let me look."), ToolStarted("1", "search", "cats"), TextDelta("Found."))
    assert text == "Let me look.\n\n⏳ `search` cats …\n\nFound."


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (ToolProgress("1", "half"), "⏳ `search` cats · half …"),
        (ToolFinished("1"), "✅ `search` cats"),
        (ToolFinished("1", seconds=1.25), "✅ `search` cats (1.2 s)"),
        (ToolFinished("1", ok=False), "❌ `search` cats"),
        (TurnEnded(), "⏹ `search` cats"),
    ],
)
def test_a_tools_line_says_how_it_goes(event, line):
    assert shown(ToolStarted("1", "search", "cats"), event) == line


def test_tools_that_run_side_by_side_keep_their_lines():
    text = shown(ToolStarted("1", "a"), ToolStarted("2", "b"), ToolFinished("1"), ToolFinished("2", ok=False))
    assert text == "✅ `a`\n\n❌ `b`"


def test_what_a_tool_nobody_announced_says_is_passed_over():
    assert shown(TextDelta("x"), ToolProgress("9", "half"), ToolFinished("9")) == "x"


def test_a_tools_name_and_words_cannot_break_the_markdown():
    assert shown(ToolStarted("1", "a`b", "**x** [y](z)")) == r"⏳ `` a`b `` \*\*x\*\* &#91;y&#93;&#40;z&#41; …"


def test_every_change_of_a_tools_line_counts_as_news_and_its_repetition_does_not():
    made = view(ToolStarted("1", "a"), ToolProgress("1", "x"), ToolProgress("1", "x"), ToolFinished("1"))
    assert made.changes == 3


def test_a_notice_is_a_marked_line_without_markup():
    assert shown(TextDelta("Hi"), Notice("a *b*")) == r"Hi" + "\n\n" + r"⚠️ a \*b\*"


OPEN = {
    "code": ("```py\nx = 1", "```py\nx = 1\n```"),
    "code up to a line's end": ("~~~\nx = 1\n\n", "~~~\nx = 1\n\n~~~"),
    "code in a list": ("- a\n\n  ```\n  x", "- a\n\n  ```\n  x\n  ```"),
    "code in a quote": ("> ```\n> x", "> ```\n> x\n> ```"),
    "a comment": ("Text <!-- hid", "Text <!-- hid-->"),
    "a comment on its own lines": ("<!-- hid\n\nmore", "<!-- hid\n\nmore\n-->"),
    "a summary": ("<details>\n<summary>S</summary>\n\nText", "<details>\n<summary>S</summary>\n\nText\n\n</details>"),
    "raw HTML": ("<pre>\nx", "<pre>\nx\n</pre>"),
}


@pytest.mark.parametrize(("text", "closed"), OPEN.values(), ids=OPEN)
@pytest.mark.parametrize(
    "event", [Notice("n"), ToolStarted("1", "n"), TurnEnded(End.FAILED, "n"), TurnEnded(End.FINISHED, "n")]
)
def test_a_line_of_telexs_own_stands_outside_of_what_is_open(event: Event, text: str, closed: str):
    before, line = shown(TextDelta(text), event).rsplit("\n\n", 1)
    assert before == closed
    assert line[0] in "⚠⏳⏹"
    for prefix in ("", "Words before.\n\n"):
        whole = prefix + shown(TextDelta(text), event)
        found = render(whole)
        covered = [e for e in found.entities if e["offset"] + e["length"] > len(found.text) - len(line.split()[0])]
        assert not [e for e in covered if e["type"] in {"pre", "blockquote"}]
        assert found.text.splitlines()[-1][0] == line[0]


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("It is **bold", "It is **bold**"),
        ("$$\na = b", "$$\na = b$$"),
        ("> a `b", "> a `b`"),
        ("| a |\n|---|\n| **b", "| a |\n|---|\n| **b**"),
        ("| a | b |", "| a | b |\n|---|---|"),
    ],
)
def test_marks_that_a_notice_broke_off_are_closed_before_it(text: str, closed: str):
    assert shown(TextDelta(text), Notice("n")) == f"{closed}\n\n⚠️ n"
    assert shown(TextDelta(text), TurnEnded(End.FAILED, "n")) == f"{closed}\n\n⚠️ n"


def test_marks_that_nothing_broke_off_are_left_as_they_are():
    assert shown(TextDelta("See *.py and **x"), TurnEnded(End.FINISHED, "n")) == "See *.py and **x\n\n⚠️ n"
    assert shown(TextDelta("See **x"), SegmentEnded(), TextDelta("y")) == "See **x\n\ny"


def test_code_goes_on_as_code_behind_a_notice():
    text = shown(TextDelta("```py\nx = 1\ny"), Notice("n"), Notice("m"), TextDelta(" = 2\n```\nEnd."))
    assert text == "```py\nx = 1\ny\n```\n\n⚠️ n\n\n⚠️ m\n\n```py\n = 2\n```\nEnd."


def test_what_is_said_behind_a_tool_is_no_more_of_the_code_before_it():
    said = shown(TextDelta("```py\nx"), SegmentEnded(), ToolStarted("1", "a"), ToolFinished("1"), TextDelta("Done."))
    assert said == "```py\nx\n```\n\n✅ `a`\n\nDone."
    assert shown(TextDelta("```py\nx"), SegmentEnded(), TextDelta("Done.")) == "```py\nx\n```\n\nDone."


def test_an_empty_notice_is_nothing():
    made = view(Notice("  "))
    assert (made.read(Place(0, 0))[0], made.changes) == ("", 0)


def test_the_message_of_a_failed_turn_is_shown_below_what_came():
    assert shown(TextDelta("Half"), TurnEnded(End.FAILED, "No answer")) == "Half\n\n⚠️ No answer"


@pytest.mark.parametrize("reasoning", ["off", "live", "keep"])
def test_the_message_of_a_failed_turn_stands_behind_the_code_that_it_cut_off(reasoning: Reasoning):
    failed = TurnEnded(End.FAILED, "No answer")
    assert thinking(reasoning, TextDelta("```\nx"), failed) == "```\nx\n```\n\n⚠️ No answer"
    assert thinking(reasoning, TextDelta("- ```\n  x"), failed) == "- ```\n  x\n  ```\n\n⚠️ No answer"


@pytest.mark.parametrize(
    ("end", "said"), [(End.FINISHED, "without a word"), (End.INTERRUPTED, "Stopped before the first word")]
)
def test_a_turn_without_a_word_says_so(end, said):
    assert said in shown(TurnEnded(end))
    assert said in shown(TextDelta(" \n"), TurnEnded(end))


def test_only_the_first_end_counts():
    made = view(TurnEnded(End.FAILED, "a"), TurnEnded(End.FINISHED))
    assert made.ended == TurnEnded(End.FAILED, "a")


def test_letters_counts_the_answers_own_text_only():
    assert view(TextDelta("abc"), ToolStarted("1", "a"), Notice("n"), TextDelta("de")).letters == 5


def test_a_place_found_in_what_was_read_leads_back_to_it():
    made = view(TextDelta("Hello"), ToolStarted("1", "a"), TextDelta("world"))
    text, begins = made.read(Place(0, 0))
    for index in (0, 3, text.index("world") + 2):
        place = made.place(begins, index)
        assert made.index(begins, place) == index
        assert made.read(place)[0] == text[index:]


def test_letters_before_a_place_leaves_out_tool_lines():
    made = view(TextDelta("Hello"), ToolStarted("1", "a"), TextDelta("world"))
    assert [made.letters_before(place) for place in (Place(0, 2), Place(1, 3), Place(2, 1))] == [2, 5, 6]


def test_an_index_inside_a_tool_line_is_moved_before_it():
    made = view(TextDelta("Hello"), ToolStarted("1", "a"), TextDelta("world"))
    text, begins = made.read(Place(0, 0))
    line = text.index("⏳")
    assert made.whole(begins, line + 3) == line
    assert made.whole(begins, 2) == 2


def test_the_end_of_the_answer_is_behind_its_last_text_not_behind_a_tool():
    assert view(TextDelta("abc"), ToolStarted("1", "a")).end == Place(0, 3)
