"""A running simulator and a bare client for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from telex.simulator import Simulator


class Client:
    """Calls methods and gives back status and JSON."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self.http = http
        self.base = base

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        async with self.http.post(self.base + method, json=params) as answer:
            body: dict[str, Any] = await answer.json()
            assert body["ok"] == (answer.status == 200)
            assert body.get("error_code", 200) == answer.status
            return body

    async def result(self, method: str, **params: Any) -> Any:
        body = await self.call(method, **params)
        assert body["ok"], body
        return body["result"]


Body = Callable[[Simulator, Client], Awaitable[None]]


@pytest.fixture
def against() -> Callable[..., None]:
    """Runs a coroutine function with a started simulator and a client."""

    def run(body: Body, **options: Any) -> None:
        async def main() -> None:
            simulator = Simulator(**options)
            base = await simulator.start()
            try:
                async with aiohttp.ClientSession() as http, asyncio.timeout(20):
                    await body(simulator, Client(http, f"{base}/bot{simulator.token}/"))
            finally:
                await simulator.stop()

        asyncio.run(main())

    return run


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> HandClock:
    return HandClock()
