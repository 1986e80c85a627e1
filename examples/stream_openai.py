"""An answer of the OpenAI SDK types itself: ``BOT_TOKEN=... CHAT_ID=... OPENAI_API_KEY=... python stream_openai.py``."""

import asyncio
import os

from openai import AsyncOpenAI

import telex
from telex.adapters.openai import pieces

QUESTION = "Why is the sky blue?"
MODEL = os.environ.get("MODEL", "gpt-5-mini")
SERVER = os.environ.get("API_BASE", "https://api.telegram.org")


async def main() -> None:
    """Ask once. With OPENAI_BASE_URL the SDK asks another server; a stream of ``client.responses`` is taken as well."""
    chat = telex.telegram(os.environ["BOT_TOKEN"], int(os.environ["CHAT_ID"]), api_base=SERVER, reasoning="live")
    async with AsyncOpenAI() as client, telex.live(chat) as out:
        stream = await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": QUESTION}], stream=True
        )
        await out.feed_from(pieces(stream))


asyncio.run(main())
