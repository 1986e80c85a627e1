"""An answer of the Anthropic SDK types itself: ``BOT_TOKEN=... CHAT_ID=... ANTHROPIC_API_KEY=... python stream_anthropic.py``."""

import asyncio
import os

from anthropic import AsyncAnthropic

import telex
from telex.adapters.anthropic import pieces

QUESTION = "Why is the sky blue?"
MODEL = os.environ.get("MODEL", "claude-haiku-5-5")
SERVER = os.environ.get("API_BASE", "https://api.telegram.org")


async def main() -> None:
    """Ask once. With ANTHROPIC_BASE_URL the SDK asks another server."""
    chat = telex.telegram(os.environ["BOT_TOKEN"], int(os.environ["CHAT_ID"]), api_base=SERVER, reasoning="live")
    async with AsyncAnthropic() as client, telex.live(chat) as out:
        stream = await client.messages.create(
            model=MODEL, max_tokens=2000, messages=[{"role": "user", "content": QUESTION}], stream=True
        )
        await out.feed_from(pieces(stream))


asyncio.run(main())
