"""A run of pydantic-ai types itself, tools and all: ``BOT_TOKEN=... CHAT_ID=... OPENAI_API_KEY=... python ...``."""

import asyncio
import os

from pydantic_ai import Agent

import telex
from telex.adapters.pydantic_ai import pieces

QUESTION = "What is 20 + 22?"
SERVER = os.environ.get("API_BASE", "https://api.telegram.org")

agent = Agent(f"openai-chat:{os.environ.get('MODEL', 'gpt-5-mini')}", defer_model_check=True)


@agent.tool_plain
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def main() -> None:
    """Ask once."""
    chat = telex.telegram(os.environ["BOT_TOKEN"], int(os.environ["CHAT_ID"]), api_base=SERVER, reasoning="live")
    async with agent.run_stream_events(QUESTION) as events, telex.live(chat) as out:
        await out.feed_from(pieces(events))


asyncio.run(main())
