"""Updates in: long polling. An update is confirmed (by the offset of the next poll) only after it was handed over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from telex.errors import PlatformError
from telex.surfaces.telegram.api import POLL_SECONDS, POLL_SLACK, BotApi, Lost, NotSent, Refused
from telex.surfaces.telegram.inbound import Asked, Inbound, Me, Pressed, read

log = logging.getLogger("telex.telegram")

ALLOWED = ("message", "callback_query", "stopped_message_generation")
MOST_WAIT = 30.0  # seconds between two tries of a server that does not answer

Store: TypeAlias = Callable[[Sequence[Mapping[str, Any]]], Awaitable[Collection[int]]]


class Poller:
    """Fetches updates, has them written down, and hands each over once.

    Args:
        api: the connection.
        me: the bot's own account.
        store: writes updates down before they are confirmed, and returns the ids that are new.
        take: is given each update's meaning, in order; must not wait.
        passed: is told the id of an update that means nothing to telex.
        saw: is told every message id that is seen, with its chat's.
    """

    def __init__(  # noqa: PLR0913 - who fetches, and who is told what
        self,
        api: BotApi,
        me: Me,
        *,
        store: Store,
        take: Callable[[Inbound], None],
        passed: Callable[[int], None],
        saw: Callable[[int, int], None],
    ) -> None:
        self._api = api
        self._me = me
        self._store = store
        self._take = take
        self._passed = passed
        self._saw = saw
        self._offset: int | None = None
        self._confirmed: int | None = None  # the offset of the latest poll

    async def run(self) -> None:
        """Poll until cancelled.

        Raises:
            PlatformError: the token was revoked.
        """
        failures = 0
        while True:
            try:
                updates = await self._fetch(POLL_SECONDS)
            except (Refused, Lost, NotSent) as error:
                if isinstance(error, Refused) and error.code in {401, 404}:
                    raise PlatformError("Telegram no longer accepts the bot's token; ask @BotFather for it.") from None
                failures += 1
                wait = error.retry_after if isinstance(error, Refused) and error.retry_after else 0.0
                if failures in {1, 5} or failures % 50 == 0:
                    log.warning("no updates from Telegram: %s Trying again.", _advice(error))
                await asyncio.sleep(max(wait, min(MOST_WAIT, 0.5 * 2 ** min(failures, 6))))
                continue
            if failures:
                log.info("updates from Telegram come in again")
            failures = 0
            if updates:
                new = await self._store(updates)
                self._offset = updates[-1]["update_id"] + 1
                for update in updates:
                    if update["update_id"] in new:
                        self.hand_over(update)

    async def confirm(self) -> None:
        """Tell the server what was handed over, so that a restart does not get it again."""
        if self._offset != self._confirmed:
            try:
                await asyncio.wait_for(self._fetch(0), 1.0)
            except (PlatformError, TimeoutError):
                log.warning("the last updates could not be confirmed: they may come again after the next start")

    async def _fetch(self, seconds: int) -> list[Mapping[str, Any]]:
        self._confirmed = self._offset
        parameters = {"offset": self._offset, "timeout": seconds, "allowed_updates": ALLOWED}
        updates: list[Mapping[str, Any]] = await self._api.call("getUpdates", parameters, timeout=seconds + POLL_SLACK)
        return updates

    def hand_over(self, update: Mapping[str, Any]) -> None:
        """Say what an update means to whoever takes it."""
        try:
            message = update.get("message")
            if message:
                self._saw(message["chat"]["id"], message["message_id"])
            inbound = read(update, self._me)
        except (KeyError, TypeError, AttributeError):
            log.warning("update %s has a form that telex does not know and is passed over", update["update_id"])
            inbound = None
        if inbound:
            try:
                self._take(inbound)
            except Exception:
                log.exception("update %s could not be acted on; this is a bug in telex", update["update_id"])
                inbound = None
        if not isinstance(inbound, Asked | Pressed):
            self._passed(update["update_id"])


def _advice(error: PlatformError) -> str:
    if isinstance(error, Refused) and error.code == 409:
        return f"{error} Another program polls with the same token, or a webhook is set; stop one of them."
    return str(error)
