"""One turn's way into the journal: what the presenter knows, written down before it matters."""

import asyncio

from telex.display.presenter import Presenter
from telex.gateway.journal import TurnRecord

EVERY = 1.0  # seconds between two writes of a growing answer


class TurnLog:
    """Writes down how far a turn is.

    Args:
        record: where to; ``None`` for a text of telex's own, which is not worth a restart.
    """

    def __init__(self, record: TurnRecord | None = None) -> None:
        self.record = record
        self.presenter: Presenter | None = None
        self.first_page = 0  # the turn's number of what its presenter calls page 0
        self.later: list[tuple[int, str]] = []  # pages of the turn that come after this presenter's
        self._written: object = None

    async def intent(self, page: int, above: int) -> None:
        """About to post ``page``; a text goes along, for a restart must know what it looks for."""
        if self.record:
            await self.save()
            await self.record.intent(self.first_page + page, above)

    async def posted(self, page: int, message_id: int | None) -> None:
        """``page`` is this message."""
        if self.record:
            await self.record.posted(self.first_page + page, message_id)

    async def sealing(self) -> None:
        """The final text is written before the final is shown: a restart never takes back what is complete."""
        await self.save()

    async def save(self) -> None:
        """Write down what is not known to be shown to its end, where it changed."""
        if self.record is None or self.presenter is None:
            return
        ended = self.presenter.view.ended
        pages = [(self.first_page + number, text) for number, text in self.presenter.unfinished] + self.later
        state = (pages, ended)
        if state != self._written:
            self._written = state
            await self.record.text(pages, final=ended is not None)

    async def keep_saving(self) -> None:
        """Save once a second, until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self.save()

    async def done(self) -> None:
        """The screen shows the last frame."""
        if self.record:
            await self.record.done()
