import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from telex.agent.agent import AIAgent
from telex.agent.background import background_loop
from telex.agent.mcp import MCPServers
from telex.agent.mcp_connection import CLOSE_BOUND, Place, Program, Remote
from telex.agent.tools import offered, tool
from telex.events import End, Event, Notice, ToolFinished, ToolProgress
from telex.providers.scripted import Piece, Scripted

SERVER = str(Path(__file__).parent / "mcp_server.py")
PROGRAM = Program(sys.executable, [SERVER], {"GREETING": "hi"})
ODD = Program(sys.executable, [str(Path(__file__).parent / "odd_mcp_server.py")])
GARBAGE = r"import sys; sys.stdout.buffer.write(b'\xff\n'); sys.stdout.flush(); sys.stdin.read()"
NO_GREETING = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"jsonrpc": "2.0", "id": json.loads(line).get("id"), "result": {}}), flush=True)
"""
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


def test_an_interrupt_leaves_a_running_tool_at_once_and_the_server_is_told_and_goes_on() -> None:
    async def use(servers: MCPServers) -> None:
        before, _ = await called(servers, "process")
        agent = AIAgent(Scripted([Piece(0, "{}", "call", "hang")]), tools=[servers])

        def stop(event: Event) -> None:
            if isinstance(event, ToolProgress):
                agent.interrupt()

        assert (await agent.run_turn("Go!", stop)).end is End.INTERRUPTED
        assert (await called(servers, "was_left"))[0] == "yes"
        assert (await called(servers, "process"))[0] == before

    using({"one": PROGRAM}, use)


def test_a_server_that_died_between_two_turns_is_started_again_and_the_call_is_made() -> None:
    async def use(servers: MCPServers) -> None:
        first = await _process_of(servers)
        (connection,) = servers._servers[0]._connections  # the one way to see that its end was noticed
        os.kill(first, signal.SIGKILL)
        await connection._end.wait()
        assert await _process_of(servers) != first

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


def test_a_server_over_http_that_was_restarted_between_two_turns_is_called_without_a_word() -> None:
    port = free_port()

    async def use(servers: MCPServers) -> None:
        process = await serving(port)
        try:
            first, _ = await called(servers, "process")
            process.kill()
            await process.wait()
            process = await serving(port)
            second, _ = await called(servers, "process")
            assert second.strip().isdecimal()
            assert first != second
        finally:
            process.kill()
            await process.wait()

    using({"far": Remote(f"http://127.0.0.1:{port}/mcp")}, use)


class Forgetful:
    """A server over HTTP in the older way, which answers to a session that it does not know as it is told to."""

    def __init__(self, refusal: Callable[[], web.Response]) -> None:
        self._refusal = refusal
        self.sessions: set[str] = set()
        self.runs = 0

    async def answer(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            return web.Response(status=405)
        asked = await request.json()
        session = request.headers.get("Mcp-Session-Id", "")
        said: dict[str, Any] = {"jsonrpc": "2.0", "id": asked.get("id")}
        match asked["method"]:
            case "initialize":
                session = f"session-{len(self.sessions)}-{id(asked)}"
                self.sessions.add(session)
                info = {"name": "forgetful", "version": "1"}
                said["result"] = {"protocolVersion": "2025-03-26", "capabilities": {"tools": {}}, "serverInfo": info}
                return web.json_response(said, headers={"Mcp-Session-Id": session})
            case _ if not session:
                return web.json_response({**said, "error": {"code": -32601, "message": "no"}}, status=400)
            case _ if session not in self.sessions:
                return self._refusal()
            case "tools/list":
                said["result"] = {"tools": [{"name": "run", "inputSchema": {"type": "object"}}]}
            case "tools/call":
                self.runs += 1
                said["result"] = {"content": [{"type": "text", "text": "ran"}]}
            case _:
                return web.Response(status=202)
        return web.json_response(said)


def _in_json(status: int, code: int) -> Callable[[], web.Response]:
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": "Bad Request: no valid session"}}
    return lambda: web.json_response(error, status=status)


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (lambda: web.Response(status=404, text="no session"), "ran"),
        (lambda: web.Response(status=400, text="no session"), "ran"),
        (_in_json(400, -32000), "ran"),
        (_in_json(400, -32600), "ran"),
        (_in_json(404, -32600), "ran"),
        (lambda: web.Response(status=502, text="bad gateway"), "broke off"),
    ],
)
def test_a_server_that_has_forgotten_the_session_gets_another_and_the_call_again_where_it_cannot_have_run(
    refusal: Callable[[], web.Response], told: str
) -> None:
    server = Forgetful(refusal)

    async def use(servers: MCPServers) -> None:
        app = web.Application()
        app.router.add_route("*", "/mcp", server.answer)
        async with TestServer(app, host="127.0.0.1", port=port):
            assert (await called(servers, "run"))[0] == "ran"
            server.sessions.clear()
            assert told in (await called(servers, "run"))[0]
            assert (await called(servers, "run"))[0] == "ran"
            assert server.runs == 3 - (told != "ran")
            await servers.close()

    port = free_port()
    using({"far": Remote(f"http://127.0.0.1:{port}/mcp")}, use)


def test_a_name_that_models_are_not_told_is_told_with_underscores_and_its_own_is_known() -> None:
    async def use(servers: MCPServers) -> None:
        assert (await called(servers, "notes_read_all"))[0] == "read"
        refused, _ = await called(servers, "notes_read_all", approve={"notes.read/all"})
        assert "user's yes" in refused

    using({"one": PROGRAM}, use)


def test_a_servers_tool_with_the_name_of_another_gets_the_servers_name_in_front() -> None:
    @tool
    async def calculator() -> str:
        return "here"

    @tool
    async def one_calculator() -> str:
        return "also here"

    async def use(servers: MCPServers) -> None:
        offers = await offered([servers, calculator], print)
        assert await offers["calculator"].run("{}", print) == "here"
        assert await offers["one_calculator"].run("{}", print) == "at the server"
        offers = await offered([servers, calculator, one_calculator], print)
        assert await offers["one_calculator"].run("{}", print) == "also here"
        assert await offers["one_calculator_2"].run("{}", print) == "at the server"

    using({"one": PROGRAM}, use)


def test_a_name_that_two_servers_use_gets_the_servers_name_in_front() -> None:
    async def use(servers: MCPServers) -> None:
        names = {each.name for each in await servers.tools(print)}
        assert {"one_add", "two_add"} <= names
        assert "add" not in names
        assert (await called(servers, "two_add", '{"a": 1, "b": 1}'))[0] == "2"
        refused, _ = await called(servers, "two_add", '{"a": 1, "b": 1}', approve={"add"})
        assert "user's yes" in refused

    using({"one": PROGRAM, "two": PROGRAM}, use)


def test_a_server_may_have_any_name() -> None:
    async def use(servers: MCPServers) -> None:
        names = {each.name for each in await servers.tools(print)}
        assert {"my_notes_add", "_ber_add"} <= names
        assert (await called(servers, "my_notes_add", '{"a": 1, "b": 1}'))[0] == "2"

    using({"my notes": PROGRAM, "über": PROGRAM}, use)


def test_a_tool_of_which_the_server_does_not_say_what_it_takes_is_told_to_take_nothing() -> None:
    async def use(servers: MCPServers) -> None:
        (offer,) = [each.offer for each in await servers.tools(print) if each.name == "refuse"]
        assert offer["parameters"] == {"type": "object", "properties": {}}  # without the latter OpenAI refuses it

    using({"odd": ODD}, use)


def test_a_server_that_answers_as_none_should_is_not_given_up() -> None:
    async def use(servers: MCPServers) -> None:
        assert (await called(servers, "refuse"))[0] == "Error: no tickets are left"
        assert "cannot be read" in (await called(servers, "muddle"))[0]
        assert (await called(servers, "picture"))[0] == "A cat:\n[image: cannot be shown as text]"
        assert (await called(servers, "change"))[0] == "changed"
        assert (await called(servers, "changed"))[0] == "5 calls"  # it is the same process

    using({"odd": ODD}, use)


def test_a_server_that_hangs_at_its_start_is_left_at_once_and_ended_soon() -> None:
    async def use(servers: MCPServers) -> None:
        runs = asyncio.Event()

        async def heard(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()
            await writer.wait_closed()
            runs.set()

        async with await asyncio.start_server(heard, "127.0.0.1", port):
            agent = AIAgent(Scripted([Piece(0, "Hello.")]), tools=[servers])
            asking = asyncio.create_task(agent.run_turn("?"))
            await runs.wait()
            agent.interrupt()
            await asking
            async with asyncio.timeout(CLOSE_BOUND):
                await servers.close()

    port = free_port()
    hang = f"import socket, time; socket.create_connection(('127.0.0.1', {port})).close(); time.sleep(600)"
    using({"hanging": Program(sys.executable, ["-c", hang])}, use)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda _: web.Response(status=401, text="no"), "it answered 401"),
        (lambda _: web.Response(status=500, text="oops"), "it answered 500"),
        (lambda _: web.Response(text="{{{", content_type="application/json"), "does not speak"),
        (lambda _: web.Response(text="data: {{{\n\n", content_type="text/event-stream"), "does not speak"),
        (lambda _: web.Response(text="<html>", content_type="text/html"), "text/html"),
    ],
)
def test_what_is_no_mcp_server_at_an_address_is_told_in_a_sentence(
    answer: Callable[[web.Request], web.Response], told: str
) -> None:
    async def handler(request: web.Request) -> web.Response:
        return answer(request)

    async def use(servers: MCPServers) -> None:
        app = web.Application()
        app.router.add_route("*", "/mcp", handler)
        notices: list[str] = []
        async with TestServer(app, host="127.0.0.1", port=port):
            assert await servers.tools(notices.append) == []
        (notice,) = notices
        assert told in notice
        assert len(notice) < 150

    port = free_port()
    using({"far": Remote(f"http://127.0.0.1:{port}/mcp")}, use)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (Program("no-such-program"), "no program 'no-such-program'"),
        (Program(sys.executable, ["-c", "pass"]), "cannot be started"),
        (Program(sys.executable, ["-c", "print('hello')"]), "cannot be started"),
        (Program(sys.executable, ["-c", NO_GREETING]), "does not speak"),
        (Program(sys.executable, ["-c", GARBAGE]), "does not speak"),
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
