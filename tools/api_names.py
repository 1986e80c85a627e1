"""What docs/api.md describes: for each heading, from which module which names.

A name alone stands with all its public methods; ``Name: one two`` with these methods; ``Name:`` with none.
"""
# ruff: noqa: INP001 - beside a script

NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "telex": {
        "telex.library": ("live", "telegram", "Telegram: chat close"),
        "telex.config": ("StreamingConfig: from_dict to_dict", "Config:", "TelegramConfig:", "DisplayConfig:"),
        "telex.config_provider": ("ProviderConfig:",),
        "telex.config_agent": ("AgentConfig:", "MCPServerConfig:"),
        "telex.agent.agent": ("AIAgent",),
        "telex.agent.tools": ("tool",),
    },
    "telex.library": {"telex.library": ("Live", "TelegramChat:", "Target")},
    "telex.adapters": {
        "telex.adapters.aiogram": ("telegram",),
        "telex.adapters.python_telegram_bot": ("telegram",),
        "telex.adapters.openai": ("pieces",),
        "telex.adapters.anthropic": ("pieces",),
        "telex.adapters.pydantic_ai": ("pieces",),
        "telex.adapters.openai_agents": ("pieces",),
        "telex.adapters.langchain": ("pieces",),
    },
    "telex.events": {
        "telex.events": (
            "TextDelta", "ReasoningDelta", "SegmentEnded", "ToolStarted", "ToolProgress", "ToolFinished", "Notice", "TurnEnded", "End",
        ),
    },
    "telex.errors": {
        "telex.errors": ("TelexError", "ConfigError", "ProviderError", "ProviderDropped", "PlatformError"),
    },
    "telex.agent": {
        "telex.agent.turn": ("TurnResult",),
        "telex.agent.tools": ("Tool:", "ToolError", "ToolSource"),
        "telex.agent.tool_runs": ("ToolRequest",),
    },
    "telex.providers": {
        "telex.providers.base": ("Provider", "Request", "Reply", "Usage"),
        "telex.providers.tool_calls": ("ToolCall",),
        "telex.providers.http_model": ("HTTPModel", "Settings"),
        "telex.providers.openai_chat": ("OpenAIChat:",),
        "telex.providers.openai_responses": ("OpenAIResponses:",),
        "telex.providers.anthropic": ("AnthropicMessages:",),
        "telex.providers.embedded": ("Embedded",),
        "telex.providers.chain": ("Chain:", "Link"),
        "telex.providers.scripted": ("Scripted", "Piece", "typed", "play"),
    },
    "telex.live": {"telex.live": ("GatewayStreamConsumer",)},
    "telex.surfaces": {
        "telex.surfaces.base": ("Surface",),
        "telex.surfaces.memory": ("MemorySurface: take_away", "Seen"),
        "telex.surfaces.telegram.surface": ("TelegramSurface:",),
        "telex.surfaces.telegram.messages": ("Record",),
        "telex.surfaces.telegram.chats": ("Telegram:",),
        "telex.surfaces.telegram.api": ("BotApi: close",),
    },
    "telex.display": {
        "telex.display.screen": ("Screen", "Line", "Kind", "Pacing"),
        "telex.display.frame": (
            "Frame", "Show", "Wait", "Abandon", "Finished", "Shown", "TryLater", "Again", "Plain", "Smaller", "Vanished", "Elsewhere", "NoTransport", "Closed", "Unknown",
        ),
        "telex.display.pace": ("Pace:", "Trip:", "Ticket"),
        "telex.display.pace_limit": ("Bucket:", "Window:"),
    },
    "telex.gateway": {"telex.gateway.gateway": ("Gateway",), "telex.surfaces.telegram.inbound": ("Me",)},
    "telex.recording": {
        "telex.recording.files": ("read", "Recordings: recorder"),
        "telex.recording.recorder": ("Recorder:",),
        "telex.recording.replay": ("replay", "Verdict", "Difference"),
        "telex.recording.entries": ("Header", "Fed", "Changed", "Screen", "Stepped", "Raised", "Answered", "TakenOff", "Left"),
    },
    "telex.testing": {
        "telex.testing.plugin": ("telegram", "clock", "model"),
        "telex.testing.clock": ("Clock",),
        "telex.testing.model": ("ScriptedModel",),
        "telex.testing.surface_suite": ("SurfaceSuite",),
        "telex.testing.place": ("Place",),
        "telex.testing.provider_suite": ("ProviderSuite",),
        "telex.testing.model_side": ("ModelSide: answering",),
        "telex.testing.virtual_time": ("run", "VirtualTimeLoop"),
    },
    "telex.simulator": {
        "telex.simulator.server": (
            "Simulator: start stop wait_for messages draft say send_photo press press_stop delete delete_topic close_topic block unblock "  # noqa: ISC004
            "migrate add_private add_group add_forum add_topic",
        ),
        "telex.simulator.state": ("Chat", "Topic", "Draft"),
        "telex.simulator.faults": ("FaultPlan: parse", "Fault:", "Kind"),
        "telex.simulator.limits": ("Limits", "Rate", "Window"),
        "telex.simulator.record": ("Call", "FrameSeen", "text_of"),
    },
}  # fmt: skip
