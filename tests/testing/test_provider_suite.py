"""Every provider that telex brings passes the suite that other people's must pass."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from telex.providers.anthropic import AnthropicMessages
from telex.providers.base import Provider
from telex.providers.chain import Chain, Link
from telex.providers.embedded import Embedded
from telex.providers.openai_chat import OpenAIChat
from telex.providers.openai_responses import OpenAIResponses
from telex.providers.scripted import Scripted
from telex.testing import ModelSide, ProviderSuite, ScriptedModel
from tests.providers.conftest import model_server
from tests.testing.wires import Chat, Messages, Responses, answer

KEY = "sk-very-secret"
BOUND = 60.0


class ServerSuite(ProviderSuite):
    """A provider whose model is behind HTTP."""

    secret: str | None = KEY
    wire: Any
    made: Any

    @contextlib.asynccontextmanager
    async def provider(self, model: ModelSide) -> AsyncIterator[Provider]:
        async with model_server(lambda call: answer(call, self.wire(), model)) as server:
            yield self.made(server.url, KEY, "m")


class TestChatCompletions(ServerSuite):
    wire, made = Chat, OpenAIChat


class TestResponses(ServerSuite):
    wire, made = Responses, OpenAIResponses


class TestAnthropic(ServerSuite):
    wire, made = Messages, AnthropicMessages


class TestChain(ServerSuite):
    wire = Chat

    def made(self, *how: str) -> Provider:
        return Chain([Link(OpenAIChat(*how)), Link(OpenAIChat(*how))])


class TestScripted(ProviderSuite):
    @contextlib.asynccontextmanager
    async def provider(self, model: ModelSide) -> AsyncIterator[Provider]:
        yield Scripted(model.pieces)


class TestModelOfTests(ProviderSuite):
    @contextlib.asynccontextmanager
    async def provider(self, model: ModelSide) -> AsyncIterator[Provider]:
        provider = ScriptedModel()
        for _ in range(3):
            provider.answers(*model.pieces)
        yield provider


class TestEmbedded(ServerSuite):
    """The child process is telex's own; the library that it loads is one that names the scripted server as its own."""

    thinks = calls = False
    secret = None
    wire = Chat

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = tmp_path
        (tmp_path / "xllamacpp.py").write_text(LLAMA)
        (tmp_path / "model.gguf").write_bytes(b"weights")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        asyncio.run(main)

    def made(self, address: str, *_: str) -> Provider:
        (self.folder / "address").write_text(address.removesuffix("/v1"))
        return Embedded(self.folder / "model.gguf")

    def test_it_can_be_closed_in_another_event_loop_than_it_was_started_in(self) -> None:
        (self.folder / "address").write_text("http://127.0.0.1:9")
        program = AFTER_ITS_LOOP.format(path=str(self.folder / "model.gguf"))
        ended = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=BOUND, check=False
        )
        assert (ended.returncode, ended.stdout) == (0, "closed\n"), ended.stderr


AFTER_ITS_LOOP = """
import asyncio
from telex.providers.embedded import Embedded

provider = Embedded({path!r})
asyncio.run(provider.start())
asyncio.run(provider.close())
print("closed")
"""

LLAMA = """
import pathlib, types

class CommonParams:
    def __init__(self):
        self.model, self.cpuparams, self.cpuparams_batch = (types.SimpleNamespace() for _ in range(3))

class Server:
    def __init__(self, params):
        self.listening_address = pathlib.Path(__file__).with_name("address").read_text()
"""
