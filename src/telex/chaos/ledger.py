"""What was asked, and what people have seen of the answers, kept up to date with every change on the screen."""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeAlias

from telex.chaos.script import Question, answer, owner_of, words_in
from telex.simulator.record import text_of
from telex.simulator.server import Simulator
from telex.simulator.state import Json, thread_of

Place: TypeAlias = tuple[int, int | None]
MessageKey: TypeAlias = tuple[int, int]

SAMPLE = 0.25  # seconds between two looks at who waits
CURSOR = "▉"
CUT_MARKS = ("Cut off",)  # what telex writes under an answer that a kill or a stop has ended


@dataclass(slots=True)
class Asked:
    """One question and what is known of its answer.

    Attributes:
        question: what was asked.
        place: chat and topic.
        at: when, in the simulator's seconds.
        by: who asked; None for the person of a private chat.
        interrupted: somebody asked again in this place, or pressed Stop, before the answer was complete.
        closed: the chat was closed to the bot before that.
        seen: every word that was ever visible, with the words of drafts.
        deleted: words that a person took off the screen.
        quiet: seconds since something of it last changed, without those for which a limit held everything back.
        silence: the longest of these, while words were waiting.
        completed: when the last word stood in a message, with no cursor left; None before.
        cut: it is marked as cut off, and nobody has asked for the rest.
        tapped: messages whose button to go on was pressed.
        done: set when it is complete or cut off.
    """

    question: Question
    place: Place
    at: float
    by: int | None = None
    interrupted: bool = False
    closed: bool = False
    seen: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    quiet: float = 0.0
    silence: float = 0.0
    completed: float | None = None
    cut: bool = False
    tapped: set[MessageKey] = field(default_factory=set)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def expected(self) -> int:
        """How many words the whole answer has."""
        return answer(self.question).words

    def waiting(self, now: float) -> bool:
        """Has the model said more than anybody has seen?"""
        if self.completed is not None or self.cut or self.interrupted or self.tapped:
            return False
        return bisect_right(answer(self.question).ready, now - self.at) > len(self.seen)


class Ledger:
    """Watches a simulator.

    Args:
        simulator: where the answers appear.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._sim = simulator
        self.asked: dict[int, Asked] = {}
        self.texts: dict[MessageKey, str] = {}
        self.words: dict[MessageKey, list[tuple[int, int]]] = {}
        self.owner: dict[MessageKey, int] = {}
        self.messages: defaultdict[int, set[MessageKey]] = defaultdict(set)  # by answer
        self.crossed: list[str] = []  # a message of one answer got another's words
        self.misplaced: list[str] = []
        simulator.subscribe(self._changed)

    def ask(self, question: Question, place: Place) -> Asked:
        """Write down that this is asked now."""
        self.asked[question.number] = asked = Asked(question, place, self._sim.clock())
        return asked

    def go_on(self, asked: Asked) -> tuple[MessageKey, str] | None:
        """The newest button under a message of this answer, and what it carries."""
        for key in sorted(self.messages[asked.question.number], reverse=True):
            rows = self._sim.state.chats[key[0]].messages[key[1]].get("reply_markup", {}).get("inline_keyboard", [])
            for button in (button for row in rows for button in row):
                return key, button["callback_data"]
        return None

    async def listen(self) -> None:
        """Measure the silences until cancelled."""
        before = self._sim.clock()
        while True:
            await asyncio.sleep(SAMPLE)
            now = self._sim.clock()
            for asked in self.asked.values():
                if asked.waiting(now) and self._open(asked.place[0], now):
                    asked.quiet += now - before
            before = now

    def _open(self, chat_id: int, now: float) -> bool:
        """Would the platform let a call through?"""
        if self._sim.state.chats[chat_id].blocked:
            return False
        kinds = (False, True) if chat_id > 0 else (False,)
        return any(not self._sim.limiter.wait(chat_id, draft=draft, now=now) for draft in kinds)

    def _changed(self, event: Json) -> None:
        match event["type"]:
            case "message" | "edited" if event["message"]["from"]["id"] == self._sim.state.bot["id"]:
                message = event["message"]
                place = (message["chat"]["id"], thread_of(message))
                self._shown((place[0], message["message_id"]), place, text_of(message))
            case "deleted":
                self._deleted((event["chat_id"], event["message_id"]))
            case "draft":
                for number, word in words_in(event["text"]):
                    asked = self.asked[number]
                    if asked.place != (event["chat_id"], event["thread_id"]):
                        self.misplaced.append(f"a draft of answer {number} in {event['chat_id']}")
                    asked.seen.add(word)
                    self._touched(asked)

    def _shown(self, key: MessageKey, place: Place, text: str) -> None:
        self.texts[key] = text
        self.words[key] = words = words_in(text)
        numbers = {number for number, _ in words}
        if len(numbers) > 1:
            self.crossed.append(f"message {key} holds words of answers {sorted(numbers)}")
        for number in numbers:
            if self.owner.setdefault(key, number) != number:
                self.crossed.append(f"message {key} of answer {self.owner[key]} was given words of answer {number}")
            self.messages[number].add(key)
            self._place(number, place)
        if not words and key not in self.owner:
            self._wordless(key, place, text)
        if key in self.owner:
            asked = self.asked[self.owner[key]]
            asked.seen.update(word for number, word in words if number == self.owner[key])
            self._touched(asked)
            self._look(asked)

    def _wordless(self, key: MessageKey, place: Place, text: str) -> None:
        """A first word that is cut in two, or a "cut off" by itself, which belongs to the newest open answer here."""
        number = owner_of(text)
        if number is None and any(mark in text for mark in CUT_MARKS):
            here = [asked for asked in self.asked.values() if asked.place == place and asked.completed is None]
            begun = [asked for asked in here if asked.seen]
            number = next((asked.question.number for asked in (*reversed(begun), *here)), None)
        if number in self.asked:
            self.owner[key] = number
            self.messages[number].add(key)

    def _place(self, number: int, place: Place) -> None:
        wanted = self.asked[number].place
        if place == wanted:
            return
        chat = self._sim.state.chats[wanted[0]]
        topic = chat.topics.get(wanted[1] or 0)
        moved = place[0] == chat.migrated_to and place[1] == wanted[1]
        to_general = place == (wanted[0], None) and topic is not None and (topic.closed or topic.deleted)
        if not (moved or to_general):
            self.misplaced.append(f"answer {number}, asked in {wanted}, stands in {place}")

    @staticmethod
    def _touched(asked: Asked) -> None:
        asked.silence = max(asked.silence, asked.quiet)
        asked.quiet = 0.0

    def _deleted(self, key: MessageKey) -> None:
        """A person deleted it; where a whole topic went, what the bot's next message repeats is counted anew."""
        for number, word in self.words.pop(key, []):
            self.asked[number].deleted.add(word)
        self.texts.pop(key, None)
        if key in self.owner:
            self.messages[self.owner[key]].discard(key)

    def _look(self, asked: Asked) -> None:
        """Is it complete now?"""
        number = asked.question.number
        texts = [self.texts[key] for key in self.messages[number]]
        if any(CURSOR in text for text in texts):
            return
        live = self.messages[number] - asked.tapped
        asked.cut = any(mark in self.texts[key] for mark in CUT_MARKS for key in live)
        words = {word for key in self.messages[number] for n, word in self.words[key] if n == number}
        if len(words | asked.deleted) >= asked.expected and asked.completed is None:
            asked.completed = self._sim.clock()
        if asked.completed is not None or asked.cut:
            asked.done.set()
