"""What the people in a chat see of a model's reasoning."""

import asyncio

import pytest

from telex.config import DisplayConfig
from telex.display.screen import Reasoning
from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Emit, Reply, Request
from tests.gateway.playground import ADA, LAB, Playground, Words, play


class Thinking(Words):
    """Thinks until it is let go on, and then says yes."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer anything."""
        emit(ReasoningDelta("Is it so?"))
        await self.go_on.wait()
        emit(TextDelta("Yes."))
        return Reply("Yes.", reasoning="Is it so?")


@pytest.mark.parametrize("chat", [ADA, LAB], ids=["drafts", "edits"])
@pytest.mark.parametrize(("reasoning", "final"), [("live", "Yes."), ("keep", "💭 Is it so?\n\nYes.")])
def test_reasoning_is_shown_while_the_model_thinks_and_then_left_out_or_folded(
    chat: int, reasoning: Reasoning, final: str
) -> None:
    async def story(here: Playground) -> None:
        here.say(chat, "@telex_demo_bot is it?" if chat == LAB else "is it?")
        await here.until(
            lambda: any(
                "💭 Is it so?" in str(call.params.get("text")) for call in here.calls("sendMessage", "sendMessageDraft")
            )
        )
        model.go_on.set()
        await here.until(lambda: here.texts(chat) == [final])
        kinds = [entity["type"] for entity in here.messages(chat)[0].get("entities", [])]
        assert kinds == (["expandable_blockquote"] if reasoning == "keep" else [])

    model = Thinking()
    play(story, model=model, display=DisplayConfig(reasoning=reasoning))
