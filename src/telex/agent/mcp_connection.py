"""One connection to an MCP server, by the official SDK.

It lives in a task of its own from its beginning to its end, since the SDK's scopes must be left by the task that entered them.
"""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TextIO, TypeAlias

import httpx2
import mcp.types as wire
import msgspec
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from telex.agent.tool_schema import Progress
from telex.agent.tools import ToolError

log = logging.getLogger("telex.agent")

START_BOUND = 30.0  # seconds until a server must have told its tools
CLOSE_BOUND = 5.0  # the SDK gives a program 2 s to end before it is killed
HTTP_PATIENCE = httpx2.Timeout(30.0, read=300.0)  # seconds; a running tool may be silent for long
NOT_RUN = (400, 404)  # what servers over HTTP answer where they do not know the session
MOST_PAGES = 100  # of a list of tools
FAILED = "Server returned an error response"  # the SDK's words for a status that says so
OTHER = "it does not speak the Model Context Protocol"


@dataclass(frozen=True, slots=True)
class Program:
    """A server that is started as a child process and talks over its standard input and output."""

    command: str
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Remote:
    """A server at an address (streamable HTTP)."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


Place: TypeAlias = Program | Remote


class NotRun(Exception):  # noqa: N818 - named for what happened
    """The server did not even begin with a call, in its words: it does not know the session, as after its restart."""


class Connection:
    """One connection, from its start to its end, in one task."""

    def __init__(self, name: str, place: Place) -> None:
        self._name = name
        self._place = place
        self._end = asyncio.Event()
        self._status = 0  # the last by which a server over HTTP refused or failed
        self._refused: list[tuple[str, dict[str, Any]]] = []  # calls that got a status for "not run"
        self._client: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._client.add_done_callback(lambda done: done.cancelled() or done.exception())  # heard, if nobody waits
        self._listing: asyncio.Task[list[wire.Tool]] | None = None
        self._task = asyncio.create_task(self._live(), name=f"MCP server {name}")

    @property
    def over(self) -> bool:
        """It has ended or is about to."""
        return self._end.is_set() or self._task.done()

    @property
    def gone(self) -> bool:
        """It has ended, and its program too."""
        return self._task.done()

    def end(self) -> None:
        """Let go of the server; nobody need wait for it."""
        self._end.set()

    async def close(self) -> None:
        """Let go of the server and wait until its program has ended."""
        self.end()
        if not self._client.done():
            self._task.cancel()  # it still starts, and may hang there
        _, late = await asyncio.wait([self._task], timeout=CLOSE_BOUND)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def started(self) -> None:
        """Wait until it stands.

        Raises:
            ToolError: it cannot be started.
        """
        await asyncio.shield(self._client)

    async def tools(self) -> "list[wire.Tool]":
        """What the server offers, asked for once and when it says that this has changed.

        Raises:
            ToolError: it does not say.
        """
        if self._listing is None:
            self._listing = asyncio.create_task(self._list())
            self._listing.add_done_callback(lambda done: done.cancelled() or done.exception())  # the same
        return await asyncio.shield(self._listing)

    async def call(self, tool: str, arguments: dict[str, Any], tell: Progress) -> "wire.CallToolResult":
        """Run a tool; raises what the SDK raises.

        Raises:
            NotRun: the server did not begin with it.
        """

        async def note(progress: float, total: float | None, message: str | None) -> None:
            share = f"{progress / total:.0%}" if total else f"{progress:g}"
            tell(f"{share} {message}" if message else share)

        try:
            return await self._client.result().call_tool(tool, arguments, progress_callback=note)
        except MCPError as error:
            if (tool, arguments) not in self._refused:
                raise
            self._refused.remove((tool, arguments))
            if error.code in (wire.INVALID_PARAMS, wire.METHOD_NOT_FOUND):  # it knows the session, and not the tool
                raise
            raise NotRun(error.message) from None

    async def _list(self) -> "list[wire.Tool]":
        found: list[wire.Tool] = []
        cursor: str | None = None
        try:
            async with asyncio.timeout(START_BOUND):
                for _ in range(MOST_PAGES):
                    page = await self._client.result().list_tools(cursor=cursor)
                    found += page.tools
                    cursor = page.next_cursor
                    if not cursor:
                        break
        except Exception as error:  # noqa: BLE001 - the same
            self.end()
            raise ToolError(f"The MCP server {self._name} does not tell its tools: {_reason(error)}.") from None
        return found

    async def _live(self) -> None:
        """Connect, stay until the end is wanted or comes, and disconnect."""
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(START_BOUND):
                    client = Client(self._streams(), message_handler=self._heard)
                    await stack.enter_async_context(client)
                self._client.set_result(client)
                await self._end.wait()
        except Exception as error:  # noqa: BLE001 - whatever ends a connection, the next need makes another
            if not self._client.done():
                why = _reason(error)
                if why == FAILED and self._status:
                    why = f"it answered {self._status}"
                if isinstance(error, FileNotFoundError) and isinstance(self._place, Program):
                    why = f"there is no program {self._place.command!r}"
                told = f"The MCP server {self._name} cannot be started: {why}."
                self._client.set_exception(ToolError(told))
            else:
                log.warning("the MCP server %s ended: %s", self._name, _reason(error))
        finally:
            self._end.set()
            self._client.cancel()
            if self._listing is not None:
                self._listing.cancel()

    @asynccontextmanager
    async def _streams(self) -> AsyncIterator[Any]:
        """The SDK's transport for the place; notes when the other end closes it."""
        async with AsyncExitStack() as stack:
            if isinstance(place := self._place, Program):
                program = StdioServerParameters(command=place.command, args=list(place.args), env=dict(place.env))
                transport = stdio_client(program, stack.enter_context(_logged(self._name)))
            else:
                hooks = {"response": [self._answered]}
                http = httpx2.AsyncClient(headers=dict(place.headers), timeout=HTTP_PATIENCE, event_hooks=hooks)
                transport = streamable_http_client(place.url, http_client=await stack.enter_async_context(http))
            read, write = await stack.enter_async_context(transport)
            yield _Watched(read, self._end), write

    async def _answered(self, response: httpx2.Response) -> None:
        """Note the calls that a server over HTTP does not take: the SDK makes one error of all statuses."""
        if response.is_error:
            self._status = response.status_code
        if response.status_code not in NOT_RUN or response.request.method != "POST":
            return
        try:
            sent = msgspec.json.decode(response.request.content, type=_Sent)
        except (msgspec.DecodeError, httpx2.RequestNotRead):
            return
        if sent.method == "tools/call":
            self._refused.append((sent.params["name"], sent.params.get("arguments") or {}))

    async def _heard(self, message: Any) -> None:
        if isinstance(message, wire.ToolListChangedNotification):
            self._listing = None


