import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from telex.agent.agent import AIAgent
from telex.agent.history import CANCELLED
from telex.agent.tool_runs import ToolRequest
from telex.agent.tool_schema import Progress
from telex.agent.tools import tool
from telex.errors import PlatformError, ProviderDropped
from telex.events import (
    End,
    Event,
    Notice,
    SegmentEnded,
    TextDelta,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    TurnEnded,
)
from telex.providers.base import Emit, Reply, Request, Usage
from telex.providers.scripted import Piece, Scripted
from telex.testing.virtual_time import run

BEFORE, AFTER = Piece(0, "Let me look. "), Piece(0, "It is done.")


def call(name: str, arguments: str = "{}") -> Piece:
    return Piece(0, arguments, "call", name)


class Recorder:
    """A scripted provider that keeps what it was asked."""

    name = "recorder"

    def __init__(self, *pieces: Piece) -> None:
        self._scripted = Scripted(pieces)
        self.asked: list[Request] = []

    async def stream(self, request: Request, emit: Emit) -> Reply:
        self.asked.append(request)
        return await self._scripted.stream(request, emit)

    async def close(self) -> None:
        pass


@tool
async def wait(seconds: float = 1) -> str:
    await asyncio.sleep(seconds)
    return f"waited {seconds:g}"


def turn(pieces: Sequence[Piece], **settings: Any) -> tuple[list[Event], Recorder, AIAgent]:
    """Ask once; the events, what the model was asked, and the agent."""
    events: list[Event] = []
    recorder = Recorder(*pieces)
    agent = AIAgent(recorder, **settings)
    run(agent.run_turn("Go!", events.append))
    return events, recorder, agent


def results(request: Request) -> list[str]:
    return [message["content"] for message in request.messages if message["role"] == "tool"]


def test_text_tools_and_text_come_in_order_and_the_tools_line_has_its_seconds() -> None:
    events, recorder, _ = turn([BEFORE, call("wait"), AFTER], tools=[wait])
    started = events[2]
    assert isinstance(started, ToolStarted)
    assert events == [
        TextDelta("Let me look. "),
        SegmentEnded(),
        ToolStarted(started.call, "wait", ""),
        ToolFinished(started.call, True, 1.0),
        TextDelta("It is done."),
        TurnEnded(),
    ]
    assert results(recorder.asked[1]) == ["waited 1"]


def test_the_history_holds_calls_and_results_and_the_model_sees_them_again() -> None:
    _, recorder, agent = turn([BEFORE, call("wait"), AFTER], tools=[wait])
    assert [message["role"] for message in agent.history] == ["user", "assistant", "tool", "assistant"]
    assert agent.history[1]["content"] == "Let me look. "
    assert agent.history[3]["content"] == "It is done."
    run(agent.run_turn("And now?"))
    assert list(recorder.asked[2].messages[:4]) == agent.history[:4]


def test_callbacks_hear_the_break_before_the_tool_runs_and_the_whole_answer_is_returned() -> None:
    heard: list[Any] = []

    async def look() -> None:
        heard.append("tool")

    with AIAgent(Scripted([BEFORE, call("look"), AFTER]), tools=[look], stream_delta_callback=heard.append) as agent:
        assert agent.run_conversation("Go!") == "Let me look. \n\nIt is done."
    assert [said for said in heard if said != "tool"] == ["Let me look. ", None, "It is done."]
    assert "tool" in heard


def test_calls_of_one_answer_run_side_by_side_and_their_results_keep_the_order_of_the_calls() -> None:
    events, recorder, _ = turn([call("wait", '{"seconds": 3}'), call("wait", '{"seconds": 2}'), AFTER], tools=[wait])
    assert [event.seconds for event in events if isinstance(event, ToolFinished)] == [2.0, 3.0]
    assert results(recorder.asked[1]) == ["waited 3", "waited 2"]


def test_a_tool_that_takes_too_long_is_stopped_and_the_model_told() -> None:
    events, recorder, _ = turn([call("wait", '{"seconds": 9}'), AFTER], tools=[wait], tool_timeout=5)
    assert [(event.ok, event.seconds) for event in events if isinstance(event, ToolFinished)] == [(False, 5.0)]
    assert "longer than 5 s" in results(recorder.asked[1])[0]


def test_what_a_tool_raises_goes_to_the_model_without_what_looks_like_a_secret() -> None:
    async def fail() -> None:
        raise LookupError("https://me:hush@host said no to sk-0123456789abcdef")

    _, recorder, _ = turn([call("fail"), AFTER], tools=[fail])
    assert results(recorder.asked[1]) == ["Error: LookupError: https://***@host said no to ***"]


