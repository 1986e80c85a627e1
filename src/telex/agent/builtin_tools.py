"""The tools that telex brings along, by the names that a configuration uses."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telex.agent.calculator import calculator
from telex.agent.tools import Tool, ToolError, tool


@tool
async def current_time(timezone: str = "") -> str:
    """Tell the current date, weekday and time.

    Args:
        timezone: an IANA name such as "Europe/Berlin" or "UTC"; without it, the zone of the machine that answers.
    """
    try:
        now = datetime.now(ZoneInfo(timezone)) if timezone.strip() else datetime.now().astimezone()
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        raise ToolError(f'There is no time zone {timezone!r}: use an IANA name such as "Europe/Berlin".') from None
    return f"{now:%A}, {now.isoformat(sep=' ', timespec='seconds')} ({timezone.strip() or now.tzname()})"


def _fetch_page() -> Tool:
    from telex.agent.fetch_page import fetch_page  # noqa: PLC0415 - aiohttp takes 0.15 s

    return fetch_page


BUILT_IN: Mapping[str, Callable[[], Tool]] = {
    "current_time": lambda: current_time,
    "calculator": lambda: calculator,
    "fetch_page": _fetch_page,
}


def built_in(names: Iterable[str]) -> list[Tool]:
    """The tools of these names.

    Raises:
        KeyError: there is no such tool.
    """
    return [BUILT_IN[name]() for name in names]
