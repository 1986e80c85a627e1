"""``provider:`` in config.yaml: the model, and how patient telex is with its server."""

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from telex.config_errors import SECRET

ProviderKind: TypeAlias = Literal["openai", "openai-responses", "anthropic", "embedded", "scripted"]
OnDrop: TypeAlias = Literal["end", "continue"]

DEFAULT_PROMPT = "You are a helpful assistant in a chat. Answer in Markdown, to the point."
KEYS = {"openai": "OPENAI_API_KEY", "openai-responses": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}

_SECRET = SECRET - {"base_url", "api_base", "url"}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110: a token
_BOUNDS: tuple[tuple[str, float, float], ...] = (
    ("connect_timeout", 0.1, 300.0),
    ("stall_timeout", 0.1, 3600.0),
    ("max_retries", 0, 20),
    ("max_wait", 0.0, 600.0),
    ("max_tokens", 1, 10_000_000),
    ("context_tokens", 256, 100_000_000),
    ("temperature", 0.0, 2.0),
)


def is_address(text: str) -> bool:
    """Whether a text is an ``http`` or ``https`` address with a host, and a port that there can be."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
            and not re.search(r"\s", text)
        )
    except ValueError:
        return False


def check_headers(headers: Mapping[str, str]) -> None:
    """See that a server can be sent these headers.

    Raises:
        ValueError: names the first that cannot go, without its value.
    """
    for name, value in headers.items():
        if not _HEADER.fullmatch(name):
            raise ValueError(f"`headers` must have names of letters, digits and -, got {name!r}")
        if not value.isprintable():
            raise ValueError(f"`headers` must have values on one line, and {name} has another")


class Section(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A section of the file: unknown keys are errors, and secrets stay out of its ``repr``."""

    def __repr__(self) -> str:
        values = ((key, getattr(self, key)) for key in self.__struct_fields__)
        shown = (f"{key}={'<hidden>' if key in _SECRET and value else repr(value)}" for key, value in values)
        return f"{type(self).__name__}({', '.join(shown)})"


class ProviderConfig(Section, frozen=True):
    """``provider:`` — the model, or one of a list.

    What a kind has no use for is an error. The keys from ``base_url`` on to ``max_wait``, and ``vision``, are for the kinds with a
    server.

    Attributes:
        kind: ``openai`` (any server with Chat Completions), ``openai-responses``, ``anthropic`` (Messages), ``embedded`` (a
            small model in this machine) or ``scripted`` (plays a file).
        on_drop: when the answer breaks off after words were shown: ``end`` keeps them, says so and offers to go on;
            ``continue`` asks the model at once to go on from where it stood.
        base_url: the server, such as ``http://127.0.0.1:11434/v1``; with a key alone, OpenAI's or Anthropic's own.
        api_key: its key; ``OPENAI_API_KEY`` or ``ANTHROPIC_API_KEY`` in the environment serve their kinds too.
        headers: further HTTP headers.
        proxy: the address of an HTTP proxy.
        connect_timeout: seconds until a connection must stand.
        stall_timeout: seconds without a byte after which an attempt is given up; without it 60, and 300 for a server that
            is near or a model whose name says that it thinks.
        max_retries: how often the server is asked again where nothing of the answer had come.
        max_wait: seconds that a server may ask to be waited for; where it asks for more, the next model is tried.
        model: which model; the server's first when empty. For ``embedded`` the path of a GGUF file.
        max_tokens: how long an answer may be, in tokens.
        temperature: how freely the model chooses its words, 0 to 2.
        options: further parameters, sent to the server as they are.
        context_tokens: what the model can hold; the oldest turns are left out in time.
        vision: whether the model sees pictures; without it, whether its name is known to say so.
        system_prompt: what the model is told before the conversation; of a list, the first's is for all.
        script: the file that ``scripted`` plays; a built-in one when empty.
    """

    kind: ProviderKind = "embedded"
    on_drop: OnDrop = "end"
    base_url: str = ""
    api_key: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    proxy: str = ""
    connect_timeout: float = 10.0
    stall_timeout: float | None = None
    max_retries: int = 2
    max_wait: float = 20.0
    model: str = ""
    max_tokens: int | None = None
    temperature: float | None = None
    options: dict[str, Any] = msgspec.field(default_factory=dict)
    context_tokens: int | None = None
    vision: bool | None = None
    system_prompt: str = DEFAULT_PROMPT
    script: str = ""

    def __post_init__(self) -> None:
        for key, low, high in _BOUNDS:
            value = getattr(self, key)
            if value is not None and not low <= value <= high:
                raise ValueError(f"`{key}` must be from {low:.10g} to {high:.10g}, got {value!r}")
        check_headers(self.headers)
        if not self.api_key.isprintable() or " " in self.api_key:
            raise ValueError("`api_key` must be without spaces and line breaks")
        if self.api_key and self.kind not in KEYS:
            raise ValueError(f"`api_key` must be left out where `kind` is {self.kind}: it has no use for one")
        for key in ("base_url", "proxy"):
            if getattr(self, key) and not is_address(getattr(self, key)):
                raise ValueError(f"`{key}` must be an address such as http://127.0.0.1:11434/v1")
        if self.kind in KEYS and not self.base_url and not self.api_key:
            raise ValueError(
                "`base_url` must be the model server's address, such as http://127.0.0.1:11434/v1, when `kind` is "
                f"{self.kind} and there is no `api_key` (here or in the environment as {KEYS[self.kind]})"
            )

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen otherwise than by default and is the provider's own business."""
        about_telex = ("kind", "on_drop", "system_prompt")
        usual = ProviderConfig()
        return {
            key: getattr(self, key)
            for key in self.__struct_fields__
            if key not in about_telex and getattr(self, key) != getattr(usual, key)
        }