class _Sent(msgspec.Struct):
    """What was sent to a server over HTTP, as far as it matters here."""

    method: str = ""
    params: dict[str, Any] = {}


class _Watched:
    """A stream that tells when it ends."""

    def __init__(self, stream: Any, closed: asyncio.Event) -> None:
        self._stream = stream
        self._closed = closed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __aiter__(self) -> "_Watched":
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._stream.__anext__()
        except BaseException:
            self._closed.set()
            raise

    async def receive(self) -> Any:
        try:
            return await self._stream.receive()
        except BaseException:
            self._closed.set()
            raise

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> bool | None:
        return bool(await self._stream.__aexit__(*error))


@contextmanager
def _logged(name: str) -> Iterator[TextIO]:
    """A file for a program's complaints: they go to the log, and not between the lines of a terminal."""
    reader, writer = os.pipe()

    def read() -> None:
        with os.fdopen(reader, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                log.info("the MCP server %s says: %s", name, line.rstrip())

    threading.Thread(target=read, name=f"telex-mcp-{name}", daemon=True).start()
    with os.fdopen(writer, "w") as complaints:
        yield complaints


def _reason(error: BaseException) -> str:
    """Why something failed, in one line: the first error of a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return f"it did not answer within {START_BOUND:g} s"
    if "validation error" in str(error) or isinstance(error, UnicodeError):
        return OTHER
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
