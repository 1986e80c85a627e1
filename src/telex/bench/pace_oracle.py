"""Whom telex is measured against: it knows the limits, but not the future.

- It knows: each limit exactly and what is left of it; how long a call takes; the habits of people, which is how lengths
  and gaps are distributed.
- It does not know how long this answer will be, nor when the next question comes.
- It spends by the best *fixed curve*: how long to wait for the next preview, by how long the answer has gone on. The curve
  is found by search over other conversations of the same habits.
- It never exceeds a limit, keeps the final's call in reserve, and among several chats lets the one with the oldest unseen
  letter go first.

In a private chat this is as good as any schedule can be: a call-by-call dynamic programme for one answer from a full
bucket comes to the same mean age within one percent. In a group it is what a schedule can do; telex also looks at how much of
the window is left.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from telex.bench.pace_answers import Conversation
from telex.simulator.limits import BucketMeter, Rate, Window, WindowMeter

KNOTS = (0.0, 2.0, 5.0, 10.0, 20.0)  # ages of an answer, in seconds, between which the curve is straight
ROUNDS = 3
STEPS = (1.6, 1.2, 1.07)  # by which a knot is moved, round by round

Curve = tuple[float, ...]
"""Seconds to wait for the next preview, at each of `KNOTS`."""


@dataclass(slots=True)
class _Chat:
    """One chat that is being played: where it is in its conversation, and what its reader sees."""

    conversation: Conversation
    meter: BucketMeter | WindowMeter
    number: int = 0
    begin: float = 0.0
    seen: float = 0.0  # letters up to this time are visible
    ages: float = 0.0  # the sum over all letters, in letter-seconds by one letter a second
    length: float = 0.0
    due: float = 0.0

    @property
    def end(self) -> float:
        return self.begin + self.conversation[self.number].tokens[-1]


@dataclass(frozen=True, slots=True)
class Oracle:
    """The limits as they are.

    Attributes:
        chat: one chat's limit.
        bot: the whole bot's, where it can bind.
        trip: seconds of a call, there and back.
        least: the least seconds between the starts of two previews.
    """

    chat: Rate | Window
    bot: Rate | None = None
    trip: float = 0.06
    least: float = 0.06
    known: dict[Curve, float] = field(default_factory=dict)

    def mean_age(self, conversations: Sequence[Conversation], curve: Curve) -> float:
        """The mean age over all letters when all conversations run side by side, and previews go by ``curve``."""
        bot = BucketMeter(self.bot) if self.bot else None
        chats = [_Chat(conversation, self._meter()) for conversation in conversations]
        line: list[tuple[float, float, int]] = []
        for index, chat in enumerate(chats):
            chat.begin = chat.seen = chat.due = chat.conversation[0].gap
            heapq.heappush(line, (chat.due, chat.seen, index))
        while line:
            now, _, index = heapq.heappop(line)
            chat = chats[index]
            final = now >= chat.end
            wait = max(_wait(chat.meter, 1 if final else 2, now), bot.wait(now) if bot else 0.0)
            if wait > 1e-9:
                until = now + wait
                chat.due = until if final else min(until, chat.end)
                heapq.heappush(line, (chat.due, chat.seen, index))
                continue
            chat.meter.spend(now)
            if bot:
                bot.spend(now)
            if self._show(chat, now, final=final, curve=curve):
                heapq.heappush(line, (chat.due, chat.seen, index))
        return sum(chat.ages for chat in chats) / sum(chat.length for chat in chats)

    def _meter(self) -> BucketMeter | WindowMeter:
        return BucketMeter(self.chat) if isinstance(self.chat, Rate) else WindowMeter(self.chat)

    def _show(self, chat: _Chat, now: float, *, final: bool, curve: Curve) -> bool:
        """One call: letters since the last one become visible. False when the conversation is over."""
        last = min(now, chat.end)
        count = last - chat.seen
        chat.ages += count * (now - (chat.seen + last) / 2 + self.trip)
        chat.length += count
        chat.seen = last
        if not final:
            spacing = max(self.least, _at(curve, now - chat.begin))
            chat.due = min(now + spacing, max(chat.end, now + self.trip))
            return True
        chat.number += 1
        if chat.number == len(chat.conversation):
            return False
        chat.begin = chat.seen = chat.due = now + self.trip + chat.conversation[chat.number].gap
        return True

    def best(self, conversations: Sequence[Conversation]) -> Curve:
        """The curve with the smallest mean age over these conversations."""
        curve = min(
            ((d,) * len(KNOTS) for d in (0.15, 0.4, 0.8, 1.5, 3.0, 5.0)), key=lambda c: self._score(conversations, c)
        )
        for step in STEPS:
            for _ in range(ROUNDS):
                curve = self._improved(conversations, curve, step)
        self.known.clear()
        return curve

    def _improved(self, conversations: Sequence[Conversation], curve: Curve, step: float) -> Curve:
        for knot in range(len(KNOTS)):
            around = [(*curve[:knot], curve[knot] * by, *curve[knot + 1 :]) for by in (1.0, step, 1 / step)]
            curve = min(around, key=lambda other: self._score(conversations, other))
        return curve

    def _score(self, conversations: Sequence[Conversation], curve: Curve) -> float:
        if curve not in self.known:
            self.known[curve] = self.mean_age(conversations, curve)
        return self.known[curve]


def _wait(meter: BucketMeter | WindowMeter, need: int, now: float) -> float:
    """Seconds until ``need`` calls are left; a preview needs one more than it spends, for the final."""
    if need == 1:
        return meter.wait(now)
    if isinstance(meter, BucketMeter):
        meter.wait(now)  # brings it up to now
        return max(0.0, (min(need, meter.rate.burst) - meter.tokens) / meter.rate.per_second)
    meter.calls.append(now)
    wait = meter.wait(now)
    meter.calls.pop()
    return wait


def _at(curve: Curve, age: float) -> float:
    for index in range(len(KNOTS) - 1):
        if age < KNOTS[index + 1]:
            share = (age - KNOTS[index]) / (KNOTS[index + 1] - KNOTS[index])
            return curve[index] + share * (curve[index + 1] - curve[index])
    return curve[-1]
