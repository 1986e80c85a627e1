"""Thoughts in a chat completion: where servers put them, and what of them a server wants to see again. Pure."""

from collections.abc import Mapping
from typing import Any


class ReasoningDetails:
    """Collects ``reasoning_details``: OpenRouter wants them back unchanged together with a tool's result."""

    def __init__(self) -> None:
        self._items: list[dict[str, Any]] = []

    def feed(self, details: Any) -> None:
        """Take one delta's details; the pieces of one detail share their index and type."""
        for item in details if isinstance(details, list) else ():
            if not isinstance(item, dict):
                continue
            last = self._items[-1] if self._items else None
            if last and all(last.get(key) == item.get(key) for key in ("type", "index")) and _goes_on(last, item):
                for key, value in item.items():
                    if key in ("text", "summary") and isinstance(value, str):
                        last[key] = (last.get(key) or "") + value
                    elif value is not None:
                        last[key] = value
            else:
                self._items.append(dict(item))

    def state(self, extras: Mapping[str, Any], reasoning: str) -> dict[str, Any] | None:
        """What the same server is shown again beside its own tool calls; ``extras`` by the calls' ids."""
        state = {
            "details": self._items,
            "extras": dict(extras),
            "reasoning": reasoning,
        }
        kept = {key: value for key, value in state.items() if value}
        return {"wire": "chat", **kept} if kept else None


def _goes_on(last: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether ``item`` is more of ``last``: readable, and not another one with an id of its own."""
    return "data" not in item and (not item.get("id") or item.get("id") == last.get("id"))


def text_in(content: Any) -> str:
    """The words in a list of content parts."""
    parts = content if isinstance(content, list) else [content]
    return "".join(
        part
        if isinstance(part, str)
        else joined(part.get("text"))
        if part.get("type", "text") in ("text", "output_text")
        else joined(part.get("refusal"))
        for part in parts
        if isinstance(part, str | dict)
    )


def thinking_in(content: Any) -> str:
    """The thoughts in a list of content parts, as Mistral sends them."""
    parts = content if isinstance(content, list) else ()
    return "".join(
        joined(part.get("thinking") or part.get("reasoning") or part.get("text"))
        for part in parts
        if isinstance(part, dict) and part.get("type") in ("thinking", "reasoning")
    )


def details_in(details: Any) -> str:
    """The readable ones of OpenRouter's reasoning details; encrypted ones say nothing."""
    return "".join(
        joined(item.get("text") or item.get("summary"))
        for item in (details if isinstance(details, list) else ())
        if isinstance(item, dict)
    )


def joined(value: Any) -> str:
    """The words of a string, or of a list of parts."""
    if isinstance(value, list):
        return "".join(joined(part.get("text") if isinstance(part, dict) else part) for part in value)
    return value if isinstance(value, str) else ""
