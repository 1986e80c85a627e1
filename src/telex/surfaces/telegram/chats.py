"""What all turns of one bot share: limits, ids, which chats take drafts, and the order of calls in one place."""

import asyncio
import copy
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from telex.config import OnUnknown, RichMessages
from telex.display.pace import Bucket, Kind, Learned, Limit, Pace, Ticket, Trip, Window
from telex.display.pace_belief import UNLIMITED
from telex.surfaces.telegram.api import BotApi, Lost, NotSent, Refused
from telex.surfaces.telegram.lost import Ids, Search
from telex.surfaces.telegram.rich_choice import Taking

log = logging.getLogger("telex.telegram")

# What Telegram documents (Bots FAQ): about a message a second in one chat, 20 a minute in a group, 30 a second in all.
PRIVATE: Limit = Bucket(rate=1.0, burst=5)
GROUP: Limit = Window(calls=20, period=60.0)
WHOLE_BOT: Limit = Bucket(rate=30.0, burst=30)
DRAFTS: Limit = Bucket(rate=2.0, burst=10, guess=True)  # undocumented
REFUSED_IN_A_ROW = 3  # chats; fewer may be chance
AT_ABOUT_ONCE = 5.0  # seconds
UNANSWERED_IN_A_ROW = 3  # calls; after so many it is said, for whoever waits would not know why
SAID_AGAIN_AFTER = 100  # calls
DRAFTS_REFUSED_FOR = 600.0  # seconds for which a chat that refused a draft is not asked again


@dataclass(slots=True, eq=False)
class Chat:
    """One chat, with all its topics.

    Attributes:
        id: where to send; changes when a group becomes a supergroup.
        private: drafts are possible.
        messages: the limit that sends and edits share.
        drafts: the limit of drafts,
        free_drafts: and where none is believed in.
        ids: the sequence that its message ids come from.
        no_drafts_until: the loop's time until which drafts are not tried.
        no_typing_until: the same for typing signs, which have a limit that nothing else shares.
        rich: whether it takes rich messages.
        let_through: whose turn was last let make a first post, and at which of the loop's times.
        settled: set while no first post is in flight or looked for; a chat has one at a time.
    """

    id: int
    private: bool
    messages: Pace
    drafts: Pace
    free_drafts: Pace
    ids: Ids
    trip: Trip = field(default_factory=Trip)
    no_drafts_until: float = float("-inf")
    no_typing_until: float = float("-inf")
    rich: Taking = field(default_factory=Taking)
    let_through: tuple[object, float] = (None, float("-inf"))
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    places: "dict[int | None, Place]" = field(default_factory=dict)

    def open_search(self, above: int, lost_from: float = float("-inf")) -> Search:
        """A first post is about to be made, or was lost by a former run."""
        self.settled.clear()
        return self.ids.search(self.id, above, lost_from)

    def close_search(self, search: Search) -> None:
        """Its id is known, or nobody looks for it any more."""
        search.ids.close(search)
        if not search.ids.unsure(search.chat_id):
            self.settled.set()

    def place(self, thread_id: int | None) -> "Place":
        """The chat itself, or one of its topics."""
        return self.places.setdefault(thread_id, Place())


@dataclass(slots=True, eq=False)
class Place:
    """A chat or a topic: one call at a time.

    Attributes:
        lock: held for the length of a call that shows something.
        on_message: called when a message of the bot is posted here, with who posted it: any draft here is gone then.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    on_message: dict[object, Callable[[], None]] = field(default_factory=dict)

    def posted(self, by: object) -> None:
        """A message was posted here by ``by``."""
        for owner, vanished in list(self.on_message.items()):
            if owner is not by:
                vanished()


@dataclass(slots=True)
class Lacks:
    """What a bot's server was seen not to have."""

    drafts: bool = False
    rich: bool = False


