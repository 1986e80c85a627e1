"""A real MCP server, written with the official SDK: over its standard input and output, or at the port it is given."""

import os
import sys

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("test")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
async def count(upto: int, ctx: Context) -> str:
    """Count, and say how far it is."""
    for number in range(1, upto + 1):
        await ctx.report_progress(number, upto, f"at {number}")
    return "counted"


@server.tool()
def fail() -> str:
    """Fail."""
    raise ToolError("the disk is full")


left = anyio.Event()


@server.tool()
async def hang(ctx: Context) -> str:
    """Never end."""
    try:
        await ctx.report_progress(1, None, "hangs")
        await anyio.sleep_forever()
    finally:
        left.set()
    return ""


@server.tool()
async def was_left() -> str:
    """Wait until hang was cancelled."""
    await left.wait()
    return "yes"


@server.tool("notes.read/all")
def notes() -> str:
    """Read the notes."""
    return "read"


@server.tool()
def calculator() -> str:
    """Calculate."""
    return "at the server"


@server.tool()
def die() -> str:
    """End the server at once."""
    os._exit(1)


@server.tool()
def process() -> str:
    """Say which process this is, and what its environment says."""
    return f"{os.getpid()} {os.environ.get('GREETING', '')}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
