"""What a chat completions server is shown again of what its model thought: to whom it is owed, and to nobody else."""

import asyncio
import json
from typing import Any

from telex.providers.base import Reply, Request
from telex.providers.openai_chat import OpenAIChat

DETAILS = [
    {"type": "reasoning.text", "text": "h", "index": 0, "format": "x"},
    {"type": "reasoning.text", "text": "m", "signature": "s1g", "index": 0, "format": "x"},
    {"type": "reasoning.encrypted", "data": "blob", "id": "r1", "index": 1},
]
CALL = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}, "extra_content": {"google": {"t": "sig"}}}
RESULT = {"role": "tool", "tool_call_id": "c", "content": "4"}
TOOL = {"name": "f", "description": "Does it.", "parameters": {"type": "object", "properties": {}}}


def chunk(delta: Any, finish: str | None = None) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": delta, "finish_reason": finish}]}).encode() + b"\n\n"


def asked_with_result(model_server: Any, *, same_model: bool = True) -> tuple[Reply, Any]:
    """Let the model call a tool, and give the question that carries the result."""

    async def handler(call: Any) -> None:
        await call.head()
        for detail in DETAILS:
            await call.part(chunk({"reasoning_details": [detail]}))
        await call.part(chunk({"reasoning": "hm", "tool_calls": [CALL]}))
        await call.part(chunk({}, "tool_calls") + b"data: [DONE]\n\n")
        await call.raw(b"0\r\n\r\n")

    async def main() -> tuple[Reply, Any]:
        async with asyncio.timeout(20), model_server(handler) as server:
            one, two = OpenAIChat(server.url, model="m"), OpenAIChat(server.url, model="m" if same_model else "n")
            question = [{"role": "user", "content": "?"}]
            reply = await one.stream(Request(question, tools=[TOOL]), print)
            again = json.loads(json.dumps([*question, reply.message, RESULT]))  # as a file keeps it
            await two.stream(Request(again, tools=[TOOL]), print)
            await one.close()
            await two.close()
            assert server.calls[0].body["tools"] == [{"type": "function", "function": TOOL}]
            return reply, server.calls[1].body["messages"]

    return asyncio.run(main())


def test_details_and_signatures_go_back_unchanged_beside_the_call(model_server: Any) -> None:
    reply, messages = asked_with_result(model_server)
    assert [(call.id, call.name) for call in reply.calls] == [("c", "f")]
    _, answer, result = messages
    assert answer["reasoning_details"] == [
        {"type": "reasoning.text", "text": "hm", "signature": "s1g", "index": 0, "format": "x"},
        DETAILS[2],
    ]
    function = {"name": "f", "arguments": "{}"}
    assert answer["tool_calls"] == [
        {"id": "c", "type": "function", "function": function, "extra_content": CALL["extra_content"]}
    ]
    assert result == RESULT
    assert "state" not in answer


def test_another_model_sees_the_call_and_nothing_of_the_thoughts(model_server: Any) -> None:
    _, messages = asked_with_result(model_server, same_model=False)
    assert messages[1] == {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }


def test_a_model_that_may_not_call_is_told_so_beside_its_tools(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.head()
        await call.part(chunk({"content": "x"}) + chunk({}, "stop") + b"data: [DONE]\n\n")
        await call.raw(b"0\r\n\r\n")

    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = OpenAIChat(server.url, model="m")
            question = [{"role": "user", "content": "?"}]
            await provider.stream(Request(question, tools=[TOOL], may_call=False), print)
            await provider.stream(Request(question, may_call=False), print)
            await provider.close()
            assert [call.body.get("tool_choice") for call in server.calls] == ["none", None]
            assert server.calls[0].body["tools"]

    asyncio.run(main())
