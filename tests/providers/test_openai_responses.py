"""OpenAI's Responses on a real socket: what is sent, what comes back, and what goes back unchanged."""

import asyncio
import json
from typing import Any

import pytest

from telex.providers.base import Request
from telex.providers.openai_responses import OpenAIResponses

QUESTION = Request([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}])
TOOL = {"name": "f", "description": "Does it.", "parameters": {"type": "object", "properties": {}}}
THOUGHT = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "gAAA=="}
CALL = {"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": "{}"}
DONE = {"type": "message", "content": [{"type": "output_text", "text": "Done."}]}


def run(handler: Any, model_server: Any, use: Any, **settings: Any) -> None:
    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = OpenAIResponses(server.url, **{"model": "m", "api_key": "key", **settings})
            try:
                await use(provider, server)
            finally:
                await provider.close()

    asyncio.run(main())


def response(*output: Any) -> dict[str, Any]:
    return {"object": "response", "status": "completed", "output": output}


def test_the_request_has_the_shape_of_the_format(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.json(response(DONE))

    async def use(provider: OpenAIResponses, server: Any) -> None:
        picture = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:x"}}]
        await provider.stream(Request([*QUESTION.messages, {"role": "user", "content": picture}], tools=[TOOL]), print)
        (call,) = server.calls
        assert (call.path, call.headers["authorization"]) == ("/v1/responses", "Bearer key")
        assert call.body == {
            "model": "m",
            "instructions": "Be brief.",
            "input": [
                {"role": "user", "content": "Hello?"},
                {
                    "role": "user",
                    "content": [{"type": "input_text", "text": "a"}, {"type": "input_image", "image_url": "data:x"}],
                },
            ],
            "store": False,
            "include": ["reasoning.encrypted_content"],
            "max_output_tokens": 99,
            "tools": [{"type": "function", "strict": False, **TOOL}],
            "stream": True,
        }

    run(handler, model_server, use, max_tokens=99)


@pytest.mark.parametrize("same", [True, False], ids=["the same model", "another model"])
def test_encrypted_thoughts_go_back_unchanged_to_the_model_that_had_them(model_server: Any, same: bool) -> None:
    async def handler(call: Any) -> None:
        await call.json(response(THOUGHT, CALL) if len(call.body["input"]) == 1 else response(DONE))

    async def use(provider: OpenAIResponses, server: Any) -> None:
        reply = await provider.stream(QUESTION, print)
        result = {"role": "tool", "tool_call_id": reply.calls[0].id, "content": "4"}
        again = json.loads(json.dumps([*QUESTION.messages, reply.message, result]))
        other = OpenAIResponses(server.url, "key", "m" if same else "n")
        assert (await other.stream(Request(again), print)).text == "Done."
        await other.close()
        plain = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
        assert server.calls[1].body["input"][1:] == [
            *([THOUGHT, CALL] if same else [plain]),
            {"type": "function_call_output", "call_id": "c", "output": "4"},
        ]

    run(handler, model_server, use)


def test_a_model_that_does_not_think_is_not_asked_for_thoughts_again(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        if "include" in call.body:
            error = {"message": "Encrypted content is not supported with this model.", "param": "include"}
            await call.json({"error": error}, 400)
        else:
            await call.json(response(DONE))

    async def use(provider: OpenAIResponses, server: Any) -> None:
        for _ in range(2):
            assert (await provider.stream(QUESTION, print)).text == "Done."
        assert ["include" in call.body for call in server.calls] == [True, False, False]

    run(handler, model_server, use)


def test_a_model_that_may_not_call_is_told_so_beside_its_tools(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.json(response(DONE))

    async def use(provider: OpenAIResponses, server: Any) -> None:
        await provider.stream(Request(QUESTION.messages, tools=[TOOL], may_call=False), print)
        await provider.stream(Request(QUESTION.messages, may_call=False), print)
        assert [call.body.get("tool_choice") for call in server.calls] == ["none", None]
        assert server.calls[0].body["tools"]

    run(handler, model_server, use)
