"""What servers refuse, on a real socket: what is left out then, what is asked again, and what the person is told."""

import asyncio
import json
import socket
from typing import Any

import pytest

from telex.errors import ConfigError, ProviderDropped, ProviderError
from telex.events import Event, TextDelta
from telex.providers.base import Reply, Request
from telex.providers.openai_chat import OpenAIChat
from telex.providers.tool_calls import ToolCall

QUESTION = Request([{"role": "user", "content": "Hello?"}])
KEY = "sk-very-secret"
NO_OPTIONS = {"error": {"message": "Unknown parameter: 'stream_options'.", "param": "stream_options"}}
NO_STREAM = {
    "error": {
        "message": "Unsupported value: 'stream' does not support true with this model.",
        "param": "stream",
        "code": "unsupported_value",
    }
}


def run(handler: Any, model_server: Any, use: Any, **settings: Any) -> None:
    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = OpenAIChat(server.url, **{"model": "m", "api_key": KEY, **settings})
            try:
                await use(provider, server)
            finally:
                await provider.close()

    asyncio.run(main())


@pytest.mark.parametrize("form", ["event", "whole"])
@pytest.mark.parametrize(
    ("message", "without"),
    [
        ("Unknown parameter: 'stream_options'.", "stream_options"),
        ("Unknown parameter: 'temperature'.", "temperature"),
        ("This model does not support streaming.", "stream"),
    ],
)
def test_a_refusal_in_a_200_is_one_too_and_remembered(model_server: Any, form: str, message: str, without: str) -> None:
    error = {"error": {"message": message}}

    async def handler(call: Any) -> None:
        if call.body.get(without) and form == "event":
            await call.head()
            await call.part(b"data: " + json.dumps(error).encode() + b"\n\n")
            await call.raw(b"0\r\n\r\n")
        elif call.body.get(without):
            await call.json(error)
        else:
            await call.answer("x")

    async def use(provider: OpenAIChat, server: Any) -> None:
        for _ in range(2):
            assert (await provider.stream(QUESTION, print)).text == "x"
        assert [bool(call.body.get(without)) for call in server.calls] == [True, False, False]

    run(handler, model_server, use, options={"temperature": 1})


def test_a_failure_behind_words_that_were_shown_is_never_asked_about_again(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.head()
        await call.say("Hel")
        await call.part(b"data: " + json.dumps(NO_OPTIONS).encode() + b"\n\n")
        await call.raw(b"0\r\n\r\n")

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderError, match="stream_options"):
            await provider.stream(QUESTION, print)
        assert len(server.calls) == 1

    run(handler, model_server, use)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (400, NO_OPTIONS),
        (422, {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}),
        (400, {"error": {"message": "The 'stream_options' parameter is only allowed when 'stream' is enabled."}}),
        (400, {"message": "Bad request"}),
    ],
)
def test_stream_options_are_left_out_where_they_are_refused_and_that_is_remembered(
    model_server: Any, status: int, refusal: Any
) -> None:
    async def handler(call: Any) -> None:
        if "stream_options" in call.body:
            await call.json(refusal, status)
        else:
            await call.answer("x")

    async def use(provider: OpenAIChat, server: Any) -> None:
        for _ in range(2):
            assert (await provider.stream(QUESTION, print)).text == "x"
        assert ["stream_options" in call.body for call in server.calls] == [True, False, False]

    run(handler, model_server, use)


def test_a_server_that_cannot_stream_is_asked_for_the_whole_and_that_is_remembered(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        if call.body["stream"]:
            await call.json(NO_STREAM, 400)
        else:
            await call.json({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]})

    async def use(provider: OpenAIChat, server: Any) -> None:
        for _ in range(2):
            events: list[Event] = []
            assert (await provider.stream(QUESTION, events.append)).text == "Hello"
            assert events == [TextDelta("Hello")]
        assert [call.body["stream"] for call in server.calls] == [True, False, False]
        assert "stream_options" not in server.calls[-1].body

    run(handler, model_server, use)


def test_a_server_that_refuses_both_options_and_streaming_is_still_asked(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        if "stream_options" in call.body:
            await call.json(NO_OPTIONS, 400)
        elif call.body["stream"]:
            await call.json(NO_STREAM, 400)
        else:
            await call.json({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]})

    async def use(provider: OpenAIChat, server: Any) -> None:
        assert (await provider.stream(QUESTION, print)).text == "Hello"
        assert len(server.calls) == 3

    run(handler, model_server, use)


