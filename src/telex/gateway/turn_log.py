"""One turn's way into the journal: what the presenter knows, written down before it matters."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping

from telex.display.presenter import Presenter
from telex.gateway.journal import How, TurnRecord

EVERY = 1.0  # seconds between two writes of a growing answer


class _Numbers(dict[int, int]):
    """Numbers of pages: the known ones, and a fresh one for each further page."""

    def __init__(self, known: Mapping[int, int], fresh: Iterator[int]) -> None:
        super().__init__(known)
        self._fresh = fresh

    def __missing__(self, page: int) -> int:
        self[page] = next(self._fresh)
        return self[page]


class TurnLog:
    """Writes down how far a turn is.

    Args:
        record: where to; ``None`` for a text of telex's own, which is not worth a restart.
    """

    def __init__(self, record: TurnRecord | None = None) -> None:
        self.record = record
        self.presenter: Presenter | None = None
        self.later: list[tuple[int, str]] = []  # pages of the turn that come after this presenter's
        self.at_end = How.COMPLETE  # how far the turn's pages are once the presenter has all of its own
        self._numbers: Mapping[int, int] = {}
        self._written: object = None
        self._soon = asyncio.Event()

    def resume(self, page: int, fresh: Iterator[int]) -> None:
        """The presenter's first page is the turn's ``page``; where it is cut again, the further ones take ``fresh`` numbers."""
        self._numbers = _Numbers({0: page}, fresh)

    def _number(self, page: int) -> int:
        """The turn's number of a page of this presenter."""
        return self._numbers[page] if self._numbers else page

    async def intent(self, page: int, above: int) -> None:
        """About to post ``page``; a text goes along, for a restart must know what it looks for."""
        if self.record:
            await self.save()
            await self.record.intent(self._number(page), above)

    async def posted(self, page: int, message_id: int | None) -> None:
        """``page`` is this message."""
        if self.record:
            await self.record.posted(self._number(page), message_id)

    async def sealing(self) -> None:
        """The final text is written before the final is shown: a restart never takes back what is complete."""
        await self.save()

    async def save(self) -> None:
        """Write down what is not known to be shown to its end, where it changed."""
        if self.record is None or self.presenter is None:
            return
        ended = self.presenter.view.ended
        pages = [(self._number(number), text) for number, text in self.presenter.unfinished] + self.later
        how = How.GROWING if ended is None else self.at_end
        if (pages, how) != self._written:
            self._written = (pages, how)
            await self.record.text(pages, how)

    def hurry(self) -> None:
        """The first words or a tool came, and must not come to nothing: after a kill the model is asked again where nothing is saved."""
        self._soon.set()

    async def keep_saving(self) -> None:
        """Save once a second, and when it is to be soon, until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._soon.wait()
            self._soon.clear()
            await self.save()

    async def done(self) -> None:
        """The screen shows the last frame."""
        if self.record:
            await self.record.done()
