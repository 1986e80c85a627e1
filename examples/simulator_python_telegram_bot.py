"""A python-telegram-bot bot against the simulator: only the server's address differs from a bot on the real Telegram."""

import asyncio

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from telex.simulator import Simulator

ADA = 1001


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Say it again, louder."""
    if update.message and update.message.text:
        await update.message.reply_text(f"<b>{update.message.text.upper()}</b>", parse_mode="HTML")


async def main() -> None:
    """Run bot and simulator side by side; ``telex simulate`` runs the simulator alone."""
    simulator = Simulator()
    base = await simulator.start()
    bot = Application.builder().token(simulator.token).base_url(f"{base}/bot").base_file_url(f"{base}/file/bot").build()
    bot.add_handler(MessageHandler(filters.TEXT, echo))
    async with bot:
        await bot.start()
        assert bot.updater is not None  # noqa: S101 - the builder made one
        await bot.updater.start_polling()
        simulator.say(ADA, "hello")
        await simulator.wait_for(lambda: len(simulator.messages(ADA)) == 2)
        await bot.updater.stop()
        await bot.stop()
    for message in simulator.messages(ADA):
        print(f"{message['from']['first_name']}: {message['text']}")
    await simulator.stop()


asyncio.run(main())
