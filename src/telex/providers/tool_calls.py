"""Tool calls, put together from the pieces in which servers send them. Pure.

Most pieces say to which call they belong by ``index``; Gemini's endpoint, old Ollama and several proxies leave it out, others
give every call the index 0. So: a new id together with a name begins a new call, whatever its index says; without an index
the same or no id goes on with the call that was begun last, and several calls in one chunk count by their position.
"""

import re
from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants to run.

    Attributes:
        id: names the call; its result is sent with it.
        name: the tool's.
        arguments: the JSON text of an object, as it was sent.
    """

    id: str
    name: str
    arguments: str

    @property
    def complete(self) -> bool:
        """Whether the arguments are a whole JSON object."""
        try:
            return isinstance(msgspec.json.decode(self.arguments), dict)
        except msgspec.DecodeError:
            return False


@dataclass(slots=True)
class _Open:
    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    extra: Any = None


class ToolCallCollector:
    """Collects the pieces of one answer's tool calls."""

    def __init__(self) -> None:
        self._calls: list[_Open] = []

    def feed(self, pieces: Any) -> None:
        """Take ``delta.tool_calls`` (or ``message.tool_calls``) as it came; what is not a list of objects is ignored."""
        if not isinstance(pieces, list):
            return
        pieces = [piece for piece in pieces if isinstance(piece, dict)]
        for position, piece in enumerate(pieces):
            function = piece.get("function")
            function = function if isinstance(function, dict) else {}
            call = self._call(piece, function, position if len(pieces) > 1 else None)
            # The first id and name count: some proxies repeat them in every piece, others empty them later.
            call.id = call.id or _word(piece.get("id"))
            call.name = call.name or _word(function.get("name"))
            call.arguments += _arguments(function.get("arguments"))
            call.extra = call.extra or piece.get("extra_content")

    def legacy(self, function: Any) -> None:
        """Take ``delta.function_call``, the older form that allows one call."""
        if isinstance(function, dict):
            self.feed([{"index": 0, "function": function}])

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls so far, in order; a call without an id gets one, and no arguments are an empty object."""
        return tuple(
            ToolCall(call.id or f"call_{number}", call.name, re.sub(r"^\s*(null)?\s*$", "{}", call.arguments))
            for number, call in enumerate(self._calls)
            if call.name or call.arguments
        )

    @property
    def extras(self) -> dict[str, Any]:
        """What Gemini's endpoint adds to calls, such as a signature, by the call's id; it wants it back unchanged."""
        named = [call for call in self._calls if call.name or call.arguments]
        return {ready.id: call.extra for ready, call in zip(self.calls, named, strict=True) if call.extra}

    @property
    def certain(self) -> bool:
        """Whether there are calls and each has whole arguments that were really sent."""
        open_calls = [call for call in self._calls if call.name]
        return bool(open_calls) and all(ToolCall("", "", call.arguments).complete for call in open_calls)

    def _call(self, piece: dict[str, Any], function: dict[str, Any], position: int | None) -> _Open:
        identity, name, index = _word(piece.get("id")), _word(function.get("name")), piece.get("index")
        if not isinstance(index, int) or isinstance(index, bool):
            index = None
        if identity:
            known = [call for call in self._calls if call.id == identity and index in (None, call.index)]
            if known:
                return known[-1]
        wanted = index if index is not None else position
        for call in reversed(self._calls):
            if wanted is not None and call.index != wanted:
                continue
            if identity and name and call.id:
                break  # the place is taken by another call
            if identity and call.id and index is None:
                break
            if name and not identity and _another(call, name, function):
                break
            return call
        begun = _Open(wanted if wanted is not None else len(self._calls))
        self._calls.append(begun)
        return begun


def _another(call: _Open, name: str, function: dict[str, Any]) -> bool:
    """Whether a piece with a name but no id begins a new call: the one before is whole, and there is something to say."""
    more = name != call.name or bool(_arguments(function.get("arguments")))
    return more and bool(call.name) and ToolCall("", "", call.arguments).complete


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _arguments(value: Any) -> str:
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return _word(value)
