"""What a refusal teaches, without a socket: which part of a question is left out of the next."""

import json
from typing import Any

import pytest

from telex.providers.learned import Learned, Question, about, forget
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
    "Mistral": (
        422,
        {
            "object": "error",
            "message": {
                "detail": [{"type": "extra_forbidden", "loc": ["body", "top_k"], "msg": "Extra inputs are not permitted"}]
            },
            "code": None,
        },
        {"top_k"},
    ),
    "it must not be set": (400, openai("top_k must not be set"), {"top_k"}),
    "it is not valid": (400, openai("'top_k' is not a valid parameter"), {"top_k"}),
    "it is no longer supported": (400, openai("`top_k` is no longer supported"), {"top_k"}),
    "a 500 for an unknown field": (500, openai('json: unknown field "top_k"'), {"top_k"}),
    "a 500 for a keyword": (500, {"detail": "create() got an unexpected keyword argument 'top_k'"}, {"top_k"}),
    "a 500 for stream_options": (500, openai('json: unknown field "stream_options"'), {"stream_options"}),
    "a 404 for stream_options": (404, openai("Unrecognized request argument supplied: stream_options"), {"stream_options"}),
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
    question.accepted()
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


@pytest.mark.parametrize("words", ["The tools are not available right now", "temperature too high in the rack"])
def test_a_servers_own_trouble_teaches_nothing(words: str) -> None:
    learned = Learned()
    assert not Question(learned, lambda: BODY).refused(500, json.dumps(openai(words)).encode())
    assert learned == Learned()


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
    assert unwanted(400, b'{"error": "Unknown parameter: logit_bias.user"}', {"user", "bias"}) is None


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


NO_STREAM: dict[str, tuple[int, str]] = {
    "OpenAI, by its param": (400, json.dumps(openai("Unsupported value", "stream"))),
    "streaming is not supported": (400, json.dumps(openai("Streaming is not supported for this model."))),
    "streaming is not supported, of a model": (400, json.dumps(openai("Streaming is not supported.", "model"))),
    "does not support streaming": (400, json.dumps(openai("This model does not support streaming"))),
    "in quotes": (400, json.dumps(openai("`stream` is not supported"))),
    "an unknown parameter": (400, json.dumps(openai("Unknown parameter: 'stream'."))),
    "a value": (400, json.dumps({"error": "stream=true is not supported"})),
    "must be false": (400, json.dumps(openai("The parameter stream must be false"))),
    "FastAPI, extra": (422, json.dumps({"detail": [{"type": "extra_forbidden", "loc": ["body", "stream"], "msg": "Extra inputs are not permitted"}]})),
    "FastAPI, literal": (422, json.dumps({"detail": [{"type": "literal_error", "loc": ["body", "stream"], "msg": "Input should be False"}]})),
    "not implemented": (501, json.dumps(openai("Streaming is not implemented"))),
    "plain words": (400, "streaming not supported"),
    "Bedrock, with tools": (400, json.dumps({"message": "This model doesn't support tool use in streaming mode."})),
}  # fmt: skip


@pytest.mark.parametrize(("status", "refusal"), NO_STREAM.values(), ids=NO_STREAM)
def test_a_refusal_that_speaks_of_streaming_is_answered_without_a_stream_and_remembered_once_that_is_taken(
    status: int, refusal: str
) -> None:
    learned = Learned()
    question = Question(learned, lambda: BODY)
    assert question.refused(status, refusal.encode())
    assert (question.body["stream"], "stream_options" in question.body) == (False, False)
    assert question.body["tools"]
    assert learned == Learned()
    question.accepted()
    assert not Question(learned, lambda: BODY).body["stream"]


def test_a_guess_about_streaming_that_does_not_help_is_taken_back_and_the_rest_is_believed() -> None:
    learned = Learned(usage=True)
    question = Question(learned, lambda: BODY)
    refusal = json.dumps(openai("top_k is not supported, streaming or not")).encode()
    assert question.refused(400, refusal)
    assert question.refused(400, refusal)
    assert question.body["stream"]
    assert "top_k" not in question.body
    assert not question.refused(400, b'{"error": "streaming"}')


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (500, openai("stream error: the upstream went away")),
        (400, openai("'temperature' does not support 0.5 when streaming", "temperature")),
        (400, openai("This model only supports streaming.")),
        (400, openai("The upstream is gone")),
    ],
)
def test_not_every_word_of_a_stream_is_about_streaming(status: int, refusal: Any) -> None:
    question = Question(Learned(usage=True), lambda: BODY)
    question.refused(status, json.dumps(refusal).encode())
    assert question.body["stream"]


@pytest.mark.parametrize(
    "words",
    [
        "This model only support stream mode, please enable it.",
        "stream must be true",
        "parameter.enable_thinking must be set to false for non-streaming calls",
    ],
)
def test_a_model_that_only_streams_is_streamed_again(words: str) -> None:
    learned = Learned(streams=False)
    question = Question(learned, lambda: BODY)
    assert question.refused(400, json.dumps(openai(words)).encode())
    assert question.body["stream"]
    question.accepted()
    assert learned.streams


def test_what_is_known_about_a_model_is_known_to_all_who_ask_it_and_to_nobody_else() -> None:
    about("http://h/v1/chat/completions", "m").refused("seed")
    assert about("http://h/v1/chat/completions", "m").fit({"seed": 1}) == {"stream": True}
    assert about("http://h/v1/chat/completions", "n").fit({"seed": 1}) == {"seed": 1, "stream": True}
    assert about("http://i/v1/chat/completions", "m").fit({"seed": 1}) == {"seed": 1, "stream": True}
    forget()
    assert about("http://h/v1/chat/completions", "m") == Learned()
