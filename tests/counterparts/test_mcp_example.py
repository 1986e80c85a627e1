"""Against the official SDK's own example of a server, as its package brings it: over standard input and output, and HTTP."""

import asyncio
import contextlib
import re
import socket
import sys
from collections.abc import AsyncIterator
from importlib.metadata import metadata
from pathlib import Path

import pytest

from telex.agent.agent import AIAgent
from telex.agent.mcp import MCPServers
from telex.agent.mcp_connection import Place, Program, Remote
from telex.events import End, Event, SegmentEnded, TextDelta, ToolFinished, ToolStarted, TurnEnded
from telex.providers.scripted import Piece, Scripted

BOUND = 60.0
RUN = "import runpy, sys; runpy.run_path(sys.argv[1])['mcp'].run(sys.argv[2], **eval(sys.argv[3]))"


def example(folder: Path) -> str:
    """The file with "A server in 15 lines" of the SDK's own description."""
    blocks = re.findall(r"```python\n(.*?)```", metadata("mcp")["Description"], re.DOTALL)
    (code,) = [block for block in blocks if "MCPServer(" in block]
    file = folder / "server.py"
    file.write_text(code)
    return str(file)


@contextlib.asynccontextmanager
async def place(how: str, folder: Path) -> AsyncIterator[Place]:
    server = example(folder)
    if how == "stdio":
        yield Program(sys.executable, ["-c", RUN, server, "stdio", "{}"])
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = repr({"host": "127.0.0.1", "port": port})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, server, "streamable-http", options, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        while b"running on" not in (line := await process.stderr.readline()):
            assert line, "the server ended"
        yield Remote(f"http://127.0.0.1:{port}/mcp")
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("how", ["stdio", "HTTP"])
def test_the_sdks_example_is_called_in_the_middle_of_an_answer(how: str, tmp_path: Path) -> None:
    script = [
        Piece(0, "Let me add."),
        Piece(0, '{"a": 1, "b": 2}', "call", "add"),
        Piece(0, '{"a": "x", "b": 2}', "call", "add"),
        Piece(0, "It is 3."),
    ]

    async def main() -> tuple[list[Event], list[str]]:
        events: list[Event] = []
        async with asyncio.timeout(BOUND), place(how, tmp_path) as where:
            servers = MCPServers({"demo": where})
            agent = AIAgent(Scripted(script), tools=[servers])
            try:
                await agent.run_turn("What is 1 + 2?", events.append)
            finally:
                await servers.close()
        said = {message["tool_call_id"]: message["content"] for message in agent.history if message["role"] == "tool"}
        return events, [said[name] for name in sorted(said)]  # results stand in the order in which they came

    events, results = asyncio.run(main())
    assert results[0] == "3"
    assert "`a` must be of the type integer" in results[1]
    kinds = [type(event) for event in events]
    assert kinds[:2] == [TextDelta, SegmentEnded]
    assert sorted(event.ok for event in events if isinstance(event, ToolFinished)) == [False, True]
    assert kinds.index(ToolStarted) < kinds.index(ToolFinished)
    assert events[-1] == TurnEnded(End.FINISHED)
