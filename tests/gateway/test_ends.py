"""How a gateway begins and ends: bad tokens, a second poller, and a stop in the middle of an answer."""

import asyncio
import logging

import pytest

from telex.config import Config, TelegramConfig
from telex.errors import ConfigError, PlatformError
from telex.gateway.gateway import Gateway
from telex.simulator.limits import Limits, Rate
from telex.simulator.server import Simulator
from telex.surfaces.telegram.api import BotApi
from tests.gateway.playground import ADA, CURSOR, LAB, Playground, Words, numbered, play, until


def test_a_token_that_the_server_does_not_know_is_named_and_not_shown(tmp_path, caplog: pytest.LogCaptureFixture):
    async def main() -> str:
        simulator = Simulator()
        base = await simulator.start()
        telegram = TelegramConfig(token="999:not-the-token", api_base=base)
        try:
            await Gateway(Config(telegram=telegram, data_dir=str(tmp_path)), Words()).run()
        except ConfigError as error:
            return str(error)
        finally:
            await simulator.stop()
        return ""

    caplog.set_level(logging.DEBUG)
    said = asyncio.run(main())
    assert "telegram.token" in said
    assert "not-the-token" not in said + caplog.text


def test_a_server_that_cannot_be_reached_is_named_and_the_token_is_not(tmp_path):
    telegram = TelegramConfig(token="999:not-the-token", api_base="http://127.0.0.1:9")
    with pytest.raises(PlatformError, match=r"127\.0\.0\.1:9") as caught:
        asyncio.run(Gateway(Config(telegram=telegram, data_dir=str(tmp_path)), Words()).run())
    assert "not-the-token" not in str(caught.value)


def test_a_webhook_that_is_set_elsewhere_is_explained_and_waited_out(caplog: pytest.LogCaptureFixture):
    async def story(here: Playground) -> None:
        here.say(ADA, "say 2")
        await here.answered(ADA, numbered(2))
        before = len([call for call in here.calls("getUpdates") if call.status == 409])
        api = BotApi(here.simulator.token, here.simulator.base_url)
        await api.call("setWebhook", {"url": "https://127.0.0.1:9/"}, timeout=5)
        await here.until(lambda: len([call for call in here.calls("getUpdates") if call.status == 409]) > before)
        await api.call("deleteWebhook", {}, timeout=5)
        await api.close()
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))

    play(story)
    assert "Another program polls with the same token, or a webhook is set" in caplog.text


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_a_stop_in_the_middle_of_an_answer_leaves_it_readable_within_five_seconds(chat: int):
    async def story(here: Playground) -> None:
        here.say(chat, "hold 5 @telex_demo_bot")
        await here.until(lambda: here.calls("sendMessage", "sendMessageDraft"))
        await here.until(lambda: len(here.model.asked) == 1)
        assert await here.stop() < 5
        (text,) = here.texts(chat)
        assert text.startswith(numbered(5))
        assert "telex was stopped" in text
        assert CURSOR not in text
        assert here.simulator.draft(chat) is None

    play(story)


def test_an_answer_that_can_end_by_itself_in_a_moment_does_so():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 600")
        await here.until(lambda: here.simulator.draft(ADA) is not None)
        await here.stop()
        assert "".join(here.texts(ADA)).split() == numbered(600).split()

    play(story)


def test_an_answer_that_a_limit_freezes_is_named_in_the_log(caplog: pytest.LogCaptureFixture):
    async def story(here: Playground) -> None:
        here.say(ADA, "say 5")
        await here.until(lambda: [call for call in here.calls("sendMessage") if call.status == 429])
        assert await here.stop() < 5
        assert here.texts(ADA) == []

    play(story, faults="sendMessage#1=429:60")
    assert f"chat {ADA}" in caplog.text
    assert "held back by a rate limit" in caplog.text


def test_nothing_is_called_inside_a_window_that_the_server_named():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 5")
        await here.answered(ADA, numbered(5))
        refused = next(call for call in here.calls("sendMessage") if call.status == 429)
        again = next(call for call in here.calls("sendMessage") if call.at > refused.at)
        assert again.at - refused.at >= 2

    play(story, faults="sendMessage#1=429:2")


def test_under_strict_limits_three_answers_are_complete_and_none_was_refused():
    async def story(here: Playground) -> None:
        for number in (101, 102, 103):
            here.say(ADA, f"say {number}")
            await here.answered(ADA, numbered(number))
        assert not [call for call in here.simulator.calls if call.status == 429]

    play(story, limits=Limits(private=Rate(1.0, 5), drafts=Rate(2.0, 10)))


def test_the_simulator_alone_can_be_waited_for():
    async def main() -> None:
        simulator = Simulator()
        with pytest.raises(TimeoutError, match="not so within"):
            await until(simulator, lambda: False, 0.01)

    asyncio.run(main())
