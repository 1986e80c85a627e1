"""Every provider that telex brings passes the suite that other people's must pass."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, TextDelta, TurnEnded
from telex.providers.anthropic import AnthropicMessages
from telex.providers.base import Emit, Provider, Reply, Request
from telex.providers.chain import Chain, Link
from telex.providers.embedded import Embedded
from telex.providers.openai_chat import OpenAIChat
from telex.providers.openai_responses import OpenAIResponses
from telex.providers.scripted import Scripted
from telex.testing import ModelSide, ProviderSuite, ScriptedModel
from tests.providers.conftest import model_server
from tests.testing.wires import Chat, Messages, Responses, answer

KEY = "sk-very-secret"


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


LLAMA = """
import pathlib, types

class CommonParams:
    def __init__(self):
        self.model, self.cpuparams, self.cpuparams_batch = (types.SimpleNamespace() for _ in range(3))

class Server:
    def __init__(self, params):
        self.listening_address = pathlib.Path(__file__).with_name("address").read_text()
"""


# -- the suite itself: what it must notice ---------------------------------------------------------------------------------


class Right:
    """Says what the model says, without a wire between; the others do one thing wrong."""

    name = "right"

    def __init__(self, model: ModelSide) -> None:
        self.model = model

    async def stream(self, request: Request, emit: Emit) -> Reply:
        text = ""
        async with self.model.answering() as pieces:
            async for piece in pieces:
                match piece.kind:
                    case "text":
                        text += piece.text
                        emit(TextDelta(piece.text))
                    case "error":
                        raise ProviderError(piece.text)
                    case "drop":
                        raise ProviderDropped("It broke off.")
        return Reply(text)

    async def close(self) -> None:
        pass


class TestRight(ProviderSuite):
    thinks = calls = False
    made = Right

    @contextlib.asynccontextmanager
    async def provider(self, model: ModelSide) -> AsyncIterator[Provider]:
        yield self.made(model)


class Gathering(Right):
    """Waits for the whole answer."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        events: list[Event] = []
        reply = await super().stream(request, events.append)
        for event in events:
            emit(event)
        return reply


class Ending(Right):
    """Tells the turn's end, which is the agent's."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        reply = await super().stream(request, emit)
        emit(TurnEnded())
        return reply


class Hoping(Right):
    """Takes half an answer for a whole one."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        try:
            return await super().stream(request, emit)
        except ProviderError:
            return Reply("")


class Deaf(Right):
    """Goes on after Stop, in the background."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        return await asyncio.shield(asyncio.create_task(super().stream(request, emit)))


def _all(events: list[Event], emit: Emit) -> None:
    for event in events:
        emit(event)


class Swallowing(Right):
    """Keeps from its caller that a listener failed."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        with contextlib.suppress(LookupError):
            return await super().stream(request, emit)
        return Reply("")


class Threaded(Right):
    """Lets another thread do it."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        events: list[Event] = []
        reply = await super().stream(request, events.append)
        await asyncio.to_thread(_all, events, emit)
        return reply


class Late(Right):
    """Gives its reply before it has said everything."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        events: list[Event] = []
        reply = await super().stream(request, events.append)
        asyncio.get_running_loop().call_soon(_all, events, emit)
        return reply


class Silent(Right):
    """Hides that it was stopped."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        try:
            return await super().stream(request, emit)
        except asyncio.CancelledError:
            return Reply("")


class Changing(Right):
    """Writes into the question."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        request.messages.append({"role": "assistant", "content": ""})  # type: ignore[attr-defined]
        return await super().stream(request, emit)


class Telling(Right):
    """Shows its key."""

    name = f"telling ({KEY})"


class Single(Right):
    """Answers one question at a time, and lets the others fail."""

    busy = False

    async def stream(self, request: Request, emit: Emit) -> Reply:
        if self.busy:
            raise ProviderError("One at a time.")
        self.busy = True
        return await super().stream(request, emit)


@pytest.mark.parametrize(
    ("made", "broken", "how"),
    [
        (Gathering, "test_words_are_emitted_at_once_in_order_and_make_the_reply", ()),
        (Ending, "test_words_are_emitted_at_once_in_order_and_make_the_reply", ()),
        (Hoping, "test_half_an_answer_does_not_pass_for_a_whole_one", ()),
        (Hoping, "test_a_failure_is_an_error_that_says_what_to_do", [()]),
        (Threaded, "test_everything_is_emitted_in_the_thread_that_asked_and_before_the_reply", ()),
        (Late, "test_everything_is_emitted_in_the_thread_that_asked_and_before_the_reply", ()),
        (Swallowing, "test_what_a_listener_raises_comes_out_and_closes_the_connection", ()),
        (Deaf, "test_an_answer_that_is_stopped_closes_its_connection_and_says_nothing_more", [("Hel", "lo")]),
        (Silent, "test_an_answer_that_is_stopped_closes_its_connection_and_says_nothing_more", [("Hel", "lo")]),
        (Changing, "test_a_question_is_not_changed", ()),
        (Telling, "test_it_has_a_name_for_people", ()),
        (Single, "test_answers_run_side_by_side", ()),
        (Right, "test_thoughts_are_no_words", ()),
        (Right, "test_calls_of_tools_are_in_the_reply", ()),
    ],
)
def test_the_suite_notices_a_provider_that_does_wrong(made: type[Right], broken: str, how: list[object]) -> None:
    suite = TestRight()
    suite.made, suite.thinks, suite.calls, suite.secret = made, True, True, KEY
    with pytest.raises((AssertionError, ProviderError, pytest.fail.Exception)):
        getattr(suite, broken)(*how)
