"""The messages of one turn: made once, edited from then on, and found again when their making was not answered."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from telex.display.frame import Again, Closed, Outcome, Shown, Vanished
from telex.surfaces.telegram import api_rich
from telex.surfaces.telegram.api import NotSent, Refused
from telex.surfaces.telegram.chats import Chat, Place, Telegram, new_draft_id
from telex.surfaces.telegram.lost import Search
from telex.surfaces.telegram.refusals import Meaning, is_somebodys, meaning
from telex.surfaces.telegram.rich_choice import Body
from telex.surfaces.telegram.twins import LostPost, Twins

SETTLING = 1.0  # seconds after which a post that waits for another's id to be known is tried again,
IN_FLIGHT = 0.05  # and where that other is only just being made


@dataclass(slots=True)
class Page:
    """One message of the turn, and the draft before it.

    Attributes:
        message_id: the message, once it is known.
        chat_id: the chat that it is in; a group may become another chat.
        thread_id: the topic that it is in.
        draft_id: what its drafts are called.
        former_drafts: what they were called before; a person's Stop may still name one.
        said: what it is known to show (`Body.key`).
        search: its first post was written and is not answered.
        posting: its last first post.
        lost: first posts that were not answered and not found.
        twins: takes those away, once an id is known.
        done: it shows its final text.
    """

    message_id: int | None = None
    chat_id: int = 0
    thread_id: int | None = None
    draft_id: int = field(default_factory=new_draft_id)
    former_drafts: set[int] = field(default_factory=set)
    said: str | None = None
    search: Search | None = None
    posting: LostPost | None = None
    lost: list[LostPost] = field(default_factory=list)
    twins: Twins | None = None
    done: bool = False

    def renew_draft(self) -> None:
        """Its draft is gone; the next one needs a name of its own."""
        self.former_drafts.add(self.draft_id)
        self.draft_id = new_draft_id()


@dataclass(frozen=True, slots=True)
class Content:
    """What a call that makes or changes a message needs.

    Attributes:
        page: its number.
        body: what it says.
        silent: nobody is notified of the new message.
    """

    page: int
    body: Body
    buttons: Mapping[str, Any] | None
    silent: bool = False


class Record(Protocol):
    """Is told of each page's message, so that a restart can find it."""

    async def intent(self, page: int, above: int) -> None:
        """About to post ``page``; the highest message id known is ``above``."""
        ...

    async def posted(self, page: int, message_id: int | None) -> None:
        """``page`` is the message ``message_id``; None: it is no message."""
        ...

    async def sealing(self) -> None:
        """About to show a frame that will not change again."""
        ...


