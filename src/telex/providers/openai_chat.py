"""Chat Completions over HTTP, as OpenAI and most other model servers speak it: a thin shell around ``ChatDecoder``."""

import asyncio
import contextlib
import random
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from telex.errors import ConfigError, ProviderDropped, ProviderError
from telex.events import Event
from telex.providers import refusals
from telex.providers.base import Emit, Reply, Request
from telex.providers.chat_decoder import DROPPED, ChatDecoder
from telex.providers.endpoint import Endpoint

OPENAI = "https://api.openai.com/v1"
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})  # statuses that another try may mend
LONGEST_WAIT = 20.0  # a server that asks for more is not waited for: the person decides
GRACE = 1.0  # seconds for usage and [DONE] once the model has said that it is done
LONGEST_REFUSAL = 64 * 1024  # bytes of a refusal that are read
LONGEST_LISTING = 4 * 1024 * 1024  # bytes of a list of models
UNSTREAMED_PATIENCE = 10  # an answer that comes all at once is silent for longer

_NO_MODEL = "A web page answers at {where}, not a model: check provider.base_url (it usually ends in /v1)."


class _NotReached(ProviderError):  # noqa: N818 - named for what happened
    """Nothing was sent: asking again is free."""


class _Stalled(ProviderDropped):
    """The server was silent for too long: another try would only be silent for as long again."""


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Model]


