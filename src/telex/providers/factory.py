"""Providers by the names that a configuration uses. Each kind is imported only when it is asked for."""

from pathlib import Path

from telex.errors import ConfigError
from telex.providers.base import Provider

KINDS = ("openai", "embedded", "scripted")


def build(
    kind: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    model: str | None = None,
    script: str | Path | None = None,
) -> Provider:
    """Make a provider. Empty values count as not given.

    Args:
        kind: one of ``KINDS``.
        base_url: for ``openai``: the server's address up to ``/v1``; OpenAI's own without one.
        api_key: for ``openai``, where the server wants one; the other kinds have no use for one.
        model: for ``openai`` the model's name (without one, the server's first); for ``embedded`` the path of a GGUF file
            (without one, the model of the extra ``telex[local]``).
        script: for ``scripted``: a script's file; the demo's script without one.

    Raises:
        ConfigError: an unknown kind, or a value that this kind cannot use.
    """
    useless: dict[str, dict[str, object]] = {
        "openai": {"script": script},
        "embedded": {"base_url": base_url, "script": script},
        "scripted": {"base_url": base_url, "model": model},
    }
    for name, value in useless.get(kind, {}).items():
        if value:
            raise ConfigError(f"provider.{name} has no meaning where provider.kind is {kind}: leave it out.")
    match kind:
        case "openai":
            from telex.providers.openai_chat import OPENAI, OpenAIChat  # noqa: PLC0415 - aiohttp takes 0.15 s

            if not base_url and not api_key:
                raise ConfigError("provider.base_url is missing: the address of the model's server, ending in /v1.")
            return OpenAIChat(base_url or OPENAI, api_key or None, model or None)
        case "embedded":
            from telex.providers.embedded import Embedded  # noqa: PLC0415 - the same

            return Embedded(model or None)
        case "scripted":
            from telex.providers.scripted import Scripted  # noqa: PLC0415 - only where it plays

            return Scripted.demo() if not script else Scripted.from_file(script)
    raise ConfigError(f"provider.kind is {kind!r}: expected one of {', '.join(KINDS)}.")
