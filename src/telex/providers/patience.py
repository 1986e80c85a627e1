"""How long a model's server may be silent, and how long to wait before it is asked again. Pure."""

import re
from collections.abc import Collection

PATIENCE, LONG_PATIENCE = 60.0, 300.0  # seconds without a byte; models that think or are near think in silence
FIRST_PAUSE = 0.5  # seconds before the first retry; each further one waits for twice as long

_THINKS = re.compile(
    r"(^|[/_-])(o[134]|gpt-[5-9]|gemini-(2\.5|[3-9])|grok-[4-9]|r1|qwq|magistral)\b|reason|think", re.IGNORECASE
)
_THINKING = frozenset({"thinking", "reasoning", "reasoning_effort"})  # options that make a model think


def silence(model: str, options: Collection[str], *, local: bool) -> float:
    """Seconds that ``model`` may be silent where nobody chose: for what it is called, where it is and how it is asked."""
    thinks = _THINKS.search(model) or not _THINKING.isdisjoint(options)
    return LONG_PATIENCE if thinks or local else PATIENCE


def pause(tries: int, jitter: float, asked: float | None, most: float) -> float | None:
    """Seconds before the next try; ``None`` where the server asks for more than ``most``.

    Args:
        tries: how many have gone before the one that failed.
        jitter: 0 to 1, by chance: so that chats do not come back in step.
        asked: the seconds that the server asked for, if it did.
        most: the seconds that may be waited.
    """
    if asked is not None:
        return asked + jitter * min(1.0, asked / 10) if asked <= most else None
    longest = max(FIRST_PAUSE, most / 1.25)
    return min(FIRST_PAUSE * 2.0 ** min(tries, 30), longest) * (0.75 + jitter / 2)
