import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from telex.agent.agent import AIAgent
from telex.agent.history import BROKEN, STOPPED
from telex.agent.turn import TurnResult
from telex.errors import ProviderError
from telex.events import End, Event, Notice, ReasoningDelta, SegmentEnded, TextDelta, TurnEnded
from telex.providers.base import Emit, Reply, Request
from telex.providers.scripted import Piece, Scripted
from telex.testing.virtual_time import run

ONE, TWO = Piece(1, "One, "), Piece(1, "two.")


class Recorder:
    """A provider that plays a script and keeps what it was asked."""

    context_tokens = 120

    def __init__(self, *pieces: Piece, finish: str = "stop") -> None:
        self.scripted = Scripted(pieces)
        self.finish = finish
        self.asked: list[Sequence[Any]] = []
        self.closed = 0

    @property
    def name(self) -> str:
        return "recorder"

    async def stream(self, request: Request, emit: Emit) -> Reply:
        self.asked.append(request.messages)
        reply = await self.scripted.stream(request, emit)
        return Reply(reply.text, reply.reasoning, self.finish)

    async def close(self) -> None:
        self.closed += 1


def turn(*pieces: Piece, **settings: Any) -> tuple[list[Event], TurnResult, AIAgent]:
    events: list[Event] = []
    agent = AIAgent(Scripted(pieces), **settings)
    result = run(agent.run_turn("Count!", events.append))
    assert [event for event in events if isinstance(event, TurnEnded)] == events[-1:]
    return events, result, agent


def test_a_turn_emits_its_words_and_ends_once() -> None:
    events, result, agent = turn(Piece(0, "hm", "reasoning"), ONE, TWO)
    assert events == [ReasoningDelta("hm"), TextDelta("One, "), TextDelta("two."), TurnEnded()]
    assert (result.text, result.reasoning, result.end) == ("One, two.", "hm", End.FINISHED)
    assert agent.history == [{"role": "user", "content": "Count!"}, {"role": "assistant", "content": "One, two."}]


def test_a_turn_that_fails_before_its_first_word_ends_with_the_reason() -> None:
    events, _, _ = turn(Piece(0, "hm", "reasoning"), Piece(0, "No credit.", "error"))
    assert events == [ReasoningDelta("hm"), TurnEnded(End.FAILED, "No credit.")]


def test_a_turn_that_breaks_off_says_so_keeps_what_was_said_and_can_be_gone_on_with() -> None:
    events, result, agent = turn(ONE, Piece(0, "No credit.", "error"), TWO)
    assert events == [TextDelta("One, "), TurnEnded(End.FAILED, "Cut off: No credit.", can_go_on=True)]
    assert (result.text, result.end, result.message) == ("One, ", End.FAILED, "No credit.")
    assert isinstance(result.error, ProviderError)
    assert agent.history[-1] == {"role": "assistant", "content": f"One,\n\n{BROKEN}"}


def test_a_turn_without_an_answer_fails_and_the_question_stays_open() -> None:
    events, _, agent = turn()
    (ended,) = events
    assert isinstance(ended, TurnEnded)
    assert ended.end is End.FAILED
    assert "without an answer" in ended.message
    assert agent.history == [{"role": "user", "content": "Count!"}]


@pytest.mark.parametrize(
    ("finish", "words", "told"),
    [("tool_calls", "", "tool"), ("length", "", "thought until"), ("content_filter", "", "withheld")],
)
def test_an_answer_without_words_says_why(finish: str, words: str, told: str) -> None:
    result = run(AIAgent(Recorder(Piece(0, "hm", "reasoning"), finish=finish)).run_turn("x"))
    assert result.end is End.FAILED
    assert told in result.message


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_an_answer_that_was_cut_by_the_server_says_so_before_it_ends(finish: str) -> None:
    events: list[Event] = []
    run(AIAgent(Recorder(ONE, finish=finish)).run_turn("x", events.append))
    assert [type(event) for event in events] == [TextDelta, Notice, TurnEnded]
    assert events[-1] == TurnEnded()


def test_interrupt_ends_the_turn_and_leaves_the_task_running() -> None:
    events: list[Event] = []

    async def main() -> None:
        agent = AIAgent(Scripted([ONE, TWO]))
        assert not agent.interrupt()
        asyncio.get_running_loop().call_later(1.5, agent.interrupt)
        result = await agent.run_turn("Count!", events.append)
        assert (result.text, result.end) == ("One, ", End.INTERRUPTED)
        await asyncio.sleep(5)  # virtual: nothing is left that cancels this
        assert agent.history[-1] == {"role": "assistant", "content": f"One,\n\n{STOPPED}"}
        assert (await agent.run_turn("Again!", events.append)).text == "One, two."

    run(main())
    assert events == [
        TextDelta("One, "),
        TurnEnded(End.INTERRUPTED),
        TextDelta("One, "),
        TextDelta("two."),
        TurnEnded(),
    ]


@pytest.mark.parametrize("stopped", [True, False])
def test_a_question_that_was_stopped_before_its_first_word_is_over_and_one_that_was_overtaken_is_not(
    stopped: bool,
) -> None:
    async def main() -> None:
        provider = Recorder(ONE)
        agent = AIAgent(provider)
        task = asyncio.create_task(agent.run_turn("Delete all my notes."))
        await asyncio.sleep(0.5)
        if stopped:
            agent.interrupt()
        else:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await agent.run_turn("What time is it?")
        last = provider.asked[-1][-1]["content"]
        assert last == ("What time is it?" if stopped else "Delete all my notes.\n\nWhat time is it?")

    run(main())


