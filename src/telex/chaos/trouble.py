"""PURE: what goes wrong in a run, by seed."""

import random
from collections.abc import Iterator, Sequence

from telex.simulator.faults import Fault, FaultPlan, Kind

# The chance of each fault at each call that shows something. About one call in eight is struck.
RATES: tuple[tuple[Kind, float, float], ...] = (
    (Kind.RETRY_AFTER, 0.012, 3.0),
    (Kind.RETRY_AFTER, 0.008, 1.0),
    (Kind.RETRY_AFTER, 0.002, 11.0),
    (Kind.SERVER_ERROR, 0.015, 0.0),
    (Kind.BAD_GATEWAY, 0.010, 0.0),
    (Kind.RESET_BEFORE, 0.015, 0.0),
    (Kind.RESET_AFTER, 0.020, 0.0),
    (Kind.HANG_BEFORE, 0.004, 0.0),
    (Kind.HANG_AFTER, 0.008, 0.0),
    (Kind.SLOW, 0.010, 1.5),
    (Kind.ENTITIES, 0.010, 0.0),
)
SHOWING = (
    "sendMessage",
    "editMessageText",
    "sendMessageDraft",
    "sendRichMessage",
    "sendRichMessageDraft",
    "sendChatAction",
)
POLLING = ((Kind.SERVER_ERROR, 0.02), (Kind.BAD_GATEWAY, 0.01), (Kind.RESET_BEFORE, 0.02), (Kind.RESET_AFTER, 0.02))
DELETED_RATE = 0.004  # of the edits: a person deletes the message just before
LATEST_EVENT = 12  # an event that changes a chat for good comes at one of its first calls


def plan(
    seed: int, *, private: Sequence[int], basic: Sequence[int], forums: Sequence[int], rate: float = 1.0
) -> FaultPlan:
    """The faults of a run.

    Args:
        seed: the same seed and calls, the same faults.
        private: private chats; a person or two in a hundred blocks the bot.
        basic: basic groups; one in five becomes a supergroup.
        forums: forums; one topic in some of them is closed or deleted.
        rate: how many times the usual rates.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    return FaultPlan(*_events(dice, private, basic, forums), *_by_rate(rate), seed=seed)


def _events(
    dice: random.Random, private: Sequence[int], basic: Sequence[int], forums: Sequence[int]
) -> Iterator[Fault]:
    for kind, chats, share, method in (
        (Kind.BLOCKED, private, 0.015, "*"),
        (Kind.MIGRATED, basic, 0.2, "sendMessage"),
        (Kind.TOPIC_CLOSED, forums, 0.2, "sendMessage"),
        (Kind.TOPIC_DELETED, forums, 0.1, "sendMessage"),
    ):
        for chat in chats:
            if dice.random() < share:
                at = dice.randint(2, LATEST_EVENT)
                yield Fault(kind, method, at, at, chat)


def _by_rate(rate: float) -> Iterator[Fault]:
    for kind, chance, value in RATES:
        for method in SHOWING:
            yield Fault(kind, method, rate=chance * rate, value=value)
    yield Fault(Kind.DELETED, "editMessageText", rate=DELETED_RATE * rate)
    for kind, chance in POLLING:
        yield Fault(kind, "getUpdates", rate=chance * rate)
