"""Asking a model at a server that nobody here wrote."""

import asyncio
from dataclasses import dataclass
from typing import Any, TypeAlias

from telex.agent.agent import AIAgent
from telex.agent.tools import Usable
from telex.agent.turn import TurnResult
from telex.events import End, Event, TextDelta, TurnEnded
from telex.providers.anthropic import AnthropicMessages
from telex.providers.http_model import HTTPModel
from telex.providers.openai_chat import OpenAIChat
from telex.providers.openai_responses import OpenAIResponses

BOUND = 60.0
QUESTION = "What is an aqueduct?"
WORDS = "An aqueduct is a bridge that carries water over a valley."

Made: TypeAlias = type[HTTPModel]
FORMATS: tuple[Made, ...] = (OpenAIChat, OpenAIResponses, AnthropicMessages)


@dataclass(frozen=True)
class Asked:
    """How a turn went."""

    result: TurnResult
    events: list[Event]
    history: list[dict[str, Any]]

    @property
    def pieces(self) -> list[str]:
        """The words as they were emitted."""
        return [event.text for event in self.events if isinstance(event, TextDelta)]

    @property
    def end(self) -> TurnEnded:
        """The one end of the turn."""
        (end,) = [event for event in self.events if isinstance(event, TurnEnded)]
        assert self.events[-1] is end
        return end

    @property
    def tool_results(self) -> list[str]:
        """What the tools said."""
        return [message["content"] for message in self.history if message["role"] == "tool"]


def asked(made: Made, base_url: str, *tools: Usable, question: str = QUESTION, **settings: Any) -> Asked:
    """One turn of an agent, from its question to its end."""

    async def main() -> Asked:
        provider = made(base_url, "a-key", "a-model", **settings)
        agent = AIAgent(provider, tools=tools)
        events: list[Event] = []
        try:
            async with asyncio.timeout(BOUND):
                result = await agent.run_turn(question, events.append)
        finally:
            await provider.close()
        return Asked(result, events, agent.history)

    return asyncio.run(main())


def assert_cut_off(turn: Asked) -> None:
    """A part of the words was shown, the turn says that they are not all, and offers to go on."""
    shown = "".join(turn.pieces)
    assert shown == turn.result.text
    assert shown
    assert WORDS.startswith(shown)
    assert shown != WORDS
    assert turn.end.end is End.FAILED
    assert turn.end.can_go_on
    assert turn.end.message.startswith("Cut off: ")
