"""What one page has not been told yet: the newest of each thing, and never more than a page can hold."""

from typing import Any, Final, TypeAlias

EventData: TypeAlias = dict[str, Any]

# A page that lags by more than this is not brought up to date piece by piece: it gets the whole picture again.
LIMIT: Final = 500


class Outbox:
    """Events that wait for a slow page, oldest first; pure.

    Of a draft, an edited message, a typing sign or the status only the newest state waits: it takes the place of the
    older one and moves to the end, so that what happened in between stays before it. New messages and deletions all
    wait, until more than ``limit`` things do; then everything is dropped and ``overflowed`` asks for a new snapshot.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._waiting: dict[object, EventData] = {}
        self._count = 0
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def __repr__(self) -> str:
        return f"Outbox({len(self)} waiting, overflowed={self.overflowed})"

    def put(self, event: EventData) -> None:
        """Add ``event``; while a snapshot is due, which will hold it anyway, it is let go."""
        if self.overflowed:
            return
        self._count += 1
        key = _subject(event) or self._count
        self._waiting.pop(key, None)
        self._waiting[key] = event
        if len(self._waiting) > self._limit:
            self._waiting.clear()
            self.overflowed = True

    def take(self) -> EventData | None:
        """The oldest event, no longer waiting; None if nothing waits."""
        for key in self._waiting:
            return self._waiting.pop(key)
        return None

    def restart(self) -> None:
        """Begin again after a new snapshot was made."""
        self._waiting.clear()
        self.overflowed = False


def _subject(event: EventData) -> object | None:
    """What ``event`` is the newest state of; None for what happens once."""
    match event.get("type"):
        case "draft" | "draft_gone":
            return "draft", event["chat_id"], event["thread_id"]
        case "typing":
            return "typing", event["chat_id"], event["thread_id"]
        case "edited":
            message = event["message"]
            return "edited", message["chat"]["id"], message["message_id"]
        case "chat":
            return "chat", event["chat"]["id"]
        case "status":
            return "status"
        case _:
            return None
