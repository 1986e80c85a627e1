"""The two common bot libraries, unchanged, against the simulator."""

import asyncio
import importlib.util
from datetime import timedelta

import pytest

from telex.simulator import FaultPlan, Limits, Simulator

ADA, LAB, OLD = 1001, -1001000000001, -4001
WITHOUT_AIOGRAM = pytest.mark.skipif(importlib.util.find_spec("aiogram") is None, reason="aiogram is not installed")
WITHOUT_PTB = pytest.mark.skipif(importlib.util.find_spec("telegram") is None, reason="python-telegram-bot is missing")


def run(body, opened, **options):
    async def main():
        simulator = Simulator(**options)
        base = await simulator.start()
        try:
            async with asyncio.timeout(30), opened(base, simulator.token) as bot:
                await body(simulator, bot)
        finally:
            await simulator.stop()

    asyncio.run(main())


def open_aiogram(base, token):
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(base))).context()


def open_ptb(base, token):
    from telegram import Bot

    return Bot(token, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot")


@WITHOUT_AIOGRAM
def test_aiogram_reads_the_bot_updates_messages_and_edits():
    async def body(simulator, bot):
        me = await bot.get_me()
        assert (me.username, me.has_topics_enabled) == ("telex_demo_bot", False)
        simulator.say(ADA, "/start now")
        simulator.say(LAB, "@telex_demo_bot hi", reply_to=simulator.say(LAB, "first")["message_id"])
        start, _, mention = await bot.get_updates(timeout=1)
        assert start.message.entities[0].type == "bot_command"
        assert mention.message.reply_to_message.text == "first"
        sent = await bot.send_message(ADA, "<b>bold</b> & <code>x</code>".replace("&", "&amp;"), parse_mode="HTML")
        assert (sent.text, [entity.type for entity in sent.entities]) == ("bold & x", ["bold", "code"])
        edited = await bot.edit_message_text("*more*", chat_id=ADA, message_id=sent.message_id, parse_mode="MarkdownV2")
        assert (edited.text, edited.edit_date is not None) == ("more", True)
        assert await bot.delete_message(ADA, sent.message_id)

    run(body, open_aiogram)


@WITHOUT_AIOGRAM
def test_aiogram_sends_drafts_and_hears_of_a_stop():
    async def body(simulator, bot):
        assert await bot.send_message_draft(ADA, draft_id=3, text="thinking", can_stop=True)
        assert simulator.draft(ADA).text == "thinking"
        assert simulator.press_stop(ADA)
        (update,) = await bot.get_updates(timeout=1)
        assert update.stopped_message_generation.draft_id == 3
        assert await bot.send_chat_action(ADA, "typing")

    run(body, open_aiogram)


@WITHOUT_AIOGRAM
def test_aiogram_sends_keyboards_and_hears_of_a_pressed_button():
    async def body(simulator, bot):
        from aiogram.types import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup

        keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go")]])
        sent = await bot.send_message(ADA, "x", reply_markup=keyboard)
        assert sent.reply_markup.inline_keyboard[0][0].callback_data == "go"
        simulator.press(ADA, sent.message_id, "go")
        (update,) = await bot.get_updates(timeout=1)
        assert update.callback_query.data == "go"
        assert await bot.answer_callback_query(update.callback_query.id)
        commands = [BotCommand(command="new", description="Start anew")]
        assert await bot.set_my_commands(commands)
        assert [command.command for command in await bot.get_my_commands()] == ["new"]
        assert (await bot.get_webhook_info()).url == ""

    run(body, open_aiogram)


@WITHOUT_AIOGRAM
def test_aiogram_maps_refusals_to_its_errors():
    async def body(simulator, bot):
        from aiogram import exceptions

        with pytest.raises(exceptions.TelegramRetryAfter) as flood:
            await bot.send_message(ADA, "x")
        assert flood.value.retry_after == 9
        with pytest.raises(exceptions.TelegramServerError):
            await bot.send_message(LAB, "x")
        with pytest.raises(exceptions.TelegramNetworkError):
            await bot.send_message(LAB, "x")
        simulator.add_group(OLD, "Old", ADA, kind="group")
        new_id = simulator.migrate(OLD)
        with pytest.raises(exceptions.TelegramMigrateToChat) as migrated:
            await bot.send_message(OLD, "x")
        assert migrated.value.migrate_to_chat_id == new_id
        simulator.block(ADA)
        with pytest.raises(exceptions.TelegramForbiddenError):
            await bot.send_chat_action(ADA, "typing")
        with pytest.raises(exceptions.TelegramBadRequest, match="message to edit not found"):
            await bot.edit_message_text("x", chat_id=LAB, message_id=99)

    plan = FaultPlan.parse("sendMessage#1=429:9; sendMessage#2=500; sendMessage#3=reset_before")
    run(body, open_aiogram, faults=plan)


@WITHOUT_AIOGRAM
def test_aiograms_own_dispatcher_polls_and_answers():
    async def body(simulator, bot):
        from aiogram import Dispatcher

        dispatcher = Dispatcher()

        @dispatcher.message()
        async def echo(message):
            await message.answer(f"you said {message.text}")

        polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False))
        simulator.say(ADA, "hi")
        await simulator.wait_for(lambda: len(simulator.messages(ADA)) == 2)
        assert simulator.messages(ADA)[-1]["text"] == "you said hi"
        await dispatcher.stop_polling()
        await polling

    run(body, open_aiogram)


