"""Webhooks: each update is sent by POST to the bot's address until the bot takes it.

Updates of one chat (or, where there is none, of one person) go one after the other; different chats side by side,
up to ``max_connections``.
"""

import asyncio
import random
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp

from telex.simulator.params import Params, json_arguments
from telex.simulator.refusals import Refused, Why

if TYPE_CHECKING:
    from telex.simulator.server import Simulator

TIMEOUT = 60.0
FIRST_DELAY = 2.0
GONE_SECONDS = 23 * 3600.0  # a bot that says 410 for so long loses its webhook
MAX_RETRY_AFTER = 3600.0
_SECRET = re.compile(r"[A-Za-z0-9_-]*")


class Webhook:
    """The bot's webhook, set or not, and the deliveries under way.

    Args:
        simulator: whose updates are delivered, and who carries out a method that the bot answers with.
        sleep: waits between two tries, in seconds; also the attribute ``sleep``.
    """

    def __init__(self, simulator: "Simulator", sleep: Callable[[float], Any] = asyncio.sleep) -> None:
        self._sim = simulator
        self.sleep = sleep
        self.url = ""
        self._secret = ""
        self._max_connections = 40
        self._free = asyncio.Semaphore(40)
        self._busy: dict[Any, asyncio.Task[None]] = {}
        self._last_error: tuple[int, str] | None = None
        self._gone_since: float | None = None
        self._http: aiohttp.ClientSession | None = None
        simulator.queue.listeners.append(self.deliver)

    def set(self, params: Params) -> str:
        """Set the webhook as a call says; returns a remark when it was set like that already.

        Raises:
            Refused: the address or the secret cannot be used.
        """
        url = params.text("url").strip()
        if not url:
            return self.remove(params)
        if not re.match(r"(?i)[a-z][a-z0-9+.-]*://[^/\s]+", url):
            raise Refused(Why.WEBHOOK_URL)
        if not url.lower().startswith(("http://", "https://")):
            raise Refused(Why.WEBHOOK_BAD, detail="an HTTPS URL must be provided for webhook")
        secret = params.text("secret_token")
        if len(secret) > 256:
            raise Refused(Why.SECRET_LONG)
        if not _SECRET.fullmatch(secret):
            raise Refused(Why.SECRET_CHARACTERS)
        connections = params.integer("max_connections", 40, 1, 100)
        before = (self.url, self._secret, self._max_connections, self._sim.queue.allowed)
        self._sim.poller.allow(params)
        if params.flag("drop_pending_updates"):
            self._sim.queue.clear()
        if before == (url, secret, connections, self._sim.queue.allowed):
            return "Webhook is already set"
        self._cancel()
        self._sim.poller.interrupt(Why.WEBHOOK_SET)
        self.url, self._secret, self._max_connections = url, secret, connections
        self._free = asyncio.Semaphore(connections)
        self._last_error = self._gone_since = None
        self.deliver()
        return "Webhook was set"

    def remove(self, params: Params) -> str:
        """Remove the webhook; returns a remark."""
        if params.flag("drop_pending_updates"):
            self._sim.queue.clear()
        remark = "Webhook was deleted" if self.url else "Webhook is already deleted"
        self._cancel()
        self.url = ""
        return remark

    def info(self) -> dict[str, Any]:
        """The Bot API's WebhookInfo."""
        queue = self._sim.queue
        info: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(queue.pending),
        }
        if self.url:
            info["max_connections"] = self._max_connections
        if self.url and self._last_error:
            info["last_error_date"], info["last_error_message"] = self._last_error
        if queue.allowed:
            info["allowed_updates"] = queue.allowed
        return info

    async def close(self) -> None:
        """End the deliveries and close the connections."""
        self._cancel()
        http, self._http = self._http, None
        if http:
            await http.close()

    def deliver(self) -> None:
        """Start delivering for every chat that has updates and no delivery under way."""
        if not self.url or not self._sim.running:
            return
        for update in self._sim.queue.pending:
            key = _line_of(update)
            if key not in self._busy:
                self._busy[key] = self._sim.spawn(self._deliver_line(key))

    def _cancel(self) -> None:
        for task in self._busy.values():
            task.cancel()
        self._busy.clear()

    async def _deliver_line(self, key: Any) -> None:
        """Deliver one chat's updates, in order, until none is left."""
        failures = 0
        try:
            while self.url and (update := self._first(key)):
                async with self._free:
                    wait = await self._post(update)
                if wait is None:
                    self._sim.queue.remove(update["update_id"])
                    failures = 0
                    continue
                await self.sleep(wait or _delay(failures))
                failures += 1
        finally:
            if self._busy.get(key) is asyncio.current_task():
                del self._busy[key]

    def _first(self, key: Any) -> dict[str, Any] | None:
        self._sim.queue.expire(self._sim.unix())
        return next((update for update in self._sim.queue.pending if _line_of(update) == key), None)

    async def _post(self, update: dict[str, Any]) -> float | None:
        """Try once. None: the bot took it; else the seconds it asked to wait, 0 where it did not say."""
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        try:
            async with self._http.post(self.url, json=update, headers=headers) as answer:
                body = await answer.text(errors="replace")
                status, retry_after = answer.status, answer.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError) as error:
            self._failed(f"Connection failed: {type(error).__name__}")
            return 0.0
        if 200 <= status < 300:
            self._gone_since = None
            self._answered(body)
            return None
        self._failed(f"Wrong response from the webhook: {status} {answer.reason}")
        self._gone(status)
        return min(float(retry_after), MAX_RETRY_AFTER) if retry_after.isdecimal() else 0.0

    def _failed(self, message: str) -> None:
        self._last_error = (int(self._sim.unix()), message)
        self._sim.changed()

    def _gone(self, status: int) -> None:
        now = self._sim.clock()
        if status != 410:
            self._gone_since = None
        elif self._gone_since is None:
            self._gone_since = now
        elif now - self._gone_since >= GONE_SECONDS:
            self.url = ""

    def _answered(self, body: str) -> None:
        """Carry out the method that the bot answered with; it never learns what came of it."""
        arguments = json_arguments(body)
        method = arguments.pop("method", "").lower()
        if method and not method.startswith("get") and method not in {"setwebhook", "deletewebhook"}:
            self._sim.answer_from_webhook(method, Params(arguments))


def _delay(failures: int) -> float:
    """Seconds before the next try: none before the second, then doubling from 2 to a random one or two minutes."""
    if not failures:
        return 0.0
    return min(FIRST_DELAY * float(1 << min(failures - 1, 10)), random.uniform(60, 120))  # noqa: S311 - spreads the load


def _line_of(update: dict[str, Any]) -> Any:
    """Whom an update must not overtake another one of: its chat, or its sender."""
    payload: dict[str, Any] = next((value for name, value in update.items() if name != "update_id"), {})
    holder = payload.get("message") or payload
    return (holder.get("chat") or payload.get("from") or {}).get("id")
