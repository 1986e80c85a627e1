"""What the README shows of the agent, run as it stands there against a model's server."""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
PROGRAMS = [text for text in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "AIAgent" in text]
ADDRESS = "http://127.0.0.1:11434/v1"
BOUND = 60.0


async def answer(request: web.Request) -> web.StreamResponse:
    """Calls ``add`` where it is offered, and says the result; otherwise repeats what the system prompt wants."""
    asked = await request.json()
    messages: list[dict[str, Any]] = asked["messages"]
    delta: dict[str, Any] = {"content": f"{messages[0]['content']} Yes."}
    if messages[-1]["role"] == "tool":
        delta = {"content": f"It is {messages[-1]['content']}."}
    elif asked.get("tools"):
        call = {"name": "add", "arguments": json.dumps({"a": 20, "b": 22})}
        delta = {"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": call}]}
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    finish = "tool_calls" if "tool_calls" in delta else "stop"
    for choice in ({"index": 0, "delta": delta}, {"index": 0, "delta": {}, "finish_reason": finish}):
        await response.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    return response


async def list_models(_: web.Request) -> web.Response:
    return web.json_response({"data": [{"id": "a-model"}]})


def run(program: str) -> str:
    """Run it against the server above, warnings are errors; returns what it printed."""

    async def main() -> str:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        app.router.add_get("/v1/models", list_models)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        text = program.replace(ADDRESS, f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", text, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await asyncio.wait_for(process.communicate(), BOUND)
        await runner.cleanup()
        assert (process.returncode, err.decode()) == (0, "")
        return out.decode()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("number", "printed"),
    [(0, "It is 42."), (1, "Answer in French. Yes.\nAnswer in Welsh. Yes.")],
    ids=["sync", "async"],
)
def test_the_readmes_programs_run_and_print_the_answer(number: int, printed: str) -> None:
    assert printed in run(PROGRAMS[number])


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_readmes_programs_are_about_ten_lines(program: str) -> None:
    assert len([line for line in program.splitlines() if line.strip()]) <= 10
