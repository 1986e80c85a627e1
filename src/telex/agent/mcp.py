"""Tools of MCP servers, by the official SDK: programs that telex starts, and servers at an address.

A server is started when a turn wants its tools, and again at the next need when it has died; a call that was under way then
fails, for nobody knows how far it came.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import mcp.types as wire
import msgspec
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from telex.agent.mcp_connection import FAILED, Connection, NotRun, Place
from telex.agent.tool_schema import Progress, problem_with
from telex.agent.tools import Tool, ToolError, free_name, sound_name

log = logging.getLogger("telex.agent")

ENDED = "The MCP server {name} broke off. It is started again at the next call."
SLOW, SPARED = 5.0, 60.0  # a start that fails after so many seconds is not tried again for so many: answers wait for it
UNREADABLE = "The MCP server {name} answered what cannot be read as a tool's result."
CLOSED = "Connection closed"  # the SDK's words


class MCPServers:
    """The tools of several servers, as a source for agents. It may be shared, by agents of one event loop.

    Args:
        places: where each server is, by a name for people.
    """

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._servers = [_Server(name, place) for name, place in places.items()]
        self._told: set[str] = set()

    async def tools(self, tell: Callable[[str], None]) -> list[Tool]:
        """The tools of all servers that can be had.

        In a name, what models may not be told becomes ``_``; one that two servers use gets the server's in front.
        """
        listed = await asyncio.gather(*(self._listed(server, tell) for server in self._servers))
        names = Counter(sound_name(tool.name) for _, tools in listed for tool in tools)
        found: dict[str, Tool] = {}
        for server, tools in listed:
            for each in tools:
                name = sound_name(each.name)
                name = free_name(name if names[name] == 1 else f"{sound_name(server.name)}_{name}", found)
                found[name] = server.tool(each, name)
        return list(found.values())

    async def close(self) -> None:
        """End all connections and programs."""
        await asyncio.gather(*(server.close() for server in self._servers))

    async def _listed(self, server: "_Server", tell: Callable[[str], None]) -> "tuple[_Server, Sequence[wire.Tool]]":
        try:
            tools = await server.tools()
        except ToolError as error:
            if server.name not in self._told:  # once, until it has worked
                log.info("%s", error)  # the reader is told, and the log for who runs telex
                tell(str(error))
            self._told.add(server.name)
            return server, ()
        self._told.discard(server.name)
        return server, tools


class _Server:
    """One server: its connection when there is one, and its tools."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self._place = place
        self._connections: list[Connection] = []  # the newest last; those before it are ending
        self._slow: tuple[float, str] | None = None  # until when it is spared, and why

    async def tools(self) -> "Sequence[wire.Tool]":
        """What it offers; starts it where it does not run.

        Raises:
            ToolError: it cannot be had.
        """
        return await (await self._running()).tools()

    def tool(self, about: "wire.Tool", name: str) -> Tool:
        """A tool of this server, for an agent."""

        async def run(arguments: str, progress: Progress) -> str:
            given = msgspec.json.decode(arguments, type=dict[str, Any])
            if problem := problem_with(about.input_schema, given):
                raise ToolError(f"{problem}. Call it again with others.")
            return _said(await self._call(about.name, given, progress))

        words = about.description or about.title or ""
        return Tool(name, words, _whole(about.input_schema), run, known_as=about.name, server=sound_name(self.name))

    async def close(self) -> None:
        await asyncio.gather(*(connection.close() for connection in self._connections))
        self._connections.clear()

    async def _running(self) -> "Connection":
        now = asyncio.get_running_loop().time
        if self._slow is not None and now() < self._slow[0]:
            raise ToolError(self._slow[1])
        self._connections = [connection for connection in self._connections if not connection.gone]
        if not self._connections or self._connections[-1].over:
            self._connections.append(Connection(self.name, self._place))
        connection = self._connections[-1]
        began = now()
        try:
            await connection.started()
        except ToolError as error:
            if now() - began > SLOW:
                self._slow = (now() + SPARED, str(error))
            raise
        return connection

    async def _call(self, tool: str, arguments: dict[str, Any], progress: Progress) -> "wire.CallToolResult":
        for last in (False, True):
            connection = await self._running()
            try:
                return await connection.call(tool, arguments, progress)
            except NotRun as refused:
                connection.end()
                if last:
                    raise ToolError(f"The MCP server {self.name} does not take the call: {refused}") from None
            except MCPError as error:
                # Many servers give errors of their own the code that the SDK gives to a connection's end.
                if error.message not in (CLOSED, FAILED):
                    raise ToolError(error.message) from None
                connection.end()
                raise ToolError(ENDED.format(name=self.name)) from None
            except ValidationError:
                raise ToolError(UNREADABLE.format(name=self.name)) from None
            except Exception as error:  # noqa: BLE001 - the SDK lets through what its transports raise
                connection.end()
                log.warning("the MCP server %s: %s: %s", self.name, type(error).__name__, error)
                raise ToolError(ENDED.format(name=self.name)) from None
        raise AssertionError


def _whole(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that says what the object has, if only that it has nothing: OpenAI's servers refuse the question otherwise."""
    return {**schema, "properties": schema.get("properties") or {}}


def _said(result: "wire.CallToolResult") -> str:
    """What a server's tool said, as text; what is no text is named.

    Raises:
        ToolError: the tool says that it failed.
    """
    text = "\n".join(_words(result.content))
    if not text and result.structured_content is not None:
        text = msgspec.json.encode(result.structured_content).decode()
    if result.is_error:
        raise ToolError(text or "the tool says that it failed, and not why.")
    return text or "Done."


def _words(content: Iterable[Any]) -> list[str]:
    words = []
    for block in content:
        match block:
            case wire.TextContent(text=text):
                words.append(text)
            case wire.EmbeddedResource(resource=wire.TextResourceContents(text=text)):
                words.append(text)
            case wire.ResourceLink(uri=uri, name=name):
                words.append(f"[{name}]({uri})")
            case _:
                words.append(f"[{block.type}: cannot be shown as text]")
    return words
