"""What goes wrong around the gateway: who is told, what goes on, and that the bot's token is never written anywhere."""

import asyncio
import itertools
import logging
import traceback
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from telex.config import Config, TelegramConfig
from telex.errors import PlatformError, TelexError
from telex.events import TextDelta
from telex.gateway.gateway import Gateway
from telex.providers.base import Emit, Reply, Request
from telex.surfaces.telegram.api import BotApi
from tests.gateway.playground import ADA, CURSOR, GRACE, LAB, Playground, Words, numbered, play

BOT = "@telex_demo_bot"
TOKEN = "12345:telex-simulator"
SECRET = "999:not-to-be-seen"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def unseen(token: str, caplog: pytest.LogCaptureFixture, *errors: BaseException) -> bool:
    """The token stands in no log record, with its arguments and tracebacks, and in none of these errors."""
    written = [caplog.text, *(repr(record.__dict__) for record in caplog.records)]
    written += ["".join(traceback.format_exception(error)) + repr(error) for error in errors]
    return not any(token in text or token.partition(":")[2] in text for text in written)


async def streams(here: Playground, chat: int, word: str) -> None:
    """Wait until a reader sees ``word`` there."""
    await here.until(lambda: any(word in frame.text for frame in here.simulator.frames if frame.chat_id == chat))


# -- updates --------------------------------------------------------------------------------------------------------


def test_a_second_program_with_the_same_token_is_named_in_the_log_and_no_question_is_lost(
    caplog: pytest.LogCaptureFixture,
):
    async def story(here: Playground) -> None:
        here.say(ADA, "say 2")
        await here.answered(ADA, numbered(2))
        api = BotApi(here.simulator.token, here.simulator.base_url)
        await api.call("getUpdates", {"timeout": 0}, timeout=5)  # takes the poll away
        await api.close()
        await here.until(lambda: [call for call in here.calls("getUpdates") if call.status == 409])
        here.say(ADA, "say 3")
        await here.answered(ADA, numbered(3))
        assert len(here.model.asked) == 2

    caplog.set_level(logging.DEBUG)
    play(story)
    assert "Another program polls with the same token" in caplog.text
    assert unseen(TOKEN, caplog)


def test_a_token_that_is_revoked_later_ends_the_gateway_with_a_clear_error(
    caplog: pytest.LogCaptureFixture,
):
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} hold 5")
        await streams(here, LAB, "w4")
        here.simulator.token = "12345:a-new-one"
        here.simulator.notify("message", {})  # ends the poll that waits
        with pytest.raises(PlatformError, match="no longer accepts the bot's token"):
            await asyncio.wait_for(asyncio.shield(here.serving), 10)

    caplog.set_level(logging.DEBUG)
    play(story)
    assert unseen(TOKEN, caplog)


# -- the token ------------------------------------------------------------------------------------------------------


def begin_against(answer: Answer, folder: str) -> TelexError:
    """Start a gateway against a server that answers everything so; returns what it ends with."""

    async def main() -> TelexError:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            await Gateway(Config(telegram=TelegramConfig(token=SECRET, api_base=base), data_dir=folder), Words()).run()
        except TelexError as error:
            return error
        finally:
            await runner.cleanup()
        raise AssertionError("it ran")

    return asyncio.run(main(), debug=True)


@pytest.mark.parametrize("status", [200, 301, 404, 502])
def test_a_server_that_answers_with_a_page_is_named_and_the_token_is_not(status: int, tmp_path, caplog):
    async def answer(request: web.Request) -> web.Response:
        location = {"Location": str(request.url)} if status == 301 else {}
        page = f"<html><h1>{status}</h1>{request.path}</html>"
        return web.Response(status=status, text=page, content_type="text/html", headers=location)

    caplog.set_level(logging.DEBUG)
    error = begin_against(answer, str(tmp_path))
    assert "127.0.0.1" in str(error)
    assert "telegram.api_base" in str(error)
    assert unseen(SECRET, caplog, error)


@pytest.mark.parametrize("body", ["[]", "null", '{"ok": true}', '{"ok": true, "result": 5}', '{"ok": 1}'])
def test_a_server_that_answers_with_something_else_is_no_bot_api_server(body: str, tmp_path, caplog):
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=body, content_type="application/json")

    caplog.set_level(logging.DEBUG)
    error = begin_against(answer, str(tmp_path))
    assert "telegram.api_base" in str(error)
    assert unseen(SECRET, caplog, error)


