"""Telegram in a box: a strict Bot API server with a chat page, rate limits and faults."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from telex.simulator.faults import Fault, FaultPlan, Kind
    from telex.simulator.limits import PROFILES, Limits, Rate, Window
    from telex.simulator.record import Call, FrameSeen
    from telex.simulator.server import Simulator
    from telex.simulator.state import Draft, State

__all__ = [
    "PROFILES",
    "Call",
    "Draft",
    "Fault",
    "FaultPlan",
    "FrameSeen",
    "Kind",
    "Limits",
    "Rate",
    "Simulator",
    "State",
    "Window",
]

_HOMES = {
    "faults": ("Fault", "FaultPlan", "Kind"),
    "limits": ("PROFILES", "Limits", "Rate", "Window"),
    "record": ("Call", "FrameSeen"),
    "server": ("Simulator",),
    "state": ("Draft", "State"),
}


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for: aiohttp's server costs a tenth of a second."""
    from importlib import import_module  # noqa: PLC0415 - as above

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"telex.simulator.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
