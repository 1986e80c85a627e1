"""The queue of updates that the bot has not confirmed yet. Pure: ``now`` is an argument, in Unix seconds."""

from collections.abc import Callable
from typing import Any

KEPT_SECONDS = 86400  # the server forgets an update after a day
CALLBACK_SECONDS = 150  # and a pressed button sooner
# "All kinds except these", when a bot has not said which it wants.
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class UpdateQueue:
    """Updates in order, kept until the bot confirms them by asking for a later one."""

    def __init__(self) -> None:
        self.pending: list[dict[str, Any]] = []
        self.allowed: list[str] = []
        self.listeners: list[Callable[[], None]] = []
        self._last_id = 100_000_000
        self._expires: dict[int, float] = {}

    def wants(self, kind: str) -> bool:
        """Whether the bot gets this kind of update; an empty list means the default set."""
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def put(self, kind: str, payload: dict[str, Any], now: float) -> None:
        """Queue an update, if the bot wants its kind."""
        if not self.wants(kind):
            return
        self._last_id += 1
        self.pending.append({"update_id": self._last_id, kind: payload})
        self._expires[self._last_id] = now + (CALLBACK_SECONDS if kind == "callback_query" else KEPT_SECONDS)
        for listener in tuple(self.listeners):
            listener()

    def expire(self, now: float) -> None:
        """Forget what is too old."""
        self._keep(lambda update_id: self._expires[update_id] > now)

    def confirm(self, offset: int) -> None:
        """Forget everything before ``offset``; a negative one keeps only that many of the newest."""
        if offset < 0:
            offset = self.pending[offset]["update_id"] if len(self.pending) >= -offset else 0
        if offset > 0:
            self._keep(lambda update_id: update_id >= offset)

    def remove(self, update_id: int) -> None:
        """Forget one update, delivered by other means."""
        self._keep(lambda known: known != update_id)

    def clear(self) -> None:
        """Forget all."""
        self._keep(lambda _: False)

    def _keep(self, keep: Callable[[int], bool]) -> None:
        self.pending = [update for update in self.pending if keep(update["update_id"])]
        alive = {update["update_id"] for update in self.pending}
        self._expires = {update_id: at for update_id, at in self._expires.items() if update_id in alive}