@pytest.mark.parametrize("base", ["http://no-such-host.invalid", "http://a..b"])
def test_an_address_that_leads_nowhere_is_named_and_the_token_is_not(base: str, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    config = Config(telegram=TelegramConfig(token=SECRET, api_base=base), data_dir=str(tmp_path))
    with pytest.raises(PlatformError, match=r"telegram\.api_base") as caught:
        asyncio.run(Gateway(config, Words()).run(), debug=True)
    assert unseen(SECRET, caplog, caught.value)


@pytest.mark.parametrize("fault", ["502", "reset_after", "500", "429:1", "entities"])
def test_trouble_with_answers_is_survived_and_the_token_is_not_written(fault: str, caplog: pytest.LogCaptureFixture):
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} say 100")
        await here.answered(LAB, numbered(100))
        here.say(ADA, "say 100")
        await here.answered(ADA, numbered(100))
        assert len(here.texts(LAB)) == len(here.texts(ADA)) == 1

    caplog.set_level(logging.DEBUG)
    play(story, faults=f"sendMessage#1={fault};editMessageText#2={fault};sendMessageDraft#2={fault}")
    assert unseen(TOKEN, caplog)


# -- the model ------------------------------------------------------------------------------------------------------


class Buggy(Words):
    """A model whose code is wrong: it breaks with something that is no error of telex's."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer the last question."""
        question = str(request.messages[-1]["content"])
        if question.endswith("bug"):
            raise LookupError("none of the reader's business")
        if question.endswith("late"):
            emit(TextDelta("Some words"))
            raise LookupError("none of the reader's business")
        return await super().stream(request, emit)


@pytest.mark.parametrize("chat", [ADA, LAB])
@pytest.mark.parametrize(("question", "words"), [("bug", ""), ("late", "Some words")])
def test_a_model_whose_code_breaks_is_one_clear_line_and_the_next_question_works(
    chat: int, question: str, words: str, caplog: pytest.LogCaptureFixture
):
    async def story(here: Playground) -> None:
        here.say(chat, f"{BOT} {question}")
        await here.until(lambda: any("⚠" in text for text in here.texts(chat)))
        (text,) = here.texts(chat)
        assert text.startswith(words or "⚠")
        assert "reader's business" not in text
        assert CURSOR not in text
        here.say(chat, f"{BOT} say 3")
        await here.answered(chat, numbered(3))

    play(story, model=Buggy())
    assert "this is a bug" in caplog.text


# -- side by side ---------------------------------------------------------------------------------------------------


def test_answers_in_several_chats_grow_side_by_side():
    async def story(here: Playground) -> None:
        here.simulator.add_private(GRACE, "Grace")
        for chat in (ADA, GRACE, LAB):
            here.say(chat, f"{BOT} hold 5")
        for chat in (ADA, GRACE, LAB):
            await streams(here, chat, "w4")
        here.model.go_on.set()
        for chat in (ADA, GRACE, LAB):
            await here.answered(chat, f"{numbered(5)} the end")

    play(story)


def test_a_chat_that_a_limit_freezes_delays_nobody_else_and_is_named_when_the_gateway_stops(
    caplog: pytest.LogCaptureFixture,
):
    async def story(here: Playground) -> None:
        here.say(LAB, f"{BOT} hold 5")
        await here.until(lambda: [call for call in here.calls("editMessageText", "sendMessage") if call.status == 429])
        for number in (21, 22):
            here.say(ADA, f"say {number}")
            await here.answered(ADA, numbered(number))
        assert await here.stop() < 5
        assert len([call for call in here.simulator.calls if call.status == 429]) == 1

    play(story, faults=f"sendMessage@{LAB}#1=429:60")
    assert f"chat {LAB}: the end of an answer is held back" in caplog.text


# -- settings -------------------------------------------------------------------------------------------------------


def test_a_preview_waits_for_as_many_characters_as_the_buffer_threshold_says():
    async def story(here: Playground) -> None:
        here.say(ADA, "say 400")
        await here.answered(ADA, numbered(400))
        frames = [frame for frame in here.simulator.frames if frame.text.startswith("w0")]
        previews = [(len(frame.text), frame.at) for frame in frames[:-1]]
        assert len(previews) > 2
        for (shorter, earlier), (longer, later) in itertools.pairwise(previews):
            assert longer - shorter >= 190 or later - earlier >= 0.2  # letters wait for 0.3 s at most

    play(story, streaming={"buffer_threshold": 200, "edit_interval": 0})
