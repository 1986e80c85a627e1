"""Conversations that are longer than the model can hold, where only its server's refusal says so."""

from typing import Any

import pytest

from telex.agent.agent import AIAgent
from telex.agent.context import too_long
from telex.agent.loop import MORE_THAN_IT_HOLDS
from telex.agent.tools import tool
from telex.errors import ProviderError
from telex.events import End, Event, Notice, TextDelta, TurnEnded
from telex.providers.base import Emit, Reply, Request
from telex.providers.tool_calls import ToolCall
from telex.testing.virtual_time import run

REFUSAL = "This model's maximum context length is 1000 tokens. However, your messages resulted in {} tokens."


class Small:
    """A model that holds 1,000 tokens, and a server that says so only when it is asked too much."""

    name = "small"

    def __init__(self, calls: int = 0, before: tuple[Event, ...] = ()) -> None:
        self.asked: list[Request] = []
        self._calls = calls
        self._before = before

    async def stream(self, request: Request, emit: Emit) -> Reply:
        self.asked.append(request)
        for event in self._before:
            emit(event)
        tokens = sum(len(message["content"]) for message in request.messages) // 4
        if tokens > 1000:
            raise ProviderError(REFUSAL.format(tokens), status=400)
        if len(self.asked) <= self._calls:
            return Reply("", finish="tool_calls", calls=(ToolCall(str(len(self.asked)), "read", "{}"),))
        emit(TextDelta("word " * 100))
        return Reply("word " * 100)

    async def close(self) -> None:
        pass


def ended(agent: AIAgent, text: str) -> tuple[End, str]:
    result = run(agent.run_turn(text))
    return result.end, result.message


def test_a_conversation_of_any_length_goes_on_and_what_was_learned_is_remembered() -> None:
    model = Small()
    agent = AIAgent(model)
    assert {ended(agent, f"question {number}") for number in range(40)} == {(End.FINISHED, "")}
    assert len(model.asked) == 41


def test_a_question_that_is_too_long_fails_and_the_next_is_answered() -> None:
    model = Small()
    agent = AIAgent(model, context_tokens=100_000)
    end, message = ended(agent, "x" * 40_000)
    assert end is End.FAILED
    assert message == f"{REFUSAL.format(10_000)} {MORE_THAN_IT_HOLDS}"
    assert len(model.asked) == 1
    assert ended(agent, "Hi!") == (End.FINISHED, "")
    assert [message["content"] for message in model.asked[-1].messages] == ["Hi!"]


def test_results_of_tools_are_shortened_where_the_server_refuses_them() -> None:
    @tool
    async def read() -> str:
        return "x" * 20_000

    model = Small(calls=1)
    assert ended(AIAgent(model, tools=[read]), "Read!") == (End.FINISHED, "")


def test_the_model_is_not_asked_again_where_it_has_spoken() -> None:
    model = Small(before=(TextDelta("a"),))
    agent = AIAgent(model, history=[{"role": "user", "content": "x" * 9000}, {"role": "assistant", "content": "y"}])
    events: list[Event] = []
    assert run(agent.run_turn("Hi!", events.append)).end is End.FAILED
    assert [type(event) for event in events] == [TextDelta, TurnEnded]
    model = Small(before=(Notice("The model is loaded."),))
    agent = AIAgent(model, history=[{"role": "user", "content": "x" * 9000}, {"role": "assistant", "content": "y"}])
    assert ended(agent, "Hi!") == (End.FINISHED, "")


def test_a_server_that_refuses_everything_is_asked_a_bounded_number_of_times() -> None:
    class Never(Small):
        async def stream(self, request: Request, emit: Emit) -> Reply:
            self.asked.append(request)
            raise ProviderError(REFUSAL.format(9), status=400)

    model = Never()
    said: list[dict[str, Any]] = [
        {"role": role, "content": "x" * 400} for _ in range(3000) for role in ("user", "assistant")
    ]
    assert ended(AIAgent(model, history=said), "Hi!")[1].endswith(MORE_THAN_IT_HOLDS)
    assert len(model.asked) < 12


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (REFUSAL, 400),
        ("prompt is too long: 210000 tokens > 200000 maximum", 400),
        ("the request exceeds the available context size. try increasing the context size", 400),
        ("Your input exceeds the context window of this model.", None),
        ("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 400),
        ("The decoder prompt (length 5000) is longer than the maximum model length of 4096.", 400),
        ("too many tokens: total number of tokens in the prompt cannot exceed 4081", 400),
        ("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000", 422),
        ("context_length_exceeded", 400),
        ("Payload Too Large", 413),
    ],
)
def test_the_words_of_servers_for_too_much_are_understood(words: str, status: int | None) -> None:
    assert too_long(ProviderError(words, status=status))


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("You exceeded your current quota of tokens", 429),
        ("max_tokens must be a positive number", 400),
        ("The model 'long-context' does not exist", 404),
        ("The connection broke.", None),
    ],
)
def test_other_refusals_are_not_taken_for_it(words: str, status: int | None) -> None:
    assert not too_long(ProviderError(words, status=status))