async def _quits() -> None:
    sys.exit(3)


async def _quits_at_last() -> AsyncIterator[str]:
    yield "a"
    sys.exit(3)


async def _fails_in_a_group() -> None:
    async with asyncio.TaskGroup():
        raise LookupError("gone")


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (_quits, "Error: RuntimeError: it tried to end the program"),
        (_quits_at_last, "Error: RuntimeError: it tried to end the program"),
        (_fails_in_a_group, "Error: LookupError: gone"),
    ],
)
def test_a_tool_that_would_end_the_program_or_fails_within_a_group_has_failed(function: Any, told: str) -> None:
    events, recorder, _ = turn([call("act"), AFTER], tools=[tool(name="act")(function)])
    assert results(recorder.asked[1]) == [told]
    assert events[-1] == TurnEnded()


@pytest.mark.parametrize(
    ("piece", "told"),
    [
        (call("wait", '{"seconds": "long"}'), "Expected `float`, got `str` - at `$.seconds`"),
        (call("wait", '{"speed": 1}'), "unknown field `speed`"),
        (call("wait", '{"seconds": 1'), "not a JSON object"),
        (call("walk"), "no tool named 'walk'. There are: wait"),
    ],
)
def test_a_call_that_cannot_be_run_goes_back_to_the_model_as_an_error(piece: Piece, told: str) -> None:
    events, recorder, _ = turn([piece, AFTER], tools=[wait])
    assert told in results(recorder.asked[1])[0]
    assert [event.ok for event in events if isinstance(event, ToolFinished)] == [False]
    assert events[-1] == TurnEnded()


def test_half_a_character_in_a_question_or_from_a_tool_harms_no_answer() -> None:
    @tool
    def read(progress: Progress) -> str:
        progress("r\udcffd")
        return "b\udcffd"

    events: list[Event] = []
    recorder = Recorder(call("read"), AFTER)
    agent = AIAgent(recorder, tools=[read])
    asyncio.run(agent.run_turn("Wh\ud83dt?", events.append))
    json.dumps(agent.history, ensure_ascii=False).encode()
    assert recorder.asked[-1].messages[0]["content"] == "Wh\ufffdt?"
    assert results(recorder.asked[-1]) == ["b\ufffdd"]
    assert [event.text for event in events if isinstance(event, ToolProgress)] == ["r\ufffdd"]


def test_a_long_result_is_cut_with_a_notice() -> None:
    async def shout() -> str:
        return "a" * 30

    _, recorder, _ = turn([call("shout"), AFTER], tools=[shout], max_output=10)
    assert results(recorder.asked[1]) == ["a" * 10 + "\n[Cut here: these are 10 of 30 characters.]"]


def test_after_the_last_step_the_model_may_not_call_and_answers() -> None:
    again = [piece for _ in range(3) for piece in (Piece(0, ""), call("wait"))]
    events, recorder, _ = turn([*again[:4], AFTER], tools=[wait], max_steps=2)
    assert [request.may_call for request in recorder.asked] == [True, True, False]
    assert [type(event) for event in events if isinstance(event, Notice | TurnEnded)] == [Notice, TurnEnded]
    assert events[-2:] == [TextDelta("It is done."), TurnEnded()]
    events, recorder, _ = turn(again, tools=[wait], max_steps=2)
    assert len(recorder.asked) == 3
    assert isinstance(events[-1], TurnEnded)
    assert events[-1].end is End.FAILED


def test_a_tool_says_how_far_it_is_and_nothing_after_it_was_left() -> None:
    heard: list[Any] = []

    async def stubborn(progress: Progress) -> None:
        progress("half")
        try:
            await asyncio.sleep(9)
        finally:
            heard.append("left")
            progress("too late")

    events, _, _ = turn([call("stubborn"), Piece(5, "Done.")], tools=[stubborn], tool_timeout=1)
    assert [event.text for event in events if isinstance(event, ToolProgress)] == ["half"]
    assert heard == ["left"]


