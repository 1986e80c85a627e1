"""A python-telegram-bot bot whose answers type themselves: ``BOT_TOKEN=... python ...``; see API_BASE below."""

import asyncio
import os
from collections.abc import AsyncIterator

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

import telex
from telex.adapters.python_telegram_bot import telegram


async def my_model(question: str) -> AsyncIterator[str]:
    """Stands for your model: any async iterator of Markdown."""
    for word in f"You said **{question}**, and I say it again, word by word: {question}".split(" "):
        yield f"{word} "
        await asyncio.sleep(0.05)


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer in the chat or topic where the question stands."""
    if (message := update.message) is not None:
        topic = message.message_thread_id if message.is_topic_message else None
        place = context.bot_data["live"].chat(message.chat_id, thread_id=topic, reply_to=message.message_id)
        async with telex.live(place) as out:
            await out.feed_from(my_model(message.text or ""))


builder = Application.builder().token(os.environ["BOT_TOKEN"])
builder = builder.post_shutdown(lambda app: app.bot_data["live"].close())
app = builder.base_url(os.environ.get("API_BASE", "https://api.telegram.org") + "/bot").build()
app.bot_data["live"] = telegram(app.bot)  # one object for all chats
app.add_handler(MessageHandler(filters.TEXT, answer, block=False))
app.run_polling()