@WITHOUT_PTB
def test_python_telegram_bot_reads_the_bot_updates_messages_and_edits():
    async def body(simulator, bot):
        assert (await bot.get_me()).username == "telex_demo_bot"
        simulator.say(ADA, "/start now")
        (update,) = await bot.get_updates(timeout=1)
        assert update.message.entities[0].type == "bot_command"
        sent = await bot.send_message(ADA, "*bold* `x`", parse_mode="MarkdownV2")
        assert (sent.text, [entity.type for entity in sent.entities]) == ("bold x", ["bold", "code"])
        edited = await bot.edit_message_text("more", chat_id=ADA, message_id=sent.message_id)
        assert (edited.text, edited.edit_date is not None) == ("more", True)
        assert await bot.send_chat_action(ADA, "typing")
        assert await bot.delete_message(ADA, sent.message_id)
        assert (await bot.get_webhook_info()).url == ""
        if hasattr(bot, "send_message_draft"):
            assert await bot.send_message_draft(ADA, 3, "thinking")
            assert simulator.draft(ADA).text == "thinking"

    run(body, open_ptb)


@WITHOUT_PTB
def test_python_telegram_bot_maps_refusals_to_its_errors(monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # without it the library warns about its own next version

    async def body(simulator, bot):
        from telegram import error

        with pytest.raises(error.RetryAfter) as flood:
            await bot.send_message(ADA, "x")
        assert flood.value.retry_after == timedelta(seconds=9)
        with pytest.raises(error.NetworkError, match="Bad Gateway"):
            await bot.send_message(LAB, "x")
        with pytest.raises(error.NetworkError):
            await bot.send_message(LAB, "x")
        simulator.add_group(OLD, "Old", ADA, kind="group")
        new_id = simulator.migrate(OLD)
        with pytest.raises(error.ChatMigrated) as migrated:
            await bot.send_message(OLD, "x")
        assert migrated.value.new_chat_id == new_id
        simulator.block(ADA)
        with pytest.raises(error.Forbidden):
            await bot.send_chat_action(ADA, "typing")
        with pytest.raises(error.BadRequest, match="Message to edit not found"):
            await bot.edit_message_text("x", chat_id=LAB, message_id=99)

    plan = FaultPlan.parse("sendMessage#1=429:9; sendMessage#2=502; sendMessage#3=reset_after")
    run(body, open_ptb, faults=plan)


@WITHOUT_PTB
def test_python_telegram_bots_application_polls_and_answers():
    async def body(simulator, _):
        from telegram.ext import Application, MessageHandler, filters

        async def echo(update, context):
            await update.message.reply_text(f"you said {update.message.text}")

        base = simulator.base_url
        application = Application.builder().token(simulator.token).base_url(f"{base}/bot").build()
        application.add_handler(MessageHandler(filters.TEXT, echo))
        async with application:
            await application.start()
            assert application.updater is not None
            await application.updater.start_polling()
            simulator.say(ADA, "hi")
            await simulator.wait_for(lambda: len(simulator.messages(ADA)) == 2)
            assert simulator.messages(ADA)[-1]["text"] == "you said hi"
            await application.updater.stop()
            await application.stop()

    run(body, open_ptb, limits=Limits.none())


@WITHOUT_AIOGRAM
def test_a_wrong_token_is_told_apart_by_both_clients():
    async def body(simulator, _):
        from aiogram import exceptions
        from telegram import error

        async with open_aiogram(simulator.base_url, "12345:wrong") as bot:
            with pytest.raises(exceptions.TelegramUnauthorizedError):
                await bot.get_me()
        stranger = open_ptb(simulator.base_url, "12345:wrong")
        with pytest.raises(error.InvalidToken):
            await stranger.get_me()
        for request in stranger._request:
            await request.shutdown()

    run(body, open_aiogram)


@WITHOUT_AIOGRAM
def test_aiogram_downloads_a_photo_that_a_person_sent():
    async def body(simulator, bot):
        simulator.send_photo(ADA, b"a photo", "look")
        (update,) = await bot.get_updates(timeout=1)
        assert update.message.caption == "look"
        found = await bot.get_file(update.message.photo[-1].file_id)
        assert (await bot.download_file(found.file_path)).read() == b"a photo"

    run(body, open_aiogram)


@WITHOUT_PTB
def test_python_telegram_bot_downloads_a_photo_and_is_told_of_one_that_is_not_there():
    async def body(simulator, bot):
        from telegram.error import BadRequest

        simulator.send_photo(ADA, b"a photo")
        (update,) = await bot.get_updates(timeout=1)
        file = await update.message.photo[-1].get_file()
        assert bytes(await file.download_as_bytearray()) == b"a photo"
        with pytest.raises(BadRequest, match=r"(?i)wrong file_id"):
            await bot.get_file("nothing")

    run(body, open_ptb)
