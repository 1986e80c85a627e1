"""Agents as a configuration describes them: one place for the gateway and the terminal."""

import importlib.util
from collections.abc import Iterable, Sequence

from telex.agent.agent import AIAgent
from telex.agent.builtin_tools import built_in
from telex.agent.pictures import LoadPicture
from telex.agent.tool_runs import AskApproval
from telex.agent.tools import Tool, ToolSource, Usable, as_tool, offered
from telex.config import Config
from telex.errors import ConfigError
from telex.providers.base import Message, Provider

NO_SUCH_TOOL = "agent.approve[{place}]: there is no tool named {name!r}, so this guards nothing. There are: {known}."


class Agents:
    """Makes agents, which share the model and the tools.

    Args:
        config: what the user wrote.
        provider: the model; closed by whoever made it.
        tools: further tools.

    Raises:
        ConfigError: there are MCP servers, and the extra for them is not installed; or a name in ``approve`` is no tool's. Which
            tools MCP servers have is not known before they run: then `check` tells.
    """

    def __init__(self, config: Config, provider: Provider, tools: Iterable[Usable] = ()) -> None:
        self._config = config
        self.provider = provider
        self._sources = _sources(config)
        self._tools = [*tools, *built_in(config.agent.tools), *self._sources]
        if not any(isinstance(one, ToolSource) for one in self._tools):
            self._see_that_guards_guard([as_tool(one) for one in self._tools if not isinstance(one, ToolSource)])

    def make(
        self,
        history: Sequence[Message] | None = None,
        ask_approval: AskApproval | None = None,
        load_picture: LoadPicture | None = None,
    ) -> AIAgent:
        """An agent.

        Args:
            history: what was said before.
            ask_approval: asks a person whether a tool may run; without it, the tools that need a yes do not.
            load_picture: looks up the pictures that the history names.
        """
        rules = self._config.agent
        return AIAgent(
            self.provider,
            system_prompt=self._config.system_prompt,
            history=history,
            tools=self._tools,
            approve=rules.approve,
            ask_approval=ask_approval,
            approval_timeout=rules.approval_timeout,
            tool_timeout=rules.tool_timeout,
            max_steps=rules.max_steps,
            max_output=rules.max_output,
            hide_detours=rules.hide_detours,
            load_picture=load_picture,
        )

    async def check(self) -> None:
        """Start the servers of tools.

        Raises:
            ConfigError: one of them cannot be had, or a name in ``approve`` is no tool's.
        """
        told: list[str] = []
        found = await offered(self._tools, told.append)
        if told:
            raise ConfigError(f"mcp_servers: {told[0]}")
        self._see_that_guards_guard(found.values())

    def _see_that_guards_guard(self, tools: Iterable[Tool]) -> None:
        known = [name for one in tools for name in dict.fromkeys((one.name, one.known_as)) if name]
        for place, name in enumerate(self._config.agent.approve):
            if name not in known:
                raise ConfigError(NO_SUCH_TOOL.format(place=place, name=name, known=", ".join(known) or "none"))

    async def close(self) -> None:
        """Stop the servers of tools."""
        for source in self._sources:
            await source.close()


def _sources(config: Config) -> list[ToolSource]:
    if not config.mcp_servers:
        return []
    if importlib.util.find_spec("mcp") is None:
        raise ConfigError("mcp_servers: this needs the MCP SDK. Install telex[mcp], or leave the section out.")
    from telex.agent.mcp import MCPServers  # noqa: PLC0415 - 0.6 s, and only where a server is configured
    from telex.agent.mcp_connection import Program, Remote  # noqa: PLC0415 - the same

    return [
        MCPServers(
            {
                name: Program(one.command, one.args, one.env) if one.command else Remote(one.url, one.headers)
                for name, one in config.mcp_servers.items()
            }
        )
    ]
