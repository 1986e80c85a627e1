"""One turn of an agent: ask the model, and when it is done, be done.

The order of a turn's events is drawn in ``telex.events``; the agent adds ``TurnEnded``. This is the one place that
decides whether the model is asked again within a turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from telex.errors import ProviderError
from telex.events import Event, Notice, ReasoningDelta, TextDelta
from telex.providers.base import Emit, Message, Provider, Reply, Request

NO_ANSWER = "The model ended without an answer. Ask again, or differently."
NO_TOOLS = "The model asked for a tool, but none was offered to it. Ask again, or choose another model."
ONLY_THOUGHTS = "The model thought until its length limit was reached, and did not get to an answer."
TOO_LONG = "The answer reached the model's length limit."
WITHHELD = "The model's server withheld the rest of this answer."


@dataclass(slots=True)
class Said:
    """What a turn has emitted so far: what the reader saw, also when the turn does not come to its end."""

    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)

    def note(self, event: Event) -> None:
        """Remember the words of ``event``, if it has any."""
        if isinstance(event, TextDelta):
            self.texts.append(event.text)
        elif isinstance(event, ReasoningDelta):
            self.thoughts.append(event.text)

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self.texts)

    @property
    def reasoning(self) -> str:
        """The thoughts so far."""
        return "".join(self.thoughts)


async def answer(provider: Provider, messages: Sequence[Message], emit: Emit) -> Reply:
    """Carry one turn from the question to the last word.

    Args:
        provider: the model.
        messages: the conversation, ending with the question.
        emit: gets everything but ``TurnEnded``, as it comes.

    Raises:
        ProviderError: the model's server refused or failed, or there is nothing in its answer to show.
    """
    reply = await provider.stream(Request(messages), emit)
    if not reply.text.strip():
        if reply.finish == "tool_calls":
            raise ProviderError(NO_TOOLS)
        if reply.finish == "content_filter":
            raise ProviderError(WITHHELD)
        raise ProviderError(ONLY_THOUGHTS if reply.finish == "length" else NO_ANSWER)
    if reply.finish == "length":
        emit(Notice(TOO_LONG))
    elif reply.finish == "content_filter":
        emit(Notice(WITHHELD))
    return reply
