"""config.yaml and the environment, read into types. The only module that reads ``os.environ``.

Whatever is wrong is a `ConfigError` that names the file, the path of the key, and what is expected there.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from telex.config_agent import AgentConfig, BuiltIn, MCPServerConfig
from telex.config_errors import explain
from telex.config_file import sections
from telex.config_provider import DEFAULT_PROMPT, KEYS, OnDrop, ProviderKind, Section, is_address
from telex.config_provider import ProviderConfig as ProviderConfig  # noqa: PLC0414 - all sections can be had from here
from telex.display.screen import Pacing, Reasoning
from telex.errors import ConfigError

T = TypeVar("T")

Transport = Literal["auto", "draft", "edit", "off"]
OnUnknown = Literal["repeat", "give_up"]
RichMessages = Literal["off", "auto", "on"]
PUBLIC_SERVER = "https://api.telegram.org"

_VARIABLE = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SERVER_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_CHOICES = {
    "$.streaming.transport": Transport,
    "$.streaming.on_unknown": OnUnknown,
    "$.display.reasoning": Reasoning,
    "$.telegram.rich": RichMessages,
    "$.provider.kind": ProviderKind,
    "$.provider.on_drop": OnDrop,
    "$.agent.tools": BuiltIn,
}


class StreamingConfig(Section, frozen=True):
    """``streaming:`` — how an answer is shown while it grows.

    Attributes:
        enabled: show it while it grows; otherwise only what is complete.
        transport: ``auto`` (drafts where the platform has them, else edits), ``draft``, ``edit`` or ``off``.
        edit_interval: least seconds between the starts of two previews; limits stretch it and never shrink it. 0 also
            lifts the guess that drafts are limited: then one request in flight is the only brake.
        buffer_threshold: a preview waits for so many new characters, or 0.3 s; never the first, the last or a tool's.
        cursor: stands at the end of a message that is still being edited.
        final_timeout: seconds after which a final that was not answered counts as unknown and is looked for.
        preview_timeout: the same for a preview; four usual trips where that is longer.
        on_unknown: what becomes of a message that may have been posted and cannot be found: ``repeat`` posts it again
            (at worst it stands there twice), ``give_up`` does not (at worst it is missing).
    """

    enabled: bool = True
    transport: Transport = "auto"
    edit_interval: float = 0.3
    buffer_threshold: int = 40
    cursor: str = " ▉"
    final_timeout: float = 10.0
    preview_timeout: float = 2.0
    on_unknown: OnUnknown = "repeat"

    def __post_init__(self) -> None:
        for key, low, high in (
            ("edit_interval", 0.0, 60.0),
            ("buffer_threshold", 0, 4096),
            ("final_timeout", 1.0, 300.0),
            ("preview_timeout", 0.2, 60.0),
        ):
            if not low <= getattr(self, key) <= high:
                raise ValueError(f"`{key}` must be from {low:g} to {high:g}, got {getattr(self, key)!r}")
        if len(self.cursor) > 16 or "\n" in self.cursor:
            raise ValueError(f"`cursor` must be at most 16 characters on one line, got {self.cursor!r}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "StreamingConfig":
        """Read the section from plain values.

        Raises:
            ConfigError: for unknown keys, wrong types and bad values, named.
        """
        return _convert(
            {str(key): value for key, value in values.items()},
            cls,
            where="streaming",
            source="streaming",
            written={"streaming": values},
        )

    def to_dict(self) -> dict[str, Any]:
        """The section as plain values; ``from_dict`` takes them back."""
        return dict(msgspec.to_builtins(self))

    @property
    def pacing(self) -> Pacing:
        """What the presenter needs of it."""
        return Pacing(
            previews=self.enabled and self.transport != "off",
            edit_interval=self.edit_interval,
            buffer_threshold=self.buffer_threshold,
            final_bound=self.final_timeout,
            preview_bound=self.preview_timeout,
        )


class DisplayConfig(Section, frozen=True):
    """``display:`` — what is shown beside the answer's own words.

    Attributes:
        reasoning: of the model's reasoning: ``off`` nothing, ``live`` its last words in a quote while it thinks, ``keep``
            also a folded quote of it afterwards. Left out, ``off`` in a chat and ``keep`` in the terminal.
        page_numbers: an answer of several messages numbers them: ``(1/…)``, ``(2/…)``, ``(3/3)``.
    """

    reasoning: Reasoning | None = None
    page_numbers: bool = False

    @property
    def in_chats(self) -> Reasoning:
        """What chats show of the model's reasoning."""
        return self.reasoning or "off"

    @property
    def in_terminal(self) -> Reasoning:
        """What the terminal shows of it."""
        return self.reasoning or "keep"


class TelegramConfig(Section, frozen=True):
    """``telegram:`` — the bot.

    Attributes:
        token: what @BotFather gave; ``TELEGRAM_BOT_TOKEN`` in the environment serves too.
        api_base: the Bot API server.
        allow: ids of the users who may use the bot; nobody when empty.
        rich: rich messages (Bot API 10.1): ``off`` never, ``auto`` for answers that need them (a table, a formula, a heading,
            a summary to open, blocks in a list), ``on`` for every answer. Where they are refused the answer goes without.
    """

    token: str = ""
    api_base: str = PUBLIC_SERVER
    allow: tuple[int, ...] = ()
    rich: RichMessages = "auto"

    def __post_init__(self) -> None:
        if not is_address(self.api_base):
            raise ValueError("`api_base` must be an address that begins with http:// or https://")
        if self.token and not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", self.token):
            raise ValueError("`token` must look like 123456:ABC…, as @BotFather gave it")
        if any(user <= 0 for user in self.allow):
            raise ValueError(f"`allow` must be a list of users' ids, which are above 0, got {list(self.allow)}")


