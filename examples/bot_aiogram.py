"""An aiogram bot whose answers type themselves: ``BOT_TOKEN=... python bot_aiogram.py``; API_BASE names another server."""

import asyncio
import os
from collections.abc import AsyncIterator

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

import telex
from telex.adapters.aiogram import telegram


async def my_model(question: str) -> AsyncIterator[str]:
    """Stands for your model: any async iterator of Markdown."""
    for word in f"You said **{question}**, and I say it again, word by word: {question}".split(" "):
        yield f"{word} "
        await asyncio.sleep(0.05)


async def answer(message: Message, live: telex.Telegram) -> None:
    """Answer in the chat or topic where the question stands."""
    topic = message.message_thread_id if message.is_topic_message else None
    async with telex.live(live.chat(message.chat.id, thread_id=topic, reply_to=message.message_id)) as out:
        await out.feed_from(my_model(message.text or ""))


async def main() -> None:
    """Poll until Ctrl-C."""
    server = TelegramAPIServer.from_base(os.environ.get("API_BASE", "https://api.telegram.org"))
    dispatcher = Dispatcher()
    dispatcher.message.register(answer, F.text)
    async with Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=server)) as bot, telegram(bot) as live:
        await dispatcher.start_polling(bot, live=live)


asyncio.run(main())
