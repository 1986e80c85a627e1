"""telex under a bot that exists already: three lines, the same promises.

    async with telex.live(telex.telegram(bot_token, chat_id)) as out:
        async for piece in my_model():
            out.feed(piece)

Inside the block the answer is shown as it grows; leaving it brings the last frame to the screen: one complete answer, within the
platform's limits, whatever fails. An exception that leaves the block ends the answer visibly and goes on its way.
"""

import asyncio
import threading
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from telex import arguments
from telex.closing import closing
from telex.config import PUBLIC_SERVER, RichMessages, StreamingConfig, Transport
from telex.display.screen import Pacing, Reasoning
from telex.errors import ConfigError, PlatformError
from telex.events import End, Event, SegmentEnded, TextDelta, TurnEnded
from telex.live import GatewayStreamConsumer
from telex.recording.files import Recordings
from telex.surfaces.base import Surface
from telex.surfaces.telegram.bots import SharedBot, shared_bot
from telex.surfaces.telegram.chats import Telegram as _Shared
from telex.surfaces.telegram.surface import TelegramSurface
from telex.thinking import ThinkSplitter

PARTING = 5.0  # seconds that are left for the last frame when leaving the block is cancelled


class Target(Protocol):
    """Somewhere an answer can be shown: ``open`` gives a surface for one answer, ``close`` is called after it."""

    def open(self) -> Surface:
        """A surface for one answer."""
        ...

    async def close(self) -> None:
        """The answer is over."""
        ...


class Telegram:
    """One bot, for all its chats: they share its connections, its pace and what is known of its messages.

    Use one object for a bot for as long as the program runs, in one event loop, and close it at the end; answers that are
    being shown then still come to their end. Where there are several of one token and server, they share all that too, also with
    the answers of `telegram`.

    Args:
        token: the bot's token.
        api_base: the Bot API server's address.
        streaming: how answers are shown, as a `StreamingConfig` or its values by name.
        reasoning: what is shown of the model's reasoning: nothing (``off``), its last words while it thinks (``live``), and
            also a folded quote of it afterwards (``keep``).
        rich: whether answers go as rich messages: never (``off``), where they need it (``auto``), always (``on``).
        page_numbers: an answer of several messages numbers them: ``(1/…)``, ``(2/…)``, ``(3/3)``.

    Raises:
        ConfigError: a bad value, named.
    """

    def __init__(  # noqa: PLR0913 - a bot's settings, all by name
        self,
        token: str,
        *,
        api_base: str = PUBLIC_SERVER,
        streaming: StreamingConfig | Mapping[str, Any] | None = None,
        reasoning: Reasoning = "off",
        rich: RichMessages = "auto",
        page_numbers: bool = False,
    ) -> None:
        self.streaming = _streaming(streaming)
        self.reasoning = arguments.one_of(Reasoning, "reasoning", reasoning)
        self.page_numbers = arguments.flag("page_numbers", page_numbers)
        self._token = arguments.secret("token", token)
        self._api_base = arguments.address("api_base", api_base)
        self._rich = arguments.one_of(RichMessages, "rich", rich)
        self._bot: SharedBot | None = None
        self._shared: _Shared | None = None
        self._closed = False
        self._answers = 0  # that are being shown

    def __repr__(self) -> str:
        return f"telex.Telegram({self._api_base})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def chat(self, chat_id: int, *, thread_id: int | None = None, reply_to: int | None = None) -> "TelegramChat":
        """A chat, or a topic of it, for one answer.

        Args:
            chat_id: which chat.
            thread_id: the topic's ``message_thread_id``, where the question's message says ``is_topic_message``.
            reply_to: the question's message id; groups see which question is answered, and a message that was sent over a
                connection that broke is found behind it instead of being sent again.

        Raises:
            ConfigError: one of them is no number of its kind.
        """
        return TelegramChat(self, chat_id, thread_id, reply_to)

    def surface(self, chat_id: int, thread_id: int | None, reply_to: int | None) -> TelegramSurface:
        """The place as a surface, for one answer; to be given back with `answered`."""
        if self._closed:
            raise RuntimeError(
                "this bot is closed; `telex.telegram` is for one answer, keep a `telex.Telegram` for more"
            )
        streaming = self.streaming
        transport: Transport = streaming.transport if streaming.enabled else "off"
        surface = TelegramSurface(
            self._joined(),
            chat_id,
            thread_id=thread_id,
            reply_to=reply_to,
            transport=transport,
            cursor=streaming.cursor,
        )
        self._answers += 1
        return surface

    async def answered(self) -> None:
        """The answer of a `surface` has come to its end."""
        self._answers -= 1
        await self._leave_when_over()

    def _joined(self) -> _Shared:
        """The bot as all of this event loop share it."""
        if self._bot is None or self._shared is None:
            self._bot = shared_bot(self._token, self._api_base)
            self._shared = self._bot.join(
                limit_drafts=self.streaming.edit_interval > 0, on_unknown=self.streaming.on_unknown, rich=self._rich
            )
        return self._shared

    async def close(self) -> None:
        """No answer can be begun through this object afterwards; connections that nobody uses any more are closed."""
        self._closed = True
        await self._leave_when_over()

    async def _leave_when_over(self) -> None:
        if self._closed and not self._answers:
            bot, self._bot = self._bot, None
            if bot:
                await bot.leave()


