"""An answer that nobody wants any more leaves nothing open at its server."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvloop

from telex.agent.agent import AIAgent
from telex.events import End, Event, TextDelta
from telex.providers.openai_chat import OpenAIChat
from tests.providers.certificate import certificate

SOON = 10.0  # seconds; uvloop would wait for a server's good-bye for 30, and take what it says meanwhile
MANY = 50_000
WORD = b'data: {"choices": [{"delta": {"content": "word "}}]}\n\n'
CHUNK = b"%x\r\n%b\r\n" % (len(WORD), WORD)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Deaf(threading.Thread):
    """A model's server that reads a question and nothing behind it: it notices that nobody listens when it cannot write.

    Attributes:
        port: where it listens.
        go_on: it writes one word, and when this is set many more.
        failed: it cannot write any more.
    """

    def __init__(self, files: tuple[Path, Path]) -> None:
        super().__init__(daemon=True)
        self.go_on, self.failed = threading.Event(), threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(*files)

    def run(self) -> None:
        with self._listener, self._context.wrap_socket(self._listener.accept()[0], server_side=True) as connection:
            question = b""
            while b"\r\n\r\n" not in question:
                question += connection.recv(65536)
            connection.sendall(HEAD + CHUNK)
            self.go_on.wait(SOON)
            try:
                for _ in range(MANY):
                    connection.sendall(CHUNK)
            except OSError:
                self.failed.set()


@pytest.fixture
def deaf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deaf]:
    files = certificate(tmp_path)
    context = ssl.create_default_context(cafile=str(files[0]))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)
    server = Deaf(files)
    server.start()
    yield server
    server.go_on.set()
    server.join(SOON)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_an_interrupt_ends_a_secure_connection_without_waiting_for_the_server(
    loop: Callable[[], asyncio.AbstractEventLoop], deaf: Deaf
) -> None:
    async def main() -> bool:
        model = OpenAIChat(f"https://127.0.0.1:{deaf.port}/v1", "none", "m")
        agent = AIAgent(model)

        def listen(event: Event) -> None:
            if isinstance(event, TextDelta):
                agent.interrupt()

        try:
            assert (await agent.run_turn("Go on.", listen)).end is End.INTERRUPTED
            deaf.go_on.set()
            return await asyncio.to_thread(deaf.failed.wait, SOON)
        finally:
            await model.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main())
