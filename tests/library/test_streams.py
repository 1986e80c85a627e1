"""The examples of other libraries' streams, each a process on the simulator, asking a server that says what the test wants."""

import asyncio
import importlib.util
import os
import sys
from pathlib import Path

import pytest

from telex.providers.scripted import Piece
from telex.simulator.server import Simulator
from telex.testing import ModelSide
from tests.providers.conftest import Call, model_server
from tests.testing.wires import Chat, Messages, Responses, Wire, answer

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
ADA, BEN = 1001, 1002
BOUND = 60.0  # seconds

THOUGHT = [Piece(0, "Rayleigh?", "reasoning")]
WORDS = [Piece(0, "Because air "), Piece(0, "scatters **blue** "), Piece(0, "light more.")]
SUM = [Piece(0, '{"a": 20, "b": 22}', "call", "add")]


async def run(name: str, *answers: tuple[type[Wire], list[Piece]]) -> Simulator:
    """Run an example to its end; its model gives the answers, one after the other."""
    left = list(answers)

    async def handler(call: Call) -> None:
        wire, pieces = left.pop(0)
        assert call.path.endswith(wire.path)
        asked.append(call.body)
        model = ModelSide(*pieces)
        model.held_back = True  # what comes out is seen in Telegram
        await answer(call, wire(), model)

    asked: list[object] = []
    simulator = Simulator()
    simulator.add_private(BEN, "Ben")
    await simulator.start()
    async with asyncio.timeout(BOUND), model_server(handler) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", str(EXAMPLES / name),
            env={
                **os.environ,
                "BOT_TOKEN": simulator.token, "API_BASE": simulator.base_url, "CHAT_ID": str(ADA), "CHAT_IDS": f"{ADA},{BEN}",
                "MODEL": "m", "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": server.url,
                "ANTHROPIC_API_KEY": "none", "ANTHROPIC_BASE_URL": server.url.removesuffix("/v1"),
            },
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
    await simulator.stop()
    assert not said, said.decode()
    assert process.returncode == 0
    assert not left, "the model was not asked as often as it has answers"
    return simulator


def texts(simulator: Simulator, chat: int = ADA) -> list[str]:
    return [message["text"] for message in simulator.messages(chat)]


def needs(library: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not importlib.util.find_spec(library), reason=f"needs {library}")


@needs("openai")
def test_a_stream_of_the_openai_sdk():
    simulator = asyncio.run(run("stream_openai.py", (Chat, THOUGHT + WORDS)))
    assert texts(simulator) == ["Because air scatters blue light more."]


@needs("anthropic")
def test_a_stream_of_the_anthropic_sdk():
    simulator = asyncio.run(run("stream_anthropic.py", (Messages, THOUGHT + WORDS)))
    assert texts(simulator) == ["Because air scatters blue light more."]


@needs("pydantic_ai")
def test_a_run_of_pydantic_ai_with_a_tool():
    simulator = asyncio.run(run("stream_pydantic_ai.py", (Chat, SUM), (Chat, [Piece(0, "It is **42**.")])))
    (text,) = texts(simulator)
    assert "add" in text
    assert "a: 20, b: 22" in text
    assert text.endswith("It is 42.")


@needs("agents")
def test_a_run_of_the_openai_agents_sdk_with_a_tool():
    simulator = asyncio.run(run("stream_openai_agents.py", (Responses, SUM), (Responses, [Piece(0, "It is **42**.")])))
    (text,) = texts(simulator)
    assert "add" in text
    assert "a: 20, b: 22" in text
    assert text.endswith("It is 42.")


@needs("langchain_core")
def test_a_chain_of_langchain():
    assert texts(asyncio.run(run("stream_langchain.py"))) == ["Because air scatters blue light more than red light."]


def test_any_iterator_of_text_in_two_chats_of_one_bot():
    simulator = asyncio.run(run("stream_anything.py"))
    whole = "Why is the sky blue? Because air scatters blue light more than red light."
    assert [texts(simulator, chat) for chat in (ADA, BEN)] == [[whole], [whole]]
    assert {frame.chat_id for frame in simulator.frames if frame.kind == "draft"} == {ADA, BEN}
