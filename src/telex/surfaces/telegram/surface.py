"""Telegram as a screen: in a private chat drafts and one real message, elsewhere a message and its edits.

A draft is one picture of the open page, not a message: it dies 30 s after its last update and at once when any message of
the bot arrives in that chat or topic. There is no call that turns it into a message; sending the message ends it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from telex.config import Transport
from telex.display.frame import (
    Again,
    Closed,
    Elsewhere,
    Frame,
    NoTransport,
    Outcome,
    Plain,
    Shown,
    Smaller,
    TryLater,
    Unknown,
    Vanished,
)
from telex.display.pace import Pace, Trip
from telex.display.screen import Kind
from telex.surfaces.telegram.api import Lost, NotSent, Refused
from telex.surfaces.telegram.chats import DRAFTS_REFUSED_FOR, Chat, Place, Telegram, new_draft_id
from telex.surfaces.telegram.dialect import length, render, utf16_length
from telex.surfaces.telegram.lost import Search
from telex.surfaces.telegram.refusals import Meaning, meaning

MOST_UNITS = 4096  # UTF-16 units; the server counts code points, of which there are never more
DRAFT_REFRESH = 20.0  # a draft dies after 30 s (Bot API 10.0)
TYPING_REFRESH = 4.5  # the typing sign lasts 5 s
DRAFT_PATIENCE = 1.5  # a longer flood wait on drafts is not waited for: the answer goes on by edits
DRAFTS_LOST = 2  # so many unanswered drafts in a row, and the answer goes on by edits
SETTLING = 1.0  # seconds after which a post that waits for another's id to be known is tried again
RECONNECT = 1.0  # seconds until a server that could not be reached is tried again
BLANK = "…"  # stands for an answer whose Markdown shows nothing, for Telegram takes no empty message


@dataclass(slots=True)
class _Page:
    message_id: int | None = None
    draft_id: int = field(default_factory=new_draft_id)
    text: str | None = None  # what it was last known to show; the same again is a sign of life, never an edit
    search: Search | None = None  # its first post was lost
    done: bool = False  # it shows its final text


@dataclass(frozen=True, slots=True)
class _Call:
    """What a call that makes or changes a message needs."""

    page: int
    text: str  # without the cursor
    shown: str
    entities: Sequence[Mapping[str, Any]]
    buttons: Mapping[str, Any] | None


class Record(Protocol):
    """Is told of each page's message, so that a restart can find it."""

    async def intent(self, page: int, above: int) -> None:
        """About to post ``page``; the highest message id known is ``above``."""
        ...

    async def posted(self, page: int, message_id: int | None) -> None:
        """``page`` is this message."""
        ...

    async def sealing(self) -> None:
        """About to show a frame that will not change again."""
        ...


