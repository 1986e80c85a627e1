"""PURE: whether an answer goes as rich messages, and what a message of it then says.

One decision an answer: it begins with entities, and from the first frame that needs more it goes on as rich messages, the page
that is being written too. A refusal ends that for the answer; nothing it has shown as final is touched. Where nobody knows
yet whether a chat takes rich messages, only finals are tried: a refusal of those is seen by nobody, for the same text follows
at once with entities, and the drafts before it were of the kind that everybody takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telex.config import RichMessages
from telex.surfaces.telegram.dialect import Rendered
from telex.surfaces.telegram.rich_blocks import Inline
from telex.surfaces.telegram.rich_dialect import MOST_BLOCKS, MOST_CHARACTERS, MOST_LEVELS, Rich, render
from telex.surfaces.telegram.rich_inline import written

REFUSED_FOR = 600.0  # seconds for which a chat that refused a rich message is not asked again
BLANK = "…"  # stands for an answer whose Markdown shows nothing, for Telegram takes no empty message
_ROOM = MOST_CHARACTERS - 200  # the rest is for a note before the answer and a cursor behind it
_ROOM_FOR_BLOCKS = MOST_BLOCKS - 2


@dataclass(slots=True)
class Taking:
    """What is known of a chat.

    Attributes:
        taken: it has taken a rich message before.
        refused_until: the loop's time until which none is tried.
    """

    taken: bool = False
    refused_until: float = float("-inf")

    def refused(self, now: float) -> None:
        """It has just refused one."""
        self.taken, self.refused_until = False, now + REFUSED_FOR


@dataclass(frozen=True, slots=True)
class Body:
    """What one message says.

    Attributes:
        text: its text, or its rich Markdown; empty where there is nothing to read.
        shown: the same with the cursor, and never empty.
        entities: of the text; in ``shown`` they are the same.
        rich: it is rich Markdown.
        rtl: which is read from right to left.
    """

    text: str
    shown: str
    entities: Sequence[Mapping[str, Any]] = ()
    rich: bool = False
    rtl: bool = False

    @property
    def rich_message(self) -> Mapping[str, Any]:
        """As the Bot API takes it (``InputRichMessage``)."""
        return {"markdown": self.shown, "is_rtl": True} if self.rtl else {"markdown": self.shown}

    @property
    def key(self) -> str:
        """The same for bodies that say the same."""
        return f"rich {self.text}" if self.rich else self.text


def body_of(rendered: Rendered, cursor: str, *, plain: bool = False) -> Body:
    """A text with entities, or without where they were refused."""
    return Body(rendered.text, (rendered.text or BLANK) + cursor, () if plain else rendered.entities)


def rich_body_of(rich: Rich, cursor: str) -> Body:
    """A rich message; the cursor stands in its last line, or behind a last block that is no words."""
    sign = written(Inline(cursor.strip()), "block")
    between = " " if rich.ends_in_words else "\n\n"
    shown = f"{rich.markdown}{between}{sign}" if sign else rich.markdown
    return Body(rich.markdown, shown, rich=True, rtl=bool(rich.rtl))


class Choice:
    """The decision for one answer.

    Args:
        mode: never, where it is needed, or always.
    """

    def __init__(self, mode: RichMessages) -> None:
        self._mode = mode
        self._needed = mode == "on"
        self._thought = False
        self._given_up = mode == "off"

    def give_up(self) -> None:
        """One was refused."""
        self._given_up = True

    def rich(self, markdown: str, chat: Taking, now: float, *, final: bool, draft: bool) -> Rich | None:
        """``markdown`` as a rich message; ``None`` where it goes with entities.

        Args:
            markdown: what a page of the answer says.
            chat: where.
            now: the loop's seconds.
            final: it will not change again.
            draft: it is a draft, where what the model thinks at the moment has a line of its own.
        """
        if not self._possible(chat, now) or not (final or self._sure(chat)):
            return None
        made = render(markdown, draft=draft)
        self._needed = self._needed or made.needed
        self._thought = self._thought or made.thinks
        wanted = self._needed or (draft and self._thought)
        return made if wanted and made.fits and made.markdown else None

    def share(self, markdown: str, chat: Taking, now: float) -> float | None:
        """How much of a rich message ``markdown`` fills, 1 being all; ``None`` where it goes with entities."""
        if not self._possible(chat, now) or not self._sure(chat):
            return None
        made = render(markdown)
        self._needed = self._needed or made.needed
        if not self._needed or made.levels > MOST_LEVELS:
            return None
        return max(len(made.markdown) / _ROOM, made.blocks / _ROOM_FOR_BLOCKS)

    def _possible(self, chat: Taking, now: float) -> bool:
        return not self._given_up and now >= chat.refused_until

    def _sure(self, chat: Taking) -> bool:
        return chat.taken or self._mode == "on"
