"""Providers by the names that a configuration uses. Each kind is imported only when it is asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from telex.errors import ConfigError
from telex.providers.base import Provider
from telex.providers.chain import Chain, Link

KINDS = ("openai", "openai-responses", "anthropic", "embedded", "scripted")

_ANY_MODEL = frozenset({"model", "max_tokens", "temperature", "options", "context_tokens"})
_HTTP = _ANY_MODEL | {
    "base_url", "headers", "proxy", "connect_timeout", "stall_timeout", "max_retries", "max_wait", "vision",
}  # fmt: skip
_USED = {
    "openai": _HTTP,
    "openai-responses": _HTTP,
    "anthropic": _HTTP,
    "embedded": _ANY_MODEL,
    "scripted": frozenset({"script"}),
}


def build(kind: str, *, api_key: str | None = None, **given: Any) -> Provider:
    """Make a provider. Empty values count as not given.

    Args:
        kind: one of ``KINDS``.
        api_key: where the server wants one; the kinds without a server have no use for one.
        **given: what the kind uses. ``base_url``, ``model`` and the fields of ``http_model.Settings`` for the kinds with a
            server, and ``temperature``; for ``embedded`` ``model`` (the path of a GGUF file; without one, the model of the
            extra ``telex[local]``), ``temperature``, ``max_tokens``, ``options`` and ``context_tokens``; for ``scripted``
            ``script``, a file (without one, the demo's script).

    Raises:
        ConfigError: an unknown kind, or a value that this kind cannot use.
    """
    if kind not in KINDS:
        raise ConfigError(f"provider.kind is {kind!r}: expected one of {', '.join(KINDS)}.")
    given = {name: value for name, value in given.items() if value not in (None, "", {})}
    for name in given:
        if name not in _USED[kind]:
            raise ConfigError(f"provider.{name} has no meaning where provider.kind is {kind}: leave it out.")
    if (temperature := given.pop("temperature", None)) is not None:
        given["options"] = {"temperature": temperature, **given.get("options", {})}
    if kind == "scripted":
        return _scripted(**given)
    return _embedded(**given) if kind == "embedded" else _http(kind, api_key or None, **given)


def chained(links: Sequence[Link]) -> Provider:
    """One provider for all of ``links``; a single model that needs nothing around it stays as it is."""
    return links[0].provider if len(links) == 1 and links[0].on_drop == "end" else Chain(links)


def _http(kind: str, api_key: str | None, base_url: str | None = None, **settings: Any) -> Provider:
    if kind == "anthropic":
        from telex.providers.anthropic import ANTHROPIC, AnthropicMessages  # noqa: PLC0415 - aiohttp takes 0.15 s

        if not base_url and not api_key:
            raise ConfigError(
                "provider.api_key is missing: Anthropic's, here or in the environment as ANTHROPIC_API_KEY."
            )
        return AnthropicMessages(base_url or ANTHROPIC, api_key, **settings)
    from telex.providers.openai_chat import OPENAI, OpenAIChat  # noqa: PLC0415 - the same
    from telex.providers.openai_responses import OpenAIResponses  # noqa: PLC0415 - the same

    if not base_url and not api_key:
        raise ConfigError(
            "provider.base_url is missing: the address of the model's server, ending in /v1; "
            "for OpenAI's own, provider.api_key is enough."
        )
    made = OpenAIChat if kind == "openai" else OpenAIResponses
    return made(base_url or OPENAI, api_key, **settings)


def _embedded(
    model: str | None = None, max_tokens: int | None = None, options: Any = None, **settings: Any
) -> Provider:
    from telex.providers.embedded import Embedded  # noqa: PLC0415 - aiohttp takes 0.15 s

    if model and not Path(model).is_file():
        raise ConfigError(
            f"provider.model: there is no file {model}. For the kind embedded it is the path of a GGUF file."
        )
    length = {"max_tokens": max_tokens} if max_tokens else {}
    return Embedded(model, options={**length, **(options or {})}, **settings)


def _scripted(script: str | Path | None = None) -> Provider:
    from telex.providers.scripted import Scripted  # noqa: PLC0415 - only where it plays

    return Scripted.demo() if not script else Scripted.from_file(script)
