"""A model behind HTTP: what all wire formats have in common. A thin shell around a pure decoder.

A format adds where questions are posted, what is sent and how the answer is read.
"""

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import aiohttp
import msgspec

from telex.errors import ConfigError, ProviderDropped, ProviderError
from telex.events import Event
from telex.providers import learned, refusals
from telex.providers.afterword import GRACE, afterword
from telex.providers.base import Decoder, Emit, Reply, Request
from telex.providers.body import DROPPED
from telex.providers.carry import carry
from telex.providers.connection import (
    LONGEST_LISTING,
    LONGEST_REFUSAL,
    Connection,
    NotReached,
    Stalled,
    StallWatch,
    whole,
)
from telex.providers.endpoint import Endpoint
from telex.providers.learned import Learned, Question
from telex.providers.patience import pause, silence
from telex.providers.pictures import known_to_see, unseen
from telex.providers.unread import read_by

AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})  # statuses that another try may mend
UNSTREAMED_PATIENCE = 10  # an answer that comes all at once is silent for longer

_NO_MODEL = "A web page answers at {where}, not a model: check provider.base_url (it usually ends in /v1)."


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Model]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be chosen for a model behind HTTP.

    Attributes:
        name: what people call it; made from model and host without one.
        options: parameters for every request, such as ``temperature``; a request's own come on top.
        headers: further HTTP headers for every request.
        proxy: the address of an HTTP proxy.
        connect_timeout: seconds until a connection must stand.
        stall_timeout: seconds that may pass without a byte, also before the first; without it 60, and 300 for a model
            that is near or whose name says that it thinks.
        max_retries: how often to ask again where nothing of the answer had come.
        max_wait: the longest pause before another try, in seconds; where a server asks for more, the answer fails.
        max_tokens: how long an answer may be.
        context_tokens: what the model can hold; an agent reads it and leaves out its oldest turns in time.
        vision: whether the model sees pictures; without it, whether its name says so.
    """

    name: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None
    connect_timeout: float = 10.0
    stall_timeout: float | None = None
    max_retries: int = 2
    max_wait: float = 20.0
    max_tokens: int | None = None
    context_tokens: int | None = None
    vision: bool | None = None


class HTTPModel(ABC):
    """A provider for one model of one server.

    It may be asked in several event loops, one after the other or side by side: each has connections of its own.

    Args:
        base_url: the server's address up to ``/v1``; the other usual forms are understood.
        api_key: never shown anywhere.
        model: the model to ask; without one the first that the server lists is taken.
        settings: the fields of ``Settings``, by keyword.

    Raises:
        ConfigError: ``base_url`` cannot be used.
    """

    kind: ClassVar[str]
    asks: ClassVar[str]  # where questions are posted, below the base
    versioned: ClassVar[bool] = False

    def __init__(self, base_url: str, api_key: str | None = None, model: str | None = None, **settings: Any) -> None:
        self._endpoint = Endpoint(base_url, self.asks, versioned=self.versioned)
        if api_key and self._endpoint.has_credentials:
            raise ConfigError("provider.base_url holds a user and a password, so provider.api_key must be left out.")
        self._settings = Settings(**settings)
        self.context_tokens = self._settings.context_tokens
        self._key = api_key
        self._model = model
        self._found: str | None = None  # the model that the server listed first
        headers = {**self._settings.headers, **(self._credentials(api_key) if api_key else {}), **self._fixed_headers()}
        self._connection = Connection(
            self._endpoint.where, headers, self._settings.proxy, self._settings.connect_timeout
        )

    # -- what a format adds ------------------------------------------------------------------------------------------

    @abstractmethod
    def _body(self, request: Request, model: str) -> dict[str, Any]:
        """What is sent to a server that takes everything."""

    @abstractmethod
    def _decoder(self) -> Decoder:
        """Reads one answer."""

    def _credentials(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def _fixed_headers(self) -> dict[str, str]:
        return {}

    # -- the provider --------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What people call it; never a key."""
        model = self._model or self._found or "first model"
        return self._settings.name or f"{self.kind} ({model} at {self._endpoint.where})"

    @property
    def vision(self) -> bool:
        """Does the model see pictures, as far as is known? One that has still to be found may."""
        chosen, model = self._settings.vision, self._model or self._found
        seen = (model is None or known_to_see(model)) if chosen is None else chosen
        return seen and self._learned.pictures

    @property
    def _learned(self) -> Learned:
        """What is known about the model, also from others in this process who asked it."""
        return learned.about(str(self._endpoint.asks), self._model or self._found or "")

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Ask the model and emit its answer as the bytes arrive.

        Args:
            request: the question.
            emit: gets what comes, at once.

        Raises:
            ProviderDropped: the answer broke off; what had come was emitted.
            ProviderError: the server refused, failed or was silent for too long.
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
                if not (self._model or self.vision):  # whoever asks could not know that before it was found
                    request = replace(request, messages=unseen(request.messages))
                reply = await self._ask(request, model, first, lambda: begun)
            except ProviderError as error:
                wait = self._wait_before_retry(error, tries)
                if begun or wait is None:
                    raise self._without_key(error) from None
            else:
                return replace(reply, state={**reply.state, "by": self._by(model)}) if reply.state else reply
            tries += 1
            await asyncio.sleep(wait)

    async def close(self) -> None:
        """Close all connections."""
        await self._connection.close()

    # -- one answer ----------------------------------------------------------------------------------------------------

    def _by(self, model: str) -> str:
        """Who said something, as it stands in the state of a message."""
        return f"{model} at {self._endpoint.where}"

    def _state(self, message: Mapping[str, Any], model: str) -> Mapping[str, Any]:
        """What this model itself left in ``message``."""
        state = message.get("state") or {}
        return state if state.get("by") == self._by(model) else {}

    def _wait_before_retry(self, error: ProviderError, tries: int) -> float | None:
        """Seconds until the next try, or ``None`` where there should be none."""
        mendable = isinstance(error, ProviderDropped | NotReached) or error.status in AGAIN
        if not mendable or isinstance(error, Stalled) or tries >= self._settings.max_retries:
            return None
        jitter = random.uniform(0.0, 1.0)  # noqa: S311 - no secret
        return pause(tries, jitter, error.retry_after, self._settings.max_wait)

    def _patience(self, model: str, *, streams: bool) -> float:
        """Seconds that may pass without a byte."""
        patience = self._settings.stall_timeout
        if patience is None:
            patience = silence(model, self._settings.options.keys(), local=self._endpoint.local)
        return patience if streams else patience * UNSTREAMED_PATIENCE

    async def _discover(self) -> str:
        """The first model that the server lists, remembered until the server no longer knows it."""
        if self._found is None:
            patience = self._patience("", streams=True)
            response = await self._connection.send("GET", self._endpoint.models, None, patience)
            try:
                body = await whole(response, LONGEST_LISTING, patience)
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

    async def _ask(self, request: Request, model: str, emit: Emit, begun: Callable[[], bool]) -> Reply:
        """Ask once; what the server turns out not to take is left out, and it is asked again at once."""
        known = self._learned
        question = Question(known, lambda: self._body(known.asked(request), model))
        while True:
            patience = self._patience(model, streams=question.body["stream"])
            response = await self._connection.send("POST", self._endpoint.asks, question.body, patience)
            try:
                if response.status == 200 and response.content_type != "text/html":
                    reply = await self._read(response, model, patience, emit)
                    question.accepted()
                    self._connection.settle(response, GRACE)
                    return reply
                refusal = await whole(response, LONGEST_REFUSAL, patience)
            except BaseException as error:
                response.close()  # at once: the server sees it and stops generating
                if begun():
                    question.accepted()
                elif isinstance(error, refusals.FailedWithin) and _again(question, error):
                    continue
                raise
            response.close()
            if response.status == 200:
                raise ProviderError(_NO_MODEL.format(where=self._endpoint.where))
            if not question.refused(response.status, refusal):
                raise self._refused(response, refusal, model)

    async def _read(self, response: aiohttp.ClientResponse, model: str, patience: float, emit: Emit) -> Reply:
        """Read the answer to its end."""
        decoder = self._decoder()
        with read_by(decoder):
            try:
                broken: ProviderError | None = await self._carry(response, decoder, patience, emit)
                if decoder.finished:
                    broken = await afterword(response, decoder, emit)
                for event in decoder.close():
                    emit(event)
            except ProviderError as error:  # the server's own words, from the decoder
                broken = refusals.broken(error, where=self._endpoint.where, model=model)
            try:
                if broken is not None:
                    raise broken
                return decoder.reply()
            except ProviderError as error:
                error.calls_begun = bool(decoder.calls)
                raise

    async def _carry(
        self, response: aiohttp.ClientResponse, decoder: Decoder, patience: float, emit: Emit
    ) -> ProviderDropped | None:
        """Carry the body from the socket to ``emit``, nothing in between waits; returns what broke it off."""
        feed, now = decoder.feed, asyncio.get_running_loop().time
        watch = StallWatch(response, patience)

        def take(data: bytes) -> bool:
            watch.heard = now()
            for event in feed(data):
                emit(event)
            return decoder.finished

        try:
            broken = await carry(response, take)
        finally:
            watch.stop()
        if watch.fired:
            return self._connection.stalled(patience)
        return None if broken is None else ProviderDropped(DROPPED)

    def _refused(self, response: aiohttp.ClientResponse, refusal: bytes, model: str | None) -> ProviderError:
        if response.status == 404:
            self._found = None
        get = response.headers.get
        wait = refusals.retry_after(get("Retry-After"), get("retry-after-ms"), time.time())
        return refusals.refused(response.status, refusal, where=self._endpoint.where, model=model, retry_after=wait)

    def _without_key(self, error: ProviderError) -> ProviderError:
        if self._key and self._key in str(error):  # a server may repeat what it was sent
            error.args = (str(error).replace(self._key, "***"),)
        return error


def _again(question: Question, error: refusals.FailedWithin) -> bool:
    """Some servers refuse with a 200: is it worth asking with less?"""
    return not error.calls_begun and question.refused(error.status or 400, error.words)
