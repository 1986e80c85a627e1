"""What a program passes to telex by hand, looked at before it is used: each raises a `ConfigError` that names the argument."""

import re
from typing import Any, TypeVar, get_args

from telex.errors import ConfigError

T = TypeVar("T")


def one_of(choices: Any, name: str, value: T) -> T:
    """One of the values of a ``Literal``."""
    if value not in get_args(choices):
        raise ConfigError(f"`{name}` must be one of {', '.join(get_args(choices))}, got {value!r}")
    return value


def flag(name: str, value: Any) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise ConfigError(f"`{name}` must be True or False, got {value!r}")
    return value


def chat_number(name: str, value: Any) -> int:
    """A chat's id; groups have negative ones."""
    if isinstance(value, bool) or not isinstance(value, int) or not value:
        raise ConfigError(f"`{name}` is a chat's number, as a message's chat has it, and not {value!r}")
    return value


def message_number(name: str, value: Any) -> int | None:
    """A message's id, or none."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value <= 0):
        raise ConfigError(f"`{name}` is a message's number, or None, and not {value!r}")
    return value


def address(name: str, value: Any) -> str:
    """Where a server is."""
    if not isinstance(value, str) or not re.match(r"https?://[^/\s]", value):
        raise ConfigError(f"`{name}` must be an address that begins with http:// or https://, got {value!r}")
    return value


def secret(name: str, value: Any) -> str:
    """A bot's token; what was passed is never told."""
    if not isinstance(value, str) or not re.fullmatch(r"[^\s/]+", value):
        raise ConfigError(f"`{name}` must be a bot's token, as BotFather gives it: text without blanks and slashes")
    return value
