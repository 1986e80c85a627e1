"""What a model's server was found to refuse: left out of every later question. Pure: no clock, no sockets.

Nothing here is known beforehand. A refusal that names a parameter is believed, the question is asked again without it, and so
are all that follow.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from telex.providers import refusals
from telex.providers.base import Request, without_tools
from telex.providers.pictures import unseen

log = logging.getLogger("telex.providers")

CHANGES = 8  # a server that refuses again after so many changes does not mean what it says
NEEDED = frozenset({"model", "messages", "input", "stream", "stream_options"})
OTHER_NAMES = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
WITH_TOOLS = frozenset({"tool_choice", "parallel_tool_calls"})  # have no meaning without tools
_CAP = re.compile(r"max_tokens\D{1,3}\d+ > (\d+)")  # Anthropic names what the model can do


@dataclass(slots=True)
class Learned:
    """What is known about one model of one server.

    Attributes:
        streams: whether it can stream.
        usage: whether it takes ``stream_options``; ``None`` where that is not known.
        thoughts: whether it wants to see its own thoughts again beside its tool calls.
        pictures: whether it takes them.
    """

    streams: bool = True
    usage: bool | None = None
    thoughts: bool = False
    pictures: bool = True
    _without: set[str] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)
    _most: int | None = None

    def asked(self, request: Request) -> Request:
        """``request`` without a trace of tools or pictures, where they are refused: words take their place."""
        if not self.pictures:
            request = replace(request, messages=unseen(request.messages))
        return without_tools(request) if "tools" in self._without else request

    def fit(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """``body`` without what is refused."""
        fitted = {self._names.get(key, key): value for key, value in body.items()}
        fitted = {key: value for key, value in fitted.items() if key not in self._without}
        if "tools" in self._without:
            fitted = {key: value for key, value in fitted.items() if key not in WITH_TOOLS}
        if self._most is not None and "max_tokens" in fitted:
            fitted["max_tokens"] = min(self._most, fitted["max_tokens"])
        fitted["stream"] = self.streams
        if not self.streams or self.usage is False:
            fitted.pop("stream_options", None)
        return fitted

    def refused(self, name: str) -> None:
        """The server does not take the parameter ``name``."""
        first = next((key for key, now in self._names.items() if now == name), name)
        if name in OTHER_NAMES and first == name:
            self._names[name] = OTHER_NAMES[name]
        else:
            self._without.add(name)

    def limit(self, most: int) -> None:
        """The model can answer with so many tokens at most."""
        self._most = most


_known: dict[tuple[str, str], Learned] = {}


def about(endpoint: str, model: str) -> Learned:
    """What is known about ``model`` at ``endpoint``: one for all in this process who ask it."""
    return _known.setdefault((endpoint, model), Learned())


def forget() -> None:
    """Know nothing any more, as a new process does; whoever asks already goes on with what is known."""
    _known.clear()


class Question:
    """One question, asked again with less each time the server refuses some part of it.

    Args:
        learned: what is known; added to.
        make: makes the body that would be sent to a server that takes everything.
    """

    def __init__(self, learned: Learned, make: Callable[[], Mapping[str, Any]]) -> None:
        self._learned = learned
        self._make = make
        self._without_options = False  # whether it helps to leave `stream_options` out is being tried
        self._streams: bool | None = None  # whether it helps to stream, or not to, is being tried
        self._why = b""  # what was said when that guess was made
        self._changes = 0
        self.body = learned.fit(make())
        self._streamed = {learned.streams}

    def refused(self, status: int, refusal: bytes) -> bool:
        """The server refused ``body``; true when it is worth asking with the new one."""
        self._changes += 1
        if self._changes > CHANGES:
            return False
        if refusal == self._why:
            self._streams = None  # it says the same again: the guess does not help
        if not self._change(status, refusal):
            return False
        self.body = self._learned.fit(self._make())
        if self._streams is not None:
            self.body["stream"] = self._streams
        if self._without_options or not self.body["stream"]:
            self.body.pop("stream_options", None)
        return True

    def accepted(self) -> None:
        """The server took ``body``."""
        if self._streams is not None:
            self._learned.streams = self._streams
            log.warning("the model %s: %s", "streams" if self._streams else "does not stream", refusals.said(self._why))
        if self._without_options or "stream_options" in self.body:
            self._learned.usage = not self._without_options

    def _change(self, status: int, refusal: bytes) -> bool:
        if status not in refusals.TELLING:
            return False
        if "stream_options" in self.body and refusals.wants_no_stream_options(refusal):
            self._without_options = True  # certain once the server has answered
            return True
        if self._stream_otherwise(status, refusal) or self._cannot(status, refusal):
            return True
        if name := refusals.unwanted(status, refusal, self.body.keys() - NEEDED):
            log.warning("the model's server does not take %s: %s", name, refusals.said(refusal))
            self._learned.refused(name)
            return True
        return status in (400, 422) and self._mend(refusal)

    def _mend(self, refusal: bytes) -> bool:
        """Change what no words of a refusal name as unwanted."""
        learned = self._learned
        if (found := _CAP.search(refusals.said(refusal))) and "max_tokens" in self.body:
            learned.limit(int(found.group(1)))
        elif b"reasoning_content" in refusal:
            learned.thoughts = not learned.thoughts
        elif "stream_options" in self.body and learned.usage is None:
            self._without_options = True
        else:
            return False
        return True

    def _stream_otherwise(self, status: int, refusal: bytes) -> bool:
        """Is it about streaming, and was only one of both tried?"""
        streams = not self.body["stream"]
        if streams in self._streamed:
            return False
        if not refusals.about_streaming(status, refusal, self.body.keys(), streams=not streams):
            return False
        self._streamed.add(streams)
        self._streams, self._why = streams, refusal
        return True

    def _cannot(self, status: int, refusal: bytes) -> bool:
        """Is it said that the model cannot call tools, or see pictures?"""
        learned = self._learned
        if refusals.wants_no_tools(status, refusal) and "tools" in self.body:
            learned.refused("tools")
        elif refusals.wants_no_pictures(status, refusal) and learned.pictures:
            learned.pictures = False
        else:
            return False
        log.warning("the model's server takes less than it was sent: %s", refusals.said(refusal))
        return True