def test_a_server_that_sends_a_stream_although_none_was_asked_for_is_understood(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        if call.body["stream"] and len(call.body["messages"]) == 1 and not seen:
            seen.append(call)
            await call.json(NO_STREAM, 400)
        else:
            await call.answer("Hel", "lo")

    seen: list[Any] = []

    async def use(provider: OpenAIChat, server: Any) -> None:
        assert (await provider.stream(QUESTION, print)).text == "Hello"
        assert server.calls[-1].body["stream"] is False

    run(handler, model_server, use)


def test_a_server_that_can_only_stream_is_streamed_again(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        if call.body["stream"]:
            await call.answer("Hello")
        else:
            await call.json({"error": {"message": "This model only support stream mode, please enable it."}}, 400)

    async def use(provider: OpenAIChat, server: Any) -> None:
        provider._learned.streams = False
        for _ in range(2):
            assert (await provider.stream(QUESTION, print)).text == "Hello"
        assert [call.body["stream"] for call in server.calls] == [False, True, True]

    run(handler, model_server, use)


def test_a_server_that_contradicts_itself_is_not_asked_for_ever(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        only = {"error": {"message": "This model only support stream mode"}}
        await call.json(NO_STREAM if call.body["stream"] else only, 400)

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderError):
            await provider.stream(QUESTION, print)
        assert len(server.calls) <= 4

    run(handler, model_server, use)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, {"error": {"message": "context too long"}}, r"refused the request \(400.*context too long"),
        (
            401,
            {"error": {"message": f"Incorrect API key provided: {KEY}"}},
            r"check provider\.api_key.*provided: \*\*\*",
        ),
        (402, {}, "credit"),
        (403, {}, r"no right to the model 'm'"),
        (404, {"detail": "Not Found"}, r"check provider\.base_url.*/v1"),
        (
            404,
            {"error": {"message": "The model `m` does not exist"}},
            r"does not know the model 'm': check provider\.model",
        ),
        (301, {}, r"301"),
        (500, {"error": "out of memory"}, r"problem of its own \(500.*out of memory"),
    ],
)
def test_a_refusal_tells_the_person_what_to_do(model_server: Any, status: int, body: Any, told: str) -> None:
    async def handler(call: Any) -> None:
        await call.json(body, status)

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderError, match=told) as caught:
            await provider.stream(QUESTION, print)
        assert caught.value.status == status
        assert KEY not in str(caught.value)
        assert f"127.0.0.1:{server.port}" in str(caught.value)

    run(handler, model_server, use, max_retries=0)


def test_a_web_page_instead_of_an_answer_points_at_the_address(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.body_of(b"<html>hi</html>", 200, "text/html")

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderError, match=r"web page.*provider\.base_url"):
            await provider.stream(QUESTION, print)

    run(handler, model_server, use)


def test_a_server_that_is_not_there_is_named_with_host_and_port() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

        async def main() -> None:
            provider = OpenAIChat(f"http://127.0.0.1:{port}/v1?token=secret", model="m", max_retries=0)
            with pytest.raises(
                ProviderError, match=rf"Nothing answers at 127\.0\.0\.1:{port}: is .* running"
            ) as caught:
                await provider.stream(QUESTION, print)
            assert "secret" not in str(caught.value)
            await provider.close()

        asyncio.run(main())


def test_an_overloaded_server_is_asked_again_after_the_time_it_asked_for(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        if len(served) < 2:
            served.append(call)
            await call.json({"error": {"message": "slow down"}}, 429, Retry_After="0")
        else:
            await call.answer("x")

    served: list[Any] = []

    async def use(provider: OpenAIChat, server: Any) -> None:
        assert (await provider.stream(QUESTION, print)).text == "x"
        assert len(server.calls) == 3

    run(handler, model_server, use)


def test_a_wait_that_is_too_long_is_left_to_the_person(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.json({"error": {"message": "quota"}}, 429, Retry_After="3600")

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderError, match="try again later") as caught:
            await provider.stream(QUESTION, print)
        assert (caught.value.status, caught.value.retry_after) == (429, 3600.0)
        assert len(server.calls) == 1

    run(handler, model_server, use)


def test_an_answer_that_never_began_is_asked_for_as_often_as_allowed(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        call.writer.close()

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderDropped):
            await provider.stream(QUESTION, print)
        assert len(server.calls) == 2

    run(handler, model_server, use, max_retries=1)


@pytest.mark.parametrize("listing", [{"data": []}, {"models": []}, "what"])
def test_a_server_without_a_list_of_models_asks_for_a_name(model_server: Any, listing: Any) -> None:
    async def handler(call: Any) -> None:
        await call.json(listing)

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderError, match=r"name one in provider\.model"):
            await provider.stream(QUESTION, print)

    run(handler, model_server, use, model=None)


def test_credentials_in_the_address_and_a_key_exclude_each_other() -> None:
    with pytest.raises(ConfigError, match=r"provider\.api_key must be left out") as caught:
        OpenAIChat("http://me:pass@host/v1", KEY)
    assert "pass@" not in str(caught.value)


def test_tools_are_left_out_where_they_are_refused_and_what_they_said_becomes_words(model_server: Any) -> None:
    called = Reply("", calls=(ToolCall("1", "look", "{}"),)).message
    result = {"role": "tool", "tool_call_id": "1", "content": "seen"}
    request = Request([*QUESTION.messages, called, result, *QUESTION.messages], tools=[{"name": "look"}])

    async def handler(call: Any) -> None:
        if "tools" in call.body:
            await call.json({"error": {"message": "gemma:2b does not support tools"}}, 400)
        else:
            await call.answer("x")

    async def use(provider: OpenAIChat, server: Any) -> None:
        for _ in range(2):
            assert (await provider.stream(request, print)).text == "x"
        assert ["tools" in call.body for call in server.calls] == [True, False, False]
        assert server.calls[2].body["messages"][1] == {"role": "assistant", "content": "[A tool said: seen]"}

    run(handler, model_server, use)


@pytest.mark.parametrize("model", ["m", None])
def test_what_one_provider_has_learned_the_next_for_the_same_model_knows(model_server: Any, model: str | None) -> None:
    async def handler(call: Any) -> None:
        if call.path == "/v1/models":
            await call.json({"data": [{"id": "m"}]})
        elif "seed" in call.body:
            await call.json({"error": "Unknown parameter: seed"}, 400)
        else:
            await call.answer("x")

    async def use(provider: OpenAIChat, server: Any) -> None:
        other = OpenAIChat(f"{server.url}/", model="m", options={"seed": 1})
        for asked in (provider, other):
            await asked.stream(QUESTION, print)
        await other.close()
        questions = [call.body for call in server.calls if call.body]
        assert ["seed" in body for body in questions] == [True, False, False]

    run(handler, model_server, use, options={"seed": 1}, model=model)
