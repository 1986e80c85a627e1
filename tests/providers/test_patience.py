"""How long a server is waited for, how often it is asked again, and how soon its socket is closed."""

import asyncio
from typing import Any

import pytest

from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, TextDelta
from telex.providers.anthropic import AnthropicMessages
from telex.providers.base import Request
from telex.providers.connection import NotReached, Stalled
from telex.providers.http_model import HTTPModel
from telex.providers.openai_chat import OpenAIChat
from telex.providers.openai_responses import OpenAIResponses

QUESTION = Request([{"role": "user", "content": "Hello?"}])
KINDS: list[type[HTTPModel]] = [OpenAIChat, OpenAIResponses, AnthropicMessages]


@pytest.mark.parametrize(
    ("base_url", "model", "settings", "seconds"),
    [
        ("https://api.example.org/v1", "gpt-4o", {}, 60),
        ("https://api.example.org/v1", "openai/o3-mini", {}, 300),
        ("https://api.example.org/v1", "gpt-5.2", {}, 300),
        ("https://api.example.org/v1", "deepseek-reasoner", {}, 300),
        ("https://api.example.org/v1", "gemini-2.5-pro", {}, 300),
        ("https://api.example.org/v1", "google/gemini-3-flash-preview", {}, 300),
        ("https://api.example.org/v1", "gemini-2.0-flash", {}, 60),
        ("https://api.example.org/v1", "x-ai/grok-4", {}, 300),
        ("https://api.example.org/v1", "grok-3", {}, 60),
        ("https://api.example.org/v1", "m", {"options": {"thinking": {"type": "enabled"}}}, 300),
        ("http://127.0.0.1:8080/v1", "m", {}, 300),
        ("http://192.168.1.7:8080/v1", "m", {}, 300),
        ("http://ollama:11434/v1", "m", {}, 300),
        ("http://127.0.0.1:8080/v1", "m", {"stall_timeout": 7}, 7),
    ],
)
def test_models_that_think_or_are_near_may_be_silent_for_longer(
    base_url: str, model: str, settings: Any, seconds: float
) -> None:
    provider = OpenAIChat(base_url, model=model, **settings)
    assert provider._patience(model, streams=True) == seconds
    assert provider._patience(model, streams=False) == 10 * seconds


@pytest.mark.parametrize(
    ("error", "tries", "least", "most"),
    [
        (ProviderError("", status=503), 0, 0.375, 0.625),
        (ProviderError("", status=529), 1, 0.75, 1.25),
        (ProviderDropped(""), 0, 0.375, 0.625),
        (NotReached(""), 0, 0.375, 0.625),
        (ProviderError("", status=429, retry_after=8.0), 0, 8.0, 8.8),
        (ProviderError("", status=429, retry_after=0.0), 0, 0.0, 0.0),
    ],
)
def test_a_retry_waits_as_long_as_it_was_asked_to_and_never_less(
    error: ProviderError, tries: int, least: float, most: float
) -> None:
    waits = [OpenAIChat("http://h")._wait_before_retry(error, tries) for _ in range(50)]
    assert all(wait is not None and least <= wait <= most for wait in waits)
    assert least == most or len(set(waits)) > 1  # so that chats do not come back in step


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (ProviderError("", status=503), 2),
        (ProviderError("", status=400), 0),
        (ProviderError("no such model"), 0),
        (Stalled(""), 0),
        (ProviderError("", status=429, retry_after=21.0), 0),
    ],
)
def test_what_another_try_cannot_mend_or_asks_for_too_long_is_not_tried_again(error: ProviderError, tries: int) -> None:
    assert OpenAIChat("http://h")._wait_before_retry(error, tries) is None


