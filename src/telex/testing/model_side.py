"""The model's side of a provider that is tried: what is said there, and whether it was heard in time."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

from telex.events import Event, ReasoningDelta, TextDelta
from telex.providers.scripted import Piece

PATIENCE = 10.0  # seconds of the loop's time in which words must get through, and a connection must close
LATE = 2.0  # seconds after which an answer without end goes on by itself
LATE_WORDS = "later "
PAUSE = 0.01  # seconds between the words of an answer without end


class ModelSide:
    """What the model answers to every question of one fact.

    Attributes:
        pieces: the answer, for a provider that takes it all at once: ``text``, ``reasoning``, ``call``, ``error`` (the model's side
            fails, with these words) and ``drop`` (the connection breaks) as `Piece` has them.
        endless: the answer goes on after its pieces until somebody stops it.
        heard_questions: what was asked, as it came over the wire, where ``answering`` was told.
        lags: how long each piece took from here to the other end, in the loop's seconds.
    """

    def __init__(self, *pieces: Piece, endless: bool = False) -> None:
        self.pieces = (*pieces, Piece(LATE, LATE_WORDS)) if endless else pieces
        self.endless = endless
        self.events: list[Event] = []
        self.held_back = False
        self.lags: list[float] = []
        self.heard_questions: list[str] = []
        self._script = pieces
        self._said = self._running = 0
        self._asked, self._goes_on = asyncio.Event(), asyncio.Event()

    @contextlib.asynccontextmanager
    async def answering(self, asked: object = None) -> AsyncIterator[AsyncIterator[Piece]]:
        """The model's side of one answer, for as long as its connection is open.

        Args:
            asked: the question as it came over the wire (bytes, text, or what its JSON holds), for the facts about what is sent.

        Gives the pieces, each to be sent at once. After ``error`` and ``drop`` none comes; otherwise their end is to be sent as
        the model's word that it is done. An error of the connection ends the block quietly, as the end of the answer.
        """
        self._running += 1
        self._asked.set()
        if asked is not None:
            self.heard_questions.append(asked.decode() if isinstance(asked, bytes) else _text(asked))
        try:
            with contextlib.suppress(ConnectionError):
                yield self._saying()
        finally:
            self._running -= 1

    async def _saying(self) -> AsyncIterator[Piece]:
        for piece in self._script:
            await self._all_heard()
            self._said += len(piece.text) if piece.kind in {"text", "reasoning"} else 0
            yield piece
        if self.endless:
            await self._goes_on.wait()
        while self.endless:  # a closed connection is noticed by those who write to it
            yield Piece(PAUSE, LATE_WORDS)
            await asyncio.sleep(PAUSE)
        await self._all_heard()

    # -- what the suite does -------------------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """What the provider says."""
        self.events.append(event)

    def heard(self, kind: type[TextDelta | ReasoningDelta] = TextDelta) -> str:
        """All words, or all thoughts, that the provider gave so far."""
        return "".join(event.text for event in self.events if isinstance(event, kind))

    async def asked(self) -> None:
        """Wait until a question has come; a provider that is its own model is not asked over a connection."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._asked.wait()

    def go_on(self) -> None:
        """An endless answer says more, to whoever still listens."""
        self._goes_on.set()

    async def all_closed(self) -> bool:
        """Whether every connection closes, once the answers that run on them were stopped."""
        self.go_on()
        return await until(lambda: self._running == 0)

    async def _all_heard(self) -> None:
        """The next piece waits until what was said has come out at the other end: so nothing may be held back."""
        if self.held_back:
            return
        loop = asyncio.get_running_loop()
        said = loop.time()
        self.held_back = not await until(lambda: len(self.heard()) + len(self.heard(ReasoningDelta)) >= self._said)
        if self._said:
            self.lags.append(loop.time() - said)


def _text(asked: object) -> str:
    return asked if isinstance(asked, str) else json.dumps(asked, ensure_ascii=False)


async def until(true: Callable[[], bool]) -> bool:
    """Wait until something is true, and say whether it is."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not true():
        if asyncio.get_running_loop().time() > end:
            return False
        await asyncio.sleep(PAUSE)
    return True
