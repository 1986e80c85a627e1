"""Questions that follow one another more quickly than they can be answered, and conversations that begin anew."""

import asyncio

import pytest

from telex.providers.base import Emit, Reply, Request
from tests.gateway.playground import ADA, CURSOR, GRACE, LAB, Playground, Words, numbered, play, playground

BOT = "@telex_demo_bot"
FORGOTTEN = "A new conversation: I have forgotten the last one."


class SlowToLetGo(Words):
    """A model whose connection takes its time to close."""

    def __init__(self) -> None:
        super().__init__()
        self.closing = asyncio.Event()
        self.closed = asyncio.Event()

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer the last question."""
        try:
            return await super().stream(request, emit)
        except asyncio.CancelledError:
            self.closing.set()
            await self.closed.wait()
            raise


async def streams(here: Playground, chat: int, word: str) -> None:
    """Wait until a reader sees ``word`` there."""
    await here.until(lambda: any(word in frame.text for frame in here.simulator.frames if frame.chat_id == chat))


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_three_questions_at_once_reach_the_model_as_one_and_get_one_answer(chat: int):
    async def story(here: Playground) -> None:
        for text in ("first", "second", "say 3"):
            here.say(chat, f"{BOT} {text}")
        await here.answered(chat, numbered(3))
        assert here.model.asked[-1][-1]["content"].split("\n\n") == ["first", "second", "say 3"]
        assert here.texts(chat) == [numbered(3)]

    play(story)


def test_questions_that_were_passed_over_are_not_answered_by_the_next_start(tmp_path):
    async def main() -> None:
        async with playground(folder=tmp_path) as here:
            for text in ("first", "second", "say 3"):
                here.say(ADA, text)
            await here.answered(ADA, numbered(3))
            await here.stop()
            async with playground(folder=tmp_path, simulator=here.simulator) as again:
                again.say(ADA, "say 4")
                await again.answered(ADA, numbered(4))
                assert len(again.model.asked) == 1
                assert again.texts(ADA) == [numbered(3), numbered(4)]

    asyncio.run(main())


def test_a_question_waits_for_a_model_that_is_slow_to_let_go_also_when_it_is_the_third():
    async def story(here: Playground) -> None:
        here.say(ADA, "hold 5")
        await streams(here, ADA, "w4")
        here.say(ADA, "second")
        await model.closing.wait()
        here.say(ADA, "say 3")
        await here.until(lambda: here.texts(ADA))  # what was said stands at once, however long the model takes
        here.simulator.add_private(GRACE, "Grace")
        here.say(GRACE, "say 2")
        await here.answered(GRACE, numbered(2))
        model.closed.set()
        await here.answered(ADA, numbered(3))
        assert here.model.asked[-1][-1]["content"].split("\n\n") == ["second", "say 3"]
        assert len(here.texts(ADA)) == 2

    model = SlowToLetGo()
    play(story, model=model)


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_five_questions_that_interrupt_one_another_stand_in_order_and_whole(chat: int):
    async def story(here: Playground) -> None:
        for number in range(11, 15):
            here.say(chat, f"{BOT} hold {number}")
            await streams(here, chat, f"w{number - 1}")
        here.say(chat, f"{BOT} say 3")
        await here.answered(chat, numbered(3))
        assert [text.split("\n")[0].strip() for text in here.texts(chat)] == [
            *map(numbered, range(11, 15)),
            numbered(3),
        ]
        assert CURSOR not in "".join(here.texts(chat))

    play(story)


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_a_new_conversation_is_announced_below_the_answer_that_it_cuts_off(chat: int):
    async def story(here: Playground) -> None:
        here.say(chat, f"{BOT} hold 5")
        await streams(here, chat, "w4")
        here.say(chat, "/new@telex_demo_bot")
        await here.answered(chat, FORGOTTEN)
        old, _ = here.texts(chat)
        assert old.startswith(numbered(5))
        here.say(chat, f"{BOT} say 3")
        await here.answered(chat, numbered(3))
        assert [message["content"] for message in here.model.asked[-1] if message["role"] == "user"] == ["say 3"]

    play(story, faults="sendMessage#1=slow:0.3")


def test_a_new_conversation_stays_new_after_a_restart(tmp_path):
    async def main() -> None:
        async with playground(folder=tmp_path) as here:
            here.say(ADA, "say 2")
            await here.answered(ADA, numbered(2))
            here.say(ADA, "/new")
            await here.answered(ADA, FORGOTTEN)
            await here.stop()
            async with playground(folder=tmp_path, simulator=here.simulator) as again:
                again.say(ADA, "say 4")
                await again.answered(ADA, numbered(4))
                assert [entry["content"] for entry in again.model.asked[0] if entry["role"] == "user"] == ["say 4"]

    asyncio.run(main())


def test_a_question_before_a_new_conversation_is_not_part_of_it():
    async def story(here: Playground) -> None:
        for text in ("first", "/new", "say 3"):
            here.say(ADA, text)
        await here.answered(ADA, numbered(3))
        assert here.model.asked[-1][-1]["content"] == "say 3"

    play(story)


def test_stop_right_after_a_question_stops_it():
    async def story(here: Playground) -> None:
        here.say(ADA, "hold 5")
        here.say(ADA, "/stop")
        here.say(ADA, "/help")
        await here.until(lambda: any("/new begins" in text for text in here.texts(ADA)))
        assert not any("Nothing is running" in text for text in here.texts(ADA))
        assert here.model.asked == [] or here.model.cancelled == 1

    play(story)


def test_a_question_that_was_stopped_is_not_asked_with_the_next():
    async def story(here: Playground) -> None:
        here.say(ADA, "hold 5")
        here.say(ADA, "/stop")
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        assert here.model.asked[-1][-1]["content"] == "say 3"

    play(story)
