"""The items of an OpenAI response, put together from their pieces. Pure.

Events name an item by its id and by its place in the output. Imitations leave the place out or always say 0, give no id, or
another one in each event; and the output at the end may count the places anew. So an id counts before a place, each
announcement of an id that is new is another item, and the output at the end is matched with what came before it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from telex.providers.halves import mended, mended_in
from telex.providers.tool_calls import ToolCall, arguments_in, distinct, index_in, object_in, settled

MESSAGE, THOUGHT, CALL = "message", "reasoning", "function_call"


@dataclass(slots=True, eq=False)
class Item:
    """An item of an answer.

    Attributes:
        given: what the server said of it last.
        place: where it stands in the output, as far as that is known.
        announced: the server itself spoke of it, and not only of its pieces.
        whole: the server said that it is done.
        heard: the pieces of its words and thoughts, by part.
        arguments: the pieces of a call's arguments, joined: JSON text.
    """

    given: dict[str, Any]
    place: int | None = None
    announced: bool = False
    whole: bool = False
    heard: dict[Any, list[str]] = field(default_factory=dict)
    arguments: str = ""

    @property
    def kind(self) -> Any:
        """``MESSAGE``, ``THOUGHT``, ``CALL`` or a name that is not known here."""
        return self.given.get("type")

    def hear(self, part: Any, words: str) -> None:
        """A piece came."""
        self.heard.setdefault(part, []).append(words)

    @property
    def words(self) -> str:
        """Everything heard of it."""
        return mended("".join(piece for part in self.heard.values() for piece in part))

    def rest(self, whole: str, part: Any = None) -> str:
        """What of its whole words, or of a part's, did not come in pieces; nothing where other words came."""
        heard = self.words if part is None else mended("".join(self.heard.get(part, ())))
        if part is not None and not heard:  # the pieces may have counted the parts in another way
            parts = (mended("".join(pieces)) for pieces in self.heard.values())
            heard = next((text for text in parts if text and whole.startswith(text)), "")
        return whole[len(heard) :] if whole.startswith(heard) else ""

    @property
    def input(self) -> str:
        """A call's arguments as JSON text."""
        given = arguments_in(self.given.get("arguments"))
        empty = given.strip() in ("", "{}", "null")
        return settled(self.arguments if self.arguments.strip() and (empty or not self.whole) else given)

    def may_be(self, identity: str, place: int | None) -> bool:
        """Can a piece be its own that names an id which nobody announced, or none, and a place, or none?"""
        if place is not None and self.place is not None:
            return place == self.place
        return not (identity and _id(self.given))

    @property
    def certain(self) -> bool:
        """Did a whole call come, with arguments?"""
        sent = self.arguments.strip() or arguments_in(self.given.get("arguments")).strip()
        return bool(sent and self.given.get("name")) and object_in(self.input) is not None

    def state(self) -> dict[str, Any]:
        """The item as the server is shown it again."""
        state = dict(self.given)
        if state.get("status") == "in_progress":
            state["status"] = "completed"
        if self.kind == CALL:
            state["arguments"] = self.input
        elif self.kind == MESSAGE and not state.get("content"):
            state.setdefault("role", "assistant")
            state["content"] = [{"type": "output_text", "text": self.words}]
        whole: dict[str, Any] = mended_in(state)
        return whole