@pytest.mark.parametrize(("tries", "max_wait"), [(2, 1.0), (19, 20.0), (1999, 600.0)])
def test_the_pauses_between_tries_do_not_grow_without_end(tries: int, max_wait: float) -> None:
    provider = OpenAIChat("http://h", max_retries=2000, max_wait=max_wait)
    waits = [provider._wait_before_retry(ProviderDropped(""), tries) for _ in range(50)]
    assert all(wait is not None and max_wait / 2 < wait <= max_wait for wait in waits)


def test_a_server_is_not_pestered_where_nothing_may_be_waited_for() -> None:
    wait = OpenAIChat("http://h", max_wait=0.0)._wait_before_retry(ProviderDropped(""), 1)
    assert wait is not None
    assert wait > 0.3


def test_the_bounds_of_retries_can_be_chosen() -> None:
    patient = OpenAIChat("http://h", max_retries=5, max_wait=60.0)
    assert patient._wait_before_retry(ProviderError("", status=503), 4) is not None
    assert patient._wait_before_retry(ProviderError("", status=429, retry_after=60.0), 0) is not None


@pytest.mark.parametrize("made", KINDS)
@pytest.mark.parametrize("moment", ["before the head", "after the head", "after a word"])
def test_a_silent_server_is_named_with_the_key_that_says_how_long(model_server: Any, made: Any, moment: str) -> None:
    given_up = asyncio.Event()

    async def handler(call: Any) -> None:
        if moment != "before the head":
            await call.head()
        if moment == "after a word":
            await call.part(WORDS[made])
        await given_up.wait()

    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = made(server.url, "key", "m", stall_timeout=0.05)
            events: list[Event] = []
            with pytest.raises(ProviderDropped, match=r"nothing for 0\.05 seconds \(provider\.stall_timeout\)"):
                await provider.stream(QUESTION, events.append)
            assert events == ([TextDelta("x")] if moment == "after a word" else [])
            given_up.set()
            assert len(server.calls) == 1
            await provider.close()

    asyncio.run(main())


WORDS: dict[type[HTTPModel], bytes] = {
    OpenAIChat: b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n',
    OpenAIResponses: b'data: {"type": "response.output_text.delta", "delta": "x"}\n\n',
    AnthropicMessages: b'data: {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "x"}}\n\n',
}


@pytest.mark.parametrize("made", KINDS)
def test_bytes_that_say_nothing_are_a_sign_of_life(model_server: Any, made: Any) -> None:
    heard = asyncio.Event()

    async def handler(call: Any) -> None:
        await call.head()
        await call.part(WORDS[made])
        for _ in range(40):  # in all longer than the server may be silent
            loop = asyncio.get_running_loop()
            tick = loop.create_future()
            loop.call_later(0.01, tick.set_result, None)
            await tick
            await call.part(b": ping\n\n")
        heard.set()

    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = made(server.url, "key", "m", stall_timeout=0.2)
            task = asyncio.create_task(provider.stream(QUESTION, print))
            await heard.wait()
            assert not task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await provider.close()

    asyncio.run(main())


@pytest.mark.parametrize("made", KINDS)
def test_a_cancelled_answer_has_closed_its_socket_a_turn_of_the_loop_later(model_server: Any, made: Any) -> None:
    calls: list[Any] = []
    asked = asyncio.Event()

    async def handler(call: Any) -> None:
        calls.append(call)
        await call.head()
        await call.part(WORDS[made])
        await asked.wait()

    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = made(server.url, "key", "m")
            heard = asyncio.Event()
            events: list[Event] = []

            def emit(event: Event) -> None:
                events.append(event)
                heard.set()

            task = asyncio.create_task(provider.stream(QUESTION, emit))
            await heard.wait()
            task.cancel()
            await asyncio.sleep(0)
            assert task.done()  # the task has heard of it, and closed
            for _ in range(3):  # the loop closes the socket, and the server, in the same loop, reads the end
                await asyncio.sleep(0)
            assert calls[0].reader.at_eof()
            assert events == [TextDelta("x")]
            asked.set()
            await provider.close()

    asyncio.run(main())