class Config(Section, frozen=True):
    """The whole file.

    Attributes:
        telegram: the bot.
        provider: the model, or a list of them: the next is tried when one fails before its first word.
        agent: what the model may do.
        mcp_servers: servers of further tools, by a name of the user's choice.
        streaming: how answers are shown.
        display: what is shown beside the answer's own words.
        data_dir: where telex keeps its files; made when it is missing.
    """

    telegram: TelegramConfig = msgspec.field(default_factory=TelegramConfig)
    provider: ProviderConfig | tuple[ProviderConfig, ...] = msgspec.field(default_factory=ProviderConfig)
    agent: AgentConfig = msgspec.field(default_factory=AgentConfig)
    mcp_servers: dict[str, MCPServerConfig] = msgspec.field(default_factory=dict)
    streaming: StreamingConfig = msgspec.field(default_factory=StreamingConfig)
    display: DisplayConfig = msgspec.field(default_factory=DisplayConfig)
    data_dir: str = "~/.local/share/telex"

    def __post_init__(self) -> None:
        if not self.providers:
            raise ValueError("`provider` must be a section of keys or a list of them, got an empty list")
        if any(other.system_prompt not in (DEFAULT_PROMPT, self.system_prompt) for other in self.providers[1:]):
            raise ValueError("`provider` must have one `system_prompt`, in the first of the list")
        if odd := [name for name in self.mcp_servers if not _SERVER_NAME.fullmatch(name)]:
            raise ValueError(f"`mcp_servers` must have names of letters, digits, _ and -, at most 32, got {odd[0]!r}")
        if not self.data_dir.strip():
            raise ValueError("`data_dir` must be a folder")

    @property
    def providers(self) -> tuple[ProviderConfig, ...]:
        """The models, in the order in which they are tried."""
        return self.provider if isinstance(self.provider, tuple) else (self.provider,)

    @property
    def system_prompt(self) -> str:
        """What every model is told before the conversation."""
        return self.providers[0].system_prompt

    @property
    def pacing(self) -> Pacing:
        """What the presenter needs of it."""
        return replace(self.streaming.pacing, reasoning=self.display.in_chats, page_numbers=self.display.page_numbers)

    @property
    def folder(self) -> Path:
        """``data_dir`` as a path."""
        return Path(self.data_dir).expanduser()


def load(path: str | Path, *, environment: Mapping[str, str] | None = None, bot: bool = True) -> Config:
    """Read ``config.yaml``.

    Args:
        path: the file.
        environment: stands in for the process's own environment.
        bot: a bot is to run, so its token must be there.

    Raises:
        ConfigError: naming the file, the key's path and what is expected.
    """
    environment = os.environ if environment is None else environment
    path = Path(path)
    raw = sections(path)
    if not bot and isinstance(raw.get("telegram"), dict):
        raw["telegram"].pop("token", None)  # it may ask for a variable that only the bot's machine has
    values = _expand(raw, environment, lambda key, name: _missing(path, key, name))
    _from_environment(values, environment)
    servers = values.get("mcp_servers")
    for name, server in servers.items() if isinstance(servers, dict) else ():  # msgspec leaves names out of paths
        _convert(server, MCPServerConfig, where=f"mcp_servers.{name}", source=str(path), written=raw)
    config = _convert(values, Config, where="", source=str(path), written=raw)
    if bot and not config.telegram.token:
        raise ConfigError(
            f"{path}: $.telegram.token is missing: expected the token that @BotFather gave, "
            "here or in the environment as TELEGRAM_BOT_TOKEN."
        )
    return config


def _from_environment(values: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Fill in from the environment what the file leaves out."""
    if environment.get("TELEGRAM_BOT_TOKEN"):
        _fill(values.setdefault("telegram", {}), "token", environment["TELEGRAM_BOT_TOKEN"])
    models = values.get("provider")
    for model in models if isinstance(models, list) else [models]:
        name = KEYS.get(str(model.get("kind"))) if isinstance(model, dict) else None
        if name and environment.get(name):
            _fill(model, "api_key", environment[name])


def _fill(section: Any, key: str, value: str) -> None:
    if isinstance(section, dict) and section.get(key) in (None, ""):
        section[key] = value


def _missing(path: Path, key: str, name: str) -> ConfigError:
    return ConfigError(f"{path}: ${key} asks for ${{{name}}}, which is not set. Set it, or write $$ for a plain $.")


def _expand(
    value: Any, environment: Mapping[str, str], missing: Callable[[str, str], ConfigError], key: str = ""
) -> Any:
    """Put the environment's values where ``${NAME}`` stands."""

    def put(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return "$"
        if name not in environment:
            raise missing(key, name)
        return environment[name]

    match value:
        case str():
            return _VARIABLE.sub(put, value)
        case dict():
            return {str(name): _expand(item, environment, missing, f"{key}.{name}") for name, item in value.items()}
        case list():
            return [_expand(item, environment, missing, f"{key}[{n}]") for n, item in enumerate(value)]
        case _:
            return value


def _convert(values: Any, kind: type[T], *, where: str, source: str, written: Any) -> T:
    try:
        return msgspec.convert(values, kind, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: {explain(str(error), where, _CHOICES, Config, written)}") from None


def model_key() -> str:
    """The model server's key from the environment, or nothing."""
    return os.environ.get("OPENAI_API_KEY", "")


def has_screen() -> bool:
    """Is there a screen on which a browser could open? Without one, browsers of the terminal would take it over."""
    return sys.platform in {"darwin", "win32"} or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def has_live_terminal() -> bool:
    """Does the output go to a terminal whose last lines can be written anew?"""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def may_colour() -> bool:
    """Does the user want colours? See https://no-color.org."""
    return not os.environ.get("NO_COLOR")
