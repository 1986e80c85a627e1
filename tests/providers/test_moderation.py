"""Many quick streams rest between their reads; few, slow and new ones never do."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from telex.providers.moderation import BUSY, PERIOD, WINDOW, Moderator
from telex.testing import virtual_time

TICK = PERIOD / 4  # seconds between the pieces of a quick stream
SLOW = PERIOD  # and of one that has as many reads as pieces in any case


class Wire(asyncio.ReadTransport):
    """A strict transport: it may be paused and resumed only in turns, and only while it is open."""

    def __init__(self) -> None:
        super().__init__()
        self.resting = False
        self.closing = False

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        assert not self.resting
        assert not self.closing
        self.resting = True

    def resume_reading(self) -> None:
        assert self.resting
        assert not self.closing
        self.resting = False


class Stream:
    """A stream whose pieces come one at a time and wait where it rests."""

    def __init__(self, moderator: Moderator) -> None:
        self.wire = Wire()
        self.ages: list[float] = []
        self.reads = 0
        self._moderator = moderator
        self._waiting: list[float] = []
        self._heard = -1.0

    async def play(self, pieces: int, interval: float) -> None:
        """Such a stream, until all of its pieces are read."""
        now = asyncio.get_running_loop().time
        for _ in range(pieces):
            await asyncio.sleep(interval)
            self._waiting.append(now())
            self._read()
        while self._waiting:
            await asyncio.sleep(TICK)
            self._read()

    def _read(self) -> None:
        if not self._waiting or self.wire.resting:
            return
        now = asyncio.get_running_loop().time()
        self.reads += 1
        self.ages += [now - since for since in self._waiting]
        self._moderator.read(self.wire, len(self._waiting), now - self._heard, now)
        self._waiting, self._heard = [], now


def played(streams: int, interval: float, seconds: float = 2.0) -> list[Stream]:
    async def main() -> list[Stream]:
        moderator = Moderator(asyncio.get_running_loop())
        made = [Stream(moderator) for _ in range(streams)]
        await asyncio.gather(*(stream.play(int(seconds / interval), interval) for stream in made))
        await asyncio.sleep(PERIOD)
        return made

    return virtual_time.run(main())


def in_virtual_time(story: Callable[[Moderator], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        await story(Moderator(asyncio.get_running_loop()))

    virtual_time.run(main())


def busy(moderator: Moderator) -> float:
    """Make it so with streams of others; gives the time."""
    now = asyncio.get_running_loop().time()
    moderator.read(Wire(), int(BUSY * WINDOW) + 1, 9.0, now)
    moderator.read(Wire(), int(BUSY * WINDOW) + 1, 9.0, now + WINDOW / 2)
    wire = Wire()
    moderator.read(wire, 1, 9.0, now + WINDOW)
    assert not wire.resting
    return now + WINDOW


def test_many_quick_streams_are_read_a_fraction_as_often_and_no_piece_waits_longer_than_the_period() -> None:
    streams = played(int(BUSY * TICK * 2), TICK)
    pieces = sum(len(stream.ages) for stream in streams)
    assert sum(stream.reads for stream in streams) < pieces / 2
    assert max(max(stream.ages) for stream in streams) < PERIOD + TICK  # a tick is as exact as these streams look
    assert not any(stream.wire.resting for stream in streams)


@pytest.mark.parametrize(
    ("streams", "interval"),
    [
        pytest.param(int(BUSY * TICK / 2), TICK, id="few quick ones"),
        pytest.param(int(BUSY * SLOW * 2), SLOW, id="many slow ones"),
    ],
)
def test_streams_that_would_gain_nothing_are_read_as_their_pieces_arrive(streams: int, interval: float) -> None:
    assert all(stream.reads == len(stream.ages) for stream in played(streams, interval))


def test_the_first_read_of_a_stream_is_followed_by_the_next_at_once_even_beside_many_others() -> None:
    async def story(moderator: Moderator) -> None:
        now, wire = busy(moderator), Wire()
        moderator.read(wire, 1, now, now)
        assert not wire.resting
        moderator.read(wire, 1, PERIOD / 4, now + PERIOD / 4)
        assert wire.resting

    in_virtual_time(story)


def test_a_lull_ends_the_rests() -> None:
    async def story(moderator: Moderator) -> None:
        now, wire = busy(moderator), Wire()
        moderator.read(wire, 2, 0.0, now + 2 * WINDOW)
        assert not wire.resting

    in_virtual_time(story)


def test_a_stream_that_is_left_is_its_next_readers_at_once() -> None:
    async def story(moderator: Moderator) -> None:
        now, wire, other = busy(moderator), Wire(), Wire()
        moderator.read(wire, 2, 0.0, now)
        moderator.read(other, 2, 0.0, now)
        moderator.leave(wire)
        moderator.leave(Wire())  # one that does not rest
        assert not wire.resting
        assert other.resting
        await asyncio.sleep(PERIOD)
        assert not other.resting

    in_virtual_time(story)


def test_a_stream_that_closes_is_left_alone() -> None:
    async def story(moderator: Moderator) -> None:
        now, before, meanwhile = busy(moderator), Wire(), Wire()
        before.closing = True
        moderator.read(before, 2, 0.0, now)
        moderator.read(meanwhile, 2, 0.0, now)
        meanwhile.closing = True
        moderator.leave(before)
        await asyncio.sleep(PERIOD)

    in_virtual_time(story)
