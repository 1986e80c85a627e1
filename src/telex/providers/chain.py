"""Several models for one answer: the next is asked where one fails before its first word.

What an answer shows was said by attempts that were not given up: each attempt has a gate, and it is shut before the next.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from telex.errors import ProviderError
from telex.events import Event, ReasoningDelta, TextDelta
from telex.providers.base import Emit, Provider, Reply, Request
from telex.providers.pictures import unseen
from telex.providers.seam import Seam

log = logging.getLogger("telex.providers")

OnDrop: TypeAlias = Literal["end", "continue"]

MOST_CONTINUATIONS = 3
NOTHING = "The model ended without an answer."
GO_ON = (
    "The connection broke in the middle of your last answer; the reader has everything above. Go on exactly where it stops, "
    "even inside a word or a block of code: begin with the next character, repeat nothing, and do not mention the break."
)


@dataclass(frozen=True, slots=True)
class Link:
    """One model of a chain.

    Attributes:
        provider: the model.
        on_drop: what is done when it fails after words were shown: ``end`` lets the answer fail with what was shown,
            ``continue`` asks the model (and where it fails, the next) to go on from there.
    """

    provider: Provider
    on_drop: OnDrop = "end"


class Chain:
    """A provider made of others.

    Args:
        links: at least one; closed with the chain.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = tuple(links)
        known = [size for link in links if (size := getattr(link.provider, "context_tokens", None))]
        self.context_tokens: int | None = min(known, default=None)
        self.takes_tools = any(getattr(link.provider, "takes_tools", True) for link in links)

    @property
    def vision(self) -> bool:
        """Does one of the models see pictures? What another may not take is left out by that one."""
        return any(getattr(link.provider, "vision", False) for link in self._links)

    @property
    def name(self) -> str:
        """What people call it."""
        return ", then ".join(link.provider.name for link in self._links)

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Ask the models in order until one has answered.

        Raises:
            ProviderError: none could, or one failed after words were shown and is not to go on.
        """
        asked, shown = request, ""
        failures: list[tuple[str, ProviderError]] = []
        place = continuations = 0
        thought = False
        while place < len(self._links):
            link = self._links[place]
            attempt = _Attempt(emit, shown, thought=thought)
            try:
                seen = getattr(link.provider, "vision", False)
                shown_to = asked if seen else replace(asked, messages=unseen(asked.messages))
                reply = await link.provider.stream(shown_to, attempt.emit)
                if place + 1 < len(self._links) and not shown and _says_nothing(reply, asked):
                    raise ProviderError(NOTHING)  # noqa: TRY301 - as if the model had said so itself
            except ProviderError as error:
                attempt.end(failed=True)
                thought = attempt.thought
                failures.append((link.provider.name, error))
                if not attempt.text:
                    place += 1
                    log.warning("%s did not answer: %s", link.provider.name, error)
                    continue
                shown += attempt.text
                continuations += 1
                if link.on_drop == "end" or continuations > MOST_CONTINUATIONS:
                    raise
                log.warning("%s broke off and is asked to go on: %s", link.provider.name, error)
                asked = _continued(request, shown)
            else:
                attempt.end(failed=False)
                if not shown:
                    return reply
                return replace(reply, text=shown + attempt.text)  # the model's own notes hold only the end of it
            finally:
                attempt.shut()
        raise _all_of(failures) if not shown else failures[-1][1]

    async def close(self) -> None:
        """Close all of them."""
        for link in self._links:
            await link.provider.close()


class _Attempt:
    """What one model says, on its way to the listener: nothing passes once it is shut.

    Blanks wait for a word: a model that gets no further has said nothing.

    Attributes:
        thought: this attempt or one before showed thoughts.
    """

    def __init__(self, emit: Emit, shown: str, *, thought: bool) -> None:
        self.thought = thought
        self._emit = emit
        self._seam = Seam(shown) if shown else None
        self._open = True
        self._apart = thought  # its thoughts are not those that the listener has
        self._blank = ""
        self._said: list[str] = []

    @property
    def text(self) -> str:
        """The words that reached the listener."""
        return "".join(self._said)

    def emit(self, event: Event) -> None:
        if not self._open:
            return
        if isinstance(event, TextDelta):
            self._say(event.text if self._seam is None else self._seam.feed(event.text))
            return
        if isinstance(event, ReasoningDelta):
            if self._apart:
                self._emit(ReasoningDelta("\n\n"))
            self._apart, self.thought = False, True
        self._emit(event)

    def end(self, *, failed: bool) -> None:
        """Nothing more comes: what was held is said."""
        if self._seam is not None:
            self._say(self._seam.close())
        if not failed and self._blank:
            self._pass(self._blank)

    def shut(self) -> None:
        """Whatever still comes is not for the reader."""
        self._open = False

    def _say(self, text: str) -> None:
        if not self._said and not text.strip():
            self._blank += text
        elif text:
            self._pass(self._blank + text)

    def _pass(self, text: str) -> None:
        self._blank = ""
        self._said.append(text)
        self._emit(TextDelta(text))


def _says_nothing(reply: Reply, asked: Request) -> bool:
    """Whether there is no answer in a reply; after a tool's result there may be nothing left to say."""
    after_tool = bool(asked.messages) and asked.messages[-1]["role"] == "tool"
    return reply.finish in ("stop", "length") and not (reply.text.strip() or reply.calls or after_tool)


def _continued(request: Request, shown: str) -> Request:
    """The question that asks to go on after ``shown``."""
    more = ({"role": "assistant", "content": shown}, {"role": "user", "content": GO_ON})
    return replace(request, messages=[*request.messages, *more])


def _all_of(failures: Sequence[tuple[str, ProviderError]]) -> ProviderError:
    """One error for several; of one, itself."""
    if len(failures) == 1:
        return failures[0][1]
    told = " ".join(f"{name}: {error}" for name, error in failures)
    last = failures[-1][1]
    return ProviderError(f"None of the models answered. {told}", status=last.status, retry_after=last.retry_after)
