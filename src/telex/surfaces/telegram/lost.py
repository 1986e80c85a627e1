"""PURE: where a message may be whose answer never came.

Message ids grow by one: private chats and basic groups share one sequence for the whole bot, a supergroup has its own,
shared by its topics. So a lost first post has one of the ids from the one after the highest that was known when the call was
written up to the highest seen since, or, where several posts are looked for, one of as many behind it; where nothing else
happened it is that first one. Each that is not known to be
somebody's is tried by *editing* it with the newest text; never by deleting, for a bot may delete people's messages.

Topics of one chat could take each other's messages for their own, so a chat has one such post in flight, or looked for, at a
time: the others wait.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_PROBES = 8
REMEMBERED = 4096


class Ids:
    """One sequence of message ids: the highest seen, those known to be somebody's, and the posts whose id nobody knows."""

    def __init__(self) -> None:
        self.highest = 0
        self._known: OrderedDict[int, None] = OrderedDict()
        self._searches: list[Search] = []  # oldest first

    def reached(self, message_id: int) -> None:
        """The sequence has come this far; whose message that is, is not said: it may be one that is looked for."""
        self.highest = max(self.highest, message_id)

    def saw(self, message_id: int) -> None:
        """This id is somebody's: a person's, or another answer's."""
        self.reached(message_id)
        self._known[message_id] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def is_known(self, message_id: int) -> bool:
        """Whether this id is known to be somebody's."""
        return message_id in self._known

    def search(self, chat_id: int, above: int, lost_from: float = float("-inf")) -> "Search":
        """A post is about to be made, or was lost, when ``above`` was the highest; to be closed when its id is known."""
        search = Search(self, chat_id, above, lost_from)
        self._searches.append(search)
        return search

    def close(self, search: "Search") -> None:
        """Its id is known, or it was never posted, or nobody looks for it any more."""
        if search in self._searches:
            self._searches.remove(search)

    def unsure(self, chat_id: int) -> "Search | None":
        """The oldest search in a chat."""
        return next((search for search in self._searches if search.chat_id == chat_id), None)

    def candidates(self, above: int) -> Iterator[int]:
        """Ids that a message lost when ``above`` was the highest may have, likeliest first.

        Behind the highest there is room for each post whose id nobody knows: any of them may have come first.
        """
        for message_id in range(above + 1, max(self.highest, above) + max(1, len(self._searches)) + 1):
            if message_id not in self._known:
                yield message_id


@dataclass(slots=True, eq=False)
class Search:
    """The search for one first post, from the moment it is made until its id is known.

    Attributes:
        ids: the sequence that its id comes from.
        chat_id: where it was posted.
        above: the highest id known when its call was written.
        lost_from: the loop's time from which its answer has taken longer than usual; at once where it will not come.
        tried: ids that were probed and are not it.
    """

    ids: Ids
    chat_id: int
    above: int
    lost_from: float = float("-inf")
    tried: set[int] = field(default_factory=set)

    def next(self) -> int | None:
        """The next id to probe; ``None`` when it cannot be found."""
        if self.above <= 0 or len(self.tried) >= MOST_PROBES:
            return None
        return next((candidate for candidate in self.ids.candidates(self.above) if candidate not in self.tried), None)