def test_an_interrupt_cancels_a_running_tool_at_once_and_each_call_gets_a_result() -> None:
    events: list[Event] = []
    cancelled: list[bool] = []

    @tool
    async def stubborn() -> None:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            cancelled.append(True)
            await asyncio.sleep(50)  # tidies up for long

    async def main() -> None:
        recorder = Recorder(call("wait"), call("stubborn"), AFTER)
        agent = AIAgent(recorder, tools=[wait, stubborn])
        loop = asyncio.get_running_loop()
        loop.call_later(2, agent.interrupt)
        result = await agent.run_turn("Go!", events.append)
        assert (result.end, loop.time()) == (End.INTERRUPTED, 2.0)
        await asyncio.sleep(0)
        assert cancelled
        await agent.run_turn("And now?")
        assert results(recorder.asked[-2]) == ["waited 1", CANCELLED]

    run(main())
    assert events[-1] == TurnEnded(End.INTERRUPTED)


def test_a_sync_tool_runs_in_a_thread_and_an_interrupt_does_not_wait_for_it() -> None:
    free, entered = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def block() -> str:
        threads.append(threading.current_thread())
        entered.set()
        free.wait(30)
        return "too late"

    async def main() -> None:
        agent = AIAgent(Scripted([call("block"), AFTER]), tools=[block])
        turn = asyncio.create_task(agent.run_turn("Go!"))
        await asyncio.to_thread(entered.wait, 30)
        agent.interrupt()
        assert (await turn).end is End.INTERRUPTED
        assert threads[0] is not threading.current_thread()
        assert not free.is_set()
        free.set()

    asyncio.run(main())


# -- what is offered, and what is shown ------------------------------------------------------------------------------------


def test_the_model_is_told_of_the_tools_and_of_none_where_it_can_call_none() -> None:
    _, recorder, _ = turn([AFTER], tools=[wait])
    assert recorder.asked[0].tools == [wait.offer]

    class Simple(Recorder):
        takes_tools = False

    simple = Simple(AFTER)
    run(AIAgent(simple, tools=[wait]).run_turn("Go!"))
    assert simple.asked[0].tools == []


def test_calls_that_nobody_offered_are_an_error_and_not_an_answer() -> None:
    events, _, _ = turn([call("wait")])
    assert isinstance(events[-1], TurnEnded)
    assert "none was offered" in events[-1].message


def test_an_answer_that_ends_with_a_tool_is_whole_where_words_came_before() -> None:
    events, _, agent = turn([BEFORE, call("wait")], tools=[wait])
    assert events[-1] == TurnEnded()
    assert [message["role"] for message in agent.history] == ["user", "assistant", "tool"]


def test_the_words_of_a_hidden_detour_never_show_and_the_model_still_knows_them() -> None:
    heard: list[Any] = []
    pieces = [Piece(0, "Hm. ", "reasoning"), BEFORE, call("wait"), Piece(0, "It is "), Piece(0, "done.")]
    events, recorder, _ = turn(pieces, tools=[wait], hide_detours=True, stream_delta_callback=heard.append)
    assert heard == ["It is ", "done."]
    assert not any(isinstance(event, SegmentEnded) for event in events)
    assert recorder.asked[1].messages[1]["content"] == "Let me look. "


def test_hidden_words_are_shown_when_the_answer_breaks_off_and_at_once_when_nothing_can_be_called() -> None:
    events, _, _ = turn([BEFORE, Piece(0, "Gone.", "drop")], tools=[wait], hide_detours=True)
    assert events[0] == TextDelta("Let me look. ")
    arrived: list[float] = []

    async def main() -> None:
        agent = AIAgent(Scripted([Piece(1, "a"), Piece(1, "b")]), hide_detours=True)
        loop = asyncio.get_running_loop()
        await agent.run_turn("Go!", lambda event: arrived.append(loop.time()))

    run(main())
    assert arrived == [1.0, 2.0, 2.0]


@pytest.mark.parametrize("calls_begun", [True, False])
def test_hidden_words_stay_hidden_when_the_answer_breaks_off_within_a_call(calls_begun: bool) -> None:
    class Breaks(Recorder):
        async def stream(self, request: Request, emit: Emit) -> Reply:
            emit(TextDelta("Let me look."))
            raise ProviderDropped("Gone.", calls_begun=calls_begun)

    events: list[Event] = []
    result = run(AIAgent(Breaks(), tools=[wait], hide_detours=True).run_turn("Go!", events.append))
    assert result.text == ("" if calls_begun else "Let me look.")
    assert events[-1] == TurnEnded(End.FAILED, "Gone." if calls_begun else "Cut off: Gone.", can_go_on=not calls_begun)


def test_the_tokens_of_all_the_models_answers_are_counted_together() -> None:
    class Counting(Recorder):
        async def stream(self, request: Request, emit: Emit) -> Reply:
            return replace(await super().stream(request, emit), usage=Usage(10, None if len(self.asked) == 1 else 3))

    result = run(AIAgent(Counting(call("wait"), AFTER), tools=[wait]).run_turn("Go!"))
    assert result.usage == Usage(20, 3)


