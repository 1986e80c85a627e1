"""Complaints that a whole gateway must give no cause for; the others are in `test_complaints`."""

import asyncio
from functools import partial

from telex.simulator.limits import Limits, Rate
from tests.gateway.playground import (
    ADA,
    CODE,
    GRACE,
    IDEAS,
    LAB,
    WORKSHOP,
    Playground,
    numbered,
    play,
    playground,
)

BOT = "@telex_demo_bot"


def words(here: Playground, chat: int) -> list[str]:
    return [word for text in here.texts(chat) for word in text.split()]


def whole(here: Playground, chat: int, count: int) -> bool:
    return words(here, chat) == numbered(count).split()


def test_under_flood_control_there_is_no_partial_answer_beside_a_full_one():
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} say 400")
        await here.until(lambda: whole(here, LAB, 400))
        assert [call for call in here.simulator.calls if call.status == 429]
        assert len(here.texts(LAB)) == 1

    play(story, faults=f"editMessageText@{LAB}#1-2=429:1")


def test_short_private_replies_come_once():
    async def story(here: Playground) -> None:
        for number in range(1, 8):
            here.say(ADA, f"say {number}")
            await here.answered(ADA, numbered(number))
        assert here.texts(ADA) == [numbered(number) for number in range(1, 8)]

    play(story)


def test_a_question_that_was_deleted_meanwhile_is_still_answered():
    async def story(here: Playground) -> None:
        question = here.say(LAB, f"{BOT} say 20")
        here.simulator.delete(LAB, question)
        await here.until(lambda: whole(here, LAB, 20))

    play(story)


def test_a_restart_loses_no_turn(tmp_path):
    async def main() -> None:
        async with playground(folder=tmp_path) as here:
            here.say(ADA, "say 20")
            here.serving.cancel()  # before the answer could be shown
            await asyncio.gather(here.serving, return_exceptions=True)
            async with playground(folder=tmp_path, simulator=here.simulator) as again:
                await again.until(lambda: whole(again, ADA, 20))

    asyncio.run(main())


def test_several_chats_share_the_bots_budget_and_nobody_is_locked_out():
    async def story(here: Playground) -> None:
        chats = [ADA, GRACE, *range(2001, 2015)]
        for chat in chats[1:]:
            here.simulator.add_private(chat, f"P{chat}")
        for chat in chats:
            here.say(chat, "say 300")
        for chat in chats:
            await here.until(partial(whole, here, chat, 300))
        assert len([call for call in here.simulator.calls if call.status == 429]) <= 2

    limits = Limits(private=Rate(1.0, 5), drafts=Rate(2.0, 10), bot=Rate(30.0, 30))
    play(story, allow=(ADA, GRACE, *range(2001, 2015)), limits=limits)


def test_answers_stay_in_their_topic_also_when_several_stream_at_once_and_calls_are_lost():
    async def story(here: Playground) -> None:
        for thread, count in ((IDEAS, 200), (CODE, 210)):
            here.say(WORKSHOP, f"{BOT} say {count}", thread_id=thread)
        here.say(WORKSHOP, f"{BOT} say 220")
        await here.answered(WORKSHOP, numbered(200), IDEAS)
        await here.answered(WORKSHOP, numbered(210), CODE)
        await here.answered(WORKSHOP, numbered(220))
        assert [len(here.texts(WORKSHOP, thread)) for thread in (IDEAS, CODE, None)] == [1, 1, 1]

    play(story, faults="sendMessage#1-3=reset_after")
