"""PURE: where a message may be whose answer never came.

Message ids grow by one: private chats and basic groups share one sequence for the whole bot, a supergroup has its own,
shared by its topics. So a lost first post has one of the ids from the one after the highest that was known when the call was
written up to the highest seen since, or, where several posts are looked for, one of as many behind it; where nothing else
happened it is that first one. Each that is not known to be
somebody's is tried by *editing* it with the newest text; never by deleting, for a bot may delete people's messages.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from weakref import WeakSet

MOST_PROBES = 8
REMEMBERED = 4096


class Ids:
    """One sequence of message ids: the highest seen, and those known to be somebody's."""

    def __init__(self) -> None:
        self.highest = 0
        self._searches: WeakSet[Search] = (
            WeakSet()
        )  # of posts whose id nobody knows; gone when nobody searches any more
        self._known: OrderedDict[int, None] = OrderedDict()

    def saw(self, message_id: int) -> None:
        """This id is somebody's: a person's, or another answer's."""
        self.highest = max(self.highest, message_id)
        self._known[message_id] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def search(self, above: int) -> "Search":
        """A search begins: a post was, or is about to be, made when ``above`` was the highest."""
        search = Search(above)
        self._searches.add(search)
        return search

    def candidates(self, above: int) -> Iterator[int]:
        """Ids that a message lost when ``above`` was the highest may have, likeliest first.

        Behind the highest there is room for each post that is still looked for: any of them may have come first.
        """
        for message_id in range(above + 1, max(self.highest, above) + max(1, len(self._searches)) + 1):
            if message_id not in self._known:
                yield message_id


@dataclass(slots=True, eq=False, weakref_slot=True)
class Search:
    """The search for one lost first post.

    Attributes:
        above: the highest id known when its call was written.
        tried: ids that were probed and are not it.
    """

    above: int
    tried: set[int] = field(default_factory=set)

    def next(self, ids: Ids) -> int | None:
        """The next id to probe; ``None`` when it cannot be found."""
        if self.above <= 0 or len(self.tried) >= MOST_PROBES:
            return None
        return next((candidate for candidate in ids.candidates(self.above) if candidate not in self.tried), None)