@dataclass(frozen=True, slots=True)
class TelegramChat:
    """A place in Telegram; made by `Telegram.chat` and `telegram`.

    Attributes:
        bot: whose answers are shown.
        chat_id: which chat.
        thread_id: the topic, where it is one.
        reply_to: the question's message id.
        owns_bot: whether the bot is closed with the answer, since nobody else has it.
    """

    bot: Telegram
    chat_id: int
    thread_id: int | None = None
    reply_to: int | None = None
    owns_bot: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        arguments.chat_number("chat_id", self.chat_id)
        arguments.message_number("thread_id", self.thread_id)
        arguments.message_number("reply_to", self.reply_to)

    @property
    def pacing(self) -> Pacing:
        """How often it is shown, and what of it."""
        return replace(self.bot.streaming.pacing, reasoning=self.bot.reasoning, page_numbers=self.bot.page_numbers)

    def open(self) -> Surface:
        """A surface for one answer."""
        return self.bot.surface(self.chat_id, self.thread_id, self.reply_to)

    async def close(self) -> None:
        """The answer is over: close the bot's connections where nobody else has them."""
        await self.bot.answered()
        if self.owns_bot:
            await self.bot.close()


def telegram(
    token: str, chat_id: int, *, thread_id: int | None = None, reply_to: int | None = None, **bot: Any
) -> TelegramChat:
    """A chat of a bot, for one answer. For more than one answer make one `Telegram` and use its ``chat``.

    Args:
        token: the bot's token.
        chat_id: which chat.
        thread_id: the topic, where it is one.
        reply_to: the question's message id.
        bot: ``api_base``, ``streaming``, ``reasoning``, ``rich`` and ``page_numbers``, as `Telegram` takes them.

    Raises:
        ConfigError: a bad value, named.
    """
    return TelegramChat(Telegram(token, **bot), chat_id, thread_id, reply_to, owns_bot=True)


