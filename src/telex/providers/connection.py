"""Requests to one server, and what goes wrong with them, said in sentences."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from telex.errors import ProviderDropped, ProviderError

LONGEST_REFUSAL = 64 * 1024  # bytes of a refusal that are read
LONGEST_LISTING = 4 * 1024 * 1024  # bytes of a list of models


class NotReached(ProviderError):  # noqa: N818 - named for what happened
    """Nothing was sent: asking again is free."""


class Stalled(ProviderDropped):
    """The server was silent for too long: another try would only be silent for as long again."""


class Response(aiohttp.ClientResponse):
    """An answer whose connection is gone as soon as it is closed."""

    def close(self) -> None:
        """End the connection, also where TLS would first wait for the server's good-bye: on uvloop for 30 s."""
        transport = self.connection.transport if self.connection is not None else None
        super().close()  # says ours
        if transport is not None:
            transport.abort()


class Connection:
    """The connections to one server.

    Args:
        where: its host and port for people.
        headers: sent with every request.
        proxy: the address of an HTTP proxy.
        connect_timeout: seconds until a connection must stand.
    """

    def __init__(self, where: str, headers: Mapping[str, str], proxy: str | None, connect_timeout: float) -> None:
        self._where = where
        # A proxy that compresses a stream also gathers it.
        self._headers = {
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",
            **headers,
        }
        self._proxy = proxy
        self._connect_timeout = connect_timeout
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}  # a session belongs to one loop
        self._settling: set[asyncio.Task[None]] = set()

    async def send(
        self, method: str, url: URL, body: Mapping[str, Any] | None, patience: float
    ) -> aiohttp.ClientResponse:
        """Send a request and wait for the head of the answer.

        Raises:
            NotReached: there is no connection.
            Stalled: nothing came for ``patience`` seconds.
            ProviderDropped: the connection broke.
            ProviderError: the connection is not secure.
        """
        where = self._where
        try:
            async with asyncio.timeout(patience):
                session = await self._open()
                return await session.request(
                    method,
                    url,
                    data=None if body is None else msgspec.json.encode(body),
                    headers={"Content-Type": "application/json"} if body is not None else None,
                    proxy=self._proxy,
                    timeout=aiohttp.ClientTimeout(sock_connect=self._connect_timeout),
                    allow_redirects=False,
                )
        except aiohttp.ClientSSLError:
            raise ProviderError(
                f"No secure connection to {where}: check provider.base_url and the server's certificate."
            ) from None
        except aiohttp.ClientConnectorDNSError:
            raise NotReached(f"The host of {where} cannot be found: check provider.base_url and the network.") from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise NotReached(
                f"Nothing answers at {where}: is the model's server running there? (provider.base_url)"
            ) from None
        except TimeoutError:
            raise self.stalled(patience) from None
        except (aiohttp.ClientError, OSError):
            raise ProviderDropped(f"The model's server at {where} closed the connection without an answer.") from None

    def stalled(self, patience: float) -> Stalled:
        """The error for ``patience`` seconds of silence."""
        return Stalled(
            f"The model's server at {self._where} sent nothing for {patience:g} seconds (provider.stall_timeout)."
        )

    def settle(self, response: aiohttp.ClientResponse, grace: float) -> None:
        """Let a whole answer's connection be used again once its last bytes are here; the answer does not wait for it."""
        if response.connection is not None:
            task = asyncio.get_running_loop().create_task(_drain(response, grace))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)
            task.add_done_callback(lambda _: response.close())  # a task that is cancelled early runs no `finally`

    async def settled(self) -> None:
        """Wait until all connections of whole answers can be used again."""
        await asyncio.gather(*self._settling_here(), return_exceptions=True)

    async def close(self) -> None:
        """Close all connections."""
        here = asyncio.get_running_loop()
        for loop in tuple(self._sessions):
            session = self._sessions.pop(loop)
            if loop is here or loop.is_closed():
                await self._end(session)
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._end(session), loop))

    async def _end(self, session: aiohttp.ClientSession) -> None:
        settling = self._settling_here()
        for task in settling:
            task.cancel()
        await asyncio.gather(*settling, return_exceptions=True)
        await session.close()

    def _settling_here(self) -> list[asyncio.Task[None]]:
        loop = asyncio.get_running_loop()
        return [task for task in tuple(self._settling) if task.get_loop() is loop]

    async def _open(self) -> aiohttp.ClientSession:
        for loop in [loop for loop in tuple(self._sessions) if loop.is_closed()]:  # each ``asyncio.run`` closes its own
            if left := self._sessions.pop(loop, None):
                await left.close()
        here = asyncio.get_running_loop()
        session = self._sessions.get(here)
        if session is None or session.closed:
            session = self._sessions[here] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                response_class=Response,
            )
        return session


class StallWatch:
    """Closes a response from which no byte came for ``patience`` seconds.

    One timer an answer looks now and then when the last byte came: one a byte, as the client library has them, would be a
    fifth of all that a chunk costs.

    Attributes:
        heard: when the last byte came, by the loop's clock; kept by whoever reads.
        fired: the response was closed for its silence.
    """

    __slots__ = (
        "_loop",
        "_patience",
        "_response",
        "_timer",
        "fired",
        "heard",
    )

    def __init__(self, response: aiohttp.ClientResponse, patience: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._response = response
        self._patience = patience
        self.heard = self._loop.time()
        self.fired = False
        self._timer = self._loop.call_later(patience, self._look)

    def stop(self) -> None:
        """Nothing more is waited for."""
        self._timer.cancel()

    def _look(self) -> None:
        due = self.heard + self._patience
        if due > self._loop.time():
            self._timer = self._loop.call_at(due, self._look)
        else:
            self.fired = True
            self._response.close()


async def whole(response: aiohttp.ClientResponse, limit: int, patience: float) -> bytes:
    """A short body, as far as it comes in so many seconds: the status of a refusal counts also without words."""
    body = b""
    with contextlib.suppress(aiohttp.ClientError, OSError):  # TimeoutError is an OSError
        async with asyncio.timeout(patience):
            while len(body) < limit and (data := await response.content.readany()):
                body += data
    return body


async def _drain(response: aiohttp.ClientResponse, grace: float) -> None:
    with contextlib.suppress(aiohttp.ClientError, OSError):
        async with asyncio.timeout(grace):
            while await response.content.readany():
                pass
