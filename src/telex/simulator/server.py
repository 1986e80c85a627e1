"""The simulator: a strict Bot API server in this process, with the world behind it."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from telex.simulator import wire
from telex.simulator.faults import FaultPlan
from telex.simulator.handling import Desk
from telex.simulator.limits import Limiter, Limits
from telex.simulator.params import Params
from telex.simulator.polling import Poller
from telex.simulator.record import Call, FrameSeen, frame_of
from telex.simulator.refusals import Refused, Why
from telex.simulator.state import Json
from telex.simulator.webhook import Webhook
from telex.simulator.world import World

_Record = TypeVar("_Record")


class Simulator(World):
    """Telegram in a box.

    Everything a test needs to see is here as plain data (``calls``, ``frames``), everything a person can do is
    a method (``say``, ``press``, ``press_stop``, ``delete``), and ``start`` puts the Bot API on a port.

    In all of them ``chat_id``, ``message_id`` and ``user_id`` are Telegram's ids; ``thread_id`` and ``topic_id`` are a topic's, None
    outside of topics. What is not there raises ``KeyError``.

    Args:
        token: the only bot token that is let in.
        limits: the rate limits to keep.
        faults: what goes wrong; nothing by default.
        latency: a round trip's seconds, half of it before a call is applied and half after.
        clock: seconds for limits, drafts and records. Its pace is the event loop's, or timers come at the wrong time.
        keep_calls: how many calls and frames to remember; None for all.

    Attributes:
        base_url: where it listens, once it is started: a bot's ``api_base``.
        calls: every `Call` of the Bot API, oldest first.
        frames: every change of what a person sees, as `FrameSeen`, oldest first.
        faults: the `FaultPlan`; a test may put another one in its place at any time.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the simulated network
        self,
        *,
        token: str = "12345:telex-simulator",  # noqa: S107 - a made-up bot
        limits: Limits | None = None,
        faults: FaultPlan | None = None,
        latency: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        keep_calls: int | None = None,
    ) -> None:
        self.token = token
        self.latency = latency
        super().__init__(token, clock)
        self.limiter = Limiter(limits or Limits())
        self.faults = faults or FaultPlan()
        self.poller = Poller(self.queue, clock)
        self.calls: list[Call] = []
        self.frames: list[FrameSeen] = []
        self._kept = keep_calls
        self.base_url = ""
        self.webhook = Webhook(self)
        self._desk = Desk(self)
        self._waiters: list[asyncio.Future[None]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: web.AppRunner | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.state.listeners.append(self._seen)
        self.app = self._new_app()

    # The server -------------------------------------------------------------------------------------------------

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and return the base URL for a bot's ``api_base``.

        Args:
            host: the address to listen at.
            port: 0 takes a free one.

        Raises:
            OSError: the port is taken.
            RuntimeError: it runs already.
        """
        if self._runner is not None:
            raise RuntimeError("the simulator runs already; stop it first")
        if self.app.frozen:
            self.app = self._new_app()
        from telex.simulator.page import add_page  # noqa: PLC0415 - the page is loaded only where it is served

        add_page(self.app, self)
        # handler_cancellation: a client that gives up ends its own wait (a poll, a hang), never a call under way.
        self._runner = web.AppRunner(self.app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, host, port)
            await site.start()
        except OSError:
            await self.stop()
            raise
        self._arm()
        self.webhook.deliver()
        self.base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.base_url

    async def stop(self) -> None:
        """Close every connection and end what is under way; the world stays, and `start` may follow."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        runner, self._runner = self._runner, None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.webhook.close()
        if runner:
            await runner.cleanup()

    def _new_app(self) -> web.Application:
        app = web.Application(client_max_size=wire.MAX_BODY, middlewares=[_not_found])
        app.router.add_route("*", "/bot{rest:.*}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.*}", self._download)
        return app

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A file that ``getFile`` has named."""
        file = self.files.at(request.match_info["path"])
        if file is None or request.match_info["token"] != self.token:
            return _response(wire.refusal(Refused(Why.NOT_FOUND if file is None else Why.UNAUTHORIZED)))
        self._remember(self.calls, Call(self.clock(), "download", {"path": file.path}, status=200))
        return web.Response(body=file.data, content_type="application/octet-stream")

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        at = self.clock()
        try:
            params = await wire.read_params(request)
            name = wire.split_path(request.match_info["rest"], self.token, params)
        except Refused as refused:
            return _response(wire.refusal(refused))
        call = Call(at, name, params.values)
        self._remember(self.calls, call)
        self.changed()
        # A task of its own: what was received is carried out, also when the client is gone by then.
        task = self.spawn(self._desk.serve(call, params))
        try:
            reply = await asyncio.shield(task)
        except asyncio.CancelledError:
            if name.lower() == "getupdates":
                task.cancel()
            raise
        if reply.hang:
            await asyncio.get_running_loop().create_future()
        if reply.reset:
            wire.reset(request)
        return _response(reply)

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._runner is not None

    def answer_from_webhook(self, method: str, params: Params) -> None:
        """Carry out a method that came as the answer to a delivered update; recorded like any other call."""
        call = Call(self.clock(), method, params.values)
        self._remember(self.calls, call)
        self.spawn(self._desk.serve(call, params))

    def perform(self, method: str, params: Params) -> Any:
        """Carry out a method at once and without HTTP, faults or a record; its limits hold.

        Raises:
            Refused: the server says no.
        """
        return self._desk.perform(method, params)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a task that ends with the simulator."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self.changed()

    # Time -------------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let go of what is over by now, and set the timer for what is over next."""
        super().tick()
        self._arm()

    def _arm(self) -> None:
        expiry = self.state.next_expiry()
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if expiry is not None and self.running:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, expiry - self.clock()), self.tick)

    # Watching ---------------------------------------------------------------------------------------------------

    async def wait_for(self, predicate: Callable[[], bool]) -> None:
        """Return as soon as ``predicate`` holds; it is asked again after each change and each answered call."""
        while not predicate():
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            finally:
                with contextlib.suppress(ValueError):
                    self._waiters.remove(waiter)

    def changed(self) -> None:
        """Let everyone in `wait_for` look again."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _remember(self, records: list[_Record], record: _Record) -> None:
        records.append(record)
        if self._kept is not None:
            del records[: -self._kept or len(records)]

    def _seen(self, event: Json) -> None:
        frame = frame_of(event, self.clock(), self.state.bot["id"])
        if frame:
            self._remember(self.frames, frame)
        if event["type"] in {"draft", "draft_gone"} and self.running:
            self._arm()
        self.changed()


@web.middleware
async def _not_found(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)


def _response(reply: wire.Reply) -> web.Response:
    return web.Response(
        status=reply.status or 200, text=reply.body, headers=reply.headers, content_type=reply.content_type
    )
