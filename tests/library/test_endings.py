"""Answers that somebody else ends: the loop that they run in, the bot that they belong to. And answers fed from elsewhere."""

import asyncio

import pytest

import telex
from telex.events import TextDelta
from telex.simulator.server import Simulator
from telex.surfaces.memory import MemorySurface
from telex.testing.virtual_time import run
from tests.library.stage import ADA, LAB, play, texts

MOMENT = 3.0  # virtual seconds, in which a preview is shown


class Memory:
    """A place in memory, for one answer."""

    def __init__(self) -> None:
        self.surface = MemorySurface()
        self.closed = False

    def open(self) -> MemorySurface:
        return self.surface

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("after", [0.03, 0.1, MOMENT])
def test_what_was_said_stays_when_the_loop_ends_and_cancels_every_task(after: float) -> None:
    place = Memory()

    async def answer() -> None:
        async with telex.live(place) as out:
            out.feed("Half an answer")
            await asyncio.sleep(3600)

    async def main() -> None:
        task = asyncio.create_task(answer())
        await asyncio.sleep(after)
        assert not task.done()

    run(main())
    assert place.surface.messages[0].final
    assert place.surface.messages[0].text == "Half an answer"
    assert place.closed


def test_a_loop_that_ends_waits_for_a_last_frame_no_longer_than_a_moment() -> None:
    place = Memory()
    place.surface.round_trip = 3600.0

    async def answer() -> None:
        async with telex.live(place) as out:
            out.feed("Half an answer")
            await asyncio.sleep(3600)

    tasks: list[asyncio.Task[None]] = []

    async def main() -> None:
        tasks.append(asyncio.create_task(answer()))
        await asyncio.sleep(MOMENT)

    run(main())
    assert tasks[0].cancelled()
    assert place.closed


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_an_answer_comes_to_its_end_where_its_bot_is_closed_meanwhile(chat: int) -> None:
    async def story(simulator: Simulator) -> None:
        async def answer() -> None:
            async with telex.live(bot.chat(chat)) as out:
                for word in ("One", " and", " all."):
                    out.feed(word)
                    await asyncio.sleep(MOMENT)

        async with telex.Telegram(simulator.token, api_base=simulator.base_url) as bot:
            task = asyncio.create_task(answer())
            await asyncio.sleep(MOMENT)
        await task
        assert texts(simulator, chat) == ["One and all."]
        with pytest.raises(RuntimeError, match="closed"):
            async with telex.live(bot.chat(chat)):
                pass

    play(story)


def test_another_thread_feeds_an_answer_in_its_order() -> None:
    place = Memory()
    words = [f"{number} " for number in range(500)]

    async def main() -> None:
        async with telex.live(place) as out:

            def blocking_model() -> None:
                out.feed("<thi")
                out.feed("nk>Hm.</think>")
                for word in words:
                    out.feed(word)
                out.feed(None)
                out.feed(TextDelta("Done."))

            await asyncio.to_thread(blocking_model)

    asyncio.run(main(), debug=True)  # in which a loop refuses what comes from another thread
    assert place.surface.messages[0].text == "".join(words) + "\n\nDone."


def test_what_is_no_part_of_an_answer_is_refused_in_the_thread_that_feeds_it() -> None:
    async def main() -> None:
        async with telex.live(Memory()) as out:
            with pytest.raises(TypeError, match="bytes"):
                await asyncio.to_thread(out.feed, b"Hello")  # type: ignore[arg-type]

    asyncio.run(main())


def test_what_is_fed_after_the_end_is_no_part_of_the_answer() -> None:
    place = Memory()

    async def main() -> None:
        async with telex.live(place) as out:
            out.feed("Hello.")
        out.feed("Too late.")

    run(main())
    assert place.surface.messages[0].text == "Hello."


def test_an_answer_that_was_begun_is_not_begun_again() -> None:
    async def main() -> None:
        out = telex.live(Memory())
        async with out:
            with pytest.raises(RuntimeError, match="for each"):
                async with out:
                    pass
            out.feed("Hello.")

    run(main())