# -- approval -----------------------------------------------------------------------------------------------------------


def approved(said: bool | Exception | None, seconds: float = 0) -> tuple[list[Event], str, list[ToolRequest]]:
    asked: list[ToolRequest] = []

    async def ask(request: ToolRequest) -> bool | None:
        asked.append(request)
        await asyncio.sleep(seconds)
        if isinstance(said, Exception):
            raise said
        return said

    events, recorder, _ = turn(
        [call("wait", '{"seconds": 2}'), AFTER],
        tools=[wait],
        approve={"wait"},
        ask_approval=ask,
        approval_timeout=10,
    )
    return events, results(recorder.asked[1])[0], asked


def test_a_tool_that_needs_a_yes_runs_after_it() -> None:
    events, result, asked = approved(True, 5)
    assert result == "waited 2"
    assert [(request.name, request.summary, request.arguments) for request in asked] == [
        ("wait", "2", '{"seconds": 2}')
    ]
    assert [event.seconds for event in events if isinstance(event, ToolFinished)] == [2.0]


@pytest.mark.parametrize(
    ("said", "seconds", "told"),
    [
        (False, 0, "said no"),
        ("no", 0, "said no"),
        (None, 0, "did not answer"),
        (True, 11, "did not answer"),
        (PlatformError("blocked"), 0, "no way to ask"),
    ],
)
def test_without_a_yes_in_time_the_tool_does_not_run(said: Any, seconds: float, told: str) -> None:
    events, result, _ = approved(said, seconds)
    assert told in result
    assert result.startswith("Not run")
    assert [(event.ok, event.seconds) for event in events if isinstance(event, ToolFinished)] == [(False, None)]


def test_a_person_may_be_asked_by_a_function_that_waits() -> None:
    here = threading.get_ident()

    def ask(request: ToolRequest) -> bool:
        return request.name == "act" and threading.get_ident() != here

    recorder = Recorder(call("act"), AFTER)
    agent = AIAgent(recorder, tools=[tool(name="act")(lambda: "acted")], approve=["act"], ask_approval=ask)
    asyncio.run(agent.run_turn("Go!"))
    assert results(recorder.asked[1]) == ["acted"]


def test_where_nobody_can_be_asked_the_answer_is_no() -> None:
    _, recorder, _ = turn([call("wait"), AFTER], tools=[wait], approve={"wait"})
    assert "no way to ask" in results(recorder.asked[1])[0]


def test_nobody_is_asked_about_a_call_that_cannot_run() -> None:
    async def ask(request: ToolRequest) -> bool:
        raise AssertionError

    calls = [call("wait", '{"seconds'), call("walk")]
    _, recorder, _ = turn([*calls, AFTER], tools=[wait], approve={"wait", "walk"}, ask_approval=ask)
    assert [result.startswith("Error: ") for result in results(recorder.asked[1])] == [True, True]


def test_one_question_is_asked_at_a_time() -> None:
    open_questions = 0

    async def ask(request: ToolRequest) -> bool:
        nonlocal open_questions
        open_questions += 1
        assert open_questions == 1
        await asyncio.sleep(1)
        open_questions -= 1
        return True

    calls = [call("wait"), call("wait")]
    _, recorder, _ = turn([*calls, AFTER], tools=[wait], approve={"wait"}, ask_approval=ask)
    assert results(recorder.asked[1]) == ["waited 1", "waited 1"]


def test_an_interrupt_takes_an_open_question_back() -> None:
    taken_back: list[bool] = []

    async def ask(request: ToolRequest) -> bool:
        try:
            await asyncio.sleep(100)
        finally:
            taken_back.append(True)
        return True

    async def main() -> None:
        agent = AIAgent(Scripted([call("wait"), AFTER]), tools=[wait], approve={"wait"}, ask_approval=ask)
        asyncio.get_running_loop().call_later(2, agent.interrupt)
        assert (await agent.run_turn("Go!")).end is End.INTERRUPTED

    run(main())
    assert taken_back


def test_a_name_in_approve_that_no_tool_has_is_told_once(caplog: pytest.LogCaptureFixture):
    for _ in range(2):
        turn([AFTER], tools=[wait], approve={"wait", "a_name_with_a_slip"})
    assert [record.args for record in caplog.records if record.name == "telex.agent"] == [("a_name_with_a_slip",)]