class Telegram:
    """One bot: its connection and what its chats share.

    Args:
        api: the connection.
        limit_drafts: drafts are believed to be limited; otherwise one request in flight is the only brake.
        on_unknown: a message that may have been posted and is not found is posted again, or its answer given up.
        rich: whether answers go as rich messages.
        can_stop: drafts have a Stop button, for somebody hears of it when it is pressed.

    Attributes:
        lacks: what the server does not have.
        on_learned: called when there is something new that `learned` tells: a call was refused for its time, which has frozen
            a line and may have taught it, or a chat took its first rich message.
    """

    def __init__(
        self,
        api: BotApi,
        *,
        limit_drafts: bool = True,
        on_unknown: OnUnknown = "repeat",
        rich: RichMessages = "auto",
        can_stop: bool = True,
    ) -> None:
        self.api = api
        self.on_unknown = on_unknown
        self.rich = rich
        self.can_stop = can_stop
        self.limit_drafts = limit_drafts
        self.lacks = Lacks()
        self.bot_line = Pace(WHOLE_BOT, most_reserved=1, patient=True)
        self.on_learned: Callable[[], None] | None = None
        self._unanswered = [0]  # calls in a row, of all who share the bot
        self._refused_in: dict[Chat, float] = {}  # since a call was let through, and when
        self._kinds = {"private": Kind(), "group": Kind(), "draft": Kind(), "free draft": Kind(UNLIMITED)}
        self._chats: dict[int, Chat] = {}
        self._shared_ids = Ids()

    def beside(self, api: BotApi, *, limit_drafts: bool, on_unknown: OnUnknown, rich: RichMessages) -> "Telegram":
        """The same bot over another connection, for answers that are shown in another way: all that is known is shared."""
        other = copy.copy(self)
        other.api, other.limit_drafts, other.on_unknown, other.rich = api, limit_drafts, on_unknown, rich
        return other

    def chat(self, chat_id: int) -> Chat:
        """The chat with this id; made at its first mention. People have positive ids, groups negative ones."""
        found = self._chats.get(chat_id)
        if found is None:
            private = chat_id > 0
            own_sequence = chat_id <= -1_000_000_000_000  # supergroups and channels
            found = self._chats[chat_id] = Chat(
                id=chat_id,
                private=private,
                messages=self._line("private" if private else "group", PRIVATE if private else GROUP),
                drafts=self._line("draft", DRAFTS),
                free_drafts=self._line("free draft", DRAFTS),
                ids=Ids() if own_sequence else self._shared_ids,
            )
        return found

    def drafts(self, chat: Chat) -> Pace:
        """The limit that a chat's drafts are believed to have."""
        return chat.drafts if self.limit_drafts else chat.free_drafts

    def refused(self, chat: Chat) -> bool:
        """A chat is told to wait: is the whole bot meant?

        The refusal does not say so; but where several chats are refused at about the same time, and nothing is let through
        in between, it is.
        """
        now = self._refused_in[chat] = asyncio.get_running_loop().time()
        return sum(at >= now - AT_ABOUT_ONCE for at in self._refused_in.values()) >= REFUSED_IN_A_ROW

    def passed(self) -> None:
        """A call that counts was let through."""
        self._refused_in.clear()
        self.answered()

    def unanswered(self, error: NotSent | Lost) -> None:
        """A call that shows something got no answer; it is made again."""
        self._unanswered[0] += 1
        if self._unanswered[0] % SAID_AGAIN_AFTER == UNANSWERED_IN_A_ROW:
            log.warning("answers wait for Telegram: %s Trying again.", error)

    def answered(self) -> None:
        """The server has answered, yes or no."""
        if self._unanswered[0] >= UNANSWERED_IN_A_ROW:
            log.info("Telegram answers again")
        self._unanswered[0] = 0

    def took_rich(self, chat: Chat) -> None:
        """A chat has taken a rich message."""
        if not chat.rich.taken:
            chat.rich.taken = True
            self.tell_learned()

    def tell_learned(self) -> None:
        """There is something new that is worth keeping; told after whoever is busy with it now."""
        if self.on_learned:
            asyncio.get_running_loop().call_soon(self.on_learned)

    async def call_aside(self, method: str, params: Mapping[str, Any], *lines: Pace) -> None:
        """Make a call that shows no answer, such as to a tapped button: in these lines, the narrowest first, and charged.

        Raises:
            Refused, NotSent, Lost: what came of it; a refusal for its time freezes the widest line.
        """
        loop = asyncio.get_running_loop()
        ticket = Ticket(since=loop.time())

        def due() -> float:
            return next((at for line in lines if (at := line.turn(ticket, loop.time())) > loop.time()), 0.0)

        try:
            while (at := due()) > loop.time():  # noqa: ASYNC110 - nobody says when a line has moved
                await asyncio.sleep(at - loop.time())
            for line in lines:
                line.spend(ticket, loop.time())
        finally:
            for line in lines:
                line.leave(ticket)
        try:
            await self.api.call(method, params, timeout=10)
        except Refused as refused:
            if refused.retry_after is not None:
                lines[-1].freeze(loop.time() + refused.retry_after, loop.time())
            raise

    # -- what the platform has taught --------------------------------------------------------------------------------

    def _line(self, kind: str, limit: Limit) -> Pace:
        """A new chat's limit: it begins with what the other chats of its kind have learned."""
        line = Pace(limit, kind=self._kinds[kind])
        taught = [other.belief for other in self._lines(kind).values() if other.belief.taught]
        if taught:
            line.belief.follow(min(taught, key=lambda belief: belief.scale))
        return line

    def _lines(self, kind: str) -> dict[str, Pace]:
        """The limits of one kind, by name."""
        chats = {chat.id: chat for chat in self._chats.values()}
        if kind in {"draft", "free draft"}:
            return {
                f"draft {chat.id}": chat.drafts if kind == "draft" else chat.free_drafts
                for chat in chats.values()
                if chat.private
            }
        return {f"{kind} {chat.id}": chat.messages for chat in chats.values() if chat.private == (kind == "private")}

    def learned(self) -> dict[str, Learned]:
        """What to keep over a restart, by a name that `restore` knows: lines that were refused or used lately.

        A chat that takes rich messages has its name there, with nothing more to say of it.
        """
        now = asyncio.get_running_loop().time()
        lines = {"bot": self.bot_line, **self._lines("private"), **self._lines("group")}
        lines |= self._lines("draft" if self.limit_drafts else "free draft")
        known = {name: pace.learned(now) for name, pace in lines.items()}
        taking = {f"rich {chat.id}": Learned() for chat in self._chats.values() if chat.rich.taken}
        return taking | {name: learned for name, learned in known.items() if learned != Learned(quiet=learned.quiet)}

    def restore(self, kept: Mapping[str, Learned], away: float) -> None:
        """Take up what was learned ``away`` seconds ago."""
        now = asyncio.get_running_loop().time()
        for name, learned in kept.items():
            kind, _, chat_id = name.partition(" ")
            if kind == "bot":
                self.bot_line.restore(learned, now, away)
            elif kind == "rich":
                self.chat(int(chat_id)).rich.taken = True
            else:
                chat = self.chat(int(chat_id))
                (self.drafts(chat) if kind == "draft" else chat.messages).restore(learned, now, away)

    def migrate(self, old: int, new: int) -> Chat:
        """A group became a supergroup: its pace and its topics go along."""
        chat = self._chats.pop(old, None) or self.chat(new)
        if chat.id != new:
            chat.id, chat.ids = new, Ids()
            self._chats[new] = chat
        self._chats[old] = chat  # whoever still knows the old id finds the same chat
        return chat


def new_draft_id() -> int:
    """An id that no earlier draft of this bot is likely to have, also not before a restart; never 0."""
    return secrets.randbelow(2**31 - 1) + 1
