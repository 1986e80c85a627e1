"""Who asks what, where and when, by seed: private chats, topics in them, groups and forums side by side."""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field

from telex.chaos.ledger import Asked, Ledger, Place
from telex.chaos.script import Question, answer
from telex.simulator.chats import add_user
from telex.simulator.server import Simulator
from telex.simulator.state import Chat

GOES_ON = 0.8  # of those whose answer was cut off press the button
FIRST_PERSON = 5001
FIRST_GROUP = -1000000100000
FIRST_BASIC = -100000


@dataclass(slots=True)
class Town:
    """The chats of a run.

    Attributes:
        private: ids of private chats.
        basic: of basic groups.
        groups: of supergroups without topics.
        forums: of forums.
        places: chats and topics in which people ask, and how many places share the chat's limit.
        people: their ids; all may use the bot.
    """

    private: list[int] = field(default_factory=list)
    basic: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    forums: list[int] = field(default_factory=list)
    places: list[tuple[Place, int]] = field(default_factory=list)
    people: list[int] = field(default_factory=list)


def build(simulator: Simulator, chats: int) -> Town:
    """Of ten chats six are private (one of them with topics), one a basic group, one a supergroup, two are forums."""
    town = Town()
    town.people = [FIRST_PERSON + number for number in range(max(3, chats))]
    for number in range(chats):
        person, other = town.people[number], town.people[number - 1]
        kind = number % 10
        if kind < 6:
            simulator.add_private(person, f"Person {number}")
            town.private.append(person)
            topics = [simulator.add_topic(person, name).id for name in ("one", "two")] if kind == 5 else []
            town.places += [((person, topic), len(topics)) for topic in topics] or [((person, None), 1)]
        elif kind < 8:
            where, first = (town.basic, FIRST_BASIC) if kind == 6 else (town.groups, FIRST_GROUP)
            _known(simulator, person, other)
            chat = simulator.add_group(
                first - number, f"Group {number}", person, other, kind="group" if kind == 6 else "supergroup"
            )
            where.append(chat.id)
            town.places.append(((chat.id, None), 1))
        else:
            _known(simulator, person, other)
            forum = simulator.add_forum(FIRST_GROUP - number, f"Forum {number}", person, other, topics=("a", "b"))
            town.forums.append(forum.id)
            topics = [topic for topic in forum.topics if topic != 1]
            town.places += [((forum.id, topic), 3) for topic in (None, *topics)]
    return town


def _known(simulator: Simulator, *people: int) -> None:
    for person in people:
        add_user(simulator.state, person, f"Person {person}")


class People:
    """Everybody who asks.

    Args:
        simulator: where.
        ledger: is told of every question.
        seed: the same seed, the same questions.
        longest: words of the longest answers.
        patience: about how many seconds pass between an answer and the next question in that place.
    """

    def __init__(self, simulator: Simulator, ledger: Ledger, seed: int, *, longest: int, patience: float) -> None:
        self._sim = simulator
        self._ledger = ledger
        self._seed = seed
        self._longest = longest
        self._patience = patience
        self._number = 0

    async def ask_in(self, place: Place, sharing: int) -> None:
        """Ask in one place until cancelled: mostly after the answer, sometimes into it; sometimes stop it."""
        dice = random.Random(f"{self._seed} {place}")  # noqa: S311 - repeatable, nothing secret
        await asyncio.sleep(dice.uniform(0.0, self._patience) * sharing)
        while self._open(place):
            asked = self._ask(place, dice)
            what = dice.choices(("wait", "ask", "stop"), (0.75, 0.15, 0.10))[0]
            await _until_done(
                asked, None if what == "wait" else dice.uniform(0.1, 1.0) * answer(asked.question).seconds
            )
            if not asked.done.is_set():
                asked.interrupted = True
                if what == "ask":
                    continue
                self._stop(asked)
            while asked.cut and dice.random() < GOES_ON and self._tap(asked):
                await _until_done(asked, None)
            await asyncio.sleep(dice.uniform(0.2, 1.8) * self._patience * sharing)

    def _ask(self, place: Place, dice: random.Random) -> Asked:
        self._number += 1
        long = dice.random() < 0.15
        question = Question(
            self._number,
            dice.randint(self._longest // 3, self._longest) if long else dice.randint(3, max(4, self._longest // 6)),
            dice.choice((20, 60, 120)),
            dice.choices(("done", "pause", "drop"), (0.86, 0.08, 0.06))[0],
        )
        chat = self.chat(place)
        asked = self._ledger.ask(question, (chat.id, place[1]))
        if chat.type != "private":
            asked.by = dice.choice([member for member in chat.members if member != self._sim.state.bot["id"]])
        mention = "" if chat.type == "private" else f"@{self._sim.state.bot['username']} "
        self._sim.say(chat.id, mention + question.text, user_id=asked.by, thread_id=place[1])
        return asked

    def _stop(self, asked: Asked) -> None:
        """By the draft's button, or by the command."""
        chat = self.chat(asked.place)
        if not self._sim.press_stop(chat.id, asked.place[1]):
            command = "/stop" if chat.type == "private" else f"/stop@{self._sim.state.bot['username']}"
            self._sim.say(chat.id, command, user_id=asked.by, thread_id=asked.place[1])

    def _tap(self, asked: Asked) -> bool:
        """Press the button under an answer that was cut off; false where there is none."""
        found = self._ledger.go_on(asked)
        if found is None:
            return False
        key, data = found
        asked.tapped.add(key)
        asked.cut = False
        asked.done.clear()
        asked.quiet = 0.0
        self._sim.press(*key, data, user_id=asked.by)
        return True

    def chat(self, place: Place) -> Chat:
        """The chat of a place, wherever it has moved."""
        chat = self._sim.state.chats[place[0]]
        return self._sim.state.chats[chat.migrated_to] if chat.migrated_to else chat

    def _open(self, place: Place) -> bool:
        """Can somebody write there, and is the bot still in?"""
        chat = self.chat(place)
        topic = chat.topics.get(place[1] or 0)
        return not chat.blocked and not (topic and (topic.closed or topic.deleted))


async def _until_done(asked: Asked, seconds: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asked.done.wait(), seconds)
