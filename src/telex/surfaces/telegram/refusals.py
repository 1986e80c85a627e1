"""PURE: what the Bot API server's "no" means for a frame.

The strings are those of the open-source Bot API server and TDLib (Client.cpp, MessageContent.cpp, MessagesManager.cpp);
codes in capitals come from Telegram's own servers and pass through unchanged. Matched without regard to case, for a
server lower-cases the first letter of some of them.
"""

from enum import Enum, auto


class Meaning(Enum):
    """What can be done about it."""

    WAIT = auto()  # ask again after a time
    SHOWN = auto()  # it is on the screen already
    PLAIN = auto()  # the markup is refused
    SMALLER = auto()  # too long
    VANISHED = auto()  # the message is gone
    THREAD_GONE = auto()  # the topic is gone or closed
    MIGRATED = auto()  # the chat has another id now
    NO_DRAFTS = auto()  # drafts do not work here
    NO_RICH = auto()  # rich messages do not work here, or this one does not
    NO_METHOD = auto()  # this server lacks the method
    CLOSED = auto()  # nothing can be shown here any more


LASTING = frozenset(
    {Meaning.THREAD_GONE, Meaning.MIGRATED, Meaning.CLOSED}
)  # true of the place, whatever is shown there
_SOMEBODYS = "message can't be edited"

_BY_WORDS: tuple[tuple[str, Meaning], ...] = (
    ("message is not modified", Meaning.SHOWN),
    ("MESSAGE_NOT_MODIFIED", Meaning.SHOWN),
    ("upgraded to a supergroup", Meaning.MIGRATED),
    ("message to edit not found", Meaning.VANISHED),
    (_SOMEBODYS, Meaning.VANISHED),
    ("MESSAGE_ID_INVALID", Meaning.VANISHED),
    ("there is no text in the message to edit", Meaning.VANISHED),
    ("message is too long", Meaning.SMALLER),
    ("MESSAGE_TOO_LONG", Meaning.SMALLER),
    ("text is too long", Meaning.SMALLER),
    ("message thread not found", Meaning.THREAD_GONE),
    ("TOPIC_CLOSED", Meaning.THREAD_GONE),
    ("TOPIC_DELETED", Meaning.THREAD_GONE),
    ("TEXTDRAFT_PEER_INVALID", Meaning.NO_DRAFTS),
    ("RANDOM_ID_INVALID", Meaning.NO_DRAFTS),
    ("can't parse entities", Meaning.PLAIN),
    ("can't parse MessageEntity", Meaning.PLAIN),
    ("entity beginning at", Meaning.PLAIN),
    ("entity begins", Meaning.PLAIN),
    ("ENTITY_", Meaning.PLAIN),
    ("ENTITIES_", Meaning.PLAIN),
    ("URL host is empty", Meaning.PLAIN),
    ("Wrong HTTP URL", Meaning.PLAIN),
    ("chat not found", Meaning.CLOSED),
    ("have no write access", Meaning.CLOSED),
    ("CHAT_WRITE_FORBIDDEN", Meaning.CLOSED),
    ("not enough rights", Meaning.CLOSED),
    ("need administrator rights", Meaning.CLOSED),
)


def meaning(code: int, description: str, *, draft: bool = False, rich: bool = False) -> Meaning:
    """Read a refusal.

    Args:
        code: the server's error code.
        description: its words.
        draft: the call showed a draft.
        rich: the call showed a rich message; whatever is refused of its content could still be shown with entities.
    """
    if code == 429:
        return Meaning.WAIT
    if rich and (code in {404, 413} or "rich message" in description.casefold()):
        return Meaning.NO_RICH
    if code == 413:
        return Meaning.SMALLER
    if code == 404:  # the token works, or nothing would have got this far: so the method is missing
        return Meaning.NO_METHOD if draft else Meaning.CLOSED
    if code in {401, 403}:
        return Meaning.CLOSED
    said = description.casefold()
    for words, what in _BY_WORDS:
        if words.casefold() in said:
            return Meaning.NO_RICH if rich and what in {Meaning.PLAIN, Meaning.SMALLER} else what
    if rich:
        return Meaning.NO_RICH
    return Meaning.NO_DRAFTS if draft else Meaning.PLAIN


def is_somebodys(description: str) -> bool:
    """Does the refusal of an edit say that there is a message, and another's?"""
    return _SOMEBODYS in description.casefold()
