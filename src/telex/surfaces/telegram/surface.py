"""Telegram as a screen: in a private chat drafts and one real message, elsewhere a message and its edits.

A draft is one picture of the open page, not a message: it dies 30 s after its last update and at once when any message of
the bot arrives in that chat or topic. There is no call that turns it into a message; sending the message ends it.
"""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
from telex.display.pace import Trip
from telex.display.screen import Kind, Line
from telex.surfaces.telegram import api_rich
from telex.surfaces.telegram.api import Lost, NotSent, Refused
from telex.surfaces.telegram.chats import DRAFTS_REFUSED_FOR, Chat, Telegram
from telex.surfaces.telegram.dialect import length, render, utf16_length
from telex.surfaces.telegram.messages import Content, Messages, Page, Record
from telex.surfaces.telegram.refusals import LASTING, Meaning, meaning
from telex.surfaces.telegram.rich_choice import Body, Choice, body_of, rich_body_of
from telex.surfaces.telegram.turnstile import Turnstile

MOST_UNITS = 4096  # UTF-16 units; the server counts code points, of which there are never more
DRAFT_REFRESH = 20.0  # a draft dies after 30 s (Bot API 10.0)
TYPING_REFRESH = 4.5  # the typing sign lasts 5 s
DRAFT_PATIENCE = 1.5  # a longer flood wait on drafts is not waited for: the answer goes on by edits
DRAFTS_LOST = 2  # so many unanswered drafts in a row, and the answer goes on by edits
RECONNECT = 1.0  # seconds until a server that could not be reached is tried again


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
        self._messages = Messages(telegram, telegram.chat(chat_id), thread_id, reply_to, record)
        self._turnstile = Turnstile(self._messages)
        self._transport = transport
        self._cursor = cursor
        self._rich = Choice("off" if telegram.lacks.rich else telegram.rich)
        self._gave_up_drafts = False
        self._stopped = False
        self._drafts_lost = 0  # in a row: begun and not answered
        self._note = ""  # says where the answer came from, on the page it goes on with
        self._note_on = 0
        self._messages.here.on_message[self._messages] = self._interposed
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
        return self._transport != "off" and not self._stopped and (self._drafting or self._transport != "draft")

    @property
    def overwrites(self) -> bool:
        """A late edit overwrites; a late draft does not."""
        return not self._drafting

    @property
    def trip(self) -> Trip:
        """How long calls to this chat take."""
        return self._chat.trip

    def measure(self, markdown: str) -> int:
        """UTF-16 units once rendered; of a rich message the same share of `limit` as it fills of its own."""
        share = self._rich.share(markdown, self._chat.rich, asyncio.get_running_loop().time())
        return length(markdown) if share is None else math.ceil(share * self.limit)

    def lines(self, kind: Kind) -> Sequence[Line]:
        """Drafts have their own limit; sends and edits share the chat's; the typing sign only counts for the bot."""
        if kind is Kind.FINAL or (kind is Kind.LIVE and not self._drafting):
            return (self._turnstile, self._telegram.bot_line)
        drafts = (self._telegram.drafts(self._chat),) if self._drafting else ()
        return (*drafts, self._telegram.bot_line)

    @property
    def _drafting(self) -> bool:
        """Previews are drafts."""
        if self._transport not in {"auto", "draft"} or not self._chat.private or self._telegram.lacks.drafts:
            return False
        if self._messages.edits or any(page.search for page in self._messages.pages.values()):
            return (
                False  # a draft beside a message, known or lost, would say everything twice, and no edit takes it away
            )
        return not self._gave_up_drafts and asyncio.get_running_loop().time() >= self._chat.no_drafts_until

    @property
    def _chat(self) -> Chat:
        return self._messages.chat

    # -- showing -----------------------------------------------------------------------------------------------------

    async def show(self, frame: Frame) -> Outcome:
        """Show the frame: one call, one outcome."""
        async with self._messages.here.lock:
            page = self._messages.page(frame.page)
            draft = not frame.final and self.previews and self._drafting
            body = self._body(frame, draft=draft)
            try:
                outcome = await (self._draft(page, body) if draft else self._message(page, frame, body))
            except Refused as refused:
                self._telegram.answered()
                outcome = self._refused(refused, page, frame, draft=draft, rich=body.rich)
            except (NotSent, Lost) as error:
                self._telegram.unanswered(error)
                outcome = Again(RECONNECT) if isinstance(error, NotSent) else Unknown()
            else:
                self._telegram.passed()
        page.done = page.done or (frame.final and isinstance(outcome, Shown))
        return outcome

    async def _draft(self, page: Page, body: Body) -> Outcome:
        if self._is_too_long(body):
            return Smaller(self.limit - 1)
        self._drafts_lost += 1  # until it is answered
        if self._drafts_lost > DRAFTS_LOST:
            self._gave_up_drafts = True
            return NoTransport()
        api, chat_id = self._telegram.api, self._chat.id
        how: dict[str, Any] = {"message_thread_id": self._messages.thread_id, "can_stop": self._telegram.can_stop}
        try:
            if body.rich:
                await api_rich.draft(api, chat_id, page.draft_id, body.rich_message, **how)
                self._telegram.took_rich(self._chat)
            else:
                await api.send_draft(chat_id, page.draft_id, body.text, body.entities, **how)
        except Refused:
            self._drafts_lost = 0
            raise
        except NotSent:
            self._drafts_lost -= 1
            raise
        self._drafts_lost = 0
        page.said = body.key
        return Shown()

    async def _message(self, page: Page, frame: Frame, body: Body) -> Outcome:
        shown = page.said == body.key and page.message_id
        if not frame.final and (not body.text or not self.previews or shown):
            return await self._typing()
        if self._is_too_long(body):
            return Smaller(self.limit - 1)
        if frame.final and self._messages.record:
            await self._messages.record.sealing()
        silent = not frame.final and self._gave_up_drafts
        return await self._messages.show(page, Content(frame.page, body, self.buttons if frame.final else None, silent))

    async def _typing(self) -> Outcome:
        """The typing sign is a courtesy: where it is refused, nothing waits for it."""
        now = asyncio.get_running_loop().time()
        if now >= self._chat.no_typing_until:
            try:
                await self._telegram.api.send_typing(self._chat.id, message_thread_id=self._messages.thread_id)
            except Refused as refused:
                if meaning(refused.code, refused.description) in LASTING:
                    raise
                self._chat.no_typing_until = now + (refused.retry_after or TYPING_REFRESH)
        return Shown()

    def _body(self, frame: Frame, *, draft: bool) -> Body:
        note = f"{self._note}\n\n" if self._note and frame.page == self._note_on else ""
        cursor = self._cursor if frame.busy and not draft else ""
        source = note + frame.text
        now = asyncio.get_running_loop().time()
        rich = (
            self._rich.rich(source, self._chat.rich, now, final=frame.final, draft=draft) if not frame.plain else None
        )
        return rich_body_of(rich, cursor) if rich else body_of(render(source), cursor, plain=frame.plain)

    def _is_too_long(self, body: Body) -> bool:
        """A page that was measured as a rich message, and goes with entities after all."""
        return not body.rich and utf16_length(body.text) > max(self.limit, MOST_UNITS)

    def stop_previews(self) -> None:
        """A person has pressed Stop: from now on nothing is shown but what will not change again."""
        self._stopped = True

    def resume(self, page: int, *, message_id: int | None, above: int | None) -> None:
        """Take up a page of a former run: its message, or where its lost first post may be."""
        self._messages.resume(page, message_id=message_id, above=above)

    # -- refusals ----------------------------------------------------------------------------------------------------

    def _refused(self, refused: Refused, page: Page, frame: Frame, *, draft: bool, rich: bool) -> Outcome:  # noqa: C901 - one case a meaning
        match meaning(refused.code, refused.description, draft=draft, rich=rich):
            case Meaning.WAIT:
                wait = refused.retry_after if refused.retry_after is not None else 3.0
                self._telegram.tell_learned()
                if draft and wait > DRAFT_PATIENCE and self._transport == "auto":
                    self._gave_up_drafts = True
                return TryLater(wait, whole=self._telegram.refused(self._chat))
            case Meaning.SHOWN:
                return Shown()
            case Meaning.PLAIN:
                return Plain()
            case Meaning.SMALLER:
                return Smaller(min(self.limit - 1, self.measure(frame.text) * 9 // 10))
            case Meaning.VANISHED:
                page.message_id = page.said = None
                return Vanished()
            case Meaning.THREAD_GONE:
                return self._go_to_general(refused, frame)
            case Meaning.MIGRATED if refused.migrate_to:
                self._move(self._telegram.migrate(self._chat.id, refused.migrate_to), self._messages.thread_id)
                return Elsewhere()
            case Meaning.NO_RICH:
                self._rich.give_up()
                self._chat.rich.refused(asyncio.get_running_loop().time())
                self._telegram.lacks.rich = self._telegram.lacks.rich or refused.code == 404
                return Smaller(self.limit - 1) if self.measure(frame.text) > self.limit else NoTransport()
            case Meaning.NO_METHOD:
                self._telegram.lacks.drafts = True
                return NoTransport()
            case Meaning.NO_DRAFTS:
                self._chat.no_drafts_until = asyncio.get_running_loop().time() + DRAFTS_REFUSED_FOR
                return NoTransport()
            case _:
                return Closed(refused.description)

    def _go_to_general(self, refused: Refused, frame: Frame) -> Outcome:
        """The topic is gone: the answer goes on without one, as a reply to the question, and says where from."""
        if self._messages.thread_id is None:
            if not self._messages.replies:
                return Closed(refused.description)
            self._messages.replies = False  # a reply may be taken for a message in the topic of what it replies to
            return Elsewhere()
        closed = "closed" in refused.description.casefold()
        self._note = f"↪ *from a topic that {'is closed' if closed else 'is gone'}*"
        self._note_on = frame.page
        self._messages.replies = True
        self._move(self._chat, None)
        return Elsewhere()

    def _move(self, chat: Chat, thread_id: int | None) -> None:
        del self._messages.here.on_message[self._messages]
        self._messages.move(chat, thread_id)
        self._turnstile = Turnstile(self._messages)
        self._messages.here.on_message[self._messages] = self._interposed

    # -- what others do here -----------------------------------------------------------------------------------------

    def _interposed(self) -> None:
        """Another message of the bot arrived in this place: the drafts here are gone, new ones need new ids."""
        for number, page in self._messages.pages.items():
            if page.message_id is None:
                page.renew_draft()
                if self.on_vanished:
                    self.on_vanished(number)

    @property
    def begun(self) -> bool:
        """Is something posted, or being posted?"""
        return any(page.message_id is not None or page.search for page in self._messages.pages.values())

    def leave(self) -> None:
        """The turn is over."""
        self._messages.leave()
        self._messages.here.on_message.pop(self._messages, None)

    def owns_draft(self, draft_id: int) -> bool:
        """Is this the draft of one of this turn's pages?"""
        return any(draft_id in {page.draft_id, *page.former_drafts} for page in self._messages.pages.values())