class TelegramSurface:
    """One turn's place in Telegram; see `telex.surfaces.base` for the contract.

    Args:
        telegram: what all turns of the bot share.
        chat_id: which chat.
        thread_id: which topic of it, if any.
        reply_to: the question's message id; replied to in groups, and wherever the topic is gone.
        transport: how previews are shown.
        cursor: stands at the end of a message that is still being edited.
        record: is told of each page's message, before and after it is posted.

    Attributes:
        buttons: an inline keyboard for messages that will not change again.
    """

    def __init__(  # noqa: PLR0913 - a place has these coordinates
        self,
        telegram: Telegram,
        chat_id: int,
        *,
        thread_id: int | None = None,
        reply_to: int | None = None,
        transport: Transport = "auto",
        cursor: str = " ▉",
        record: Record | None = None,
    ) -> None:
        self._telegram = telegram
        self._chat: Chat = telegram.chat(chat_id)
        self._thread_id = thread_id
        self._question = reply_to
        self._transport = transport
        self._cursor = cursor
        self._gave_up_drafts = False
        self._drafts_lost = 0  # in a row: begun and not answered
        self._note = ""  # says where the answer came from, on the page it goes on with
        self._note_on = 0
        self._pages: dict[int, _Page] = {}
        self._here.on_message[self] = self._interposed
        self._record = record
        self.on_vanished: Callable[[int], None] | None = None
        self.buttons: Mapping[str, Any] | None = None

    # -- what the presenter plans by ---------------------------------------------------------------------------------

    @property
    def limit(self) -> int:
        """UTF-16 units that an answer's text may have in one message."""
        note = utf16_length(self._note) + 2 if self._note else 0
        return MOST_UNITS - utf16_length(self._cursor) - note

    @property
    def refresh(self) -> float:
        """Seconds after which a draft or a typing sign is renewed."""
        return DRAFT_REFRESH if self._drafting else TYPING_REFRESH

    @property
    def previews(self) -> bool:
        """With ``transport: draft`` there are none where drafts do not work."""
        return self._transport != "off" and (self._drafting or self._transport != "draft")

    @property
    def overwrites(self) -> bool:
        """A late edit overwrites; a late draft does not."""
        return not self._drafting

    @property
    def trip(self) -> Trip:
        """How long calls to this chat take."""
        return self._chat.trip

    def measure(self, markdown: str) -> int:
        """UTF-16 units once rendered."""
        return length(markdown)

    def lines(self, kind: Kind) -> Sequence[Pace]:
        """Drafts have their own limit; sends and edits share the chat's; the typing sign only counts for the bot."""
        if kind is Kind.FINAL or (kind is Kind.LIVE and not self._drafting):
            return (self._chat.messages, self._telegram.bot_line)
        return (self._chat.drafts, self._telegram.bot_line) if self._drafting else (self._telegram.bot_line,)

    @property
    def _drafting(self) -> bool:
        """Previews are drafts."""
        if self._transport not in {"auto", "draft"} or not self._chat.private or self._telegram.drafts_missing:
            return False
        return not self._gave_up_drafts and asyncio.get_running_loop().time() >= self._chat.no_drafts_until

    @property
    def _here(self) -> Place:
        return self._chat.place(self._thread_id)

    # -- showing -----------------------------------------------------------------------------------------------------

    async def show(self, frame: Frame) -> Outcome:
        """Show the frame: one call, one outcome."""
        page = self._pages.setdefault(frame.page, _Page())
        async with self._here.lock:
            try:
                outcome = await self._call(page, frame)
            except Refused as refused:
                outcome = self._refused(refused, page, frame)
            except NotSent:
                outcome = Again(RECONNECT)
            except Lost:
                outcome = Unknown()
            else:
                self._telegram.passed()
        page.done = page.done or (frame.final and isinstance(outcome, Shown))
        return outcome

    async def _call(self, page: _Page, frame: Frame) -> Outcome:
        rendered = render(self._with_note(frame))
        text, entities = rendered.text, () if frame.plain else rendered.entities
        if not frame.final:
            if self._drafting:
                return await self._draft(page, text, entities)
            if not text or not self.previews or (page.text == text and page.message_id):
                return await self._typing()
        shown = text or BLANK
        if frame.busy:
            shown += self._cursor
        if frame.final and self._record:
            await self._record.sealing()
        call = _Call(frame.page, text, shown, entities, self.buttons if frame.final else None)
        if page.message_id is not None:
            return await self._edit(page, page.message_id, call)
        if page.search:
            return await self._look(page, page.search, call)
        return await self._post(page, call, silent=not frame.final and self._gave_up_drafts)

    async def _typing(self) -> Outcome:
        """The typing sign is a courtesy: where it is refused, nothing waits for it."""
        now = asyncio.get_running_loop().time()
        if now >= self._chat.no_typing_until:
            try:
                await self._telegram.api.send_typing(self._chat.id, message_thread_id=self._thread_id)
            except Refused as refused:
                if refused.retry_after is None:
                    raise
                self._chat.no_typing_until = now + refused.retry_after
        return Shown()

    def _with_note(self, frame: Frame) -> str:
        return f"{self._note}\n\n{frame.text}" if self._note and frame.page == self._note_on else frame.text

    async def _draft(self, page: _Page, text: str, entities: Any) -> Outcome:
        self._drafts_lost += 1
        if self._drafts_lost > DRAFTS_LOST:
            self._gave_up_drafts = True
            return NoTransport()
        await self._telegram.api.send_draft(
            self._chat.id, page.draft_id, text, entities, message_thread_id=self._thread_id
        )
        self._drafts_lost = 0
        page.text = text
        return Shown()

    async def _edit(self, page: _Page, message_id: int, call: _Call) -> Outcome:
        try:
            await self._telegram.api.edit_message_raw(
                self._chat.id, message_id, call.shown, call.entities, reply_markup=call.buttons
            )
        except Refused as refused:
            if meaning(refused.code, refused.description, plain=not call.entities) is Meaning.SHOWN:
                page.text = call.text
            raise
        page.text = call.text
        return Shown()

    async def _post(self, page: _Page, call: _Call, *, silent: bool) -> Outcome:
        """The first post of a page. If its answer is lost, where it may be is remembered."""
        if not await self._alone():
            return Again(SETTLING)
        above = self._chat.ids.highest
        first = all(other.message_id is None for other in self._pages.values())
        page.search = self._chat.open_search(above)
        try:
            if self._record:
                await self._record.intent(call.page, above)
            message_id = await self._telegram.api.send_raw(
                self._chat.id,
                call.shown,
                call.entities,
                message_thread_id=self._thread_id,
                reply_to=self._question if first and (not self._chat.private or self._note) else None,
                silent=silent,
                reply_markup=call.buttons,
            )
        except (Refused, NotSent):
            self._settle(page)
            if self._record:
                await self._record.posted(call.page, None)
            raise
        await self._found(page, message_id, call)
        return Shown()

    async def _look(self, page: _Page, search: Search, call: _Call) -> Outcome:
        """Look for a lost first post by editing one id that it may have."""
        if (
            search.ids.unsure(search.chat_id) is not search
        ):  # the older one first: this one's message is no candidate then
            return Again(SETTLING)
        candidate = search.next()
        if candidate is None:
            self._settle(page)
            return Again()
        try:
            await self._telegram.api.edit_message_raw(
                self._chat.id, candidate, call.shown, call.entities, reply_markup=call.buttons
            )
        except Refused as refused:
            what = meaning(refused.code, refused.description, plain=not call.entities)
            if what is Meaning.VANISHED:
                search.tried.add(candidate)
                return Again()
            if what is not Meaning.SHOWN:
                raise
        await self._found(page, candidate, call)
        return Shown()

    async def _found(self, page: _Page, message_id: int, call: _Call) -> None:
        page.message_id, page.text = message_id, call.text
        self._chat.ids.saw(message_id)
        self._settle(page)
        self._here.posted(self)
        for other in self._pages.values():  # the draft of whatever page is gone now
            if other is not page:
                other.draft_id = new_draft_id()
        if self._record:
            await self._record.posted(call.page, message_id)

    async def _alone(self) -> bool:
        """May a first post be made now? Where another one's id is about to be known, that is waited for."""
        if self._chat.ids.unsure(self._chat.id):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._chat.settled.wait(), self.trip.usual)
        return not self._chat.ids.unsure(self._chat.id)

    def _settle(self, page: _Page) -> None:
        """This page's message is found, or was never posted, or is given up."""
        search, page.search = page.search, None
        if search:
            self._chat.close_search(search)

    def resume(self, page: int, *, message_id: int | None, above: int | None) -> None:
        """Take up a page of a former run: its message, or where its lost first post may be."""
        self._pages[page] = _Page(
            message_id=message_id, search=None if above is None else self._chat.open_search(above)
        )

    # -- refusals ----------------------------------------------------------------------------------------------------

    def _refused(self, refused: Refused, page: _Page, frame: Frame) -> Outcome:  # noqa: C901 - one case a meaning
        draft = self._drafting and not frame.final
        match meaning(refused.code, refused.description, draft=draft, plain=frame.plain):
            case Meaning.WAIT:
                wait = refused.retry_after if refused.retry_after is not None else 3.0
                if self._telegram.on_refusal:  # after the presenter has heard of it
                    asyncio.get_running_loop().call_soon(self._telegram.on_refusal)
                if draft and wait > DRAFT_PATIENCE and self._transport == "auto":
                    self._gave_up_drafts = True
                return TryLater(wait, whole=self._telegram.refused(self._chat))
            case Meaning.SHOWN:
                return Shown()
            case Meaning.PLAIN:
                return Plain()
            case Meaning.SMALLER:
                return Smaller(self.measure(frame.text) * 9 // 10)
            case Meaning.VANISHED:
                page.message_id = page.text = None
                return Vanished()
            case Meaning.THREAD_GONE:
                return self._go_to_general(refused, frame)
            case Meaning.MIGRATED if refused.migrate_to:
                self._move(self._telegram.migrate(self._chat.id, refused.migrate_to), self._thread_id)
                return Elsewhere()
            case Meaning.NO_METHOD:
                self._telegram.drafts_missing = True
                return NoTransport()
            case Meaning.NO_DRAFTS:
                self._chat.no_drafts_until = asyncio.get_running_loop().time() + DRAFTS_REFUSED_FOR
                return NoTransport()
            case _:
                return Closed(refused.description)

    def _go_to_general(self, refused: Refused, frame: Frame) -> Outcome:
        """The topic is gone: the answer goes on without one, as a reply to the question, and says where from."""
        if self._thread_id is None:
            return Closed(refused.description)
        closed = "closed" in refused.description.casefold()
        self._note = f"↪ *from a topic that {'is closed' if closed else 'is gone'}*"
        self._note_on = frame.page
        self._move(self._chat, None)
        return Elsewhere()

    def _move(self, chat: Chat, thread_id: int | None) -> None:
        for page in self._pages.values():
            self._settle(page)
        del self._here.on_message[self]
        self._chat, self._thread_id = chat, thread_id
        self._here.on_message[self] = self._interposed
        self._pages = {number: page for number, page in self._pages.items() if page.done}

    # -- what others do here -----------------------------------------------------------------------------------------

    def _interposed(self) -> None:
        """Another message of the bot arrived in this place: the drafts here are gone, new ones need new ids."""
        for number, page in self._pages.items():
            if page.message_id is None:
                page.draft_id = new_draft_id()
                if self.on_vanished:
                    self.on_vanished(number)

    def leave(self) -> None:
        """The turn is over."""
        for page in self._pages.values():
            self._settle(page)
        self._here.on_message.pop(self, None)

    def owns_draft(self, draft_id: int) -> bool:
        """Is this the draft of one of this turn's pages?"""
        return any(page.draft_id == draft_id for page in self._pages.values())
