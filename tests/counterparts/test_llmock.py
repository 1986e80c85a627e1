"""Against llmock, a server of other people's that fails on request and judges how its client took it."""

from typing import Any

import pytest

from telex.agent.tools import tool
from telex.events import End, ToolFinished, ToolStarted
from telex.providers.anthropic import AnthropicMessages
from tests.counterparts.asking import FORMATS, WORDS, Asked, Made, asked, assert_cut_off

pytestmark = pytest.mark.parametrize("made", FORMATS)


def of(llmock: Any, made: Made, *tools: Any, **settings: Any) -> Asked:
    return asked(made, llmock.base_url("anthropic" if made is AnthropicMessages else "openai"), *tools, **settings)


def test_words_arrive_one_by_one_and_whole(made: Made, llmock: Any) -> None:
    llmock.reply(WORDS)
    turn = of(llmock, made)
    assert "".join(turn.pieces) == turn.result.text == WORDS
    assert len(turn.pieces) == len(WORDS.split())
    llmock.assert_resilient(strict=True)


def test_arguments_in_fragments_become_a_call_whose_result_goes_back(made: Made, llmock: Any) -> None:
    cities: list[str] = []

    @tool
    def weather(city: str) -> str:
        """Tell the weather of a city."""
        cities.append(city)
        return "21 degrees"

    llmock.call_tool("weather", {"city": "Saint-Rémy-de-Provence"}, text="Let me look. ")
    llmock.reply("It is 21 degrees.")
    turn = of(llmock, made, weather)
    assert cities == ["Saint-Rémy-de-Provence"]
    assert turn.tool_results == ["21 degrees"]
    assert turn.result.text == "Let me look. \n\nIt is 21 degrees."
    assert [type(event) for event in turn.events if isinstance(event, ToolStarted | ToolFinished)] == [
        ToolStarted,
        ToolFinished,
    ]
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize(("kind", "told"), [("malformed_arguments", "JSON"), ("unknown_tool", "no tool")])
def test_a_broken_call_goes_back_to_the_model_as_an_error(made: Made, llmock: Any, kind: str, told: str) -> None:
    @tool
    def weather(city: str) -> str:
        """Tell the weather of a city."""
        raise AssertionError(city)

    llmock.break_tool_call(kind)
    turn = of(llmock, made, weather)
    assert turn.result.end is End.FINISHED
    (result,) = turn.tool_results
    assert result.startswith("Error: ")
    assert told in result


def test_a_slow_first_token_is_waited_for(made: Made, llmock: Any) -> None:
    llmock.slow_first_token(0.3).reply(WORDS)
    assert of(llmock, made, stall_timeout=20.0).result.text == WORDS
    assert len(llmock.requests) == 1


def test_a_first_token_that_comes_too_late_ends_the_attempt_and_says_so(made: Made, llmock: Any) -> None:
    llmock.slow_first_token(30.0).reply(WORDS)
    turn = of(llmock, made, stall_timeout=0.2)
    assert turn.result.text == ""
    assert "sent nothing for 0.2 seconds" in turn.end.message
    assert not turn.end.can_go_on


def test_a_stream_that_hangs_ends_the_attempt_and_keeps_the_words(made: Made, llmock: Any) -> None:
    llmock.stall(seconds=30.0, after_chunks=8).reply(WORDS)
    turn = of(llmock, made, stall_timeout=0.2)
    assert_cut_off(turn)
    assert "sent nothing for 0.2 seconds" in turn.end.message
    assert len(llmock.requests) == 1  # never asked again where words were shown


@pytest.mark.parametrize("fault", ["disconnect", "truncate", "corrupt"])
def test_an_answer_that_breaks_off_keeps_its_words_and_is_no_success(made: Made, llmock: Any, fault: str) -> None:
    getattr(llmock, fault)(after_chunks=8).reply(WORDS)
    assert_cut_off(of(llmock, made))
    assert len(llmock.requests) == 1


@pytest.mark.parametrize("fault", ["disconnect", "truncate"])
def test_an_answer_that_breaks_off_before_its_first_word_is_asked_for_again(
    made: Made, llmock: Any, fault: str
) -> None:
    getattr(llmock, fault)(after_chunks=1)
    llmock.reply(WORDS, times=2)
    turn = of(llmock, made)
    assert "".join(turn.pieces) == turn.result.text == WORDS
    assert len(llmock.requests) == 2
    llmock.assert_resilient(strict=True)


def test_a_call_whose_arguments_break_off_is_never_run(made: Made, llmock: Any) -> None:
    @tool
    def weather(city: str) -> str:
        """Tell the weather of a city."""
        raise AssertionError(city)

    llmock.call_tool("weather", {"city": "Saint-Rémy-de-Provence"}, times=None)
    llmock.truncate(after_chunks=3, times=None)
    turn = of(llmock, made, weather, max_retries=0)
    assert turn.result.end is End.FAILED
    assert not turn.tool_results


def test_a_429_is_waited_out_as_long_as_it_asks(made: Made, llmock: Any) -> None:
    llmock.rate_limit(times=1, retry_after=2.0).reply(WORDS)  # without it the pause is shorter
    turn = of(llmock, made)
    assert "".join(turn.pieces) == turn.result.text == WORDS
    refused, answered = llmock.requests
    assert (refused.status, answered.status) == (429, 200)
    assert answered.started_at - refused.started_at >= 2.0
    llmock.assert_resilient(strict=True)


def test_a_429_that_asks_for_too_long_a_wait_fails_with_a_sentence(made: Made, llmock: Any) -> None:
    llmock.rate_limit(times=None, retry_after=3600)
    turn = of(llmock, made)
    assert turn.result.end is End.FAILED
    assert turn.end.message
    assert len(llmock.requests) == 1


def test_a_server_that_is_down_is_asked_three_times_with_growing_pauses(made: Made, llmock: Any) -> None:
    llmock.outage()
    turn = of(llmock, made)
    assert turn.result.end is End.FAILED
    assert len(llmock.requests) == 3
    assert not {finding.code for finding in llmock.verdict().findings} & {"retry_storm", "no_backoff", "gave_up"}


def test_a_refusal_that_no_retry_can_mend_is_not_retried(made: Made, llmock: Any) -> None:
    llmock.context_overflow(times=None)
    turn = of(llmock, made)
    assert turn.result.end is End.FAILED
    assert turn.end.message
    llmock.assert_resilient()
