"""What the simulator remembers for tests and benches: every call, and every change of what a person sees."""

from dataclasses import dataclass, field
from typing import Any

from telex.simulator.rich_tree import letters
from telex.simulator.state import Json, thread_of


@dataclass(slots=True)
class Call:
    """One request to the Bot API.

    Attributes:
        at: when it was received, in the clock's seconds.
        answered_at: when its answer left; None when there was none (yet).
        method: the name as the client wrote it.
        params: its arguments, all strings.
        status: the HTTP status; 0 when the connection was broken or left silent.
        description: why it was refused; empty otherwise.
        result: what the method answered.
    """

    at: float
    method: str
    params: dict[str, str]
    answered_at: float | None = None
    status: int = 0
    description: str = ""
    result: Any = None


@dataclass(frozen=True, slots=True)
class FrameSeen:
    """One change of what a person sees.

    Attributes:
        at: when it was applied, in the clock's seconds.
        chat_id: where.
        thread_id: in which topic of it.
        message_id: which message; None for a draft.
        draft_id: which draft; None for a message.
        text: all that can be read there now.
        entities: what of it is bold, a link and so on, as Telegram describes it.
        kind: ``message``, ``edit``, ``draft``, ``draft_gone`` or ``deleted``.
        sender: the id of the user whose message it is; the bot's for a draft; 0 for what is gone.
    """

    at: float
    chat_id: int
    thread_id: int | None
    kind: str
    message_id: int | None = None
    draft_id: int | None = None
    text: str = ""
    entities: tuple[Json, ...] = field(default=())
    sender: int = 0


def text_of(message: Json) -> str:
    """What can be read of a ``message``, also of a rich one."""
    return letters(message["rich_message"]["blocks"]) if "rich_message" in message else str(message.get("text", ""))


def frame_of(event: Json, at: float, bot_id: int) -> FrameSeen | None:
    """The frame that a change makes, or None when nothing to read changes."""
    kind = event["type"]
    if kind in {"message", "edited"}:
        message = event["message"]
        return FrameSeen(
            at,
            message["chat"]["id"],
            thread_of(message),
            "message" if kind == "message" else "edit",
            message_id=message["message_id"],
            text=text_of(message),
            entities=tuple(message.get("entities", ())),
            sender=message["from"]["id"],
        )
    if kind == "deleted":
        return FrameSeen(at, event["chat_id"], event.get("thread_id"), kind, message_id=event["message_id"])
    if kind in {"draft", "draft_gone"}:
        return FrameSeen(
            at,
            event["chat_id"],
            event["thread_id"],
            kind,
            draft_id=event["draft_id"],
            text=event.get("text", ""),
            entities=tuple(event.get("entities", ())),
            sender=bot_id if kind == "draft" else 0,
        )
    return None
