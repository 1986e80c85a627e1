"""A chain of LangChain types itself: ``BOT_TOKEN=... CHAT_ID=... python stream_langchain.py``."""

import asyncio
import os

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.prompts import ChatPromptTemplate

import telex
from telex.adapters.langchain import pieces

SERVER = os.environ.get("API_BASE", "https://api.telegram.org")
ANSWER = "Because air scatters **blue** light more than red light."

model = GenericFakeChatModel(messages=iter([AIMessage(ANSWER)]))  # stands for ChatOpenAI(...) or any other chat model
chain = ChatPromptTemplate.from_messages([("system", "Be brief."), ("user", "{question}")]) | model


async def main() -> None:
    """Ask once."""
    chat = telex.telegram(os.environ["BOT_TOKEN"], int(os.environ["CHAT_ID"]), api_base=SERVER)
    async with telex.live(chat) as out:
        await out.feed_from(pieces(chain.astream({"question": "Why is the sky blue?"})))


asyncio.run(main())
