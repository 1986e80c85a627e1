"""The programs in the pages about tools, run as they stand there, against a model's server and the simulator."""

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiohttp import web

from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from tests.cli.processes import TOKEN, environment
from tests.gateway.playground import ADA, BOUND, until

ROOT = Path(__file__).parent.parent.parent
ADDRESS = "http://127.0.0.1:11434/v1"
ARGUMENTS = {"weather": {"city": "Oslo"}, "opening_hours": {"day": "Monday"}}


def program(page: str) -> str:
    (code,) = re.findall(
        r"^```python program\n(.*?)^```$", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return str(code)


async def answer(request: web.Request) -> web.Response:
    """Calls the first tool that is offered, and says what it said."""
    asked = await request.json()
    last = asked["messages"][-1]
    message: dict[str, Any] = {"role": "assistant", "content": f"It said: {last['content']}"}
    if last["role"] != "tool":
        name = asked["tools"][0]["function"]["name"]
        call = {"name": name, "arguments": json.dumps(ARGUMENTS[name])}
        message = {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": call}]}
    return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


async def models(_: web.Request) -> web.Response:
    return web.json_response({"data": [{"id": "a-model"}]})


@contextlib.asynccontextmanager
async def started(page: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A page's program as a process in ``folder``; warnings are errors. Killed at the end where it still runs."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    app.router.add_get("/v1/models", models)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    text = program(page).replace(ADDRESS, f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", text,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        cwd=folder, env=environment(PYTHONPATH=os.fspath(ROOT / "src"), TELEGRAM_BOT_TOKEN=TOKEN),
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
        await runner.cleanup()


def test_the_program_of_the_page_about_adding_a_tool_runs_its_tool(tmp_path: Path):
    async def main() -> None:
        async with started("add-a-tool.md", tmp_path) as process:
            out, err = await asyncio.wait_for(process.communicate(), BOUND)
            assert (process.returncode, err.decode()) == (0, "")
            assert out.decode() == 'It said: {"tomorrow":"rain"}\n'

    asyncio.run(main())


def test_the_bot_of_the_page_about_tools_runs_its_tool(tmp_path: Path):
    async def main() -> None:
        simulator = Simulator(limits=Limits.none())
        base = await simulator.start()
        config = f"telegram: {{api_base: '{base}', allow: [{ADA}]}}\ndata_dir: '{tmp_path}'\n"
        (tmp_path / "config.yaml").write_text(config)
        async with started("tools.md", tmp_path):
            simulator.say(ADA, "When do you open?")
            await until(simulator, lambda: simulator.messages(ADA)[-1]["text"].endswith("It said: 19:00 to 23:00"))
        await simulator.stop()

    asyncio.run(main())
