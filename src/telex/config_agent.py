"""``agent:`` and ``mcp_servers:`` in config.yaml: the tools that the model may call."""

import re
from typing import Literal, TypeAlias

import msgspec

from telex.config_provider import Section, check_headers, is_address

BuiltIn: TypeAlias = Literal["current_time", "calculator", "fetch_page"]

_BOUNDS: tuple[tuple[str, float, float], ...] = (
    ("tool_timeout", 0.1, 3600.0),
    ("approval_timeout", 1.0, 86400.0),
    ("max_steps", 1, 100),
    ("max_output", 100, 1_000_000),
)


class AgentConfig(Section, frozen=True):
    """``agent:`` — what the model may do.

    Attributes:
        tools: the built-in tools that it is offered.
        approve: tools, also those of MCP servers, that run only after the user's yes.
        approval_timeout: seconds after which no answer counts as no.
        tool_timeout: seconds that a tool may take.
        max_steps: how often the model may ask for tools in one answer.
        max_output: characters of a tool's result that the model is given.
        hide_detours: leave out what the model says before it calls a tool. Words then wait until it is certain that no call
            follows them, so answers are not shown as they grow where tools are offered.
    """

    tools: tuple[BuiltIn, ...] = ("current_time", "calculator")
    approve: tuple[str, ...] = ()
    approval_timeout: float = 120.0
    tool_timeout: float = 60.0
    max_steps: int = 10
    max_output: int = 20_000
    hide_detours: bool = False

    def __post_init__(self) -> None:
        for key, low, high in _BOUNDS:
            if not low <= getattr(self, key) <= high:
                raise ValueError(f"`{key}` must be from {low:.10g} to {high:.10g}, got {getattr(self, key)!r}")


class MCPServerConfig(Section, frozen=True):
    """One of ``mcp_servers:`` — a program (``command``) or a server (``url``) that speaks the Model Context Protocol.

    Attributes:
        command: the program to start; it talks over its standard input and output.
        args: its arguments.
        env: further variables of its environment.
        url: the server's address (streamable HTTP).
        headers: further HTTP headers.
    """

    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = msgspec.field(default_factory=dict)
    url: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.command) == bool(self.url):
            raise ValueError(
                "`command` must be the program to start, or else `url` the server's address: one of the two"
            )
        if self.url and not is_address(self.url):
            raise ValueError("`url` must be an address such as http://127.0.0.1:8000/mcp")
        if re.search(r"\s-", self.command):
            raise ValueError("`command` must be the program alone; what stands behind it goes to `args`, as a list")
        if odd := [name for name in self.env if not name or "=" in name]:
            raise ValueError(f"`env` must have names of variables, got {odd[0]!r}")
        check_headers(self.headers)
        if self.command and self.headers:
            raise ValueError("`headers` must be left out beside `command`: they go to a `url`")
        if self.url and (self.args or self.env):
            raise ValueError("`args` must be left out beside `url`, and `env` too: they go to a `command`")
