import asyncio
import json
from typing import Any

import pytest

from telex import AIAgent
from telex.agent.background import background_loop
from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, TextDelta
from telex.providers.base import Request, Usage
from telex.providers.openai_chat import OpenAIChat

QUESTION = Request([{"role": "user", "content": "Hello?"}])
KEY = "sk-very-secret"
BOUND = 20.0
UNKEPT = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def words(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def run(handler: Any, model_server: Any, use: Any, **settings: Any) -> None:
    """Serve ``handler`` and let ``use`` ask it."""

    async def main() -> None:
        async with asyncio.timeout(20), model_server(handler) as server:
            provider = OpenAIChat(server.url, **{"model": "m", **settings})
            try:
                await use(provider, server)
            finally:
                await provider.close()

    asyncio.run(main())


def test_words_are_emitted_while_the_server_still_holds_back_the_rest(model_server: Any) -> None:
    heard = asyncio.Event()

    async def handler(call: Any) -> None:
        await call.head()
        await call.say("Hel")
        await heard.wait()  # would wait for ever if anything gathered bytes on the way
        await call.say("lo")
        await call.finish()

    async def use(provider: OpenAIChat, server: Any) -> None:
        events: list[Event] = []

        def emit(event: Event) -> None:
            events.append(event)
            heard.set()

        reply = await provider.stream(QUESTION, emit)
        assert (reply.text, words(events), reply.usage) == ("Hello", "Hello", Usage(3, 5))

    run(handler, model_server, use)


def test_the_request_carries_conversation_options_and_key(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.answer("x")

    async def use(provider: OpenAIChat, server: Any) -> None:
        await provider.stream(Request(QUESTION.messages, {"temperature": 0.5}), print)
        (call,) = server.calls
        assert (call.method, call.path) == ("POST", "/v1/chat/completions")
        assert call.headers["authorization"] == f"Bearer {KEY}"
        assert call.headers["x-title"] == "telex"
        assert call.body == {
            "model": "m",
            "messages": [{"role": "user", "content": "Hello?"}],
            "top_k": 3,
            "temperature": 0.5,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        assert KEY not in provider.name

    run(handler, model_server, use, api_key=KEY, options={"top_k": 3, "temperature": 1}, headers={"X-Title": "telex"})


def test_a_cancelled_answer_closes_its_socket_at_once(model_server: Any) -> None:
    closed = asyncio.Event()

    async def handler(call: Any) -> None:
        await call.head()
        await call.say("Hel")
        assert await call.reader.read() == b""  # the client closed
        closed.set()

    async def use(provider: OpenAIChat, server: Any) -> None:
        heard = asyncio.Event()
        task = asyncio.create_task(provider.stream(QUESTION, lambda _: heard.set()))
        await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await closed.wait()

    run(handler, model_server, use)


def test_a_question_that_is_cancelled_before_the_answer_begins_closes_its_socket_too(model_server: Any) -> None:
    asked, closed = asyncio.Event(), asyncio.Event()

    async def handler(call: Any) -> None:
        asked.set()
        assert await call.reader.read() == b""
        closed.set()

    async def use(provider: OpenAIChat, server: Any) -> None:
        task = asyncio.create_task(provider.stream(QUESTION, print))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await closed.wait()

    run(handler, model_server, use)


def test_an_exception_in_emit_comes_out_and_closes_the_socket(model_server: Any) -> None:
    closed = asyncio.Event()

    async def handler(call: Any) -> None:
        await call.head()
        await call.say("Hel")
        assert await call.reader.read() == b""
        closed.set()

    async def use(provider: OpenAIChat, server: Any) -> None:
        def emit(event: Event) -> None:
            raise TimeoutError("the listener's own")  # not to be taken for the network's

        with pytest.raises(TimeoutError, match="the listener's own"):
            await provider.stream(QUESTION, emit)
        await closed.wait()

    run(handler, model_server, use)


def test_a_whole_answer_leaves_its_connection_for_the_next(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.answer("x")

    async def use(provider: OpenAIChat, server: Any) -> None:
        for _ in range(3):
            await provider.stream(QUESTION, print)
            await provider._connection.settled()
        assert [call.connection for call in server.calls] == [1, 1, 1]

    run(handler, model_server, use)


def test_one_agent_may_be_asked_in_one_event_loop_after_another(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.raw(UNKEPT)
        await call.raw(b'data: {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
        call.writer.close()

    async def ask(agent: AIAgent) -> str:
        return (await agent.run_turn("?")).text

    serving, elsewhere = model_server(handler), background_loop()
    server = asyncio.run_coroutine_threadsafe(serving.__aenter__(), elsewhere).result(BOUND)
    try:
        agent = AIAgent(OpenAIChat(server.url, None, "m"))
        said = [asyncio.run(ask(agent)), asyncio.run(ask(agent)), agent.run_conversation("?"), asyncio.run(ask(agent))]
        agent.close()
        assert said == ["x"] * 4
        assert [call.connection for call in server.calls] == [1, 2, 3, 4]
    finally:
        asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), elsewhere).result(BOUND)


def test_one_model_may_be_asked_in_several_event_loops_side_by_side(model_server: Any) -> None:
    said: list[str] = []

    async def main() -> None:
        everybody = asyncio.Barrier(3)

        async def handler(call: Any) -> None:
            await call.raw(UNKEPT)
            await call.raw(b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n')
            await everybody.wait()  # all of them are in the middle of their answer
            await call.raw(
                b'data: {"choices": [{"delta": {"content": "b"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
            )
            call.writer.close()

        async def ask() -> None:
            said.append((await AIAgent(provider).run_turn("?")).text)

        async with model_server(handler) as server:
            provider = OpenAIChat(server.url, None, "m")
            people = [asyncio.to_thread(asyncio.run, ask()) for _ in range(3)]
            await asyncio.wait_for(asyncio.gather(*people), BOUND)
            await provider.close()

    asyncio.run(main())
    assert said == ["ab"] * 3


@pytest.mark.parametrize("came", [["a"], []])
def test_a_model_that_is_closed_leaves_nobody_waiting_for_its_answer(model_server: Any, came: list[str]) -> None:
    async def handler(call: Any) -> None:
        if came:
            await call.head()
            await call.say(*came)
        asked.set()
        await call.reader.read()

    async def use(provider: Any, _: Any) -> None:
        answer = asyncio.create_task(provider.stream(QUESTION, lambda _: begun.set()))
        await (begun if came else asked).wait()
        await provider.close()
        with pytest.raises(ProviderDropped):
            await answer

    asked, begun = asyncio.Event(), asyncio.Event()
    run(handler, model_server, use, max_retries=0)


def test_an_answer_does_not_wait_for_the_end_of_the_body_after_done(model_server: Any) -> None:
    answered = asyncio.Event()

    async def handler(call: Any) -> None:
        await call.head()
        await call.say("x")
        await call.part(b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
        await answered.wait()

    async def use(provider: OpenAIChat, server: Any) -> None:
        assert (await provider.stream(QUESTION, print)).text == "x"
        answered.set()

    run(handler, model_server, use)


def test_an_answer_that_ends_without_a_finish_is_not_waited_for_either(model_server: Any) -> None:
    answered = asyncio.Event()
    piece = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    call_of_f = json.dumps({"choices": [{"delta": {"tool_calls": [piece]}}]}).encode()

    async def handler(call: Any) -> None:
        await call.head()
        await call.part(b"data: " + call_of_f + b"\n\ndata: [DONE]\n\n")
        await answered.wait()

    async def use(provider: OpenAIChat, server: Any) -> None:
        assert (await provider.stream(QUESTION, print)).finish == "tool_calls"
        answered.set()

    run(handler, model_server, use)


@pytest.mark.parametrize("broken", [b"zz\r\nboo\r\n", b"-5\r\nhello\r\n", b"ffffffffffffffffff\r\nhello\r\n"])
def test_a_body_whose_framing_is_broken_is_a_drop_and_not_waited_for(model_server: Any, broken: bytes) -> None:
    said = asyncio.Event()

    async def handler(call: Any) -> None:
        await call.head()
        await call.say("Hel")
        await said.wait()
        await call.raw(broken)
        await call.reader.read()

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderDropped):
            await provider.stream(QUESTION, lambda _: said.set())

    run(handler, model_server, use)


@pytest.mark.parametrize("end", ["clean", "cut"])
def test_an_answer_that_breaks_off_is_a_drop_and_what_came_was_emitted(model_server: Any, end: str) -> None:
    async def handler(call: Any) -> None:
        await call.head()
        await call.say("Hel", "lo")
        if end == "clean":
            await call.raw(b"0\r\n\r\n")
        else:
            call.writer.close()

    async def use(provider: OpenAIChat, server: Any) -> None:
        events: list[Event] = []
        with pytest.raises(ProviderDropped):
            await provider.stream(QUESTION, events.append)
        assert words(events) == "Hello"
        assert len(server.calls) == 1  # never asked again once something was said

    run(handler, model_server, use)


def test_a_cut_after_the_finish_is_no_loss(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.head()
        await call.part(b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n')
        call.writer.close()

    async def use(provider: OpenAIChat, server: Any) -> None:
        assert (await provider.stream(QUESTION, print)).text == "x"

    run(handler, model_server, use)


def test_a_silent_server_is_given_up_without_asking_again(model_server: Any) -> None:
    given_up = asyncio.Event()

    async def handler(call: Any) -> None:
        await call.head()
        await call.say("x")
        await given_up.wait()

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderDropped, match=r"nothing for 0\.05 seconds"):
            await provider.stream(QUESTION, print)
        given_up.set()
        assert len(server.calls) == 1

    run(handler, model_server, use, stall_timeout=0.05)


def test_the_first_model_is_taken_where_none_is_named(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        if call.path == "/v1/models":
            await call.json({"object": "list", "data": [{"id": "first"}, {"id": "second"}]})
        else:
            await call.answer("x")

    async def use(provider: OpenAIChat, server: Any) -> None:
        await provider.stream(QUESTION, print)
        await provider.stream(QUESTION, print)
        assert [call.path.rsplit("/", 1)[-1] for call in server.calls] == ["models", "completions", "completions"]
        assert server.calls[-1].body["model"] == "first"
        assert provider.name == f"openai (first at 127.0.0.1:{server.port})"

    run(handler, model_server, use, model=None)


def test_several_answers_stream_side_by_side(model_server: Any) -> None:
    everybody = asyncio.Barrier(3)

    async def handler(call: Any) -> None:
        await call.head()
        await everybody.wait()
        await call.say(call.body["messages"][0]["content"])
        await call.finish()

    async def use(provider: OpenAIChat, server: Any) -> None:
        questions = [Request([{"role": "user", "content": text}]) for text in "abc"]
        replies = await asyncio.gather(*(provider.stream(question, print) for question in questions))
        assert [reply.text for reply in replies] == ["a", "b", "c"]

    run(handler, model_server, use)


def test_an_error_in_the_middle_never_shows_the_key(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.head()
        await call.say("x")
        await call.part(b'data: {"error": {"message": "upstream refused %b", "code": 502}}\n\n' % KEY.encode())

    async def use(provider: OpenAIChat, server: Any) -> None:
        with pytest.raises(ProviderError, match=r"upstream refused \*\*\*") as caught:
            await provider.stream(QUESTION, print)
        assert caught.value.status == 502

    run(handler, model_server, use, api_key=KEY)


def test_stream_options_that_are_null_are_none(model_server: Any) -> None:
    async def handler(call: Any) -> None:
        await call.answer("x")

    async def use(provider: OpenAIChat, server: Any) -> None:
        await provider.stream(QUESTION, print)
        assert server.calls[0].body["stream_options"] == {"include_usage": True}

    run(handler, model_server, use, options={"stream_options": None})
