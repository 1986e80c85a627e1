"""What the chats of one bot teach each other about limits."""

import asyncio

from telex.display.pace import Pace, Ticket
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.chats import Telegram
from telex.testing.virtual_time import run


def telegram() -> Telegram:
    return Telegram(BotApi("1:a", "http://127.0.0.1:1"))


def refuse(pace: Pace) -> None:
    """Three calls at once, of which the third is refused."""
    for at in (0.0, 0.1, 0.2):
        pace.spend(Ticket(), at)
    pace.freeze(5.0, 0.2)


def test_a_new_chat_begins_with_what_its_kind_has_taught_and_another_kind_does_not():
    bot = telegram()
    known = bot.chat(1)
    refuse(known.messages)
    assert known.messages.scale < 0.6
    assert bot.chat(2).messages.scale == known.messages.scale
    assert bot.chat(2).drafts.scale == 1.0
    assert bot.chat(-5).messages.scale == 1.0


def test_a_chat_that_was_there_before_keeps_its_own_belief():
    bot = telegram()
    before = bot.chat(1)
    refuse(bot.chat(2).messages)
    assert before.messages.scale == 1.0


def test_a_frozen_chat_and_what_its_kind_was_taught_outlive_a_restart():
    async def main() -> None:
        bot, again = telegram(), telegram()
        refuse(bot.chat(1).messages)
        now = asyncio.get_running_loop().time()
        again.restore(bot.learned(), 2.0)
        assert again.chat(1).messages.turn(Ticket(final=True), now) == now + 3.0
        assert again.chat(1).messages.scale == again.chat(2).messages.scale == bot.chat(1).messages.scale

    run(main())
