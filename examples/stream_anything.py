"""Any async iterator of text types itself, in two chats of one bot: ``BOT_TOKEN=... CHAT_IDS=1001,1002 python ...``."""

import asyncio
import os
from collections.abc import AsyncIterator

import telex

SERVER = os.environ.get("API_BASE", "https://api.telegram.org")


async def my_model(question: str) -> AsyncIterator[str]:
    """Stands for your model."""
    for word in f"**{question}** Because air scatters blue light more than red light.".split(" "):
        yield f"{word} "
        await asyncio.sleep(0.05)


async def answer(bot: telex.Telegram, chat_id: int) -> None:
    """One answer; every answer of the bot goes through the same object."""
    async with telex.live(bot.chat(chat_id)) as out:
        async for piece in my_model("Why is the sky blue?"):
            out.feed(piece)


async def main() -> None:
    """Answer in all chats at once."""
    async with telex.Telegram(os.environ["BOT_TOKEN"], api_base=SERVER) as bot:
        await asyncio.gather(*(answer(bot, int(chat)) for chat in os.environ["CHAT_IDS"].split(",")))


asyncio.run(main())
