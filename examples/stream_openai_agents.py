"""A run of the OpenAI Agents SDK types itself, tools and all: ``BOT_TOKEN=... CHAT_ID=... OPENAI_API_KEY=... python ...``."""

import asyncio
import os

from agents import Agent, Runner, function_tool, set_tracing_disabled

import telex
from telex.adapters.openai_agents import pieces

QUESTION = "What is 20 + 22?"
MODEL = os.environ.get("MODEL", "gpt-5-mini")
SERVER = os.environ.get("API_BASE", "https://api.telegram.org")


@function_tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def main() -> None:
    """Ask once."""
    set_tracing_disabled(True)
    agent = Agent("Calculator", model=MODEL, tools=[add])
    chat = telex.telegram(os.environ["BOT_TOKEN"], int(os.environ["CHAT_ID"]), api_base=SERVER, reasoning="live")
    async with telex.live(chat) as out:
        await out.feed_from(pieces(Runner.run_streamed(agent, QUESTION).stream_events()))


asyncio.run(main())
