"""A plan of what goes wrong: which call, and what happens to it.

In a string, faults are parted by ``;``::

    sendMessage#2=429:7            the second sendMessage: "retry after 7"
    editMessageText#3-5=500        the third to the fifth edit
    *@1001#1=reset_after           the first call of any kind in chat 1001: applied, then the connection breaks
    sendMessageDraft%0.1=slow:2    one draft in ten is answered two seconds late
    seed=7                         makes the draws of % repeatable

Counting goes per fault, over the calls that its method and chat match; a fault without ``#`` and ``%`` strikes once,
at the first.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """What happens to a call."""

    RETRY_AFTER = "429"  # value: seconds
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"  # with an HTML body, as the public host's front end sends it; nothing done
    BAD_GATEWAY_AFTER = "502_after"  # the same, and all done
    RESET_BEFORE = "reset_before"  # the connection breaks and nothing was done
    RESET_AFTER = "reset_after"  # the connection breaks and all was done
    HANG_BEFORE = "hang_before"  # no answer ever, nothing done
    HANG_AFTER = "hang_after"  # no answer ever, all done
    SLOW = "slow"  # value: seconds by which the answer is late
    ENTITIES = "entities"  # can't parse entities
    NO_DRAFTS = "no_drafts"  # from now on: 404, as on a server without the method
    DRAFT_PEER = "draft_peer"  # from now on: TEXTDRAFT_PEER_INVALID
    NO_RICH = "no_rich"  # from now on: no rich messages, as on a server before Bot API 10.1
    RICH_REFUSED = "rich_refused"  # from now on: rich messages are refused with 400
    DELETED = "deleted"  # a person deletes the message just before (the call's own, or the bot's last in the chat)
    BLOCKED = "blocked"  # from now on: blocked in a private chat, kicked from a group
    MIGRATED = "migrated"  # from now on: the group has another id
    TOPIC_CLOSED = "topic_closed"  # from now on
    TOPIC_DELETED = "topic_deleted"  # from now on


_DEFAULTS = {Kind.RETRY_AFTER: 3.0, Kind.SLOW: 1.0}
_FAULT = re.compile(
    r"(?P<method>\*|[A-Za-z]+)(?:@(?P<chat>-?\d+))?"
    r"(?:#(?P<first>\d+)(?:-(?P<last>\d+))?|%(?P<rate>\d*\.?\d+))?"
    r"=(?P<kind>\w+)(?::(?P<value>\d*\.?\d+))?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the plan.

    Attributes:
        kind: what happens.
        method: the method's name in any case; ``*`` matches all but getUpdates.
        first: the number of the first matching call that is struck, from 1.
        last: the number of the last one.
        chat: only calls of this chat count, where given.
        rate: strike each matching call with this chance, instead of by number.
        value: seconds, for `Kind.RETRY_AFTER` and `Kind.SLOW`.
    """

    kind: Kind
    method: str = "*"
    first: int = 1
    last: int = 1
    chat: int | None = None
    rate: float | None = None
    value: float = 0.0

    def matches(self, method: str, chat: int | None) -> bool:
        """Whether a call counts for this fault."""
        wanted = self.method.lower()
        named = wanted == method.lower() or (wanted == "*" and method.lower() != "getupdates")
        return named and (self.chat is None or self.chat == chat)


class FaultPlan:
    """The faults of one run, with their counts and the dice.

    Args:
        faults: what goes wrong.
        seed: makes the draws of faults with a ``rate`` repeatable.
    """

    def __init__(self, *faults: Fault, seed: int = 0) -> None:
        self.faults = faults
        self._counts = [0] * len(faults)
        self._dice = random.Random(seed)  # noqa: S311 - repeatable draws, nothing secret

    def strike(self, method: str, chat: int | None) -> Fault | None:
        """Count a call and say what happens to it; the plan's first fault wins."""
        struck = None
        for at, fault in enumerate(self.faults):
            if not fault.matches(method, chat):
                continue
            self._counts[at] += 1
            by_number = fault.first <= self._counts[at] <= fault.last
            hit = by_number if fault.rate is None else self._dice.random() < fault.rate
            if hit and struck is None:
                struck = fault
        return struck

    @classmethod
    def parse(cls, plan: str | Mapping[str, Any]) -> "FaultPlan":
        """Read a plan from its string, or from a mapping ``{"seed": 7, "faults": [...]}`` as YAML gives it.

        A mapping's faults are strings, or mappings with the keys of `Fault` (and ``nth`` for both first and last).

        Raises:
            ValueError: an entry cannot be read; says which one and what is expected.
        """
        if isinstance(plan, str):
            entries: list[Any] = [entry.strip() for entry in plan.split(";") if entry.strip()]
            seeds = [entry for entry in entries if entry.startswith("seed=")]
            entries = [entry for entry in entries if entry not in seeds]
            seed: Any = seeds[-1].removeprefix("seed=") if seeds else 0
        else:
            unknown = set(plan) - {"seed", "faults"}
            if unknown:
                raise ValueError(f"a fault plan has the keys seed and faults, not {', '.join(sorted(unknown))}")
            entries, seed = list(plan.get("faults", [])), plan.get("seed", 0)
        try:
            number = int(seed)
        except (TypeError, ValueError):
            raise ValueError(f"the seed of a fault plan is a whole number, not {seed!r}") from None
        return cls(*map(_read, entries), seed=number)


def _read(entry: Any) -> Fault:
    if isinstance(entry, Mapping):
        return _from_mapping(entry)
    match = _FAULT.fullmatch(str(entry))
    if not match:
        raise ValueError(f"{entry!r} is no fault; write it as sendMessage#2=429:7 or *%0.05=reset_after")
    first = int(match["first"] or 1)
    kind = _kind(match["kind"])
    return Fault(
        kind=kind,
        method=match["method"],
        first=first,
        last=int(match["last"] or first),
        chat=int(match["chat"]) if match["chat"] else None,
        rate=float(match["rate"]) if match["rate"] else None,
        value=float(match["value"]) if match["value"] else _DEFAULTS.get(kind, 0.0),
    )


def _from_mapping(entry: Mapping[str, Any]) -> Fault:
    values = dict(entry)
    nth = values.pop("nth", None)
    if nth is not None:
        values.update(first=nth, last=nth)
    known = {"kind": str, "method": str, "first": int, "last": int, "chat": int, "rate": float, "value": float}
    unknown = set(values) - set(known)
    if unknown:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}; it has nth, {', '.join(known)}")
    if "kind" not in values:
        raise ValueError("a fault needs its kind, such as 429 or reset_after")
    try:
        values = {key: known[key](value) for key, value in values.items() if value is not None}
    except (TypeError, ValueError):
        raise ValueError(
            f"{dict(entry)!r} is no fault: first, last and chat are whole numbers, rate and value numbers"
        ) from None
    values["kind"] = _kind(values["kind"])
    values.setdefault("value", _DEFAULTS.get(values["kind"], 0.0))
    values.setdefault("last", values.get("first", 1))
    return Fault(**values)


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError:
        raise ValueError(f"no fault is called {name!r}; there are {', '.join(kind.value for kind in Kind)}") from None
