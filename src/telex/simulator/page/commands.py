"""What a page may ask for: say, send a picture, stop, delete, press."""

from typing import Annotated, Final, TypeAlias

import msgspec

from telex.errors import TelexError

_Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]


class Say(msgspec.Struct, tag="say", tag_field="type", frozen=True):
    """The person at the page writes a message."""

    chat_id: int
    text: _Text
    thread_id: int | None = None
    reply_to: int | None = None


class Photo(msgspec.Struct, tag="photo", tag_field="type", frozen=True):
    """The person at the page sends a picture; ``data`` is base64 on the wire."""

    chat_id: int
    data: bytes
    width: int
    height: int
    caption: str = ""
    thread_id: int | None = None
    reply_to: int | None = None


class Stop(msgspec.Struct, tag="stop", tag_field="type", frozen=True):
    """The Stop button of a draft is pressed."""

    chat_id: int
    thread_id: int | None = None


class Delete(msgspec.Struct, tag="delete", tag_field="type", frozen=True):
    """A message is taken away by a person."""

    chat_id: int
    message_id: int


class Press(msgspec.Struct, tag="press", tag_field="type", frozen=True):
    """An inline button under a message is pressed."""

    chat_id: int
    message_id: int
    data: str


Command: TypeAlias = Say | Photo | Stop | Delete | Press

_DECODER: Final[msgspec.json.Decoder[Command]] = msgspec.json.Decoder(Command)


class BadCommandError(TelexError):
    """The page sent something that is no command; the message says what was expected."""


def decode(data: str | bytes) -> Command:
    """Read one command of the page.

    Raises:
        BadCommandError: ``data`` is not JSON, no known command, or a field is missing or of the wrong type.
    """
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadCommandError(f"This is not a command of the chat page: {error}") from error
