"""The entries of a recording as the plain values that its lines are made of, and back. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

import msgspec

from telex.display.frame import Abandon, Finished, Frame, Outcome, Show, Step, Wait
from telex.events import Event
from telex.recording.entries import Answered, Changed, Entry, Fed, Left, Raised, Screen, Stepped, TakenOff

EVENTS = {kind.__name__: kind for kind in get_args(Event)}
OUTCOMES = {kind.__name__: kind for kind in get_args(Outcome)}


def common(one: str, other: str) -> int:
    """With how many characters both begin."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        half = (least + most + 1) // 2
        if one[:half] == other[:half]:
            least = half
        else:
            most = half - 1
    return least


class Coder:
    """Entries to plain values and back. It remembers the last frame and screen, for of the next only the news is written."""

    def __init__(self) -> None:
        self._text = ""
        self._screen: dict[str, Any] = {}

    # -- to plain values -------------------------------------------------------------------------------------------

    def plain(self, entry: Entry) -> dict[str, Any]:
        """An entry as what stands on its line."""
        match entry:
            case Fed(t, event):
                return {"t": t, "event": type(event).__name__, **msgspec.to_builtins(event)}
            case Answered(t, outcome):
                return {"t": t, "outcome": type(outcome).__name__, **asdict(outcome)}
            case TakenOff(t, page):
                return {"t": t, "vanished": page}
            case Left(t):
                return {"t": t, "left": True}
            case Changed(t, screen):
                before, self._screen = self._screen, asdict(screen)
                return {"t": t, "screen": {k: v for k, v in self._screen.items() if k not in before or before[k] != v}}
            case Stepped(t, step, turns, lengths):
                more = {"turns": turns} if turns else {}
                return {"t": t, "step": type(step).__name__, **self._step(step), **more, **_some("lengths", lengths)}

    def _step(self, step: Step | Raised) -> dict[str, Any]:
        match step:
            case Show(shown):
                keep = common(self._text, shown.text)
                self._text = shown.text
                return {**asdict(shown), "keep": keep, "text": shown.text[keep:]}
            case Wait() | Abandon() | Raised():
                return asdict(step)
            case Finished():
                return {}

    # -- and back ----------------------------------------------------------------------------------------------------

    def entry(self, values: Mapping[str, Any]) -> Entry:
        """The entry of a line.

        Raises:
            ValueError: there is no such entry; says why.
        """
        t = _field(values, "t", float)
        if "event" in values:
            return Fed(t, msgspec.convert(values, _named(EVENTS, values["event"])))
        if "outcome" in values:
            return Answered(t, msgspec.convert(values, _named(OUTCOMES, values["outcome"])))
        if "vanished" in values:
            return TakenOff(t, _field(values, "vanished", int))
        if "left" in values:
            return Left(t)
        if "screen" in values:
            self._screen = {**self._screen, **_field(values, "screen", dict[str, Any])}
            return Changed(t, msgspec.convert(self._screen, Screen))
        if "step" in values:
            turns = msgspec.convert(values.get("turns", ()), tuple[tuple[int, bool, float | None], ...])
            return Stepped(
                t,
                self._read_step(values),
                tuple((line, final, _time(at)) for line, final, at in turns),
                msgspec.convert(values.get("lengths", {}), dict[str, int]),
            )
        raise ValueError("it has none of event, screen, step, outcome, vanished and left")

    def _read_step(self, values: Mapping[str, Any]) -> Step | Raised:
        match values["step"]:
            case "Show":
                shown = msgspec.convert(values, Frame)
                keep = _field(values, "keep", int)
                if not 0 <= keep <= len(self._text):
                    raise ValueError(f"keep is {keep}, and the frame before has {len(self._text)} characters")
                self._text = self._text[:keep] + shown.text
                return Show(Frame(shown.page, self._text, shown.final, shown.plain, shown.busy))
            case "Wait":
                return Wait(_time(_field(values, "until", float | None)), _field(values, "why", str))
            case "Abandon":
                return msgspec.convert(values, Abandon)
            case "Raised":
                return msgspec.convert(values, Raised)
            case "Finished":
                return Finished()
            case other:
                raise ValueError(f"there is no step {other!r}")


def _some(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(values)} if values else {}


def _time(at: float | None) -> float:
    """JSON has no infinity."""
    return float("inf") if at is None else at


def _field(values: Mapping[str, Any], name: str, kind: Any) -> Any:
    if name not in values:
        raise ValueError(f"it has no {name}")
    try:
        return msgspec.convert(values[name], kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {error}") from None


def _named(kinds: Mapping[str, Any], name: Any) -> Any:
    if name not in kinds:
        raise ValueError(f"there is no {name!r}; expected one of {', '.join(kinds)}")
    return kinds[name]
