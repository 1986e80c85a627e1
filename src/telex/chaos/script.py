"""PURE: questions whose answers are known in advance, word by word.

A question says everything its answer is made from, so the model's side (in the gateway's process) and the judge's side (in
the simulator's) agree without talking. Every word of an answer is unique in the whole run, ``q17w0042``: what is doubled,
lost, out of order or in the wrong chat can be read off the screen. A model that is asked to go on begins with the word
behind the last one that its history holds.
"""

import random
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from telex.providers.base import Request
from telex.providers.scripted import Piece

_QUESTION = re.compile(r"q(\d+) words=(\d+) speed=(\d+) end=(\w+)")
_PART = re.compile(r"(?<![a-z0-9])q(\d+)w\d{0,4}(?![a-z0-9])")
_WORD = re.compile(r"(?<![a-z0-9])q(\d+)w(\d{4})(?![a-z0-9])")
_EMOJI = ("🙂", "👩‍🔧", "🇪🇺", "𝔘", "✨", "日本")
PAUSE = 7.0  # seconds of silence in the middle of some answers: longer than a typing sign lives


@dataclass(frozen=True, slots=True)
class Question:
    """What one person asks once.

    Attributes:
        number: unique in the run.
        words: how long the answer is.
        speed: pieces a second.
        end: ``done``, ``pause`` (a silence in the middle) or ``drop`` (the model's server breaks off two thirds in).
    """

    number: int
    words: int
    speed: int
    end: str = "done"

    @property
    def text(self) -> str:
        """As it is typed."""
        return f"q{self.number} words={self.words} speed={self.speed} end={self.end}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to come.

    Attributes:
        pieces: the model's part.
        ready: when each word is complete, in seconds after the question.
    """

    pieces: Sequence[Piece]
    ready: Sequence[float]

    @property
    def words(self) -> int:
        """How many there are."""
        return len(self.ready)

    @property
    def seconds(self) -> float:
        """How long the model takes."""
        return sum(piece.after for piece in self.pieces)


def words_in(text: str) -> list[tuple[int, int]]:
    """The words of any answers in a text, in order: the question's number and the word's. A word cut in two is none."""
    return [(int(number), int(word)) for number, word in _WORD.findall(text)]


def owner_of(text: str) -> int | None:
    """Which question's answer a text belongs to, also where its first word is cut in two."""
    found = _PART.search(text)
    return int(found[1]) if found else None


def word(number: int, at: int) -> str:
    """Word ``at`` of the answer to question ``number``."""
    return f"q{number}w{at:04}"


@lru_cache(maxsize=4096)
def answer(question: Question, first: int = 0) -> Answer:
    """The whole answer to a question, or what is left of it from word ``first`` on."""
    dice = random.Random(question.number)  # noqa: S311 - repeatable, nothing secret
    total = question.words * 2 // 3 if question.end == "drop" else question.words
    text = "\n\n".join(_blocks(question.number, range(first, total), dice)) or "That was all."
    pieces = list(_typed(text, question, dice))
    ends = list(accumulate(len(piece.text) for piece in pieces))
    times = list(accumulate(piece.after for piece in pieces))
    ready = [times[bisect_left(ends, found.end())] for found in _WORD.finditer(text)]
    if question.end == "drop" and not first:
        pieces.append(Piece(0.0, "The model's server broke off.", "drop"))
    return Answer(pieces, ready)


def script(request: Request) -> Sequence[Piece]:
    """The provider's side: the answer to the newest question of a conversation, or the rest of it."""
    asked: Question | None = None
    first = 0
    for message in request.messages:
        content = str(message["content"])
        for found in _QUESTION.finditer(content) if message["role"] == "user" else ():
            asked, first = Question(int(found[1]), int(found[2]), int(found[3]), found[4]), 0
        if message["role"] == "assistant" and asked is not None:
            first = max([first, *(word + 1 for number, word in words_in(content) if number == asked.number)])
    if asked is None:
        return (Piece(0.0, "That is no question of this run."),)
    goes_on = not _QUESTION.search(str(request.messages[-1]["content"]))
    return answer(asked, first if goes_on else 0).pieces


def _typed(text: str, question: Question, dice: random.Random) -> Iterator[Piece]:
    at, after = 0, dice.uniform(0.05, 1.2)
    pause_at = len(text) // 2 if question.end == "pause" else len(text) + 1
    while at < len(text):
        step = dice.randint(1, 9) if at else whole.end() if (whole := _WORD.search(text)) else len(text)
        if at <= pause_at < at + step:
            after += PAUSE
        yield Piece(after, text[at : at + step])
        at, after = at + step, 1 / question.speed


def _blocks(number: int, numbers: range, dice: random.Random) -> Iterator[str]:
    """Blocks of all kinds that models write."""
    words = iter([word(number, at) for at in numbers])
    makers = (_paragraph, _paragraph, _paragraph, _list, _fence, _quote, _table, _heading)
    while True:
        size = dice.randint(2, 40)
        taken = [word for _, word in zip(range(size), words, strict=False)]
        if not taken:
            return
        yield dice.choice(makers)(taken, dice)


def _paragraph(words: list[str], dice: random.Random) -> str:
    marks = ("{}", "{}", "{}", "{}", "{},", "{}.", "**{}**", "*{}*", "`{}`", "~~{}~~", "[{}](https://example.org/a_b)")
    said = [dice.choice(marks).format(word) for word in words]
    return " ".join(f"{word} {dice.choice(_EMOJI)}" if dice.random() < 0.05 else word for word in said) + "."


def _list(words: list[str], dice: random.Random) -> str:
    mark = dice.choice(("- ", "1. ", "- [ ] "))
    lines = [" ".join(words[at : at + 5]) for at in range(0, len(words), 5)]
    return "\n".join(mark + line for line in lines)


def _fence(words: list[str], dice: random.Random) -> str:
    language = dice.choice(("python", "", "c"))
    lines = [f"    {word} = call(<&>)" for word in words]
    return "\n".join([f"```{language}", *lines, "```"])


def _quote(words: list[str], dice: random.Random) -> str:
    step = dice.randint(4, 9)
    return "\n".join("> " + " ".join(words[at : at + step]) for at in range(0, len(words), step))


def _table(words: list[str], dice: random.Random) -> str:
    columns = dice.randint(2, 3)
    rows = [words[at : at + columns] for at in range(0, len(words), columns)]
    head = [f"| {' | '.join(('left', 'middle', 'right')[:columns])} |", "|" + " --- |" * columns]
    return "\n".join([*head, *(f"| {' | '.join(row + [''] * (columns - len(row)))} |" for row in rows)])


def _heading(words: list[str], dice: random.Random) -> str:
    return f"{'#' * dice.randint(1, 3)} {' '.join(words[:4])}" + (f"\n\n{' '.join(words[4:])}" if words[4:] else "")
