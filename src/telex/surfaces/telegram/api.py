"""The Bot API over HTTP: one method call is one request, and what came of it.

A refusal is `Refused`, as the server put it. A call that was never written is `NotSent`; one that was written and not
answered properly is `Lost`: it may or may not have been carried out. Nothing here retries, and no error holds the token.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import msgspec

from telex.errors import PlatformError

Entities = Sequence[Mapping[str, Any]]

CONNECT_TIMEOUT = 10.0
DOWNLOAD_TIMEOUT = 30.0
POLL_SECONDS = 50
POLL_SLACK = 15.0  # how much longer than asked a long poll may take


class Refused(PlatformError):  # noqa: N818 - named for what happened
    """The server answered, and said no.

    Attributes:
        code: the error code, which is the HTTP status too.
        description: the server's words.
        retry_after: seconds to wait, with 429.
        migrate_to: where a group has moved to.
    """

    def __init__(
        self, code: int, description: str, retry_after: float | None = None, migrate_to: int | None = None
    ) -> None:
        super().__init__(f"{description} ({code})", code=code)
        self.code: int = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to


class NotSent(PlatformError):  # noqa: N818 - named for what happened
    """The server could not be reached: the request was not written."""


class Lost(PlatformError):  # noqa: N818 - named for what happened
    """The request was written and not answered: it may or may not have been carried out."""


class _Parameters(msgspec.Struct):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Answer(msgspec.Struct):
    ok: bool
    result: Any = None
    error_code: int = 0
    description: str = ""
    parameters: _Parameters | None = None


_UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL, UnicodeError)
_decode = msgspec.json.Decoder(_Answer).decode
_encode = msgspec.json.Encoder().encode


class BotApi:
    """A bot on a Bot API server.

    Args:
        token: the bot's token.
        base: the server's address, such as ``https://api.telegram.org``.
    """

    def __init__(self, token: str, base: str) -> None:
        self._base = base.rstrip("/")
        self._prefix = f"{self._base}/bot{token}/"
        self._files = f"{self._base}/file/bot{token}/"
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"BotApi({self._base})"

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    async def call(self, method: str, parameters: Mapping[str, Any], *, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - it becomes aiohttp's own
        """Call ``method`` once and return its result. Parameters that are ``None`` are left out.

        Args:
            method: the Bot API's name of it.
            parameters: as the Bot API names them.
            timeout: seconds until the call counts as `Lost`; ``None``: whoever calls cancels.

        Raises:
            Refused, NotSent, Lost: see the module.
        """
        body = _encode({name: value for name, value in parameters.items() if value is not None})
        limits = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT)
        headers = {"Content-Type": "application/json"}
        try:
            async with self._open.post(self._prefix + method, data=body, headers=headers, timeout=limits) as response:
                answer = _decode(await response.read())
                status = response.status
        except _UNREACHED as error:
            raise NotSent(f"{self._base} cannot be reached ({_why(error)}).") from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError, msgspec.DecodeError) as error:
            raise Lost(f"{method}: {self._base} gave no proper answer ({_why(error)}).") from None
        if answer.ok:
            return answer.result
        if status >= 500:
            raise Lost(f"{method}: {self._base} failed ({status} {answer.description}).")
        more = answer.parameters or _Parameters()
        raise Refused(answer.error_code or status, answer.description, more.retry_after, more.migrate_to_chat_id)

    async def download(self, file_id: str, most: int) -> bytes:
        """A file that somebody sent.

        Args:
            file_id: as their message names it.
            most: bytes; a larger one is not fetched to its end.

        Raises:
            PlatformError: it is larger, or cannot be had; never with its address, which holds the token.
        """
        found = await self.call("getFile", {"file_id": file_id}, timeout=DOWNLOAD_TIMEOUT)
        limits = aiohttp.ClientTimeout(total=DOWNLOAD_TIMEOUT, sock_connect=CONNECT_TIMEOUT)
        data = bytearray()
        try:
            async with self._open.get(f"{self._files}{found['file_path']}", timeout=limits) as response:
                if response.status != 200:
                    raise Lost(f"A file could not be fetched from {self._base} ({response.status}).")
                async for piece in response.content.iter_any():
                    data += piece
                    if len(data) > most:
                        raise PlatformError(f"A file is larger than {most:,} bytes and was not fetched.")
        except (aiohttp.ClientError, TimeoutError, ConnectionError, UnicodeError, KeyError, TypeError) as error:
            raise Lost(f"A file could not be fetched from {self._base} ({_why(error)}).") from None
        return bytes(data)

    @property
    def _open(self) -> aiohttp.ClientSession:
        """The connections; opened at the first use."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=50))
        return self._session

    # -- messages ----------------------------------------------------------------------------------------------------

    async def send_raw(  # noqa: PLR0913 - the Bot API's own parameters
        self,
        chat_id: int,
        text: str,
        entities: Entities = (),
        *,
        message_thread_id: int | None = None,
        reply_to: int | None = None,
        silent: bool = False,
        reply_markup: Mapping[str, Any] | None = None,
    ) -> int:
        """Post a message and return its id; a question that was deleted meanwhile does not hinder the reply."""
        reply = {"message_id": reply_to, "allow_sending_without_reply": True} if reply_to else None
        result = await self.call(
            "sendMessage",
            {
                "chat_id": chat_id,
                "message_thread_id": message_thread_id,
                "text": text,
                "entities": entities or None,
                "link_preview_options": {"is_disabled": True},
                "disable_notification": True if silent else None,
                "reply_parameters": reply,
                "reply_markup": reply_markup,
            },
        )
        return int(result["message_id"])

    async def edit_message_raw(  # noqa: PLR0913 - the Bot API's own parameters
        self,
        chat_id: int,
        message_id: int,
        text: str,
        entities: Entities = (),
        *,
        message_thread_id: int | None = None,
        reply_markup: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        """Replace a message's text; returns the message. ``message_thread_id`` is taken for symmetry only."""
        del message_thread_id
        message: Mapping[str, Any] = await self.call(
            "editMessageText",
            {
                "chat_id": chat_id,
                "message_id": message_id,
                "text": text,
                "entities": entities or None,
                "link_preview_options": {"is_disabled": True},
                "reply_markup": reply_markup,
            },
        )
        return message

    async def send_draft(  # noqa: PLR0913 - the Bot API's own parameters
        self,
        chat_id: int,
        draft_id: int,
        text: str,
        entities: Entities = (),
        *,
        message_thread_id: int | None = None,
        can_stop: bool = True,
    ) -> None:
        """Show a draft; empty text shows "Thinking…". It dies 30 s after its last update (Bot API 10.0)."""
        await self.call(
            "sendMessageDraft",
            {
                "chat_id": chat_id,
                "message_thread_id": message_thread_id,
                "draft_id": draft_id,
                "text": text,
                "entities": entities or None,
                "can_stop": can_stop,
            },
        )

    async def finalize_draft(
        self,
        chat_id: int,
        text: str,
        entities: Entities = (),
        *,
        message_thread_id: int | None = None,
        reply_to: int | None = None,
    ) -> int:
        """Put the real message in a draft's place: the Bot API knows no other way to end a draft than to send."""
        return await self.send_raw(chat_id, text, entities, message_thread_id=message_thread_id, reply_to=reply_to)

    async def delete_message(self, chat_id: int, message_id: int, *, message_thread_id: int | None = None) -> None:
        """Delete a message. ``message_thread_id`` is taken for symmetry: an id says where its message is."""
        del message_thread_id
        await self.call("deleteMessage", {"chat_id": chat_id, "message_id": message_id})

    async def send_typing(self, chat_id: int, *, message_thread_id: int | None = None) -> None:
        """Show the typing sign for 5 s."""
        parameters = {"chat_id": chat_id, "message_thread_id": message_thread_id, "action": "typing"}
        await self.call("sendChatAction", parameters)


def _why(error: BaseException) -> str:
    """An error in a few words that cannot hold the URL, for the URL holds the token."""
    match error:
        case aiohttp.ClientConnectorError():
            return error.os_error.strerror or type(error.os_error).__name__
        case msgspec.DecodeError():
            return "the answer is no JSON"
        case aiohttp.InvalidURL() | UnicodeError():
            return "it is no address"
        case TimeoutError():
            return "no answer in time"
        case _:
            return type(error).__name__