class Messages:
    """Where a turn is shown, and the messages that it has there.

    Args:
        telegram: what all turns of the bot share.
        chat: which chat.
        thread_id: which topic of it, if any.
        question: the message that is answered.
        record: is told of each page's message.
    """

    def __init__(
        self, telegram: Telegram, chat: Chat, thread_id: int | None, question: int | None, record: Record | None
    ) -> None:
        self.telegram = telegram
        self.chat = chat
        self.thread_id = thread_id
        self.question = question
        self.replies = not chat.private
        self.record = record
        self.pages: dict[int, Page] = {}
        if question:
            chat.ids.reached(question)  # a tapped button is on a message of our own

    @property
    def here(self) -> Place:
        """The chat itself, or the topic."""
        return self.chat.place(self.thread_id)

    def page(self, number: int) -> Page:
        """One page; made at its first mention."""
        return self.pages.setdefault(number, Page())

    async def show(self, page: Page, content: Content) -> Outcome:
        """Bring the content to the page's message, with one call.

        Raises:
            Refused, NotSent, Lost: what came of the call.
        """
        if page.message_id is not None:
            if page.chat_id == self.chat.id:
                if page.twins and await page.twins.step():
                    return Again()
                page.twins = None
                return await self._edit(page, page.message_id, content)
            if page.done:  # it stays behind in the group that this one was
                return Shown()
            page.message_id = page.said = None
            return Vanished()
        if page.search:
            return await self._look(page, page.search, content)
        return await self._post(page, content)

    async def _edit(self, page: Page, message_id: int, content: Content) -> Outcome:
        before, page.said = page.said, None
        try:
            await self._call_edit(message_id, content)
        except Refused as refused:
            same = meaning(refused.code, refused.description) is Meaning.SHOWN
            page.said = content.body.key if same else before
            raise
        page.said = content.body.key
        return Shown()

    async def _post(self, page: Page, content: Content) -> Outcome:
        """The first post of a page. If its answer is lost, where it may be is remembered."""
        if not await self._alone():
            return Again(SETTLING)
        above = self.chat.ids.highest
        now = asyncio.get_running_loop().time()
        search = page.search = self.chat.open_search(above, lost_from=now + self.chat.trip.usual)
        page.posting = LostPost(content.body, now, above)
        try:
            if self.record:
                await self.record.intent(content.page, above)
            message_id = await self._call_post(content)
        except (Refused, NotSent):
            self._settle(page)
            if self.record:
                await self.record.posted(content.page, None)
            raise
        except BaseException:
            search.lost_from = now
            raise
        await self._found(page, message_id, content)
        if page.lost:
            lost, page.lost = page.lost, []
            page.twins = Twins(self.telegram.api, self.chat, self.thread_id, message_id, lost)
            return Again()
        return Shown()

    async def _look(self, page: Page, search: Search, content: Content) -> Outcome:
        """Look for a lost first post by editing one id that it may have."""
        if search.chat_id != self.chat.id:  # lost in the group that this one was
            self._settle(page)
            return await self._post(page, content)
        if search.ids.unsure(search.chat_id) is not search:  # the older one first: then this is no candidate for it
            return Again(SETTLING)
        candidate = search.next()
        if candidate is None:
            return await self._not_found(page, search, content)
        try:
            await self._call_edit(candidate, content)
        except Refused as refused:
            what = meaning(refused.code, refused.description)
            if what is Meaning.VANISHED:
                search.tried.add(candidate)
                if is_somebodys(refused.description):
                    self.chat.ids.saw(candidate)  # so others may have come behind it
                return Again()
            if what is not Meaning.SHOWN:
                raise
        await self._found(page, candidate, content)
        return Shown()

    async def _not_found(self, page: Page, search: Search, content: Content) -> Outcome:
        """Nobody can say whether it was posted."""
        self._settle(page)
        if self.telegram.on_unknown == "give_up":
            return Closed("whether a message was posted is not known, and `on_unknown` is give_up")
        if page.posting:
            page.lost.append(replace(page.posting, tried=frozenset(search.tried)))
        return await self._post(page, content)

    async def _call_post(self, content: Content) -> int:
        body, api = content.body, self.telegram.api
        where: dict[str, Any] = {
            "message_thread_id": self.thread_id,
            "reply_to": self.question if self.replies and not self._is_here() else None,
            "silent": content.silent,
            "reply_markup": content.buttons,
        }
        if not body.rich:
            return await api.send_raw(self.chat.id, body.shown, body.entities, **where)
        message_id = await api_rich.send(api, self.chat.id, body.rich_message, **where)
        self.telegram.took_rich(self.chat)
        return message_id

    async def _call_edit(self, message_id: int, content: Content) -> None:
        body, api, buttons = content.body, self.telegram.api, content.buttons
        if body.rich:
            await api_rich.edit(api, self.chat.id, message_id, body.rich_message, reply_markup=buttons)
            self.telegram.took_rich(self.chat)
        else:
            await api.edit_message_raw(self.chat.id, message_id, body.shown, body.entities, reply_markup=buttons)

    async def _found(self, page: Page, message_id: int, content: Content) -> None:
        page.message_id, page.chat_id, page.thread_id = message_id, self.chat.id, self.thread_id
        page.said = content.body.key
        self.chat.ids.saw(message_id)
        self._settle(page)
        self.here.posted(self)
        for other in self.pages.values():  # the draft of whatever page is gone now
            if other is not page:
                other.renew_draft()
        if self.record:
            await self.record.posted(content.page, message_id)

    def _is_here(self) -> bool:
        """Has the turn a message in this place?"""
        place = (self.chat.id, self.thread_id)
        return any(page.message_id and (page.chat_id, page.thread_id) == place for page in self.pages.values())

    @property
    def edits(self) -> bool:
        """Has the turn a message that it goes on with? Otherwise its next call makes one."""
        return any(page.message_id is not None and not page.done for page in self.pages.values())

    def must_wait(self, now: float) -> float:
        """Seconds for which all that this turn could do is to wait for another's first post; 0: it may go on."""
        if self.edits:
            return 0.0
        search = self.chat.ids.unsure(self.chat.id)
        if search is None:
            whose, at = self.chat.let_through
            return IN_FLIGHT if now - at < IN_FLIGHT and whose is not self else 0.0
        if any(page.search is search for page in self.pages.values()):
            return 0.0
        return IN_FLIGHT if now < search.lost_from else SETTLING

    async def _alone(self) -> bool:
        """May a first post be made now? Where another one's id is about to be known, that is waited for."""
        if self.chat.ids.unsure(self.chat.id):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.chat.settled.wait(), self.chat.trip.usual)
        return not self.chat.ids.unsure(self.chat.id)

    def _settle(self, page: Page) -> None:
        """This page's message is found, or was never posted, or is given up."""
        search, page.search = page.search, None
        if search:
            self.chat.close_search(search)

    def resume(self, number: int, *, message_id: int | None, above: int | None) -> None:
        """Take up a page of a former run: its message, or where its lost first post may be."""
        search = None if above is None else self.chat.open_search(above)
        self.pages[number] = Page(message_id, self.chat.id, self.thread_id, search=search)

    def move(self, chat: Chat, thread_id: int | None) -> None:
        """Go on in another place; what is not done is made there anew."""
        self.leave()
        self.chat, self.thread_id = chat, thread_id
        self.pages = {number: page for number, page in self.pages.items() if page.done}

    def leave(self) -> None:
        """Nothing more is looked for."""
        for page in self.pages.values():
            self._settle(page)
