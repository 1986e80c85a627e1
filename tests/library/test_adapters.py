"""Streams and bots of other libraries, as those libraries give them."""

import asyncio
from types import SimpleNamespace

import pytest

from telex.adapters import aiogram, langchain, openai, openai_agents, pydantic_ai, python_telegram_bot
from telex.errors import ConfigError, ProviderError
from telex.events import Event, ReasoningDelta, SegmentEnded, TextDelta, ToolFinished, ToolStarted
from telex.library import live
from telex.providers.scripted import Piece
from telex.simulator.server import Simulator
from telex.testing import ModelSide
from tests.cli.processes import model_server
from tests.library.events import collected, each
from tests.providers.conftest import Call
from tests.providers.conftest import model_server as local_server
from tests.testing import wires

ADA = 1001


def test_a_bot_of_aiogram_lends_its_token_and_server():
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    async def main() -> None:
        simulator = Simulator()
        base = await simulator.start()
        theirs = Bot(simulator.token, session=AiohttpSession(api=TelegramAPIServer.from_base(base)))
        async with aiogram.telegram(theirs) as bot, live(bot.chat(ADA)) as out:
            out.feed("Hello")
        assert [message["text"] for message in simulator.messages(ADA)] == ["Hello"]
        await theirs.session.close()
        await simulator.stop()

    asyncio.run(main())


def test_a_bot_of_python_telegram_bot_lends_its_token_and_server():
    from telegram import Bot

    async def main() -> None:
        simulator = Simulator()
        base = await simulator.start()
        theirs = Bot(simulator.token, base_url=f"{base}/bot")
        async with python_telegram_bot.telegram(theirs) as bot, live(bot.chat(ADA)) as out:
            out.feed("Hello")
        assert [message["text"] for message in simulator.messages(ADA)] == ["Hello"]
        await simulator.stop()

    asyncio.run(main())


def test_a_bot_of_aiogram_on_the_test_servers_is_not_taken_to_the_others():
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TEST

    theirs = Bot("1:secret", session=AiohttpSession(api=TEST))
    with pytest.raises(ConfigError, match="test servers") as said:
        aiogram.telegram(theirs)
    assert "secret" not in str(said.value)


def test_a_bot_of_aiogram_behind_a_proxy_is_not_taken_past_it():
    theirs = SimpleNamespace(token="1:a", session=SimpleNamespace(proxy="socks5://127.0.0.1:1"))
    with pytest.raises(ConfigError, match="proxy"):
        aiogram.telegram(theirs)


def test_a_bot_of_python_telegram_bot_on_the_test_servers_is_not_taken_to_the_others():
    from telegram import Bot

    with pytest.raises(ConfigError, match="test servers") as said:
        python_telegram_bot.telegram(Bot("1:secret", base_url="https://api.telegram.org/bot{token}/test"))
    assert "secret" not in str(said.value)


def test_a_bot_of_python_telegram_bot_behind_a_proxy_is_not_taken_past_it():
    from telegram import Bot
    from telegram.request import HTTPXRequest

    with pytest.raises(ConfigError, match="proxy"):
        python_telegram_bot.telegram(Bot("1:a", request=HTTPXRequest(proxy="http://127.0.0.1:1")))


def test_a_stream_of_the_openai_sdk():
    from openai import AsyncOpenAI

    async def main() -> list[Event]:
        async with model_server(["Hel", "lo"]) as (address, _), AsyncOpenAI(base_url=address, api_key="none") as client:
            stream = await client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "hi"}], stream=True
            )
            return [piece async for piece in openai.pieces(stream)]

    assert asyncio.run(main()) == [TextDelta("Hel"), TextDelta("lo")]


async def responses(*pieces: Piece) -> list[Event]:
    """What is heard of a response of the OpenAI SDK."""
    from openai import AsyncOpenAI

    async def handler(call: Call) -> None:
        model = ModelSide(*pieces)
        model.held_back = True
        await wires.answer(call, wires.Responses(), model)

    async with local_server(handler) as server, AsyncOpenAI(base_url=server.url, api_key="none") as client:
        stream = await client.responses.create(model="m", input="hi", stream=True)
        return [piece async for piece in openai.pieces(stream)]


def test_a_response_of_the_openai_sdk():
    said = Piece(0, "Hm", "reasoning"), Piece(0, "Hel"), Piece(0, "lo")
    heard = [piece for piece in asyncio.run(responses(*said)) if piece != SegmentEnded()]
    assert heard == [ReasoningDelta("Hm"), TextDelta("Hel"), TextDelta("lo")]


def test_a_response_that_fails_in_the_middle_does_not_pass_for_a_whole_one():
    with pytest.raises(ProviderError, match="Out of order"):
        asyncio.run(responses(Piece(0, "Hel"), Piece(0, "Out of order", "error")))


def test_a_refusal_of_a_model_is_shown():
    from openai.types.chat.chat_completion_chunk import ChoiceDelta
    from openai.types.responses import ResponseRefusalDeltaEvent

    event = ResponseRefusalDeltaEvent.model_construct(type="response.refusal.delta", delta="No.")
    choice = SimpleNamespace(delta=ChoiceDelta(refusal="No."), finish_reason="stop")
    assert collected(openai.pieces(each([event, SimpleNamespace(choices=[choice])]))) == [TextDelta("No.")] * 2


def test_a_run_of_pydantic_ai_with_a_tool():
    from pydantic_ai import Agent
    from pydantic_ai.models.test import TestModel

    agent = Agent(TestModel(custom_output_text="All is well."))

    @agent.tool_plain
    def look() -> str:
        return "seen"

    async def main() -> list[Event]:
        async with agent.run_stream_events("hi") as events:
            return [piece async for piece in pydantic_ai.pieces(events)]

    pieces = asyncio.run(main())
    assert "".join(piece.text for piece in pieces if isinstance(piece, TextDelta)) == "All is well."
    assert [piece.name for piece in pieces if isinstance(piece, ToolStarted)] == ["look"]
    assert [piece.ok for piece in pieces if isinstance(piece, ToolFinished)] == [True]


def test_a_run_of_the_openai_agents_sdk():
    from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
    from openai import AsyncOpenAI

    set_tracing_disabled(True)

    async def main() -> list[Event]:
        async with model_server(["Hel", "lo"]) as (address, _), AsyncOpenAI(base_url=address, api_key="none") as client:
            agent = Agent("a", model=OpenAIChatCompletionsModel("m", client))
            run = Runner.run_streamed(agent, "hi")
            return [piece async for piece in openai_agents.pieces(run.stream_events())]

    pieces = asyncio.run(main())
    assert "".join(piece.text for piece in pieces if isinstance(piece, TextDelta)) == "Hello"


def test_a_stream_of_langchain():
    from langchain_core.language_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage

    chat = GenericFakeChatModel(messages=iter([AIMessage("Hello dear world")]))
    pieces = collected(langchain.pieces(chat.astream("hi")))
    assert "".join(piece.text for piece in pieces if isinstance(piece, TextDelta)) == "Hello dear world"
