import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, ReasoningDelta, TextDelta
from telex.providers.base import Emit, Reply, Request
from telex.providers.chain import Chain, Link, OnDrop
from telex.providers.scripted import Piece, Scripted
from telex.testing.virtual_time import run

QUESTION = Request([{"role": "user", "content": "Count!"}])
DOWN = Piece(1, "It is down.", "error")
CUT = Piece(1, "It was cut.", "drop")


class Model:
    """Plays one script after the other, and keeps what it was asked."""

    def __init__(self, name: str, *scripts: Sequence[Piece]) -> None:
        self.name = name
        self.asked: list[Request] = []
        self.closed = False
        self._scripts = list(scripts)

    async def stream(self, request: Request, emit: Emit) -> Reply:
        self.asked.append(request)
        return await Scripted(self._scripts.pop(0)).stream(request, emit)

    async def close(self) -> None:
        self.closed = True


def words(*texts: str) -> list[Piece]:
    return [Piece(1, text) for text in texts]


def answer(*models: Any, on_drop: OnDrop = "end") -> tuple[list[Event], Reply | ProviderError]:
    events: list[Event] = []
    try:
        return events, run(Chain([Link(model, on_drop) for model in models]).stream(QUESTION, events.append))
    except ProviderError as error:
        return events, error


