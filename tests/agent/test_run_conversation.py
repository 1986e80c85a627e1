import asyncio
import threading
from typing import Any, Self

import pytest
from aiohttp import web

from telex.agent.agent import AIAgent
from telex.agent.history import STOPPED
from telex.errors import ProviderError
from telex.providers.openai_chat import OpenAIChat
from telex.providers.scripted import Piece, Scripted


def test_the_whole_answer_is_returned_and_callbacks_are_called_in_the_callers_thread() -> None:
    heard: list[Any] = []
    with AIAgent(
        Scripted([Piece(0, "hm", "reasoning"), Piece(0, "Hel"), Piece(0, "lo")]),
        stream_delta_callback=lambda text: heard.append((text, threading.current_thread())),
        on_first_delta=lambda: heard.append("first"),
        reasoning_callback=heard.append,
    ) as agent:
        for _ in range(2):
            assert agent.run_conversation("Hello?") == "Hello"
            here = threading.current_thread()
            assert heard == ["hm", "first", ("Hel", here), ("lo", here)]
            heard.clear()


def test_a_failure_is_raised_also_after_a_part_which_the_history_keeps() -> None:
    with AIAgent(Scripted([Piece(0, "Hel"), Piece(0, "No credit.", "error")])) as agent:
        with pytest.raises(ProviderError, match=r"No credit\."):
            agent.run_conversation("Hello?")
        assert agent.history[-1]["content"].startswith("Hel")


def test_inside_a_running_loop_the_other_form_is_named() -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError, match=r"await agent\.run_turn"):
            AIAgent(Scripted([])).run_conversation("Hello?")

    asyncio.run(main())


def test_an_exception_of_a_callback_comes_out_and_the_next_turn_works() -> None:
    def once(text: str | None) -> None:
        if not failed:
            failed.append(text)
            raise LookupError("the caller's bug")

    failed: list[Any] = []
    with AIAgent(Scripted([Piece(0, "Hel"), Piece(0.01, "lo")]), stream_delta_callback=once) as agent:
        with pytest.raises(LookupError):
            agent.run_conversation("Hello?")
        assert agent.run_conversation("Hello?") == "Hello"


class Server:
    """A model's server in a thread of its own: says one word and then waits until the client is gone."""

    def __init__(self) -> None:
        self.gone = threading.Event()
        self.connections: set[Any] = set()
        self.whole = False
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        runner = web.AppRunner(app, handler_cancellation=True)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b'data: {"choices": [{"delta": {"content": "Hel"}}]}\n\n')
        if not self.whole:
            try:
                await asyncio.Event().wait()
            finally:
                self.gone.set()
        await response.write(
            b'data: {"choices": [{"delta": {"content": "lo"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
        )
        return response


def test_interrupt_from_another_thread_closes_the_connection_and_returns_what_came() -> None:
    with Server() as server, AIAgent(OpenAIChat(server.url, model="m")) as agent:
        agent._on_first_delta = lambda: threading.Thread(target=agent.interrupt).start()
        assert agent.run_conversation("Hello?") == "Hel"
        assert server.gone.wait(10)
        assert agent.history[-1]["content"] == f"Hel\n\n{STOPPED}"


def test_an_exception_of_a_callback_closes_the_connection_too() -> None:
    def broken(text: str | None) -> None:
        raise KeyboardInterrupt

    with Server() as server, AIAgent(OpenAIChat(server.url, model="m"), stream_delta_callback=broken) as agent:
        with pytest.raises(KeyboardInterrupt):
            agent.run_conversation("Hello?")
        assert server.gone.wait(10)


def test_conversations_use_one_connection_again() -> None:
    with Server() as server, AIAgent(OpenAIChat(server.url, model="m")) as agent:
        server.whole = True
        for _ in range(3):
            assert agent.run_conversation("Hello?") == "Hello"
        assert len(server.connections) <= 2  # the next question may come before the last bytes of the answer before