def test_an_interrupt_from_a_listener_ends_the_turn_after_the_word_it_heard() -> None:
    events: list[Event] = []

    async def main() -> None:
        agent = AIAgent(Scripted([ONE, TWO]))

        def listen(event: Event) -> None:
            events.append(event)
            agent.interrupt()

        assert (await agent.run_turn("Count!", listen)).end is End.INTERRUPTED
        await asyncio.sleep(1)

    run(main())
    assert events == [TextDelta("One, "), TurnEnded(End.INTERRUPTED)]


def test_an_interrupt_after_the_last_word_changes_nothing() -> None:
    async def main() -> None:
        agent = AIAgent(Scripted([ONE]))
        result = await agent.run_turn("Count!", lambda _: print(agent.interrupt()))  # noqa: T201 - the code under test prints
        assert result.end is End.FINISHED
        await asyncio.sleep(1)

    run(main())


def test_a_cancelled_task_still_ends_its_turn_and_stays_cancelled() -> None:
    events: list[Event] = []

    async def main() -> None:
        agent = AIAgent(Scripted([ONE, TWO]))
        task = asyncio.create_task(agent.run_turn("Count!", events.append))
        asyncio.get_running_loop().call_later(1.5, task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert agent.history[-1]["content"].startswith("One,")

    run(main())
    assert events == [TextDelta("One, "), TurnEnded(End.INTERRUPTED)]


def test_a_cancellation_beside_an_interrupt_is_not_swallowed() -> None:
    async def main() -> None:
        agent = AIAgent(Scripted([ONE, TWO]))
        task = asyncio.create_task(agent.run_turn("Count!"))
        await asyncio.sleep(1.5)
        agent.interrupt()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


def test_a_turn_keeps_to_a_time_limit_around_it() -> None:
    async def main() -> None:
        events: list[Event] = []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await AIAgent(Scripted([ONE, TWO])).run_turn("Count!", events.append)
        assert events[-1] == TurnEnded(End.INTERRUPTED)

    run(main())


def test_an_exception_of_a_callback_comes_out_after_the_turn_has_ended() -> None:
    events: list[Event] = []

    def broken(text: str | None) -> None:
        raise LookupError("the caller's bug")

    agent = AIAgent(Scripted([ONE, TWO]), stream_delta_callback=broken)
    with pytest.raises(LookupError, match="the caller's bug"):
        run(agent.run_turn("Count!", events.append))
    assert [type(event) for event in events] == [TextDelta, TurnEnded]
    assert isinstance(events[-1], TurnEnded)
    assert events[-1].end is End.FAILED


def test_callbacks_hear_text_thoughts_and_segment_breaks() -> None:
    class TwoSegments(Recorder):
        async def stream(self, request: Request, emit: Emit) -> Reply:
            for event in (ReasoningDelta("hm"), TextDelta("a"), SegmentEnded(), TextDelta("b")):
                emit(event)
            return Reply("ab", "hm")

    heard: list[Any] = []
    agent = AIAgent(
        TwoSegments(),
        stream_delta_callback=heard.append,
        on_first_delta=lambda: heard.append("first"),
        reasoning_callback=lambda text: heard.append(f"thought {text}"),
    )
    for _ in range(2):
        run(agent.run_turn("x"))
        assert heard == ["thought hm", "first", "a", None, "b"]
        heard.clear()


def test_the_model_is_shown_the_conversation_as_the_reader_saw_it() -> None:
    provider = Recorder(ONE, Piece(0, "gone", "drop"))
    agent = AIAgent(
        provider,
        system_prompt="Be brief.",
        history=[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}],
    )
    run(agent.run_turn("Count!"))
    run(agent.run_turn("Go on."))
    assert [message["content"] for message in provider.asked[1]] == [
        "Be brief.",
        "Hi",
        "Ho",
        "Count!",
        f"One,\n\n{BROKEN}",
        "Go on.",
    ]


def test_the_context_is_the_providers_unless_the_agent_is_told() -> None:
    long = [{"role": "user", "content": "x" * 400}, {"role": "assistant", "content": "y"}]
    for settings, messages in (({}, 1), ({"context_tokens": 4000}, 3)):
        provider = Recorder(ONE)
        run(AIAgent(provider, history=long, **settings).run_turn("Count!"))  # type: ignore[arg-type] # one of them is empty
        assert len(provider.asked[0]) == messages


def test_an_agent_has_one_turn_at_a_time() -> None:
    async def main() -> None:
        agent = AIAgent(Scripted([ONE]))
        first = asyncio.create_task(agent.run_turn("a"))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match=r"interrupt\(\) it"):
            await agent.run_turn("b")
        assert (await first).text == "One, "
        assert [message["content"] for message in agent.history] == ["a", "One, "]

    run(main())


def test_reset_forgets_and_a_turn_that_runs_leaves_nothing_behind() -> None:
    async def main() -> None:
        provider = Recorder(ONE, TWO)
        agent = AIAgent(provider, system_prompt="Be brief.")
        await agent.run_turn("a")
        task = asyncio.create_task(agent.run_turn("b"))
        await asyncio.sleep(1.5)
        agent.reset()
        assert (await task).end is End.INTERRUPTED
        assert agent.history == []
        await agent.run_turn("c")
        assert [message["content"] for message in provider.asked[-1]] == ["Be brief.", "c"]

    run(main())


def test_close_after_run_turn_leaves_the_provider_to_its_owner() -> None:
    provider = Recorder(ONE)
    agent = AIAgent(provider)
    run(agent.run_turn("a"))
    agent.close()
    assert provider.closed == 0
