"""Every way the Bot API server says no, in its own words.

A bot's error handling hangs on these strings, so they stand in one table: code, then the description as the server
sends it. Names in braces are filled in where the refusal is raised.
"""

from enum import Enum
from typing import Any


class Why(Enum):
    """A documented refusal: ``value`` is the HTTP status and the description."""

    UNAUTHORIZED = (401, "Unauthorized")
    TOKEN_MALFORMED = (401, "Unauthorized: invalid token specified")
    NOT_FOUND = (404, "Not Found")
    METHOD_NOT_FOUND = (404, "Not Found: method not found")
    BODY_TOO_LARGE = (413, "Request Entity Too Large: too many parameters")
    FLOOD = (429, "Too Many Requests: retry after {seconds}")
    SERVER_ERROR = (500, "Internal Server Error: restart")

    OTHER_POLL = (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    WEBHOOK_ACTIVE = (
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    WEBHOOK_SET = (409, "Conflict: terminated by setWebhook request")
    WEBHOOK_URL = (400, "Bad Request: invalid webhook URL specified")
    WEBHOOK_BAD = (400, "Bad Request: bad webhook: {detail}")
    SECRET_LONG = (400, "Bad Request: secret token is too long")
    SECRET_CHARACTERS = (400, "Bad Request: secret token contains unallowed characters")
    ALLOWED_UPDATES = (400, "Bad Request: can't parse allowed_updates JSON array")

    TEXT_MISSING = (400, "Bad Request: message text is empty")
    TEXT_BLANK = (400, "Bad Request: text must be non-empty")
    TEXT_BYTES = (400, "Bad Request: text is too long")
    TEXT_UTF8 = (400, "Bad Request: strings must be encoded in UTF-8")
    SEND_TOO_LONG = (400, "Bad Request: message is too long")
    EDIT_TOO_LONG = (400, "Bad Request: MESSAGE_TOO_LONG")
    PARSE_MODE = (400, "Bad Request: unsupported parse_mode")
    CANT_PARSE = (400, "Bad Request: can't parse entities: {detail}")
    BAD_ENTITY = (400, "Bad Request: can't parse MessageEntity: {detail}")
    ENTITY_END = (
        400,
        "Bad Request: entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}",
    )
    ENTITY_START = (400, "Bad Request: entity begins after the end of the text at UTF-16 offset {start}")
    ENTITY_BEGINS_INSIDE = (400, "Bad Request: entity begins in a middle of a UTF-16 symbol at byte offset {at}")
    ENTITY_ENDS_INSIDE = (400, "Bad Request: entity ends in a middle of a UTF-16 symbol at byte offset {at}")

    # Telegram's own words for most of these are not published; the first of the codes in capitals is.
    RICH_TEXT = (400, "Bad Request: RICH_MESSAGE_TEXT_TOO_LONG")
    RICH_BLOCKS = (400, "Bad Request: RICH_MESSAGE_BLOCKS_TOO_MANY")
    RICH_COLUMNS = (400, "Bad Request: RICH_MESSAGE_TABLE_COLUMNS_TOO_MANY")
    RICH_LEVELS = (400, "Bad Request: RICH_MESSAGE_NESTING_TOO_DEEP")
    RICH_EMPTY = (400, "Bad Request: RICH_MESSAGE_EMPTY")
    RICH_THINKING = (400, "Bad Request: RICH_MESSAGE_THINKING_INVALID")
    RICH_RIGHTS = (400, "Bad Request: not enough rights to send the rich message to the chat")
    RICH_MISSING = (400, "Bad Request: rich message must be non-empty")
    RICH_JSON = (400, "Bad Request: can't parse InputRichMessage: {detail}")
    RICH_FIELD = (400, "Bad Request: can't parse InputRichBlock: Can't find field \"{name}\"")
    RICH_TYPE = (400, 'Bad Request: can\'t parse InputRichBlock: type "{name}" is unsupported')
    RICH_KIND = (400, "Bad Request: Unsupported rich text type")

    MARKUP_JSON = (400, "Bad Request: can't parse reply keyboard markup JSON object")
    MARKUP_OBJECT = (400, "Bad Request: object expected as reply markup")
    MARKUP_INLINE = (400, "Bad Request: inline keyboard expected")
    BUTTON_TEXT = (400, "Bad Request: can't parse inline keyboard button: Text must be non-empty")
    BUTTON_DATA = (400, "Bad Request: BUTTON_DATA_INVALID")
    REPLY_JSON = (400, "Bad Request: can't parse reply parameters JSON object")
    PREVIEW_JSON = (400, "Bad Request: can't parse link preview options JSON object")
    COMMANDS_JSON = (400, "Bad Request: can't parse commands JSON array")
    COMMAND_INVALID = (400, "Bad Request: BOT_COMMAND_INVALID")
    COMMAND_DESCRIPTION = (400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")

    CHAT_EMPTY = (400, "Bad Request: chat_id is empty")
    CHAT_NOT_FOUND = (400, "Bad Request: chat not found")
    THREAD_NOT_FOUND = (400, "Bad Request: message thread not found")
    TOPIC_CLOSED = (400, "Bad Request: TOPIC_CLOSED")
    TOPIC_DELETED = (400, "Bad Request: TOPIC_DELETED")
    QUOTE_NOT_FOUND = (400, "Bad Request: QUOTE_TEXT_INVALID")
    REPLY_NOT_FOUND = (400, "Bad Request: message to be replied not found")
    MIGRATED = (400, "Bad Request: group chat was upgraded to a supergroup chat")
    BLOCKED = (403, "Forbidden: bot was blocked by the user")
    NOT_STARTED = (403, "Forbidden: bot can't initiate conversation with a user")
    KICKED = (403, "Forbidden: bot was kicked from the {kind} chat")

    NO_MESSAGE_ID = (400, "Bad Request: message identifier is not specified")
    EDIT_NOT_FOUND = (400, "Bad Request: message to edit not found")
    CANT_EDIT = (400, "Bad Request: message can't be edited")
    NO_TEXT_TO_EDIT = (400, "Bad Request: there is no text in the message to edit")
    NOT_MODIFIED = (
        400,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
    )
    DELETE_NOT_FOUND = (400, "Bad Request: message to delete not found")
    CANT_DELETE = (400, "Bad Request: message can't be deleted")
    DRAFT_PEER = (400, "Bad Request: TEXTDRAFT_PEER_INVALID")
    DRAFT_ID = (400, "Bad Request: RANDOM_ID_INVALID")
    FILE_ID = (400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    FILE_BIG = (400, "Bad Request: file is too big")
    WRONG_ACTION = (400, "Bad Request: wrong parameter action in request")
    QUERY_OLD = (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    )


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a defect
    """A call that the server answers with ``ok: false``.

    Attributes:
        why: the entry of the table.
        code: the HTTP status, also sent as ``error_code``.
        description: the whole sentence.
        parameters: ``retry_after`` or ``migrate_to_chat_id``, where the platform sends them.
    """

    def __init__(self, why: Why, *, parameters: dict[str, int] | None = None, **details: Any) -> None:
        self.why = why
        self.code, pattern = why.value
        self.description = pattern.format(**details) if details else pattern
        self.parameters = parameters or {}
        super().__init__(self.description)


def flood(seconds: int) -> Refused:
    """Answer "Too Many Requests" for ``seconds``."""
    return Refused(Why.FLOOD, seconds=seconds, parameters={"retry_after": seconds})
