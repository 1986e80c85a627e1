"""What the suite must notice: providers that do one thing wrong."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, TextDelta, TurnEnded
from telex.providers.base import Emit, Provider, Reply, Request
from telex.testing import ModelSide, ProviderSuite

KEY = "sk-very-secret"


class Right:
    """Says what the model says, without a wire between; the others do one thing wrong."""

    name = "right"

    def __init__(self, model: ModelSide) -> None:
        self.model = model
        self.left: list[socket.socket] = []

    async def stream(self, request: Request, emit: Emit) -> Reply:
        text = ""
        asked = {"messages": [*request.messages], "tools": [*request.tools], **request.options}
        async with self.model.answering(asked) as pieces:
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
        provider = self.made(model)
        try:
            yield provider
        finally:
            for one in provider.left:
                one.close()


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


class Curt(Right):
    """Sends the last message alone."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        return await super().stream(replace(request, messages=request.messages[-1:]), emit)


class Turned(Right):
    """Sends the newest message first."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        return await super().stream(replace(request, messages=request.messages[::-1]), emit)


class Bare(Right):
    """Sends the messages, and neither tools nor options."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        return await super().stream(Request(request.messages), emit)


class Pausing(Right):
    """Has a queue, and a pause before each word."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        words: asyncio.Queue[Event] = asyncio.Queue()
        answer = asyncio.create_task(super().stream(request, words.put_nowait))
        while not (answer.done() and words.empty()):
            with contextlib.suppress(TimeoutError):
                event = await asyncio.wait_for(words.get(), 0.3)
                await asyncio.sleep(0.3)  # virtual time
                emit(event)
        return answer.result()


class Blocking(Right):
    """Lets nobody else work while it hands a word on."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        def slowly(event: Event) -> None:
            until = time.perf_counter() + 0.06
            while time.perf_counter() < until:
                pass
            emit(event)

        return await super().stream(request, slowly)


class Raw(Right):
    """Lets an error of the network through."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as gone:
            port = gone.getsockname()[1]
        await asyncio.open_connection("127.0.0.1", port)
        return await super().stream(request, emit)


class Leaking(Right):
    """Leaves sockets open."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        self.left += socket.socketpair()
        return await super().stream(request, emit)


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
        (Curt, "test_the_whole_conversation_reaches_the_model_in_its_order", ()),
        (Turned, "test_the_whole_conversation_reaches_the_model_in_its_order", ()),
        (Bare, "test_tools_reach_the_model", ()),
        (Bare, "test_options_reach_the_model", ()),
        (Pausing, "test_words_are_emitted_at_once_in_order_and_make_the_reply", ()),
        (Blocking, "test_it_does_not_block_the_loop", ()),
        (Raw, "test_where_nobody_is_there_that_is_an_error_that_says_so", ()),
        (Leaking, "test_nothing_is_open_after_close", ([],)),
        (Single, "test_answers_run_side_by_side", ()),
        (Right, "test_thoughts_are_no_words", ()),
        (Right, "test_calls_of_tools_are_in_the_reply", ()),
    ],
)
def test_the_suite_notices_a_provider_that_does_wrong(made: type[Right], broken: str, how: list[object]) -> None:
    suite = TestRight()
    suite.made, suite.thinks, suite.calls, suite.secret = made, True, True, KEY
    with pytest.raises((AssertionError, ProviderError, OSError, pytest.fail.Exception)):
        getattr(suite, broken)(*how)
