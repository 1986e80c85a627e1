"""What of a conversation fits into a model, and what is learned where its server says that it does not fit. Pure.

What is counted is an estimate: four letters of ASCII a token, one letter each in scripts that models know less well.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from telex.errors import ProviderError
from telex.providers.base import Message
from telex.providers.pictures import pictures, words

PER_PICTURE = 1000  # tokens; a large one may cost more
PER_MESSAGE = 6  # tokens that a chat template spends on a message beside its words
FOR_THE_ANSWER = 1 / 3  # of the context
KEPT = 200  # characters of a tool's result that are always sent
SHORTENED = "\n[Shortened here to fit what the model can hold: these are {kept} of {whole} characters.]"

_TOO_LONG = re.compile(
    r"context[ _-](?:length|size|window)|maximum context|(?:prompt|input|conversation|request) (?:is )?too (?:long|large)|too many (?:input )?tokens"
    r"|maximum (?:prompt|model|input|sequence) length|(?:exceeds?|exceeding|over) the (?:maximum|max|limit).{0,40}\btokens"
    r"|input token count|reduce the length of the (?:messages|prompt|input)|`?inputs`? tokens",
    re.IGNORECASE,
)


def too_long(error: ProviderError) -> bool:
    """Whether a server refused because it was sent more than its model can hold, as far as its words tell."""
    if error.status == 413:
        return True
    return error.status in (None, 400, 422, 500) and bool(_TOO_LONG.search(str(error)))


class Room:
    """What a model can hold: as somebody said, or as its server's refusals teach.

    Args:
        tokens: what is known; ``None`` when nothing is, so that everything is sent.

    Attributes:
        tokens: the same, and what was learned since.
    """

    def __init__(self, tokens: int | None = None) -> None:
        self.tokens: float | None = tokens

    def refused(self, messages: Sequence[Message]) -> None:
        """These were more than it can hold: from now on at most half of them are sent."""
        half = size(messages) / 2 / (1 - FOR_THE_ANSWER)
        self.tokens = half if self.tokens is None else min(half, self.tokens)


def size(messages: Iterable[Message]) -> float:
    """About how many tokens the messages are."""
    return sum(map(_tokens, messages))


def fitted(turns: Sequence[list[dict[str, Any]]], free: float) -> list[list[dict[str, Any]]]:
    """As many of the newest turns as fit, whole. The newest is always there; where it is too long, with shorter results.

    A question that was never answered and does not fit is passed over: what stands before it may still fit.

    Args:
        turns: each a question with what belongs to it, oldest first.
        free: tokens.
    """
    kept: list[list[dict[str, Any]]] = []
    for turn in reversed(turns):
        if not kept:
            turn = _shortened(turn, free)  # noqa: PLW2901 - the newest alone
        elif size(turn) > free:
            if len(turn) == 1:
                continue
            break
        free -= size(turn)
        kept.append(turn)
    return kept[::-1]


def _shortened(turn: list[dict[str, Any]], free: float) -> list[dict[str, Any]]:
    """The turn with as much of its tools' results as fits: the oldest give way first, each keeps its beginning."""
    over = size(turn) - free
    shorter = []
    for message in turn:
        sent = message
        if over > 0 and message["role"] == "tool":
            sent = _beginning(message, 1 - over / _tokens(message))
            over -= _tokens(message) - _tokens(sent)
        shorter.append(sent)
    return shorter


def _beginning(result: dict[str, Any], share: float) -> dict[str, Any]:
    text = result["content"]
    mark = SHORTENED.format(kept=len(text), whole=len(text))
    kept = max(KEPT, int(len(text) * share) - len(mark))
    if kept + len(mark) >= len(text):
        return result
    return {**result, "content": text[:kept] + SHORTENED.format(kept=kept, whole=len(text))}


def _tokens(message: Message) -> float:
    text = "".join(str(message[key]) for key in ("tool_calls", "state") if message.get(key)) + words(
        message.get("content")
    )
    ascii_letters = len(text.encode("ascii", "ignore"))
    return PER_MESSAGE + PER_PICTURE * len(pictures(message)) + ascii_letters / 4 + (len(text) - ascii_letters)
