import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from telex.agent.agent import AIAgent
from telex.agent.background import background_loop
from telex.agent.mcp import MCPServers
from telex.agent.mcp_connection import Place, Program, Remote
from telex.agent.tools import tool
from telex.events import End, Event, Notice, ToolFinished, ToolProgress, ToolStarted
from telex.providers.scripted import Piece, Scripted

SERVER = str(Path(__file__).parent / "mcp_server.py")
PROGRAM = Program(sys.executable, [SERVER], {"GREETING": "hi"})
BOUND = 60.0


def using(places: dict[str, Place], use: Callable[[MCPServers], Awaitable[None]]) -> None:
    """Run ``use`` and end the servers, of which nothing may be left."""

    async def main() -> None:
        servers = MCPServers(places)
        try:
            async with asyncio.timeout(BOUND):
                await use(servers)
        finally:
            await servers.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


async def called(servers: MCPServers, name: str, arguments: str = "{}", **settings: Any) -> tuple[str, list[Event]]:
    """Let a scripted model call a tool; its result and the turn's events."""
    events: list[Event] = []
    agent = AIAgent(Scripted([Piece(0, arguments, "call", name), Piece(0, "Done.")]), tools=[servers], **settings)
    assert (await agent.run_turn("Go!", events.append)).text == "Done."
    (result,) = [message["content"] for message in agent.history if message["role"] == "tool"]
    return result, events


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def serving(port: int) -> asyncio.subprocess.Process:
    """The server at ``port``, once it listens."""
    process = await asyncio.create_subprocess_exec(sys.executable, SERVER, str(port), stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if b"running on" in line:
            return process
    raise AssertionError("the server ended")


def test_a_program_is_started_and_its_tools_are_called() -> None:
    async def use(servers: MCPServers) -> None:
        result, events = await called(servers, "add", '{"a": 1, "b": 2}')
        assert result == "3"
        assert [event.ok for event in events if isinstance(event, ToolFinished)] == [True]
        (add,) = [each for each in await servers.tools(print) if each.name == "add"]
        assert add.description == "Add two numbers."
        assert set(add.parameters["properties"]) == {"a", "b"}
        assert (await called(servers, "process"))[0].endswith(" hi")

    using({"one": PROGRAM}, use)


def test_progress_and_failures_of_a_tool_arrive() -> None:
    async def use(servers: MCPServers) -> None:
        result, events = await called(servers, "count", '{"upto": 3}')
        assert result == "counted"
        said = [event.text for event in events if isinstance(event, ToolProgress)]
        assert said == ["33% at 1", "67% at 2", "100% at 3"]
        result, events = await called(servers, "fail")
        assert result.startswith("Error: ")
        assert "the disk is full" in result
        assert [event.ok for event in events if isinstance(event, ToolFinished)] == [False]
        assert "`a` must be of the type integer" in (await called(servers, "add", '{"a": "x", "b": 2}'))[0]
        assert "`b` is missing" in (await called(servers, "add", '{"a": 1}'))[0]

    using({"one": PROGRAM}, use)


def test_a_server_that_died_is_started_again_at_the_next_need() -> None:
    async def use(servers: MCPServers) -> None:
        first, _ = await called(servers, "process")
        result, _ = await called(servers, "die")
        assert "broke off" in result
        second, _ = await called(servers, "process")
        assert second.endswith(" hi")
        assert first != second

    using({"one": PROGRAM}, use)


def test_a_tool_that_hangs_is_left_and_the_server_goes_on() -> None:
    async def use(servers: MCPServers) -> None:
        before, _ = await called(servers, "process")
        result, _ = await called(servers, "hang", tool_timeout=0.2)
        assert "longer than" in result
        assert (await called(servers, "process"))[0] == before

    using({"one": PROGRAM}, use)


def test_an_interrupt_leaves_a_running_tool_at_once_and_the_server_goes_on() -> None:
    async def use(servers: MCPServers) -> None:
        before, _ = await called(servers, "process")
        agent = AIAgent(Scripted([Piece(0, "{}", "call", "hang")]), tools=[servers])

        def stop(event: Event) -> None:
            if isinstance(event, ToolStarted):
                asyncio.get_running_loop().call_soon(agent.interrupt)

        assert (await agent.run_turn("Go!", stop)).end is End.INTERRUPTED
        assert (await called(servers, "process"))[0] == before

    using({"one": PROGRAM}, use)


def test_agents_of_one_loop_share_a_server_side_by_side() -> None:
    async def use(servers: MCPServers) -> None:
        said = await asyncio.gather(*(called(servers, "add", f'{{"a": {number}, "b": 1}}') for number in range(5)))
        assert [result for result, _ in said] == ["1", "2", "3", "4", "5"]
        one, other = await asyncio.gather(called(servers, "process"), called(servers, "process"))
        assert one[0] == other[0]

    using({"one": PROGRAM}, use)


async def _process_of(servers: MCPServers) -> int:
    return int((await called(servers, "process"))[0].split()[0])


def test_a_synchronous_conversation_uses_a_server_and_closing_the_agent_ends_it() -> None:
    servers = MCPServers({"one": PROGRAM})
    script = [Piece(0, '{"a": 1, "b": 2}', "call", "add"), Piece(0, "Done.")]
    with AIAgent(Scripted(script), tools=[servers]) as agent:
        assert agent.run_conversation("Go!") == "Done."
        assert agent.history[2]["content"] == "3"
        server = asyncio.run_coroutine_threadsafe(_process_of(servers), background_loop()).result(BOUND)
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_a_server_over_http_is_called_and_found_again_after_its_restart() -> None:
    port = free_port()

    async def use(servers: MCPServers) -> None:
        process = await serving(port)
        try:
            first, _ = await called(servers, "process")
            assert (await called(servers, "add", '{"a": 2, "b": 2}'))[0] == "4"
            result, _ = await called(servers, "die")
            assert "broke off" in result
            await process.wait()
            process = await serving(port)
            second, _ = await called(servers, "process")
            assert first.strip().isdecimal()
            assert first != second
        finally:
            process.kill()
            await process.wait()

    using({"far": Remote(f"http://127.0.0.1:{port}/mcp")}, use)


def test_a_name_that_two_servers_use_gets_the_servers_name_in_front() -> None:
    async def use(servers: MCPServers) -> None:
        names = {each.name for each in await servers.tools(print)}
        assert {"one_add", "two_add"} <= names
        assert "add" not in names
        assert (await called(servers, "two_add", '{"a": 1, "b": 1}'))[0] == "2"
        refused, _ = await called(servers, "two_add", '{"a": 1, "b": 1}', approve={"add"})
        assert "user's yes" in refused

    using({"one": PROGRAM, "two": PROGRAM}, use)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (Program("no-such-program"), "no program 'no-such-program'"),
        (Program(sys.executable, ["-c", "pass"]), "cannot be started"),
        (Remote("http://127.0.0.1:9/mcp"), "cannot be started"),
    ],
)
def test_a_server_that_cannot_be_had_is_told_of_once_and_the_other_tools_are_there(place: Place, told: str) -> None:
    @tool
    async def own() -> str:
        return "here"

    async def use(servers: MCPServers) -> None:
        notices: list[Event] = []
        for _ in range(2):
            agent = AIAgent(Scripted([Piece(0, "{}", "call", "own"), Piece(0, "Done.")]), tools=[servers, own])
            await agent.run_turn("Go!", notices.append)
            assert agent.history[2]["content"] == "here"
        (notice,) = [event for event in notices if isinstance(event, Notice)]
        assert told in notice.text

    using({"odd": place}, use)
