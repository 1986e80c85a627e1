"""Anthropic's Messages on a real socket: what is sent, what comes back, and what goes back unchanged."""

import asyncio
import json
from typing import Any

import pytest

from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, TextDelta
from telex.providers.anthropic import AnthropicMessages
from telex.providers.base import Request

KEY = "sk-ant-very-secret"
QUESTION = Request([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}])
TOOL = {"name": "f", "description": "Does it.", "parameters": {"type": "object", "properties": {"x": {}}}}
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "sig"}
USE = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"x": 1}}


def whole(*content: dict[str, Any], stop: str = "end_turn") -> dict[str, Any]:
    return {"type": "message", "content": list(content), "stop_reason": stop, "usage": {}}


def words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def event(**body: Any) -> bytes:
    return f"event: {body['type']}\ndata: {json.dumps(body)}\n\n".encode()


def run(handler: Any, model_server: Any, use: Any, **settings: Any) -> None:
    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = AnthropicMessages(server.url, **{"model": "m", "api_key": KEY, **settings})
            try:
                await use(provider, server)
            finally:
                await provider.close()

    asyncio.run(main())


def test_the_request_has_the_shape_of_the_format(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.json(whole(words("x")))

    async def use(provider: AnthropicMessages, server: Any) -> None:
        await provider.stream(Request(QUESTION.messages, tools=[TOOL]), print)
        (call,) = server.calls
        assert call.path == "/v1/messages"
        assert (call.headers["x-api-key"], call.headers["anthropic-version"]) == (KEY, "2023-06-01")
        assert call.body == {
            "model": "m",
            "max_tokens": 99,
            "system": "Be brief.",
            "messages": [{"role": "user", "content": [words("Hello?")]}],
            "tools": [{"name": "f", "description": "Does it.", "input_schema": TOOL["parameters"]}],
            "temperature": 1,
            "stream": True,
        }

    run(handler, model_server, use, max_tokens=99, options={"temperature": 1})


@pytest.mark.parametrize("same", [True, False], ids=["the same model", "another model"])
def test_signed_thoughts_go_back_unchanged_to_the_model_that_had_them(model_server: Any, same: bool) -> None:
    async def handler(call: Any) -> None:
        if len(call.body["messages"]) == 1:
            await call.json(whole(THOUGHT, words("I look."), USE, {**USE, "id": "toolu_2"}, stop="tool_use"))
        else:
            await call.json(whole(words("Done.")))

    async def use(provider: AnthropicMessages, server: Any) -> None:
        reply = await provider.stream(QUESTION, print)
        results = [{"role": "tool", "tool_call_id": call.id, "content": "4"} for call in reply.calls]
        again = json.loads(json.dumps([*QUESTION.messages, reply.message, *results]))
        other = AnthropicMessages(server.url, KEY, "m" if same else "n")
        assert (await other.stream(Request(again), print)).text == "Done."
        await other.close()
        _, answer, user = server.calls[1].body["messages"]
        thought = [THOUGHT] if same else []
        assert answer == {"role": "assistant", "content": [*thought, words("I look."), USE, {**USE, "id": "toolu_2"}]}
        assert user == {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": name, "content": [words("4")]} for name in ("toolu_1", "toolu_2")
            ],
        }

    run(handler, model_server, use)


def test_an_answer_that_pauses_is_gone_on_with(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        if len(call.body["messages"]) == 1:
            await call.json(whole(words("One, "), stop="pause_turn"))
        else:
            assert call.body["messages"][1]["content"] == [words("One, ")]
            await call.json(whole(words("two.")))

    async def use(provider: AnthropicMessages, server: Any) -> None:
        events: list[Event] = []
        reply = await provider.stream(QUESTION, events.append)
        assert (reply.text, reply.finish) == ("One, two.", "stop")
        assert events == [TextDelta("One, "), TextDelta("two.")]

    run(handler, model_server, use)


def test_what_was_said_before_a_pause_goes_back_with_the_call_behind_it(model_server: Any) -> None:
    search = {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {"query": "q"}}

    async def handler(call: Any) -> None:
        match len(call.body["messages"]):
            case 1:
                await call.json(whole(THOUGHT, words("One, "), search, stop="pause_turn"))
            case 2:
                await call.json(whole({**THOUGHT, "signature": "2"}, words("two."), USE, stop="tool_use"))
            case _:
                await call.json(whole(words("Done.")))

    async def use(provider: AnthropicMessages, server: Any) -> None:
        reply = await provider.stream(QUESTION, print)
        result = {"role": "tool", "tool_call_id": "toolu_1", "content": "4"}
        await provider.stream(Request([*QUESTION.messages, reply.message, result]), print)
        said = [THOUGHT, words("One, "), search, {**THOUGHT, "signature": "2"}, words("two."), USE]
        assert server.calls[2].body["messages"][1] == {"role": "assistant", "content": said}

    run(handler, model_server, use)


def test_an_overloaded_server_is_asked_again_while_nothing_was_said(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
        if len(server_calls) == 0:
            server_calls.append(call)
            await call.head()
            await call.part(event(type="ping") + event(**error))
            await call.raw(b"0\r\n\r\n")
        else:
            await call.json(whole(words("x")))

    server_calls: list[Any] = []

    async def use(provider: AnthropicMessages, server: Any) -> None:
        assert (await provider.stream(QUESTION, print)).text == "x"

    run(handler, model_server, use)


def test_an_error_after_the_first_word_names_the_host_and_what_the_server_says(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.head()
        await call.part(event(type="content_block_delta", index=0, delta={"type": "text_delta", "text": "x"}))
        await call.part(event(type="error", error={"type": "overloaded_error", "message": f"Overloaded {KEY}"}))

    async def use(provider: AnthropicMessages, server: Any) -> None:
        with pytest.raises(ProviderError, match=rf"127\.0\.0\.1:{server.port} .*Overloaded \*\*\*") as caught:
            await provider.stream(QUESTION, print)
        assert caught.value.status == 529
        assert not isinstance(caught.value, ProviderDropped)
        assert len(server.calls) == 1

    run(handler, model_server, use)


def test_pictures_take_the_shape_of_the_format(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.json(whole(words("x")))

    async def use(provider: AnthropicMessages, server: Any) -> None:
        parts = [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "image_url", "image_url": {"url": "https://host/a.png"}},
        ]
        await provider.stream(Request([{"role": "user", "content": parts}]), print)
        assert server.calls[0].body["messages"][0]["content"] == [
            words("What is it?"),
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
            {"type": "image", "source": {"type": "url", "url": "https://host/a.png"}},
        ]

    run(handler, model_server, use)


def test_the_base_of_an_imitation_gets_its_version(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.json(whole(words("x")))

    async def use(provider: AnthropicMessages, server: Any) -> None:
        other = AnthropicMessages(f"http://127.0.0.1:{server.port}/anthropic", KEY, "m")
        await other.stream(QUESTION, print)
        await other.close()
        assert server.calls[0].path == "/anthropic/v1/messages"

    run(handler, model_server, use)


def test_a_model_that_may_not_call_is_told_so_beside_its_tools(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.json(whole(words("x")))

    async def use(provider: AnthropicMessages, server: Any) -> None:
        await provider.stream(Request(QUESTION.messages, tools=[TOOL], may_call=False), print)
        await provider.stream(Request(QUESTION.messages, may_call=False), print)
        assert [call.body.get("tool_choice") for call in server.calls] == [{"type": "none"}, None]
        assert server.calls[0].body["tools"]

    run(handler, model_server, use)
