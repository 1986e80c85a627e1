"""A body on its way from the transport to whoever takes it, in one step."""

import asyncio
import itertools
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvloop
from aiohttp.client_proto import ResponseHandler
from hypothesis import given
from hypothesis import strategies as st

from telex.providers.carry import _Tap, carry
from telex.providers.connection import Response
from telex.providers.moderation import PERIOD, moderator
from telex.testing import virtual_time
from tests.providers.certificate import certificate
from tests.providers.conftest import Call, model_server

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
Ask = Callable[[], Awaitable[aiohttp.ClientResponse]]


def asked(
    story: Callable[[Ask], Awaitable[None]],
    handler: Callable[[Call], Awaitable[None]],
    loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    secrets: Path | None = None,
) -> None:
    """Play ``story``, which gets a way to ask a server that answers with ``handler``."""

    async def main() -> None:
        there, here = (None, None) if secrets is None else contexts(secrets)
        async with AsyncExitStack() as opened:
            server = await opened.enter_async_context(model_server(handler, ssl=there))
            session = await opened.enter_async_context(aiohttp.ClientSession(response_class=Response))
            url = f"{'https' if here else 'http'}://127.0.0.1:{server.port}/"

            async def ask() -> aiohttp.ClientResponse:
                return await opened.enter_async_context(session.get(url, ssl=here or True))

            await story(ask)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(asyncio.wait_for(main(), 30))


def into(pieces: list[bytes]) -> Callable[[bytes], bool]:
    def take(data: bytes) -> bool:
        pieces.append(data)
        return False

    return take


def contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    files = certificate(folder)
    there = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    there.load_cert_chain(*files)
    return there, ssl.create_default_context(cafile=str(files[0]))


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("secure", [False, True])
def test_pieces_are_taken_one_by_one_and_the_connection_serves_the_next_answer(
    loop: Callable[[], asyncio.AbstractEventLoop], secure: bool, tmp_path: Path
) -> None:
    connections: list[int] = []
    took: asyncio.Event

    async def handler(call: Call) -> None:
        connections.append(call.connection)
        await call.head()
        for number in range(5):
            await call.part(b"piece %d" % number)
            await took.wait()  # would wait for ever if anything gathered pieces on the way
            took.clear()
        await call.raw(b"0\r\n\r\n")

    async def story(ask: Ask) -> None:
        nonlocal took
        took = asyncio.Event()
        for _ in range(3):
            pieces: list[bytes] = []

            def take(data: bytes) -> bool:
                pieces.append(data)  # noqa: B023 - called within this round
                took.set()
                return False

            assert await carry(await ask(), take) is None
            assert pieces == [b"piece %d" % number for number in range(5)]

    asked(story, handler, loop, tmp_path if secure else None)
    assert connections == [1, 1, 1]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_body_of_many_buffers_is_whole(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    body = bytes(range(256)) * 40_000  # ten megabytes: the client library stops reading on the way

    async def handler(call: Call) -> None:
        await call.body_of(body, 200, "text/plain")

    async def story(ask: Ask) -> None:
        pieces: list[bytes] = []
        assert await carry(await ask(), into(pieces)) is None
        assert b"".join(pieces) == body
        assert len(pieces) > 1

    asked(story, handler, loop)


def test_a_body_that_came_with_its_head_is_taken() -> None:
    async def handler(call: Call) -> None:
        await call.body_of(b"all", 200, "text/plain")

    async def story(ask: Ask) -> None:
        response = await ask()
        pieces: list[bytes] = []
        await response.content.wait_eof()
        assert await carry(response, into(pieces)) is None
        assert pieces == [b"all"]

    asked(story, handler)


def test_nothing_is_taken_once_enough_was_said_to_be_there() -> None:
    async def handler(call: Call) -> None:
        await call.head()
        await call.part(b"one")
        await call.part(b"two")

    async def story(ask: Ask) -> None:
        response, pieces = await ask(), []

        def take(data: bytes) -> bool:
            pieces.append(data)
            return True

        assert await carry(response, take) is None
        assert len(pieces) == 1
        rest = b"" if pieces[0].endswith(b"two") else await response.content.readany()
        assert pieces[0] + rest == b"onetwo"  # what follows is still there for whoever reads on

    asked(story, handler)


@pytest.mark.parametrize("ends", ["cut", "reset"])
def test_what_breaks_a_body_off_is_returned_and_what_came_before_was_taken(ends: str) -> None:
    async def handler(call: Call) -> None:
        await call.head()
        await call.part(b"a part")
        await taken.wait()
        if ends == "reset":
            call.writer.transport.abort()
        else:
            call.writer.close()

    taken = asyncio.Event()

    async def story(ask: Ask) -> None:
        pieces: list[bytes] = []

        def take(data: bytes) -> bool:
            pieces.append(data)
            taken.set()
            return False

        assert isinstance(await carry(await ask(), take), aiohttp.ClientError | OSError)
        assert pieces == [b"a part"]

    asked(story, handler)


@pytest.mark.parametrize("error", [LookupError, OSError, aiohttp.ClientError])
def test_what_take_raises_comes_out(error: type[Exception]) -> None:
    async def handler(call: Call) -> None:
        await call.head()
        await call.part(b"a part")

    async def story(ask: Ask) -> None:
        def take(_: bytes) -> bool:
            raise error("mine")

        with pytest.raises(error, match="mine"):
            await carry(await ask(), take)

    asked(story, handler)


def test_nothing_is_taken_after_a_cancel_not_even_what_is_there_already() -> None:
    async def handler(call: Call) -> None:
        await call.head()
        await call.part(b"one")
        await more.wait()
        await call.part(b"two")

    more = asyncio.Event()

    async def story(ask: Ask) -> None:
        response, pieces = await ask(), []

        def take(data: bytes) -> bool:
            pieces.append(data)
            task.cancel()
            more.set()
            return False

        task: asyncio.Task[Any] = asyncio.ensure_future(carry(response, take))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await response.content.readany() == b"two"  # it is the client library's again
        assert pieces == [b"one"]

    asked(story, handler)


MANY, PIECES = 60, 300  # streams, and how many pieces each has: far more than a loop takes one by one


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("secure", [False, True])
def test_many_quick_streams_are_whole_and_their_connections_serve_the_next_answers(
    loop: Callable[[], asyncio.AbstractEventLoop], secure: bool, tmp_path: Path
) -> None:
    connections: set[int] = set()
    rests = 0

    async def handler(call: Call) -> None:
        connections.add(call.connection)
        await call.head()
        for number in range(PIECES):
            await call.part(b"piece %d " % number)
            await asyncio.sleep(0)
        await call.raw(b"0\r\n\r\n")

    async def story(ask: Ask) -> None:
        async def one() -> bytes:
            pieces: list[bytes] = []

            def take(data: bytes) -> bool:
                nonlocal rests
                pieces.append(data)
                rests += bool(moderator()._resting)
                return False

            response = await ask()
            assert await carry(response, take) is None
            return b"".join(pieces)

        for _ in range(2):
            bodies = await asyncio.gather(*(one() for _ in range(MANY)))
            assert set(bodies) == {b"".join(b"piece %d " % number for number in range(PIECES))}

    asked(story, handler, loop, tmp_path if secure else None)
    assert rests
    assert len(connections) == MANY


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("secure", [False, True])
def test_a_stream_that_is_left_while_it_rests_is_closed_at_once(
    loop: Callable[[], asyncio.AbstractEventLoop], secure: bool, tmp_path: Path
) -> None:
    left, all_left = 0, asyncio.Event()

    async def handler(call: Call) -> None:
        nonlocal left
        gone = asyncio.ensure_future(call.reader.read())
        await call.head()
        while not (gone.done() or call.writer.is_closing()):
            call.writer.write(b"5\r\nword \r\n")
            await asyncio.sleep(0)
        await asyncio.gather(gone, return_exceptions=True)  # a reset is an end as well
        left += 1
        if left == MANY:
            all_left.set()

    async def story(ask: Ask) -> None:
        resting = asyncio.Event()

        def take(_: bytes) -> bool:
            if len(moderator()._resting) > MANY / 2:
                resting.set()
            return False

        async def one(response: aiohttp.ClientResponse) -> None:
            try:
                await carry(response, take)
            finally:
                response.close()

        responses = await asyncio.gather(*(ask() for _ in range(MANY)))
        streams = [asyncio.ensure_future(one(response)) for response in responses]
        await resting.wait()
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
        assert not moderator()._resting
        await all_left.wait()

    asked(story, handler, loop, tmp_path if secure else None)


def test_words_of_many_streams_wait_no_longer_than_the_period_and_those_of_few_not_at_all() -> None:
    def oldest(streams: int) -> float:
        ages: list[float] = []

        async def handler(call: Call) -> None:
            now = asyncio.get_running_loop().time
            await call.head()
            for _ in range(100):
                await asyncio.sleep(0.01)
                await call.part(b"%f " % now())
            await call.raw(b"0\r\n\r\n")

        async def main() -> None:
            now = asyncio.get_running_loop().time
            async with model_server(handler) as server, aiohttp.ClientSession() as session:

                def take(data: bytes) -> bool:
                    ages.extend(now() - float(since) for since in data.split())
                    return False

                async def one() -> None:
                    async with session.get(server.url) as response:
                        assert await carry(response, take) is None

                await asyncio.gather(*(one() for _ in range(streams)))

        virtual_time.run(main(), sockets=True)
        assert len(ages) == streams * 100
        return max(ages)

    late = 0.005  # seconds by which a packet may be late on its way
    assert oldest(5) < late
    assert PERIOD / 2 < oldest(30) < PERIOD + late


class Wire(asyncio.Transport):
    """The transport of a connection whose packets the test hands over itself."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: asyncio.BaseProtocol = asyncio.Protocol()

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    async def answered(self) -> tuple[ResponseHandler, aiohttp.StreamReader]:
        """The head of an answer in chunks has come."""
        inner = ResponseHandler(asyncio.get_running_loop())
        self.set_protocol(inner)
        inner.connection_made(self)
        inner.set_response_params(read_until_eof=True)
        self.arrives(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        _, content = await inner.read()
        return inner, content

    def arrives(self, packet: bytes) -> None:
        assert isinstance(self.protocol, asyncio.Protocol)
        self.protocol.data_received(packet)


CHUNKS = st.lists(st.one_of(st.binary(min_size=1, max_size=40), st.just(b"2\r\nab\r\n"), st.just(b"\r\n")), max_size=12)


@given(chunks=CHUNKS, cuts=st.lists(st.integers(0, 400), max_size=8), whole=st.booleans(), extended=st.booleans())
def test_a_chunked_body_is_itself_however_its_packets_are_cut(
    chunks: list[bytes], cuts: list[int], whole: bool, extended: bool
) -> None:
    mark = b";name=value" if extended else b""
    framed = [b"%x%b\r\n%b\r\n" % (len(chunk), mark, chunk) for chunk in chunks] + [b"0\r\n\r\n"]
    if whole:  # a packet a chunk, as servers send them, but for a few
        packets = list(framed)
        for cut in cuts[:2]:
            at = cut % len(packets)
            packets[at : at + 1] = [packets[at][:3], packets[at][3:]]
    else:
        body = b"".join(framed)
        edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
        packets = [body[begin:end] for begin, end in itertools.pairwise(edges)]

    async def main() -> list[bytes]:
        wire = Wire()
        inner, content = await wire.answered()
        pieces: list[bytes] = []
        tap = _Tap(content, wire, into(pieces))
        for packet in packets:
            wire.arrives(packet)
        assert await tap.ended is None
        assert wire.protocol is inner
        assert not inner.should_close  # the connection can be used again
        return pieces

    assert b"".join(asyncio.run(main())) == b"".join(chunks)


@pytest.mark.parametrize("way", ["enough", "cancelled", "broken"])
def test_what_follows_the_last_piece_in_its_packet_is_still_there_for_whoever_reads_on(way: str) -> None:
    async def main() -> None:
        wire = Wire()
        inner, content = await wire.answered()
        pieces: list[bytes] = []

        def take(data: bytes) -> bool:
            pieces.append(data)
            if data != b"three":
                return False
            if way == "cancelled":
                tap.ended.cancel()
            if way == "broken":
                raise LookupError
            return way == "enough"

        tap = _Tap(content, wire, take)
        wire.arrives(b"3\r\none\r\n")
        wire.arrives(b"3\r\ntwo\r\n5\r\nthree\r\n4\r\nfour\r\n4\r\nfive\r\n")
        await asyncio.wait([tap.ended])
        assert tap.ended.cancelled() == (way == "cancelled")
        assert isinstance(tap.ended.cancelled() or tap.ended.exception(), LookupError) == (way == "broken")
        assert pieces == [b"one", b"two", b"three"]
        tap.remove()
        wire.arrives(b"3\r\nsix\r\n0\r\n\r\n")
        assert content.read_nowait() == b"fourfivesix"
        assert content.at_eof()
        assert not inner.should_close

    asyncio.run(main())
