"""What a refusal teaches, without a socket: which part of a question is left out of the next."""

import json
from typing import Any

import pytest

from telex.providers.learned import Learned, Question
from telex.providers.refusals import unwanted

BODY: dict[str, Any] = {
    "model": "m",
    "messages": [],
    "temperature": 0.5,
    "top_k": 3,
    "max_tokens": 99,
    "tools": [{}],
    "tool_choice": "auto",
    "stream_options": {"include_usage": True},
}


def openai(message: str, param: str | None = None) -> Any:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}


NO_TEMPERATURE = openai(
    "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
    "temperature",
)
REFUSALS: dict[str, tuple[int, Any, set[str]]] = {
    "OpenAI, by its param": (400, NO_TEMPERATURE, {"temperature"}),
    "OpenAI, a nested param": (400, openai("Unknown parameter: 'tools[0].function.strict'.", "tools[0].function"), {"tools", "tool_choice"}),
    "OpenAI, unrecognized": (400, openai("Unrecognized request argument supplied: top_k"), {"top_k"}),
    "FastAPI": (
        422,
        {"detail": [{"type": "extra_forbidden", "loc": ["body", "top_k"], "msg": "Extra inputs are not permitted"}]},
        {"top_k"},
    ),
    "Groq": (400, openai("property 'top_k' is unsupported"), {"top_k"}),
    "Anthropic": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "`temperature` is deprecated for this model."}}, {"temperature"}),
    "Ollama, tools": (400, {"error": "registry.ollama.ai/library/gemma:2b does not support tools"}, {"tools", "tool_choice"}),
    "OpenRouter, tools": (404, openai("No endpoints found that support tool use."), {"tools", "tool_choice"}),
    "llama.cpp, tools": (500, openai("tools param requires --jinja flag"), {"tools", "tool_choice"}),
    "vLLM, tools": (
        400,
        openai('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
        {"tools", "tool_choice"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("status", "refusal", "left_out"), REFUSALS.values(), ids=REFUSALS)
def test_a_refused_parameter_is_left_out_of_this_question_and_of_all_that_follow(
    status: int, refusal: Any, left_out: set[str]
) -> None:
    learned = Learned()
    question = Question(learned, lambda: BODY)
    assert question.refused(status, json.dumps(refusal).encode())
    assert {"stream": True, **BODY}.keys() - question.body.keys() == left_out
    assert Question(learned, lambda: BODY).body == question.body


def test_the_length_of_an_answer_is_asked_for_under_its_other_name_and_then_not_at_all() -> None:
    learned = Learned()
    question = Question(learned, lambda: BODY)
    old = openai(
        "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.", "max_tokens"
    )
    assert question.refused(400, json.dumps(old).encode())
    assert (question.body["max_completion_tokens"], "max_tokens" in question.body) == (99, False)
    assert question.refused(400, b'{"error": "Unknown field: max_completion_tokens"}')
    assert not {"max_tokens", "max_completion_tokens"} & question.body.keys()


def test_the_most_that_a_model_can_answer_is_learned_from_its_refusal() -> None:
    learned = Learned()
    question = Question(learned, lambda: {**BODY, "max_tokens": 8192})
    words = "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku-20240307"
    assert question.refused(400, json.dumps({"error": {"message": words}}).encode())
    assert question.body["max_tokens"] == 4096


@pytest.mark.parametrize(
    "refusal",
    [
        openai("Invalid 'temperature': expected a value <= 2, but got 5 instead.", "temperature"),
        openai("This model's maximum context length is 8192 tokens."),
        openai("The model `m` does not exist or is not available"),
        "what",
    ],
)
def test_a_value_that_is_merely_wrong_is_the_users_to_mend(refusal: Any) -> None:
    learned = Learned(usage=True)
    assert not Question(learned, lambda: BODY).refused(400, json.dumps(refusal).encode())
    assert learned == Learned(usage=True)


def test_a_name_inside_another_word_is_not_meant() -> None:
    assert unwanted(b'{"error": "Unknown parameter: logit_bias.user"}', {"user", "bias"}) is None


def test_a_guess_that_does_not_help_is_not_remembered() -> None:
    learned = Learned()
    question = Question(learned, lambda: BODY)
    assert question.refused(400, b"{}")
    assert "stream_options" not in question.body
    assert not question.refused(400, b"{}")
    assert learned == Learned()


def test_a_guess_that_helps_is_remembered() -> None:
    learned = Learned()
    question = Question(learned, lambda: BODY)
    question.refused(400, b"{}")
    question.accepted()
    assert "stream_options" not in Question(learned, lambda: BODY).body


def test_a_server_that_wants_its_thoughts_back_is_given_them() -> None:
    learned = Learned(usage=True)
    words = openai("Missing `reasoning_content` field in the assistant message at message index 1.")
    assert Question(learned, lambda: BODY).refused(400, json.dumps(words).encode())
    assert learned.thoughts


def test_a_server_that_refuses_for_ever_is_not_asked_for_ever() -> None:
    question = Question(Learned(), lambda: BODY)
    asked = 0
    while question.refused(400, b'{"error": "Missing `reasoning_content`"}'):
        asked += 1
        assert asked < 20
