"""What the page's tests share: a simulator on a port, a bot's calls to it, and a browser that looks at it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp

from telex.simulator.server import Simulator
from tests.simulator.chromium import Chromium, Page

ADA, LAB, WORKSHOP = 1001, -1001000000001, -1001000000002
IDEAS, CODE = 2, 3


@dataclass
class World:
    """One simulated Telegram, its bot's wire, and a browser."""

    simulator: Simulator
    http: aiohttp.ClientSession
    browser: Chromium

    @property
    def url(self) -> str:
        return f"{self.simulator.base_url}/"

    async def call(self, method: str, **params: Any) -> Any:
        """Call a Bot API method as the bot."""
        address = f"{self.simulator.base_url}/bot{self.simulator.token}/{method}"
        async with self.http.post(address, json=params) as answer:
            data = await answer.json()
        assert data["ok"], data
        return data["result"]

    async def page(self, place: str = "", **window: Any) -> Page:
        """Open the chat page, at ``place`` (a chat id and a slash), and wait until it shows the chats."""
        page = await self.browser.open(f"{self.url}#{place}", **window)
        await page.until("document.querySelector('[data-chat]')")
        return page


@contextlib.asynccontextmanager
async def world() -> AsyncIterator[World]:
    simulator = Simulator()
    await simulator.start()
    try:
        async with aiohttp.ClientSession() as http, Chromium() as browser:
            yield World(simulator, http, browser)
    finally:
        await simulator.stop()


def run(story: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    """Tell ``story`` in a new world; nothing on the page may have gone wrong by its end."""

    async def main() -> None:
        async with world() as here:
            await story(here)
            for page in here.browser.pages:
                assert page.console == []

    asyncio.run(main())


def spans(text: str, *parts: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Entities for the named pieces of ``text``, counted in UTF-16 units."""

    def units(piece: str) -> int:
        return len(piece.encode("utf-16-le")) // 2

    return [
        {"type": part[0], "offset": units(text[: text.index(part[1])]), "length": units(part[1]), **dict(*part[2:])}
        for part in parts
    ]
