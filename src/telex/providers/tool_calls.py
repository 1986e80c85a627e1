"""Tool calls, put together from the pieces in which servers send them. Pure.

Most pieces say to which call they belong by ``index``; Gemini's endpoint, old Ollama and several proxies leave it out, others
give every call the index 0 or the same id. So: a new id together with a name begins a new call, whatever its index says;
without an index the same or no id goes on with the call that was begun last, and several calls in one chunk count by their
position; and a known id begins another call where the known one is whole and there is more to say.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from telex.providers.halves import mended, mended_in


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
        return object_in(self.arguments) is not None


@dataclass(slots=True)
class _Open:
    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    extra: Any = None

    @property
    def whole(self) -> bool:
        return object_in(self.arguments) is not None

    @property
    def empty(self) -> bool:
        """No arguments came yet, or none that say anything."""
        return self.arguments.strip() in ("", "null", "{}")


class ToolCallCollector:
    """Collects the pieces of one answer's tool calls."""

    def __init__(self) -> None:
        self._calls: list[_Open] = []

    def feed(self, pieces: Any) -> None:
        """Take ``delta.tool_calls`` (or ``message.tool_calls``) as it came; what is not a list of objects is ignored."""
        if not isinstance(pieces, list):
            return
        pieces = [piece for piece in pieces if isinstance(piece, dict)]
        fresh: list[_Open] = []  # the calls that this chunk spoke of
        for position, piece in enumerate(pieces):
            function = piece.get("function")
            function = function if isinstance(function, dict) else {}
            call = self._call(piece, function, position if len(pieces) > 1 else None, fresh)
            if call is None:
                continue
            fresh.append(call)
            # The first id and name count: some proxies repeat them in every piece, others empty them later.
            call.id = call.id or _word(piece.get("id"))
            call.name = call.name or _word(function.get("name"))
            arguments = arguments_in(function.get("arguments"))
            # Adapters begin a call with an empty object, or null, although its arguments are to follow.
            call.arguments = arguments if arguments and call.empty else call.arguments + arguments
            call.extra = call.extra or piece.get("extra_content")

    def legacy(self, function: Any) -> None:
        """Take ``delta.function_call``, the older form that allows one call."""
        if isinstance(function, dict):
            self.feed([{"index": 0, "function": function}])

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls so far, in order, each with an id of its own; no arguments are an empty object."""
        named = self._named
        return tuple(
            ToolCall(identity, mended(call.name), settled(call.arguments))
            for identity, call in zip(distinct((call.id for call in named), "call"), named, strict=True)
        )

    @property
    def extras(self) -> dict[str, Any]:
        """What Gemini's endpoint adds to calls, such as a signature, by the call's id; it wants it back unchanged."""
        return {
            ready.id: mended_in(call.extra) for ready, call in zip(self.calls, self._named, strict=True) if call.extra
        }

    @property
    def certain(self) -> bool:
        """Whether there are calls and each has whole arguments that were really sent."""
        open_calls = [call for call in self._calls if call.name]
        return bool(open_calls) and all(call.whole for call in open_calls)

    @property
    def _named(self) -> list[_Open]:
        return [call for call in self._calls if call.name or call.arguments]

    def _call(
        self, piece: dict[str, Any], function: dict[str, Any], position: int | None, fresh: list[_Open]
    ) -> _Open | None:
        """The call that a piece belongs to; nothing where it says again what was said."""
        identity, name, index = _word(piece.get("id")), _word(function.get("name")), index_in(piece.get("index"))
        arguments = arguments_in(function.get("arguments"))
        wanted = index if index is not None else position
        known = [call for call in self._calls if identity and call.id == identity and index in (None, call.index)]
        if known:
            call = next((call for call in reversed(known) if call.index == wanted), known[-1])
            if name and arguments and call.whole:
                if any((one.name, one.arguments) == (name, arguments) for one in known):
                    return None
            elif not (name and index is None and call in fresh):
                return call
            return self._begin(wanted)
        for call in reversed(self._calls):
            if wanted is not None and call.index != wanted:
                continue
            if identity and name and call.id:
                break  # the place is taken by another call
            if identity and call.id and index is None:
                break
            if name and not identity and call.name and _another(call, name, arguments):
                break
            return call
        return self._begin(wanted)

    def _begin(self, index: int | None) -> _Open:
        self._calls.append(_Open(index if index is not None else len(self._calls)))
        return self._calls[-1]


def _another(call: _Open, name: str, arguments: str) -> bool:
    """Whether a name without an id begins another call: nothing of the one before is open, and there is something to say."""
    if name != call.name:
        return call.empty or call.whole
    return call.whole and bool(arguments)


def distinct(ids: Iterable[str], stem: str) -> list[str]:
    """Ids for calls, each once: the server's own, ``stem_0`` where it gave none, and a suffix where it gave one twice."""
    own, given = list(ids), set[str]()
    taken = set(own)
    found: list[str] = []
    for number, identity in enumerate(own):
        chosen, again = identity or f"{stem}_{number}", 1
        while chosen in given or (chosen != identity and chosen in taken):
            again += 1
            chosen = f"{identity or f'{stem}_{number}'}_{again}"
        given.add(chosen)
        found.append(chosen)
    return found


def index_in(value: Any) -> int | None:
    """A place that a server names, as a number or in digits."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def arguments_in(value: Any) -> str:
    """Arguments, or a piece of them, as JSON text, also from servers that send the object itself."""
    if isinstance(value, dict):
        return msgspec.json.encode(mended_in(value)).decode()
    return _word(value)


def settled(arguments: str) -> str:
    """Arguments that have all come: no words, and ``null``, are an empty object."""
    return re.sub(r"^\s*(null)?\s*$", "{}", mended(arguments))


def object_in(arguments: str) -> dict[str, Any] | None:
    """The object in the JSON text of arguments, if they are whole and one."""
    try:
        value = msgspec.json.decode(mended(arguments))
    except (msgspec.DecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
