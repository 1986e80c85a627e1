"""One open page: its WebSocket, what it has yet to be told, and what it asks for."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

import msgspec
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from telex.errors import TelexError
from telex.simulator.page import commands
from telex.simulator.page.outbox import EventData, Outbox
from telex.simulator.refusals import Refused

# Longer than any message Telegram takes, so that "too long" is answered and not cut off; a picture is a few 100 kB.
_LARGEST_COMMAND: Final = 1 << 22
# A page that does not answer a ping for half of this is gone: a suspended laptop, a killed tab.
_HEARTBEAT: Final = 30.0

Listener: TypeAlias = Callable[[EventData], None]


class SimulatedTelegram(Protocol):
    """What the page needs of the simulator."""

    def snapshot(self) -> EventData:
        """Return the whole picture, an event of type ``hello``."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every event from now on, until the returned function is called."""
        ...

    def say(self, chat_id: int, text: str, *, thread_id: int | None = None, reply_to: int | None = None) -> Any:
        """Let the person of a private chat, and elsewhere the one at the page, write a message."""
        ...

    def send_photo(  # noqa: PLR0913 - the picture, and where it goes
        self,
        chat_id: int,
        data: bytes,
        caption: str = "",
        *,
        width: int,
        height: int,
        thread_id: int | None = None,
        reply_to: int | None = None,
    ) -> Any:
        """Let a person send a picture."""
        ...

    def picture(self, file_id: str, /) -> tuple[bytes, str] | None:
        """A picture that a person has sent, and its media type."""
        ...

    def press_stop(self, chat_id: int, thread_id: int | None, /) -> Any:
        """Press the Stop button of the draft in this place."""
        ...

    def delete(self, chat_id: int, message_id: int, /) -> Any:
        """Let a person delete a message."""
        ...

    def press(self, chat_id: int, message_id: int, data: str, /) -> Any:
        """Press the inline button of a message that carries ``data``."""
        ...


class Connection:
    """Carries the simulator's events to one page and the page's commands to the simulator.

    Events are kept in an ``Outbox`` and sent one at a time, so a page that reads slowly skips states and never makes
    this process hold more than the outbox's limit.
    """

    def __init__(self, simulator: SimulatedTelegram) -> None:
        self._simulator = simulator
        self._outbox = Outbox()
        self._wake = asyncio.Event()
        self._socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=_LARGEST_COMMAND)

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Serve the page until it or ``close`` ends the connection."""
        await self._socket.prepare(request)
        unsubscribe = self._simulator.subscribe(self._put)
        self._restart()
        writer = asyncio.create_task(self._write())
        try:
            async for message in self._socket:
                self._obey(message)
        finally:
            unsubscribe()
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
        return self._socket

    async def close(self) -> None:
        """End the connection because the server stops; the page will try to come back."""
        await self._socket.close(code=WSCloseCode.GOING_AWAY, message=b"the simulator stops")

    def _put(self, event: EventData) -> None:
        self._outbox.put(event)
        self._wake.set()

    def _restart(self) -> None:
        self._outbox.restart()
        self._put(self._simulator.snapshot())

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outbox.overflowed or len(self._outbox):
                    if self._outbox.overflowed:
                        self._restart()
                    event = self._outbox.take()
                    await self._socket.send_str(msgspec.json.encode(event).decode())

    def _obey(self, message: WSMessage) -> None:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        try:
            self._perform(commands.decode(message.data))
        except (TelexError, Refused, LookupError, ValueError) as error:
            self._put({"type": "error", "text": _sentence(error)})

    def _perform(self, command: commands.Command) -> None:
        match command:
            case commands.Say():
                self._simulator.say(
                    command.chat_id, command.text, thread_id=command.thread_id, reply_to=command.reply_to
                )
            case commands.Photo():
                self._simulator.send_photo(
                    command.chat_id,
                    command.data,
                    command.caption,
                    width=command.width,
                    height=command.height,
                    thread_id=command.thread_id,
                    reply_to=command.reply_to,
                )
            case commands.Stop():
                self._simulator.press_stop(command.chat_id, command.thread_id)
            case commands.Delete():
                self._simulator.delete(command.chat_id, command.message_id)
            case commands.Press():
                self._simulator.press(command.chat_id, command.message_id, command.data)


def _sentence(error: Exception) -> str:
    if isinstance(error, KeyError):  # its text is only the key, in quotes
        return f"There is nothing here called {error}."
    return str(error) or type(error).__name__
