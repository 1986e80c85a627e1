"""What a refusal means for the chats that were not refused."""

from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.chats import Telegram
from tests.gateway.playground import LAB, Playground, numbered, play


def test_two_chats_refused_one_after_the_other_mean_the_whole_bot():
    telegram = Telegram(BotApi("1:a", "http://127.0.0.1:1"))
    ada, grace = telegram.chat(1001), telegram.chat(1002)
    assert not telegram.refused(ada)
    assert not telegram.refused(ada)
    assert telegram.refused(grace)


def test_a_call_that_was_let_through_between_two_refusals_clears_the_bot():
    telegram = Telegram(BotApi("1:a", "http://127.0.0.1:1"))
    assert not telegram.refused(telegram.chat(1001))
    telegram.passed()
    assert not telegram.refused(telegram.chat(1002))


def test_a_refused_typing_sign_holds_no_answer_up():
    async def story(here: Playground) -> None:
        here.say(LAB, "@telex_demo_bot hold 3")
        await here.until(lambda: here.calls("sendChatAction"))
        here.model.go_on.set()
        await here.answered(LAB, f"{numbered(3)} the end")
        assert here.calls("sendChatAction")[0].status == 429

    play(story, faults="sendChatAction#1-9=429:60")
