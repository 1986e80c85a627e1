"""telex: carries an LLM agent's answer, token by token, to the people who read it.

The public names are loaded when they are first used, so that importing telex costs nothing.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from telex.agent.agent import AIAgent as AIAgent  # noqa: TC004 - loaded when it is asked for
    from telex.agent.tools import tool as tool  # noqa: TC004 - the same
    from telex.config import StreamingConfig as StreamingConfig  # noqa: TC004 - the same
    from telex.library import Telegram as Telegram  # noqa: TC004 - the same
    from telex.library import live as live  # noqa: TC004 - the same
    from telex.library import telegram as telegram  # noqa: TC004 - the same

_NAMES = {
    "AIAgent": "telex.agent.agent",
    "StreamingConfig": "telex.config",
    "Telegram": "telex.library",
    "live": "telex.library",
    "telegram": "telex.library",
    "tool": "telex.agent.tools",
}

__all__ = ["AIAgent", "StreamingConfig", "Telegram", "live", "telegram", "tool"]


class _Package(ModuleType):
    """``telex.live`` is the function, also once the module of that name is loaded, which would take its place here."""

    def __getattr__(self, name: str) -> Any:
        if name not in _NAMES:
            raise AttributeError(f"module 'telex' has no attribute {name!r}")
        return getattr(import_module(_NAMES[name]), name)

    def __setattr__(self, name: str, value: object) -> None:
        if name != "live":
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
