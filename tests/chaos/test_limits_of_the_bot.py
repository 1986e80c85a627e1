"""What a refusal means for the chats that were not refused."""

import asyncio

from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.chats import Telegram
from telex.testing.virtual_time import run
from tests.gateway.playground import LAB, Playground, numbered, play


def test_three_chats_refused_at_about_the_same_time_mean_the_whole_bot():
    async def story() -> None:
        telegram = Telegram(BotApi("1:a", "http://127.0.0.1:1"))
        assert not telegram.refused(telegram.chat(1001))
        assert not telegram.refused(telegram.chat(1001))
        assert not telegram.refused(telegram.chat(1002))
        assert telegram.refused(telegram.chat(1003))

    run(story())


def test_three_chats_refused_one_after_the_other_over_a_minute_mean_themselves():
    async def story() -> None:
        telegram = Telegram(BotApi("1:a", "http://127.0.0.1:1"))
        for chat_id in (1001, 1002, 1003):
            assert not telegram.refused(telegram.chat(chat_id))
            await asyncio.sleep(20)  # of virtual time

    run(story())


def test_a_call_that_was_let_through_between_refusals_clears_the_bot():
    async def story() -> None:
        telegram = Telegram(BotApi("1:a", "http://127.0.0.1:1"))
        for chat_id in (1001, 1002):
            assert not telegram.refused(telegram.chat(chat_id))
        telegram.passed()
        assert not telegram.refused(telegram.chat(1003))

    run(story())


def test_a_refused_typing_sign_holds_no_answer_up():
    async def story(here: Playground) -> None:
        here.say(LAB, "@telex_demo_bot hold 3")
        await here.until(lambda: here.calls("sendChatAction"))
        here.model.go_on.set()
        await here.answered(LAB, f"{numbered(3)} the end")
        assert here.calls("sendChatAction")[0].status == 429

    play(story, faults="sendChatAction#1-9=429:60")
