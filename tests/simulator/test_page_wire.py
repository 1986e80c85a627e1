"""The chat page's WebSocket and headers, without a browser."""

import asyncio
import contextlib
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telex.simulator.page.commands import BadCommandError, decode
from telex.simulator.page.guard import refusal
from telex.simulator.page.outbox import Outbox
from telex.simulator.server import Simulator

ADA = 1001


def over_the_wire(story: Any) -> None:
    async def main() -> None:
        simulator = Simulator()
        base = await simulator.start()
        try:
            async with aiohttp.ClientSession() as http, asyncio.timeout(20):
                await story(simulator, base, http)
        finally:
            await simulator.stop()

    asyncio.run(main())


def test_a_socket_begins_with_the_whole_picture_and_goes_on_with_events() -> None:
    async def story(simulator: Simulator, base: str, http: aiohttp.ClientSession) -> None:
        async with http.ws_connect(f"{base}/ws") as socket:
            hello = await socket.receive_json()
            assert (hello["type"], hello["me"]["id"]) == ("hello", ADA)
            simulator.say(ADA, "hi")
            event = await socket.receive_json()
            assert (event["type"], event["message"]["text"]) == ("message", "hi")

    over_the_wire(story)


@pytest.mark.parametrize(
    "command",
    [
        "no JSON at all",
        b"\xff\xfe",
        "[]",
        '{"type": "shout"}',
        '{"type": "say", "chat_id": "x", "text": "hi"}',
        '{"type": "say", "chat_id": 1001, "text": ""}',
        '{"type": "say", "chat_id": 77, "text": "nobody there"}',
        '{"type": "say", "chat_id": 1001, "text": "   "}',
        '{"type": "say", "chat_id": 1001, "text": "hi", "reply_to": 4242}',
        '{"type": "press", "chat_id": 1001, "message_id": 4242, "data": "x"}',
        '{"type": "delete", "chat_id": 77, "message_id": 1}',
    ],
)
def test_a_command_that_makes_no_sense_is_answered_and_the_socket_lives_on(command: str | bytes) -> None:
    async def story(_: Simulator, base: str, http: aiohttp.ClientSession) -> None:
        async with http.ws_connect(f"{base}/ws") as socket:
            await socket.receive_json()
            await (socket.send_bytes(command) if isinstance(command, bytes) else socket.send_str(command))
            error = await socket.receive_json()
            assert error["type"] == "error"
            assert error["text"]
            await socket.send_json({"type": "say", "chat_id": ADA, "text": "still here"})
            event = await socket.receive_json()
            assert event["message"]["text"] == "still here"

    over_the_wire(story)


@pytest.mark.parametrize("path", ["/", "/ws"])
def test_a_request_from_another_website_is_refused_with_a_sentence(path: str) -> None:
    async def story(_: Simulator, base: str, http: aiohttp.ClientSession) -> None:
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
            async with http.get(base + path, headers=headers) as answer:
                assert answer.status == 403
                assert (await answer.text()).endswith((".", "/."))

    over_the_wire(story)


@pytest.mark.parametrize(
    ("host", "origin", "let_in"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080", True),
        ("localhost:8080", "http://127.0.0.1:8080", True),
        ("[::1]:8080", "http://localhost:8080", True),
        ("127.0.0.1:8080", None, True),
        ("192.168.1.5:8080", "http://192.168.1.5:8080", True),
        ("127.0.0.1:8080", "http://127.0.0.1:3000", False),
        ("127.0.0.1:8080", "http://evil.example:8080", False),
        ("evil.example:8080", "http://evil.example:8080", False),
        ("127.0.0.1.evil.example", None, False),
        ("192.168.1.5:8080", "http://127.0.0.1:8080", False),
        ("127.0.0.1:8080", "http://[", False),
        ("", None, False),
    ],
)
def test_only_the_page_itself_on_this_machines_address_is_let_in(host: str, origin: str | None, let_in: bool) -> None:
    assert (refusal(host, origin) is None) is let_in


def test_the_page_forbids_inline_code_and_says_what_its_files_are() -> None:
    async def story(_: Simulator, base: str, http: aiohttp.ClientSession) -> None:
        for path, kind in (("/", "text/html"), ("/page/app.js", "text/javascript"), ("/page/theme.css", "text/css")):
            async with http.get(base + path) as answer:
                assert (answer.status, answer.content_type) == (200, kind)
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
        async with http.get(f"{base}/page/__init__.py") as answer:
            assert answer.status == 404

    over_the_wire(story)


def test_open_pages_do_not_hold_up_the_end_of_the_simulator() -> None:
    async def story(simulator: Simulator, base: str, http: aiohttp.ClientSession) -> None:
        listeners = len(simulator.state.listeners)
        socket = await http.ws_connect(f"{base}/ws")
        await socket.receive_json()
        stopping = asyncio.ensure_future(simulator.stop())
        message = await socket.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.GOING_AWAY)
        await stopping
        assert len(simulator.state.listeners) == listeners

    over_the_wire(story)


def test_a_page_that_does_not_read_is_brought_up_to_date_with_a_new_picture() -> None:
    async def story(simulator: Simulator, base: str, http: aiohttp.ClientSession) -> None:
        async with http.ws_connect(f"{base}/ws", max_msg_size=0) as socket:
            await socket.receive_json()
            for number in range(2000):  # no await in between: the page cannot have read any of them
                simulator.say(ADA, f"line {number}")
            hello = await socket.receive_json()
            assert hello["type"] == "hello"
            assert hello["messages"][-1]["text"] == "line 1999"

    over_the_wire(story)


@given(st.text() | st.binary())
def test_no_input_raises_anything_but_the_error_for_bad_commands(data: str | bytes) -> None:
    with contextlib.suppress(BadCommandError):
        decode(data)


def draft(text: str, thread_id: int | None = None) -> dict[str, Any]:
    return {"type": "draft", "chat_id": 1, "thread_id": thread_id, "text": text}


def message(number: int, kind: str = "message") -> dict[str, Any]:
    return {"type": kind, "message": {"message_id": number, "chat": {"id": 1}}}


def drain(outbox: Outbox) -> list[dict[str, Any]]:
    taken = []
    while (event := outbox.take()) is not None:
        taken.append(event)
    return taken


def test_of_a_draft_only_the_newest_state_waits_and_what_came_between_stays_before_it() -> None:
    outbox = Outbox()
    for event in (draft("a"), draft("other", 7), message(1), draft("ab"), message(1, "edited"), draft("abc")):
        outbox.put(event)
    assert drain(outbox) == [draft("other", 7), message(1), message(1, "edited"), draft("abc")]


@given(st.lists(st.sampled_from([draft("a"), draft("b", 7), message(1, "edited"), message(2)]), max_size=60))
def test_an_outbox_never_holds_more_than_its_limit(events: list[dict[str, Any]]) -> None:
    outbox = Outbox(limit=8)
    for event in events:
        outbox.put(event)
        assert len(outbox) <= 8
    new = sum(event["type"] == "message" for event in events)
    if not outbox.overflowed:
        assert sum(event["type"] == "message" for event in drain(outbox)) == new
    outbox.restart()
    outbox.put(message(3))
    assert drain(outbox) == [message(3)]
