"""The blocks of an Anthropic message, put together from their pieces. Pure.

Events name a block by its index. Imitations leave the index out, write it in digits, or give it to several blocks: so each
beginning is another block, and a piece belongs to the newest block of its index that can hold it.
"""

from dataclasses import dataclass, field
from typing import Any

from telex.providers.halves import mended, mended_in
from telex.providers.tool_calls import ToolCall, arguments_in, distinct, index_in, object_in, settled

WORDS = ("text", "thinking")
NEWEST = -1  # the index of pieces that name none


@dataclass(slots=True, eq=False)
class Block:
    """A block of an answer.

    Attributes:
        given: what the server said of it at its beginning, without its words.
        words: the pieces of its text or its thought.
        arguments: the pieces of a tool's input, joined: JSON text.
    """

    given: dict[str, Any]
    words: list[str] = field(default_factory=list)
    arguments: str = ""

    @property
    def kind(self) -> str:
        """What the server calls it: ``text``, ``thinking``, ``tool_use`` or a name that is not known here."""
        kind = self.given.get("type")
        return kind if isinstance(kind, str) else ""

    @property
    def calls(self) -> bool:
        """Is it a call of a tool that is not the server's own?"""
        return self.kind == "tool_use"

    @property
    def name(self) -> str:
        """A tool's."""
        return mended(_word(self.given.get("name")))

    @property
    def input(self) -> str:
        """A call's arguments as JSON text: the pieces, or where none came what the block began with."""
        return settled(self.arguments if self.arguments.strip() else arguments_in(self.given.get("input")))

    @property
    def certain(self) -> bool:
        """Did a whole call come, with arguments?"""
        sent = self.arguments.strip() or self.given.get("input")
        return bool(sent and self.name) and object_in(self.input) is not None

    def holds(self, kind: str) -> bool:
        """Can a piece of this kind (``text``, ``thinking`` or ``input``) belong to it?"""
        return self.kind == kind or (kind == "input" and self.kind.endswith("tool_use"))

    def sign(self, signature: str) -> None:
        """A piece of a thought's signature."""
        self.given["signature"] = _word(self.given.get("signature")) + signature

    def cite(self, citation: Any) -> None:
        """A source of a text."""
        before = self.given.get("citations")
        self.given["citations"] = [*(before if isinstance(before, list) else ()), citation]

    def content(self) -> dict[str, Any]:
        """The block as the server wants to see it again."""
        content = dict(self.given)
        if self.arguments or self.calls:
            content["input"] = object_in(self.input) or {}  # it takes only objects
        for kind in WORDS:
            if kind == self.kind or kind in content:
                content[kind] = "".join(self.words)
        whole: dict[str, Any] = mended_in(content)
        return whole


class Blocks:
    """The blocks of one answer, in order."""

    def __init__(self) -> None:
        self._all: list[Block] = []
        self._newest: dict[int, Block] = {}  # by index

    def __bool__(self) -> bool:
        return bool(self._all)

    def begin(self, index: Any, given: dict[str, Any]) -> Block:
        """A block begins; the words that it may hold already are not taken from ``given``."""
        empty = {kind: "" for kind in WORDS if kind in given}
        named = {} if _word(given.get("type")) else {"type": next(iter(empty), None)}
        block = Block({**given, **named, **empty})
        self._all.append(block)
        self._newest[place(index)] = self._newest[NEWEST] = block
        return block

    def at(self, index: Any, kind: str) -> Block | None:
        """The block that a piece of this kind belongs to; nothing where the server did not begin it."""
        block = self._newest.get(place(index))
        return block if block is not None and block.holds(kind) else None

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls of tools, each with an id of its own."""
        found = [block for block in self._all if block.calls]
        return tuple(
            ToolCall(identity, block.name, block.input) for identity, block in zip(_ids(found), found, strict=True)
        )

    @property
    def certain(self) -> bool:
        """Are there calls, and did each come whole?"""
        found = [block for block in self._all if block.calls]
        return bool(found) and all(block.certain for block in found)

    @property
    def content(self) -> list[dict[str, Any]]:
        """The blocks as the server wants to see them again; it refuses texts without words, and calls without an id."""
        ids = iter(_ids([block for block in self._all if block.calls]))
        content = ({**block.content(), "id": next(ids)} if block.calls else block.content() for block in self._all)
        return [block for block in content if block.get("type") != "text" or block["text"].strip()]


def place(index: Any) -> int:
    """The index that an event names, or ``NEWEST``."""
    if type(index) is int:
        return index
    found = index_in(index)
    return NEWEST if found is None else found


def _ids(calls: list[Block]) -> list[str]:
    return distinct((mended(_word(block.given.get("id"))) for block in calls), "toolu")


def _word(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
