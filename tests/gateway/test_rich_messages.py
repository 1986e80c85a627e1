"""Rich messages through the whole gateway: what it learns of a chat, and what it does after a restart."""

import asyncio

import pytest

from telex.config import DisplayConfig, RichMessages
from telex.events import ReasoningDelta, TextDelta
from telex.providers.base import Emit, Reply, Request
from tests.gateway.playground import ADA, Playground, Words, play, playground

TABLE = "# Sizes\n\n| name | size |\n|---|--:|\n| one | 1 |"
LETTERS = "Sizes\nname\nsize\none\n1"


class Tables(Words):
    """Thinks until it may speak, and answers with a table, whose last words wait until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.speak, self.go_on = asyncio.Event(), asyncio.Event()
        self.speak.set()

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer anything."""
        emit(ReasoningDelta("Sizes, then."))
        await self.speak.wait()
        emit(TextDelta(TABLE))
        await self.go_on.wait()
        emit(TextDelta("\n\nThat is all."))
        return Reply(f"{TABLE}\n\nThat is all.")


async def asked(here: Playground, model: Tables, count: int) -> None:
    """Ask for a table, see a draft of it, and wait for the ``count``th answer."""
    model.go_on.clear()
    here.say(ADA, "sizes?")
    await here.until(lambda: (draft := here.simulator.draft(ADA)) and "one" in draft.text)
    model.go_on.set()
    await here.until(lambda: len(here.texts(ADA)) == count)


def test_what_a_chat_takes_is_known_to_the_next_answer_and_after_a_restart(tmp_path):
    async def main() -> None:
        model = Tables()
        async with playground(folder=tmp_path, model=model) as here:
            await asked(here, model, 1)
            assert not here.calls("sendRichMessageDraft")
            await asked(here, model, 2)
            drafts = len(here.calls("sendRichMessageDraft"))
            assert drafts
            await here.stop()
            async with playground(folder=tmp_path, simulator=here.simulator, model=model) as again:
                await asked(again, model, 3)
                assert len(again.calls("sendRichMessageDraft")) > drafts
                assert again.texts(ADA) == [f"{LETTERS}\nThat is all."] * 3

    asyncio.run(main())


@pytest.mark.parametrize(("rich", "made"), [("off", "text"), ("auto", "rich_message"), ("on", "rich_message")])
def test_the_configuration_says_whether_messages_are_rich(rich: RichMessages, made: str) -> None:
    async def story(here: Playground) -> None:
        await asked(here, model, 1)
        assert made in here.messages(ADA)[0]
        assert bool(here.calls("sendRichMessageDraft")) == (rich == "on")

    model = Tables()
    play(story, model=model, rich=rich)


def test_a_model_thinks_in_a_line_of_its_own_where_messages_are_rich():
    async def story(here: Playground) -> None:
        here.say(ADA, "sizes?")
        await here.until(lambda: (draft := here.simulator.draft(ADA)) and draft.blocks)
        draft = here.simulator.draft(ADA)
        assert draft
        assert draft.blocks == ({"type": "thinking", "text": "💭 Sizes, then."},)
        model.speak.set()
        model.go_on.set()
        await here.until(lambda: here.messages(ADA))
        kinds = [block["type"] for block in here.messages(ADA)[0]["rich_message"]["blocks"]]
        assert kinds == ["expandable_blockquote", "heading", "table", "paragraph"]

    model = Tables()
    model.speak.clear()
    play(story, model=model, rich="on", display=DisplayConfig(reasoning="keep"))