class OpenAIChat:
    """A provider for every server that speaks Chat Completions.

    Use one from one event loop at a time.

    Args:
        base_url: the address up to ``/v1``, such as ``"http://127.0.0.1:8080/v1"``; the other usual forms are understood.
        api_key: sent as a bearer token; never shown anywhere.
        model: the model to ask; without one the server's first is taken.
        name: what people call it; made from model and host without one.
        options: parameters for every request, such as ``temperature``; a request's own come on top.
        headers: further HTTP headers for every request.
        proxy: the address of an HTTP proxy.
        connect_timeout: seconds until a connection must stand.
        stall_timeout: seconds that may pass without a byte, also before the first.
        max_retries: how often to ask again where nothing of the answer had come.

    Raises:
        ConfigError: ``base_url`` cannot be used.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of the user's, by keyword
        self,
        base_url: str,
        api_key: str | None = None,
        model: str | None = None,
        *,
        name: str | None = None,
        options: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        proxy: str | None = None,
        connect_timeout: float = 10.0,
        stall_timeout: float = 60.0,
        max_retries: int = 2,
    ) -> None:
        self._endpoint = Endpoint(base_url)
        if api_key and self._endpoint.has_credentials:
            raise ConfigError("provider.base_url holds a user and a password, so provider.api_key must be left out.")
        self._key = api_key
        self._model = model
        self._found: str | None = None  # the model that the server listed first
        self._name = name
        self._options = dict(options or {})
        self._headers = {**(headers or {}), **({"Authorization": f"Bearer {api_key}"} if api_key else {})}
        self._proxy = proxy
        self._connect_timeout = connect_timeout
        self._stall_timeout = stall_timeout
        self._max_retries = max_retries
        self._session: aiohttp.ClientSession | None = None
        self._settling: set[asyncio.Task[None]] = set()
        # What this server was found to refuse; asked for again only by a new provider.
        self._usage_taken: bool | None = None  # whether `stream_options` is accepted; None: not known yet
        self._streams = True

    @property
    def name(self) -> str:
        """What people call it; never a key."""
        return self._name or f"openai ({self._model or self._found or 'first model'} at {self._endpoint.where})"

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Ask the model and emit its answer as the bytes arrive.

        Raises:
            ProviderDropped: the answer broke off; what had come was emitted.
            ProviderError: the server refused, failed or was silent for ``stall_timeout`` seconds.
        """
        begun = False

        def first(event: Event) -> None:
            nonlocal begun
            begun = True
            emit(event)

        tries = 0
        while True:
            try:
                model = self._model or await self._discover()
                return await self._ask(self._body(request, model), first)
            except ProviderError as error:
                wait = self._wait_before_retry(error, tries)
                if begun or wait is None:
                    raise self._without_key(error) from None
            tries += 1
            await asyncio.sleep(wait)

    async def close(self) -> None:
        """Close all connections."""
        for task in tuple(self._settling):
            task.cancel()
        await asyncio.gather(*self._settling, return_exceptions=True)
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _wait_before_retry(self, error: ProviderError, tries: int) -> float | None:
        """Seconds until the next try, or ``None`` where there should be none."""
        mendable = isinstance(error, ProviderDropped | _NotReached) or error.status in AGAIN
        if not mendable or isinstance(error, _Stalled) or tries >= self._max_retries:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= LONGEST_WAIT else None
        return 0.5 * 2.0**tries * random.uniform(0.75, 1.25)  # noqa: S311 - so that chats do not come back in step

    async def _discover(self) -> str:
        """The first model that the server lists, remembered until the server no longer knows it."""
        if self._found is None:
            response = await self._send("GET", self._endpoint.models)
            try:
                body = await _whole(response, LONGEST_LISTING)
            finally:
                response.close()
            if response.status != 200:
                raise self._refused(response, body, None)
            try:
                self._found = msgspec.json.decode(body, type=_Models).data[0].id
            except (msgspec.DecodeError, IndexError):
                where = self._endpoint.where
                raise ProviderError(f"The server at {where} lists no model: name one in provider.model.") from None
        return self._found

    def _body(self, request: Request, model: str) -> dict[str, Any]:
        body: dict[str, Any] = {"model": model, "messages": list(request.messages), **self._options, **request.options}
        body["stream"] = self._streams
        if self._streams and self._usage_taken is not False:
            body["stream_options"] = {"include_usage": True, **body.get("stream_options", {})}
        else:
            body.pop("stream_options", None)
        return body

    async def _ask(self, body: dict[str, Any], emit: Emit) -> Reply:
        """Ask once; what the server turns out not to take is left out, and it is asked again at once."""
        guessed = False
        for _ in range(4):  # with everything, without usage, without streaming, streaming after all
            response = await self._send("POST", self._endpoint.chat, body)
            try:
                if response.status == 200 and response.content_type != "text/html":
                    if guessed or "stream_options" in body:
                        self._usage_taken = not guessed
                    reply = await self._read(response, emit)
                    self._settle(response)
                    return reply
                refusal = await _whole(response, LONGEST_REFUSAL)
            except BaseException:
                response.close()  # at once: the server sees it and stops generating
                raise
            response.close()
            if response.status == 200:
                raise ProviderError(_NO_MODEL.format(where=self._endpoint.where))
            error = self._refused(response, refusal, body["model"])
            if response.status not in (400, 422):
                raise error
            if "stream_options" in body and (
                refusals.wants_no_stream_options(refusal)
                or (self._usage_taken is None and not refusals.wants_no_stream(refusal))
            ):
                del body["stream_options"]
                guessed = True  # true in the end if it helps
            elif body["stream"] and refusals.wants_no_stream(refusal):
                self._streams = body["stream"] = False
                body.pop("stream_options", None)
            elif not body["stream"] and refusals.wants_stream(refusal):
                self._streams = body["stream"] = True
            else:
                raise error
        raise error

    async def _send(self, method: str, url: URL, body: dict[str, Any] | None = None) -> aiohttp.ClientResponse:
        """Send a request and wait for the head of the answer."""
        stall = self._stall_timeout if body is None or body["stream"] else self._stall_timeout * UNSTREAMED_PATIENCE
        where = self._endpoint.where
        try:
            return await self._open().request(
                method,
                url,
                data=None if body is None else msgspec.json.encode(body),
                headers={"Content-Type": "application/json"} if body is not None else None,
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(sock_connect=self._connect_timeout, sock_read=stall),
                allow_redirects=False,
            )
        except aiohttp.ClientSSLError:
            raise ProviderError(
                f"No secure connection to {where}: check provider.base_url and the server's certificate."
            ) from None
        except aiohttp.ClientConnectorDNSError:
            raise _NotReached(
                f"The host of {where} cannot be found: check provider.base_url and the network."
            ) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise _NotReached(
                f"Nothing answers at {where}: is the model's server running there? (provider.base_url)"
            ) from None
        except aiohttp.SocketTimeoutError:
            raise _Stalled(self._silence(stall)) from None
        except (aiohttp.ClientError, OSError):
            raise ProviderDropped(f"The model's server at {where} closed the connection without an answer.") from None

    async def _read(self, response: aiohttp.ClientResponse, emit: Emit) -> Reply:
        """Carry the body from the socket to ``emit``; nothing in between waits."""
        decoder = ChatDecoder()
        broken: ProviderDropped | None = None
        while not decoder.finished and broken is None:
            try:
                data = await response.content.readany()
            except aiohttp.SocketTimeoutError:
                broken = _Stalled(self._silence(self._stall_timeout))
            except (aiohttp.ClientError, OSError):
                broken = ProviderDropped(DROPPED)
            else:
                if not data:
                    break
                for event in decoder.feed(data):
                    emit(event)
        if decoder.finished:
            await _afterword(response, decoder, emit)
        for event in decoder.close():
            emit(event)
        if broken is not None:
            raise broken
        return decoder.reply()

    def _refused(self, response: aiohttp.ClientResponse, refusal: bytes, model: str | None) -> ProviderError:
        if response.status == 404:
            self._found = None
        get = response.headers.get
        wait = refusals.retry_after(get("Retry-After"), get("retry-after-ms"), time.time())
        return refusals.refused(response.status, refusal, where=self._endpoint.where, model=model, retry_after=wait)

    def _silence(self, seconds: float) -> str:
        return f"The model's server at {self._endpoint.where} sent nothing for {seconds:g} seconds (stall_timeout)."

    def _without_key(self, error: ProviderError) -> ProviderError:
        if self._key and self._key in str(error):  # a server may repeat what it was sent
            error.args = (str(error).replace(self._key, "***"),)
        return error

    def _settle(self, response: aiohttp.ClientResponse) -> None:
        """Let a whole answer's connection be used again once its last bytes are here; the answer does not wait for it."""
        if response.connection is not None:
            task = asyncio.get_running_loop().create_task(_drain(response))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)
            task.add_done_callback(lambda _: response.close())  # a task that is cancelled early runs no `finally`

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                # A proxy that compresses a stream also gathers it.
                headers={
                    "Accept": "text/event-stream, application/json",
                    "Accept-Encoding": "identity",
                    **self._headers,
                },
            )
        return self._session


async def _whole(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """A short body, as far as it comes: the status of a refusal counts also without words."""
    body = b""
    with contextlib.suppress(aiohttp.ClientError, OSError):
        while len(body) < limit and (data := await response.content.readany()):
            body += data
    return body


async def _afterword(response: aiohttp.ClientResponse, decoder: ChatDecoder, emit: Emit) -> None:
    """What follows the model's word that it is done: usage and ``[DONE]``, where the server sends them at all."""
    end = asyncio.get_running_loop().time() + GRACE
    while not decoder.done:
        try:
            async with asyncio.timeout_at(end):
                data = await response.content.readany()
        except (aiohttp.ClientError, OSError):  # TimeoutError is an OSError
            return
        if not data:
            return
        for event in decoder.feed(data):
            emit(event)


async def _drain(response: aiohttp.ClientResponse) -> None:
    with contextlib.suppress(aiohttp.ClientError, OSError):
        async with asyncio.timeout(GRACE):
            while await response.content.readany():
                pass