class Live:
    """An answer that is being shown; made by `live`.

    Args:
        target: where.
        pacing: how often, and what of it; the target's own when left out.
        record: where the answer is recorded, if at all.
    """

    def __init__(self, target: Target, pacing: Pacing | None = None, record: Recordings | None = None) -> None:
        self._target = target
        own: Pacing | None = getattr(target, "pacing", None)
        self.pacing = pacing or own or Pacing()
        self._recorder = record.recorder() if record else None
        self._thinking = ThinkSplitter()
        self._consumer: GatewayStreamConsumer | None = None
        self._driving: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0

    async def __aenter__(self) -> Self:
        if self._consumer is not None:
            raise RuntimeError("this answer has been begun; call telex.live(...) for each one")
        self._consumer = GatewayStreamConsumer(self._target.open(), self.pacing, self._recorder)
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self._driving = asyncio.create_task(self._consumer.drive())
        return self

    def feed(self, piece: str | Event | None) -> None:
        """More of the answer: Markdown text, ``None`` at a paragraph's end (before a tool runs), or an event.

        ``<think>…</think>`` in the text is what the model thinks, not what it says.

        From any thread; what another thread feeds comes in its order, and is part of the answer where that thread is done
        before the block is left. What is fed after the end is ignored.

        Raises:
            TypeError: it is something else.
        """
        event = TextDelta(piece) if isinstance(piece, str) else SegmentEnded() if piece is None else piece
        if not isinstance(event, Event):
            raise TypeError(f"an answer is fed text, None and events, not {type(piece).__name__}")
        if self._loop is None or threading.get_ident() == self._thread:
            self._take(event)
        else:
            self._loop.call_soon_threadsafe(self._take, event)

    def _take(self, event: Event) -> None:
        for shown in self._thinking.feed(event.text) if isinstance(event, TextDelta) else (event,):
            self._running.emit(shown)

    async def feed_from(self, pieces: AsyncIterable[str | Event | None]) -> None:
        """Feed everything that an iterator gives, and close it where it can be closed."""
        async with closing(pieces):
            async for piece in pieces:
                self.feed(piece)

    @property
    def already_sent(self) -> bool:
        """The complete answer is on the screen."""
        return self._running.already_sent

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for held in self._thinking.close():
            self._running.emit(held)
        end, message = End.FINISHED, ""
        if isinstance(error, asyncio.CancelledError):
            end = End.INTERRUPTED
        elif error is not None:
            end, message = End.FAILED, "The answer broke off here."
        self._running.emit(TurnEnded(end, message))
        try:
            await self._last_frame()
        finally:
            await self._target.close()
        closed = self._running.presenter.closed
        if closed and error is None:
            raise PlatformError(f"The answer could not be shown: {closed}")

    async def _last_frame(self) -> None:
        """Wait until it is on the screen; who cancels that waits so much longer, and who cancels again no longer."""
        driving = self._driving
        assert driving is not None  # noqa: S101 - set with the consumer
        try:
            await asyncio.shield(driving)
        except asyncio.CancelledError:
            if driving.cancelled():  # a loop that ends cancels all tasks at once: this one has to drive on
                driving = asyncio.create_task(self._running.drive())
            await asyncio.wait([driving], timeout=PARTING)
            raise
        finally:
            if not driving.done():
                driving.cancel()
                await asyncio.wait([driving])
            await self._running.leave()

    @property
    def _running(self) -> GatewayStreamConsumer:
        if self._consumer is None:
            raise RuntimeError("use it as `async with telex.live(...) as out:`")
        return self._consumer


def live(
    target: Target,
    pacing: Pacing | None = None,
    *,
    reasoning: Reasoning | None = None,
    record: str | Path | None = None,
) -> Live:
    """Show an answer at ``target`` while it grows: ``async with telex.live(...) as out``, and in it ``out.feed(piece)``.

    Args:
        target: what `telegram` or `Telegram.chat` gives, or a `Target` of your own.
        pacing: how often, and what of it; the target's own when left out.
        reasoning: what is shown of the model's reasoning in this answer; as ``pacing`` says when left out.
        record: a folder, or a name that ends in ``.jsonl``: the answer is recorded there, to be replayed.

    Raises:
        ConfigError: a bad argument, named, or no recording can be written there.
        PlatformError: when the block is left, the answer could not be shown there, such as to somebody who blocked the bot.
    """
    if not callable(getattr(target, "open", None)) or not callable(getattr(target, "close", None)):
        raise ConfigError(
            f"`target` must be what telex.telegram gives, or have `open` and `close`, and not {type(target).__name__}"
        )
    if pacing is not None and not isinstance(pacing, Pacing):
        raise ConfigError(f"`pacing` must be a Pacing, or None, and not {type(pacing).__name__}")
    out = Live(target, pacing, Recordings(record) if record else None)
    if reasoning is not None:
        out.pacing = replace(out.pacing, reasoning=arguments.one_of(Reasoning, "reasoning", reasoning))
    return out


def _streaming(given: StreamingConfig | Mapping[str, Any] | None) -> StreamingConfig:
    if given is None or isinstance(given, StreamingConfig):
        return given or StreamingConfig()
    if not isinstance(given, Mapping):
        raise ConfigError(f"`streaming` must be a StreamingConfig or its values by name, got {given!r}")
    return StreamingConfig.from_dict(given)
