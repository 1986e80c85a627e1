"""A call's arguments, read as the Bot API server reads them: by name, from query and body alike, all of them strings.

Top-level JSON values that are no strings are kept as their JSON text, so ``reply_markup`` may be an object or a
string that holds one. Malformed JSON is no error by itself: reading stops and the method runs with what was read.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from telex.simulator.refusals import Refused, Why

_NUMBER = re.compile(r"\s*([+-]?\d+)")
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class Params:
    """Arguments by name. An absent one reads as empty, 0 or False."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)

    def __contains__(self, name: str) -> bool:
        return bool(self.values.get(name))

    def text(self, name: str) -> str:
        """The raw string."""
        return self.values.get(name, "")

    def flag(self, name: str) -> bool:
        """Whether it says true, yes or 1 in any case."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def integer(self, name: str, default: int = 0, low: int = -(2**63), high: int = 2**63 - 1) -> int:
        """The number it begins with, clamped; what is no number reads as 0."""
        text = self.text(name)
        if not text:
            return default
        match = _NUMBER.match(text)
        return min(high, max(low, int(match[1][:40]) if match else 0))

    def object(self, name: str, malformed: Why, **details: Any) -> Any:
        """The JSON inside it, or None when it is absent.

        Raises:
            Refused: ``malformed``, when it is no JSON.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError:
            raise Refused(malformed, **details) from None


def json_arguments(body: str) -> dict[str, str]:
    """The members of a JSON object, up to the first mistake."""
    values: dict[str, str] = {}
    at = _skip(body, 0)
    if body[at : at + 1] != "{":
        return values
    try:
        while body[at : at + 1] in {"{", ","}:
            name, at = _DECODER.raw_decode(body, _skip(body, at + 1))
            at = _skip(body, at)
            if not isinstance(name, str) or body[at : at + 1] != ":":
                break
            start = _skip(body, at + 1)
            value, at = _DECODER.raw_decode(body, start)
            if value is not None:
                values.setdefault(name, value if isinstance(value, str) else body[start:at])
            at = _skip(body, at)
    except (ValueError, RecursionError):
        pass
    return values


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
