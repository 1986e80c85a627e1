"""What the adapters make of a stream's events: where it ends, where a paragraph ends, and which tools are told of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

import telex
from telex.adapters import anthropic, langchain, openai, openai_agents, pydantic_ai
from telex.errors import ProviderDropped, ProviderError
from telex.events import Notice, ReasoningDelta, SegmentEnded, TextDelta, ToolFinished, ToolStarted
from telex.surfaces.memory import MemorySurface
from tests.library.events import block, block_delta, chat, collected, each, item, message, response, stopped, wrapped

CHAT_WORD = chat({"content": "Hello"})
RESPONSE_WORD = response(
    "response.output_text.delta", delta="Hello", item_id="i", output_index=0, content_index=0, logprobs=[]
)
MESSAGE_WORD = block_delta(type="text_delta", text="Hello")
COMPLETED = response("response.completed", response={"id": "r", "status": "completed", "output": []})
CALL = {"index": 0, "id": "c", "function": {"name": "look", "arguments": ""}}
MORE_OF_IT = {"index": 0, "function": {"arguments": "{}"}}


@pytest.mark.parametrize(
    ("adapter", "word"),
    [(openai, CHAT_WORD), (openai, RESPONSE_WORD), (anthropic, MESSAGE_WORD)],
    ids=["chat", "response", "message"],
)
def test_a_stream_that_breaks_off_does_not_pass_for_a_whole_answer(adapter: Any, word: Any):
    with pytest.raises(ProviderDropped, match="before the model said"):
        collected(adapter.pieces(each([word])))


@pytest.mark.parametrize(
    ("adapter", "events", "says"),
    [
        (openai, [CHAT_WORD, chat({}, "length")], "length limit"),
        (openai, [CHAT_WORD, chat({}, "content_filter")], "withheld"),
        (anthropic, [MESSAGE_WORD, stopped("max_tokens")], "length limit"),
        (anthropic, [MESSAGE_WORD, stopped("model_context_window_exceeded")], "length limit"),
        (anthropic, [MESSAGE_WORD, stopped("refusal")], "withheld"),
        *(
            (openai, [RESPONSE_WORD, response("response.incomplete", response={"incomplete_details": why})], says)
            for why, says in (({"reason": "max_output_tokens"}, "length"), ({"reason": "content_filter"}, "withheld"))
        ),
    ],
)
def test_an_answer_that_was_cut_says_so(adapter: Any, events: list[Any], says: str):
    word, notice = collected(adapter.pieces(each(events)))
    assert word == TextDelta("Hello")
    assert isinstance(notice, Notice)
    assert says in notice.text


@pytest.mark.parametrize(
    ("adapter", "events"),
    [
        (openai, [CHAT_WORD, chat({}, "stop")]),
        (openai, [wrapped("chunk", "chunk", chunk) for chunk in (CHAT_WORD, chat({}, "stop"))]),
        (openai, [item("added", 0, type="message", id="m", content=[]), RESPONSE_WORD, COMPLETED]),
        (anthropic, [MESSAGE_WORD, stopped("end_turn"), message("message_stop")]),
        (anthropic, [MESSAGE_WORD, stopped("pause_turn")]),
    ],
)
def test_a_whole_answer_has_nothing_beside_its_words(adapter: Any, events: list[Any]):
    assert collected(adapter.pieces(each(events))) == [TextDelta("Hello")]


def test_an_error_in_a_response_does_not_pass_for_its_end():
    with pytest.raises(ProviderError, match="Out of order"):
        collected(openai.pieces(each([RESPONSE_WORD, response("error", message="Out of order", code="server_error")])))


@pytest.mark.parametrize(
    ("adapter", "events"),
    [
        (openai, [CHAT_WORD, chat({"tool_calls": [CALL]}), chat({"tool_calls": [MORE_OF_IT]}), chat({}, "tool_calls")]),
        (openai, [RESPONSE_WORD, item("added", 1, type="function_call", id="f", call_id="c", name="look"), COMPLETED]),
        (openai, [RESPONSE_WORD, item("added", 1, type="message", id="m", content=[]), COMPLETED]),
        (anthropic, [MESSAGE_WORD, block(1, type="tool_use", id="t", name="look", input={}), stopped("tool_use")]),
    ],
    ids=["chat", "response", "a second message of a response", "message"],
)
def test_what_follows_a_call_of_a_tool_is_a_paragraph_of_its_own(adapter: Any, events: list[Any]):
    assert collected(adapter.pieces(each(events))) == [TextDelta("Hello"), SegmentEnded()]


@pytest.mark.parametrize(("status", "ok"), [("completed", True), ("failed", False)])
def test_a_tool_that_the_server_of_a_response_runs_is_a_line_of_its_own(status: str, ok: bool):
    search: dict[str, Any] = {"type": "web_search_call", "id": "ws"}
    events = [RESPONSE_WORD, item("added", 1, **search, status="in_progress"), item("done", 1, **search, status=status)]
    ran = [ToolStarted("ws", "web_search"), ToolFinished("ws", ok=ok)]
    assert collected(openai.pieces(each([*events, COMPLETED]))) == [TextDelta("Hello"), *ran]


@pytest.mark.parametrize(
    ("result", "ok"),
    [([], True), ({"type": "web_search_tool_result_error", "error_code": "unavailable"}, False)],
)
def test_a_tool_that_the_server_of_a_message_runs_is_a_line_of_its_own(result: Any, ok: bool):
    events = [
        MESSAGE_WORD,
        block(1, type="server_tool_use", id="s", name="web_search", input={}),
        block(2, type="web_search_tool_result", tool_use_id="s", content=result),
        block(3, type="text", text=""),
        MESSAGE_WORD,
        stopped("end_turn"),
    ]
    ran = [SegmentEnded(), ToolStarted("s", "web_search"), ToolFinished("s", ok=ok)]
    assert collected(anthropic.pieces(each(events))) == [TextDelta("Hello"), *ran, TextDelta("Hello")]


def test_thoughts_of_a_message_are_told_from_its_words():
    events = [block_delta(type="thinking_delta", thinking="Hm"), MESSAGE_WORD, stopped("end_turn")]
    assert collected(anthropic.pieces(each(events))) == [ReasoningDelta("Hm"), TextDelta("Hello")]


def test_a_tool_that_the_server_of_a_run_runs_is_told_of_once():
    search: dict[str, Any] = {"type": "web_search_call", "id": "ws"}
    raw = [item("added", 1, **search, status="in_progress"), item("done", 1, **search, status="completed")]
    called = SimpleNamespace(
        type="run_item_stream_event", name="tool_called", item=SimpleNamespace(raw_item=raw[1]().item)
    )
    events = [*(wrapped("raw_response_event", "data", event) for event in raw), called]
    ran = [ToolStarted("ws", "web_search"), ToolFinished("ws")]
    assert collected(openai_agents.pieces(each(events))) == ran


def test_a_call_and_a_cut_in_a_stream_of_langchain():
    from langchain_core.messages import AIMessageChunk

    chunks = [
        AIMessageChunk(content="Hello"),
        AIMessageChunk(content="", tool_call_chunks=[{"name": "look", "args": "", "id": "c", "index": 0}]),
        AIMessageChunk(content="", tool_call_chunks=[{"name": None, "args": "{}", "id": None, "index": 0}]),
        AIMessageChunk(content="", response_metadata={"finish_reason": "length"}),
    ]
    word, end, notice = collected(langchain.pieces(each(chunks)))
    assert (word, end) == (TextDelta("Hello"), SegmentEnded())
    assert isinstance(notice, Notice)


@pytest.mark.parametrize(
    ("adapter", "word", "end"),
    [
        (openai, CHAT_WORD, chat({}, "stop")),
        (openai, RESPONSE_WORD, COMPLETED),
        (anthropic, MESSAGE_WORD, stopped("end_turn")),
        (openai_agents, wrapped("raw_response_event", "data", RESPONSE_WORD), SimpleNamespace(type="other")),
        (langchain, "Hello", ""),
        (
            pydantic_ai,
            SimpleNamespace(
                event_kind="part_delta", delta=SimpleNamespace(part_delta_kind="text", content_delta="Hello")
            ),
            SimpleNamespace(event_kind="other"),
        ),
    ],
    ids=["chat", "response", "message", "run of agents", "langchain", "run of pydantic-ai"],
)
def test_a_piece_is_given_before_the_next_one_comes(adapter: Any, word: Any, end: Any):
    heard = asyncio.Event()

    async def waiting() -> AsyncIterator[Any]:
        for _ in range(3):
            heard.clear()
            yield word() if isinstance(word, partial) else word
            await heard.wait()
        yield end() if isinstance(end, partial) else end

    async def main() -> None:
        async with asyncio.timeout(5):
            async for piece in adapter.pieces(waiting()):
                assert piece == TextDelta("Hello")
                heard.set()

    asyncio.run(main())


class Stream:
    """A stream as an SDK has it: it holds a connection until it is closed."""

    closed = False

    def __init__(self, event: Any) -> None:
        self._event = event

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> Any:
        return self._event() if isinstance(self._event, partial) else self._event

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("adapter", "word"), [(openai, CHAT_WORD), (anthropic, MESSAGE_WORD), (langchain, "Hello")])
def test_a_stream_is_closed_where_it_is_left_early(adapter: Any, word: Any):
    stream = Stream(word)

    async def main() -> None:
        async with aclosing(adapter.pieces(stream)) as pieces:
            async for _ in pieces:
                break

    asyncio.run(main())
    assert stream.closed


def test_a_stream_whose_piece_cannot_be_fed_is_closed():
    closed = []

    async def model() -> AsyncIterator[Any]:
        try:
            while True:
                yield b"no text"
        finally:
            closed.append(True)

    class Nowhere:
        def open(self) -> MemorySurface:
            return MemorySurface()

        async def close(self) -> None:
            assert closed

    async def main() -> None:
        async with telex.live(Nowhere()) as out:
            with pytest.raises(TypeError):
                await out.feed_from(model())
            assert closed

    asyncio.run(main())
