"""A recorded answer on the page that behaves as Telegram does."""

import asyncio
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Self

from telex.cli.simulate import listen
from telex.cli.stopping import on_stop
from telex.config import StreamingConfig, has_screen
from telex.display.frame import Frame
from telex.events import Event
from telex.library import Telegram
from telex.live import GatewayStreamConsumer
from telex.recording.entries import Changed, Entry
from telex.simulator.chats import ADA
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from telex.surfaces.telegram.surface import TelegramSurface


class _Watched(Simulator):
    """A simulator that knows whether somebody looks."""

    def __init__(self) -> None:
        super().__init__(limits=Limits.none(), keep_calls=1000)
        self.opened = asyncio.Event()

    def subscribe(self, listener: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        self.opened.set()
        return super().subscribe(listener)


class Stage:
    """A page, and a bot in one of its private chats.

    Args:
        path: the recording, whose name stands in the chat.
        port: where the page is.
        open_browser: open it, where there is a browser.
    """

    def __init__(self, path: Path, *, port: int, open_browser: bool) -> None:
        self._path = path
        self._port = port
        self._open = open_browser
        self._simulator = _Watched()
        self._ended = asyncio.Event()

    async def __aenter__(self) -> Self:
        address = await listen(self._simulator, self._port)
        self._stopping = on_stop(self._ended.set)
        self._stopping.__enter__()
        self._simulator.say(ADA, f"▶ {self._path.name}")
        here = f"{address}/#{ADA}/"
        print(f"telex replay: open {here} to see it. Ctrl-C ends it.", flush=True)
        if self._open and has_screen():
            asyncio.get_running_loop().run_in_executor(None, webbrowser.open, here)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.__exit__(None, None, None)
        await self._simulator.stop()

    async def play(
        self, scenes: AsyncIterator[tuple[float, Event | Frame]], entries: Sequence[Entry], *, events_only: bool
    ) -> None:
        """Show it once somebody looks.

        Args:
            scenes: what to show, each at its time.
            entries: of the recording.
            events_only: the presenter of today shows the events; otherwise its frames are shown as they were.
        """
        if not await self._unless_ended(self._simulator.opened.wait()):
            return
        edits = any(entry.screen.overwrites for entry in entries if isinstance(entry, Changed))
        streaming = StreamingConfig(transport="edit" if edits and not events_only else "auto", edit_interval=0.0)
        async with Telegram(self._simulator.token, api_base=self._simulator.base_url, streaming=streaming) as bot:
            surface = bot.surface(ADA, None, None)
            await self._unless_ended((_events if events_only else _frames)(surface, scenes))
            surface.leave()

    async def stay(self) -> None:
        """Until Ctrl-C."""
        await self._ended.wait()

    async def _unless_ended(self, work: Any) -> bool:
        """Do it, or leave off when Ctrl-C is pressed: false."""
        doing, ended = asyncio.ensure_future(work), asyncio.create_task(self._ended.wait())
        await asyncio.wait([doing, ended], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not doing.done():
            doing.cancel()
            await asyncio.wait([doing])
            return False
        doing.result()
        return True


async def _frames(surface: TelegramSurface, scenes: AsyncIterator[tuple[float, Event | Frame]]) -> None:
    async for _, scene in scenes:
        if isinstance(scene, Frame):
            await surface.show(scene)


async def _events(surface: TelegramSurface, scenes: AsyncIterator[tuple[float, Event | Frame]]) -> None:
    consumer = GatewayStreamConsumer(surface)
    driving = asyncio.create_task(consumer.run())
    async for _, scene in scenes:
        if not isinstance(scene, Frame):
            consumer.emit(scene)
    consumer.finish()
    await driving