class Items:
    """The items of one answer, in order."""

    def __init__(self) -> None:
        self._all: list[Item] = []

    def __bool__(self) -> bool:
        return bool(self._all)

    def at(self, identity: Any, place: Any, kind: str) -> Item:
        """The item that a piece belongs to; begun here where the server did not announce it."""
        identity, place = _word(identity), index_in(place)
        named = [item for item in self._all if identity and _id(item.given) == identity]
        if named:
            return next((item for item in reversed(named) if item.place == place), named[-1])
        for item in reversed(self._all):
            if item.kind == kind and not item.whole and item.may_be(identity, place):
                return item
        return self._add(Item({"type": kind, **({"id": identity} if identity else {})}, place))

    def announce(self, given: dict[str, Any], place: Any) -> Item:
        """The server speaks of an item, perhaps for the first time."""
        item = self._known(given, index_in(place))
        if item is None or item.whole:
            return self._add(Item(given, index_in(place), announced=True))
        item.given, item.announced = given, True
        return item

    def done(self, given: dict[str, Any], place: Any) -> Item:
        """The server says what a whole item is."""
        place = index_in(place)
        item = _match(given, place, [item for item in self._all if not item.whole]) or self._known(given, place)
        return _settled(item or self._add(Item(given, place)), given)

    def end(self, output: list[Any]) -> list[Item]:
        """The server says what the whole output is: its items, in its order, each the one that came before where one did."""
        left, before = list(self._all), {id(item): number for number, item in enumerate(self._all)}
        ended: list[Item] = []
        for place, given in enumerate(output):
            if isinstance(given, dict):
                item = _match(given, place, left)
                if item is not None:
                    left.remove(item)
                ended.append(_settled(item or Item(given, place), given))
        self._all = []
        for item in ended:  # what the output leaves out stays where it was
            number = before.get(id(item), -1)
            self._all += [one for one in left if before[id(one)] < number]
            left = [one for one in left if before[id(one)] >= number]
            self._all.append(item)
        self._all += left
        return ended

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls, each with an id of its own."""
        found = self._calls
        return tuple(
            ToolCall(identity, mended(_word(item.given.get("name"))), item.input)
            for identity, item in zip(_ids(found), found, strict=True)
        )

    @property
    def certain(self) -> bool:
        """Are there calls, and did each come whole?"""
        return bool(self._calls) and all(item.certain for item in self._calls)

    @property
    def state(self) -> list[dict[str, Any]]:
        """The items as the server is shown them again, each call with its id."""
        ids = iter(_ids(self._calls))
        return [
            {**item.state(), "call_id": next(ids)} if item.kind == CALL else item.state()
            for item in self._all
            if item.announced or (item.kind == MESSAGE and item.heard)
        ]

    @property
    def _calls(self) -> list[Item]:
        return [item for item in self._all if item.kind == CALL and item.announced]

    def _known(self, given: dict[str, Any], place: int | None) -> Item | None:
        """The newest item of the same id, if it is not said to stand elsewhere."""
        for item in reversed(self._all):
            if _id(given) and _id(item.given) == _id(given) and (place is None or item.place in (None, place)):
                return item
        return None

    def _add(self, item: Item) -> Item:
        self._all.append(item)
        return item


def words_in(given: dict[str, Any]) -> str:
    """The words of a message."""
    content = given.get("content")
    parts = content if isinstance(content, list) else [content]
    return mended("".join(map(_part, parts)))


def thoughts_in(given: dict[str, Any], key: str) -> list[str]:
    """The thoughts of an item: its ``summary``, or its ``content``."""
    parts = given.get(key)
    return [thought for part in (parts if isinstance(parts, list) else ()) if (thought := mended(_part(part)))]


def _part(part: Any) -> str:
    if isinstance(part, dict):
        part = part.get("text") or part.get("refusal")
    return part if isinstance(part, str) else ""


def _match(given: dict[str, Any], place: int | None, among: list[Item]) -> Item | None:
    """The item that is meant: by its id, a call's id, or where the ids say nothing by what it holds."""
    identity, call = _id(given), _word(given.get("call_id"))
    questions: tuple[Callable[[Item], bool], ...] = (
        lambda item: bool(identity) and _id(item.given) == identity,
        lambda item: bool(call) and item.given.get("call_id") == call,
        lambda item: item.place == place and _alike(item, given),
        lambda item: _alike(item, given),
        lambda item: item.kind == given.get("type") == MESSAGE and not (identity and _id(item.given)),
    )
    for means in questions:
        if found := [item for item in among if means(item)]:
            return next((item for item in found if item.place == place), found[0])
    return None


def _alike(item: Item, given: dict[str, Any]) -> bool:
    """Whether an item may be ``given`` although its id is another, or missing."""
    if item.kind != given.get("type"):
        return False
    if item.kind == CALL:
        return not (item.given.get("call_id") and given.get("call_id")) and item.given.get("name") == given.get("name")
    if item.kind == MESSAGE:
        heard, whole = item.words.strip(), words_in(given).strip()
        return whole.startswith(heard) or heard.startswith(whole)
    return True


def _settled(item: Item, given: dict[str, Any]) -> Item:
    item.given, item.announced, item.whole = given, True, True
    return item


def _ids(calls: list[Item]) -> list[str]:
    own = (item.given.get("call_id") or item.given.get("id") for item in calls)
    return distinct((mended(_word(identity)) for identity in own), "call")


def _id(given: dict[str, Any]) -> str:
    return _word(given.get("id"))


def _word(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
