"""May this tool run? A message with two buttons, and the tap of whoever asked the question that the tool is for.

The message is posted and later changed on the same way as an answer, so it keeps the limits and outlives a bad network.
"""

import asyncio
import itertools
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import msgspec

from telex.agent.tool_runs import ToolRequest
from telex.display.view_words import code_span, plain
from telex.errors import PlatformError
from telex.surfaces.telegram.inbound import Pressed
from telex.surfaces.telegram.surface import TelegramSurface

MOST_ARGUMENTS = 1800  # characters of them that are shown: with everything else they fit in one message
ALLOW, DENY = "y", "n"

NOT_YOURS = "Only the person who asked may answer this."
ANSWERED = "This is answered already."
OUT_OF_DATE = "This question is out of date: telex was restarted since. Ask again."
SAID = {ALLOW: "Allowed.", DENY: "Denied: it does not run."}


class Ending(Enum):
    """What became of a question, as the message says it."""

    ALLOWED = "✅ Allowed."
    DENIED = "🚫 Denied: it did not run."
    LATE = "⌛ No answer in time: it did not run."
    STOPPED = "⏹ Stopped: it did not run."
    OUT_OF_DATE = f"⌛ {OUT_OF_DATE}"


class Show(Protocol):
    """Brings a text to a surface's first message, in a task; after another task where one is named."""

    def __call__(
        self, surface: TelegramSurface, text: str, after: "asyncio.Task[None] | None" = None
    ) -> "asyncio.Task[None]":
        """Begin to show it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Approval:
    """One question.

    Attributes:
        key: what its buttons begin with.
        asker: who may answer; anybody who may use the bot when nobody knows.
        text: the question, as Markdown.
        answer: will be true for yes.
    """

    key: str
    asker: int | None
    text: str
    answer: "asyncio.Future[bool]"

    @property
    def buttons(self) -> Mapping[str, Any]:
        """Yes and no."""
        keys = (("✅ Allow", ALLOW), ("🚫 Deny", DENY))
        return {"inline_keyboard": [[{"text": text, "callback_data": f"{self.key}:{data}"} for text, data in keys]]}


class Approvals:
    """The questions of one run of the bot that wait for a tap."""

    def __init__(self) -> None:
        self._run = f"tool:{secrets.token_hex(4)}"  # in every button, for buttons outlive a run
        self._numbers = itertools.count(1)
        self._open: dict[str, Approval] = {}

    async def ask(
        self,
        request: ToolRequest,
        asker: int | None,
        surface: TelegramSurface,
        show: Show,
        stopped: Callable[[], bool],
    ) -> bool:
        """Ask, and wait for the tap. Cancelled, it says in the chat whether that was a stop or the end of the time.

        Args:
            request: what would run.
            asker: who may answer.
            surface: where to ask; for this alone.
            show: brings a text there.
            stopped: why it is cancelled, when it is: somebody stopped the answer.

        Raises:
            PlatformError: the question cannot be shown.
        """
        answer = asyncio.get_running_loop().create_future()
        approval = Approval(f"{self._run}:{next(self._numbers)}", asker, question(request), answer)
        self._open[approval.key] = approval
        surface.buttons = approval.buttons
        posting = show(surface, approval.text)
        ending = Ending.STOPPED
        try:
            await asyncio.wait([answer, posting], return_when=asyncio.FIRST_COMPLETED)
            if not (answer.done() or surface.begun):
                raise PlatformError("the chat takes no message")
            said: bool = await answer
            ending = Ending.ALLOWED if said else Ending.DENIED
        except asyncio.CancelledError:
            ending = Ending.STOPPED if stopped() else Ending.LATE
            raise
        finally:
            del self._open[approval.key]
            surface.buttons = None
            if surface.begun:
                show(surface, f"{approval.text}\n\n{ending.value}", after=posting)
            else:
                posting.cancel()
        return said

    @staticmethod
    def asked(pressed: Pressed) -> bool:
        """Is this a button under such a question?"""
        return pressed.data.startswith("tool:")

    def take(self, pressed: Pressed) -> str:
        """A permitted person tapped: what to tell them. `OUT_OF_DATE` is about a question of a former run."""
        key, _, data = pressed.data.rpartition(":")
        approval = self._open.get(key)
        if approval is None or approval.answer.done():
            return ANSWERED if key.startswith(f"{self._run}:") else OUT_OF_DATE
        if approval.asker not in {None, pressed.user_id}:
            return NOT_YOURS
        approval.answer.set_result(data == ALLOW)
        return SAID.get(data, SAID[DENY])


def question(request: ToolRequest) -> str:
    """The question as Markdown; its first line names the tool."""
    arguments = readable(request.arguments)
    if not arguments:
        return f"🔐 May I run {code_span(request.name)}?"
    more = len(arguments) - MOST_ARGUMENTS
    note = f"\n\n⚠️ {more} more characters are not shown." if more > 0 else ""
    shown = arguments[:MOST_ARGUMENTS]
    fence = "```"
    while fence in shown:
        fence += "`"
    return f"🔐 May I run {code_span(request.name)} with this?\n\n{fence}json\n{shown}\n{fence}{note}"


def out_of_date(text: str) -> str:
    """A question of a former run, from the text of its message, as Markdown that says what became of it."""
    return f"{plain(text.partition(chr(10))[0])}\n\n{Ending.OUT_OF_DATE.value}"


def readable(arguments: str) -> str:
    """JSON on several lines, in which nothing is hidden: what a screen does not show is written as its number."""
    try:
        given = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        text = arguments
    else:
        text = msgspec.json.format(msgspec.json.encode(given), indent=2).decode() if given else ""
    return "".join(char if char == "\n" or _visible(char) else _escaped(char) for char in text)


def _visible(char: str) -> bool:
    return char == " " or not unicodedata.category(char).startswith(("C", "Z"))


def _escaped(char: str) -> str:
    return char.encode("ascii", "backslashreplace").decode() if ord(char) > 127 else f"\\u{ord(char):04x}"