def text(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_the_next_model_is_asked_where_one_fails_before_its_first_word() -> None:
    one, two, three = Model("a", [DOWN]), Model("b", [Piece(0, "hm", "reasoning"), CUT]), Model("c", words("Yes."))
    events, reply = answer(one, two, three)
    assert events == [ReasoningDelta("hm"), TextDelta("Yes.")]
    assert isinstance(reply, Reply)
    assert reply.text == "Yes."
    assert [len(model.asked) for model in (one, two, three)] == [1, 1, 1]
    assert three.asked == [QUESTION]


@pytest.mark.parametrize(
    "first",
    [
        [*words(" ", "\n"), CUT],
        [Piece(0, "hm", "reasoning"), *words("\n"), DOWN],
        [],
        words("\n"),
        [Piece(0, "hm", "reasoning")],
    ],
    ids=["blanks and a drop", "thoughts, blanks and an error", "nothing", "a line end", "thoughts"],
)
def test_blanks_are_no_word_and_a_model_that_ends_without_one_has_failed(first: list[Piece]) -> None:
    events, reply = answer(Model("a", first), Model("b", words("Yes.")))
    assert text(events) == "Yes."
    assert isinstance(reply, Reply)
    assert reply.text == "Yes."


def test_blanks_before_the_first_word_are_kept() -> None:
    events, reply = answer(Model("a", words("\n", " ", "Yes", "\n")), Model("b"))
    assert isinstance(reply, Reply)
    assert text(events) == reply.text == "\n Yes\n"


def test_blanks_that_a_model_adds_before_it_breaks_off_again_are_not_shown() -> None:
    one, two = Model("a", [*words("One."), CUT], [*words("\n\n"), CUT]), Model("b", words(" Two."))
    events, reply = answer(one, two, on_drop="continue")
    assert isinstance(reply, Reply)
    assert text(events) == reply.text == "One. Two."
    assert two.asked[0].messages[1]["content"] == "One."


def test_the_last_model_may_end_without_a_word_and_is_named_where_another_fails_after_it() -> None:
    _, reply = answer(Model("a", []), Model("b", []))
    assert reply == Reply("")
    _, error = answer(Model("a", []), Model("b", [DOWN]))
    assert str(error) == "None of the models answered. a: The model ended without an answer. b: It is down."


def test_after_a_tools_result_there_may_be_nothing_left_to_say() -> None:
    one, two = Model("a", []), Model("b")
    asked = Request([*QUESTION.messages, {"role": "tool", "tool_call_id": "1", "content": "done"}])
    run(Chain([Link(one), Link(two)]).stream(asked, print))
    assert two.asked == []


def test_the_thoughts_of_the_next_model_stand_apart() -> None:
    one = Model("a", [Piece(0, "hm", "reasoning"), Piece(0, "m", "reasoning"), CUT])
    events, _ = answer(one, Model("b", [Piece(0, "ah", "reasoning"), Piece(0, "a", "reasoning"), *words("Yes.")]))
    assert "".join(event.text for event in events if isinstance(event, ReasoningDelta)) == "hmm\n\naha"


def test_a_model_that_answers_leaves_the_next_alone() -> None:
    one, two = Model("a", words("Yes.")), Model("b")
    answer(one, two)
    assert two.asked == []


def test_where_all_fail_each_is_named_with_its_reason() -> None:
    events, error = answer(Model("a", [DOWN]), Model("b", [CUT]))
    assert events == []
    assert str(error) == "None of the models answered. a: It is down. b: It was cut."


def test_the_failure_of_a_model_alone_is_its_own() -> None:
    _, error = answer(Model("a", [CUT]), on_drop="continue")
    assert isinstance(error, ProviderDropped)
    assert str(error) == "It was cut."


def test_after_words_were_shown_nobody_else_is_asked_by_default() -> None:
    one, two = Model("a", [*words("One, "), CUT]), Model("b", words("two."))
    events, error = answer(one, two)
    assert (text(events), str(error), two.asked) == ("One, ", "It was cut.", [])


@pytest.mark.parametrize("end", [CUT, DOWN], ids=["a drop", "an error"])
@pytest.mark.parametrize("second", [["two."], ["ne", ", two."], ["One", ", two."]])
def test_an_answer_that_breaks_off_is_gone_on_with_and_nothing_is_shown_twice(end: Piece, second: list[str]) -> None:
    shown = "One, " if second == ["two."] else "O" if second[0] == "ne" else "One"
    model = Model("a", [*words(shown), end], words(*second))
    events, reply = answer(model, on_drop="continue")
    assert text(events) == "One, two."
    assert isinstance(reply, Reply)
    assert reply.text == "One, two."
    question, said, wish = model.asked[1].messages
    assert question == QUESTION.messages[0]
    assert said == {"role": "assistant", "content": shown}
    assert wish["role"] == "user"
    assert "Go on exactly where it stops" in wish["content"]


def test_what_a_model_wants_to_see_again_is_kept_where_it_went_on() -> None:
    class Thinker(Model):
        async def stream(self, request: Request, emit: Emit) -> Reply:
            return replace(await super().stream(request, emit), state={"signed": self.name})

    _, reply = answer(Thinker("a", [*words("One, "), CUT], words("two.")), on_drop="continue")
    assert isinstance(reply, Reply)
    assert (reply.text, reply.state) == ("One, two.", {"signed": "a"})


def test_where_a_model_cannot_go_on_the_next_one_does() -> None:
    one, two = Model("a", [*words("One, "), CUT], [DOWN]), Model("b", words("two."))
    events, _ = answer(one, two, on_drop="continue")
    assert text(events) == "One, two."
    assert two.asked[0].messages[1]["content"] == "One, "


def test_an_answer_may_break_off_several_times_but_not_for_ever() -> None:
    model = Model("a", *([*words(f"{number}; "), CUT] for number in range(10)))
    events, error = answer(model, on_drop="continue")
    assert text(events) == "0; 1; 2; 3; "
    assert str(error) == "It was cut."


def test_words_that_are_held_at_a_second_break_are_not_lost() -> None:
    model = Model("a", [*words("One, two, "), CUT], [*words("two"), CUT], words("three."))
    events, _ = answer(model, on_drop="continue")
    assert text(events).endswith("three.")


def test_nothing_of_an_abandoned_attempt_can_reach_the_listener() -> None:
    kept: list[Callable[[Event], None]] = []

    class Rogue(Model):
        async def stream(self, request: Request, emit: Emit) -> Reply:
            kept.append(emit)
            raise ProviderError("It is down.")

    class Late(Model):
        async def stream(self, request: Request, emit: Emit) -> Reply:
            kept[0](TextDelta("late"))
            emit(TextDelta("Yes."))
            kept[0](TextDelta("late"))
            return Reply("Yes.")

    events, _ = answer(Rogue("a"), Late("b"))
    kept[0](ReasoningDelta("late"))
    assert events == [TextDelta("Yes.")]


def test_an_interrupt_is_no_reason_to_ask_the_next() -> None:
    two = Model("b")

    async def main() -> None:
        task = asyncio.create_task(Chain([Link(Model("a", words("One"))), Link(two)]).stream(QUESTION, print))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert two.asked == []


def test_a_chain_closes_all_its_models() -> None:
    models = [Model("a"), Model("b")]
    run(Chain([Link(model) for model in models]).close())
    assert all(model.closed for model in models)


def test_a_chain_takes_tools_where_one_of_its_models_does() -> None:
    class Simple(Model):
        takes_tools = False

    assert Chain([Link(Simple("a")), Link(Model("b"))]).takes_tools
    assert not Chain([Link(Simple("a"))]).takes_tools
