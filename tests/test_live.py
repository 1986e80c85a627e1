"""The driver with the memory surface, in virtual time; and with real threads in a real loop."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest

from telex.display.frame import Closed, Frame, Outcome, Plain, Shown, TryLater, Unknown
from telex.display.pace import Bucket, Pace
from telex.display.screen import Pacing
from telex.events import End, Notice, TextDelta, ToolStarted
from telex.live import GatewayStreamConsumer
from telex.surfaces.memory import MemorySurface
from telex.testing.virtual_time import run


async def play(
    surface: MemorySurface, pieces: Sequence[tuple[float, str]], pacing: Pacing | None = None
) -> GatewayStreamConsumer:
    """Say each piece at its time, finish right after the last, and wait for the screen."""
    loop = asyncio.get_running_loop()
    consumer = GatewayStreamConsumer(surface, pacing)
    driving = asyncio.create_task(consumer.run())
    for at, text in pieces:
        await asyncio.sleep(at - loop.time())  # virtual time: it takes none
        consumer.on_delta(text)
    consumer.finish()
    await driving
    return consumer


def words(count: int, every: float) -> list[tuple[float, str]]:
    return [(n * every, f"word{n} ") for n in range(count)]


def times(surface: MemorySurface) -> list[float]:
    return [seen.at for seen in surface.seen]


def last(surface: MemorySurface) -> list[Frame]:
    return [surface.messages[page] for page in sorted(surface.messages)]


@dataclass
class Hanging(MemorySurface):
    """Never answers some calls, by their number from 1."""

    hang: frozenset[int] = frozenset()
    cancelled: int = 0

    async def show(self, frame: Frame) -> Outcome:
        if self.calls + 1 not in self.hang:
            return await super().show(frame)
        self.calls += 1
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        raise AssertionError


def test_the_first_words_leave_in_the_next_turn_of_the_loop():
    async def main() -> None:
        surface = MemorySurface()
        consumer = GatewayStreamConsumer(surface)
        driving = asyncio.create_task(consumer.run())
        await asyncio.sleep(0)
        consumer.emit(TextDelta("H"))
        for _ in range(3):
            await asyncio.sleep(0)
        assert surface.calls == 1
        consumer.finish()
        await driving

    run(main())


def test_an_answer_ends_as_one_complete_final_without_a_cursor():
    surface = MemorySurface()
    consumer = run(play(surface, words(50, 0.05)))
    text = "".join(piece for _, piece in words(50, 0.05)).rstrip()
    assert last(surface) == [Frame(0, text, final=True)]
    assert consumer.already_sent


def test_previews_start_no_sooner_than_edit_interval_after_one_another():
    surface = MemorySurface()
    run(play(surface, words(100, 0.02), Pacing(edit_interval=0.5, buffer_threshold=1)))
    previews = [seen.at for seen in surface.seen if not seen.frame.final]
    assert len(previews) == 4
    assert all(later - earlier >= 0.5 - 1e-9 for earlier, later in pairwise(previews))


def test_a_frame_shows_what_is_newest_when_it_leaves():
    pace = Pace(Bucket(rate=0.5, burst=3))
    surface = MemorySurface(paces=[pace])
    run(play(surface, words(200, 0.05)))
    for seen in surface.seen[1:-1]:
        sent = seen.at - surface.round_trip / 2
        newest = int(seen.frame.text.split()[-1].removeprefix("word"))
        assert sent - newest * 0.05 < 0.06


def test_it_keeps_within_the_limit_of_a_strict_platform():
    bucket = Bucket(rate=1.0, burst=5)
    surface = MemorySurface(paces=[Pace(bucket)], strict=bucket)
    run(play(surface, words(600, 0.05)))
    assert surface.refusals == 0
    assert surface.calls > 20


def test_against_a_stricter_platform_the_answer_is_still_complete():
    surface = MemorySurface(paces=[Pace(Bucket(rate=1.0, burst=5))], strict=Bucket(rate=0.25, burst=2))
    consumer = run(play(surface, words(400, 0.05)))
    assert surface.refusals > 0
    assert consumer.already_sent


def test_a_draft_is_refreshed_while_a_tool_runs():
    async def main() -> list[float]:
        surface = MemorySurface(overwrites=False)
        consumer = GatewayStreamConsumer(surface)
        driving = asyncio.create_task(consumer.run())
        consumer.emit(TextDelta("Let me look."))
        consumer.emit(ToolStarted("1", "search", "everything"))
        await asyncio.sleep(100)  # virtual time
        consumer.finish()
        await driving
        return times(surface)

    seen = run(main())
    assert all(later - earlier < 25 for earlier, later in pairwise(seen))
    assert len(seen) == 6


def test_before_the_first_words_a_sign_of_life_is_shown():
    async def main() -> MemorySurface:
        surface = MemorySurface()
        consumer = GatewayStreamConsumer(surface)
        driving = asyncio.create_task(consumer.run())
        await asyncio.sleep(5)  # virtual time
        assert surface.messages[0] == Frame(0, "", final=False, busy=True)
        consumer.on_delta("Now.")
        consumer.finish()
        await driving
        return surface

    assert last(run(main())) == [Frame(0, "Now.", final=True)]


def test_a_none_is_a_paragraph_break():
    async def main() -> MemorySurface:
        surface = MemorySurface()
        consumer = GatewayStreamConsumer(surface)
        for text in ("One.", None, "Two."):
            consumer.on_delta(text)
        consumer.finish()
        await consumer.run()
        return surface

    assert last(run(main())) == [Frame(0, "One.\n\nTwo.", final=True)]


def test_a_preview_that_hangs_when_the_turn_ends_is_closed_within_half_a_second():
    async def main() -> tuple[Hanging, float]:
        surface = Hanging(hang=frozenset({2}), overwrites=False)
        consumer = await play(surface, [(0.0, "One. "), (1.0, "Two. " * 20), (1.1, "Three.")])
        assert consumer.already_sent
        return surface, asyncio.get_running_loop().time()

    surface, now = run(main())
    assert surface.cancelled == 1
    assert now <= 1.1 + 0.5 + 0.1


def test_after_an_abandoned_edit_the_final_is_shown_once_more():
    surface = Hanging(hang=frozenset({2}))
    run(play(surface, [(0.0, "One. "), (1.0, "Two. " * 20), (1.1, "Three.")]))
    assert [seen.frame.final for seen in surface.seen] == [False, True, True]
    assert surface.seen[1].frame == surface.seen[2].frame


def test_pages_follow_one_another_and_keep_their_fences():
    code = "".join(f"value_{n} = {n}\n" for n in range(120))
    text = f"Look:\n\n```python\n{code}```\n\nThat was it."
    surface = MemorySurface(limit=400)
    run(play(surface, [(n / 50, text[n * 10 : n * 10 + 10]) for n in range(len(text) // 10 + 1)]))
    pages = last(surface)
    assert len(pages) > 4
    assert all(page.final and page.text.count("```") % 2 == 0 for page in pages)
    assert all(page.text.startswith("```python\n") for page in pages[1:-1])


def test_refused_markup_is_shown_plain():
    surface = MemorySurface(script=[Plain()])
    run(play(surface, [(0.0, "*One*"), (1.0, " two.")]))
    assert last(surface) == [Frame(0, "*One* two.", final=True, plain=True)]


def test_a_platform_that_asks_for_patience_gets_it():
    surface = MemorySurface(script=[None, TryLater(30.0)], paces=[Pace(Bucket(1.0, 5))])
    run(play(surface, [(0.0, "One. "), (1.0, "Two. " * 20)]))
    assert times(surface)[1] >= 31.0


def test_where_nothing_can_be_shown_it_returns_and_does_not_claim_to_have_shown():
    consumer = run(play(MemorySurface(script=[Closed("gone")]), [(0.0, "One."), (1.0, "Two.")]))
    assert (consumer.presenter.closed, consumer.already_sent) == ("gone", False)


def test_a_lost_final_is_shown_again():
    surface = MemorySurface(script=[Shown(), Unknown()])
    consumer = run(play(surface, [(0.0, "One."), (1.0, "Two.")]))
    assert consumer.already_sent
    assert surface.calls == 3


def test_what_something_else_takes_away_is_shown_again():
    async def main() -> MemorySurface:
        surface = MemorySurface()
        consumer = GatewayStreamConsumer(surface)
        driving = asyncio.create_task(consumer.run())
        consumer.on_delta("One. ")
        await asyncio.sleep(1)  # virtual time
        surface.take_away(0)
        consumer.on_delta("Two. ")
        await asyncio.sleep(1)
        assert surface.messages[0].text == "One. Two. "
        consumer.finish()
        await driving
        return surface

    assert last(run(main())) == [Frame(0, "One. Two.", final=True)]


def test_only_the_first_finish_counts_and_what_follows_it_is_ignored():
    async def main() -> MemorySurface:
        surface = MemorySurface()
        consumer = GatewayStreamConsumer(surface)
        consumer.on_delta("One.")
        consumer.finish()
        consumer.finish(End.FAILED, "no")
        consumer.on_delta(" Two.")
        consumer.emit(Notice("three"))
        await consumer.run()
        return surface

    assert last(run(main())) == [Frame(0, "One.", final=True)]


def test_a_failure_is_told_below_what_came():
    async def main() -> MemorySurface:
        surface = MemorySurface()
        consumer = GatewayStreamConsumer(surface)
        consumer.on_delta("Half")
        consumer.finish(End.FAILED, "The model is gone")
        await consumer.run()
        return surface

    assert last(run(main()))[0].text == "Half\n\n⚠️ The model is gone"


def test_already_sent_is_false_until_the_final_is_on_the_screen():
    async def main() -> list[bool]:
        consumer = GatewayStreamConsumer(MemorySurface())
        driving = asyncio.create_task(consumer.run())
        consumer.on_delta("One.")
        states = [consumer.already_sent]
        await asyncio.sleep(1)  # virtual time
        states.append(consumer.already_sent)
        consumer.finish()
        await asyncio.sleep(0.01)
        states.append(consumer.already_sent)
        await driving
        return [*states, consumer.already_sent]

    assert run(main()) == [False, False, False, True]


def test_without_previews_only_the_final_has_words():
    surface = MemorySurface()
    run(play(surface, words(100, 0.1), Pacing(previews=False)))
    assert [seen.frame.final for seen in surface.seen if seen.frame.text] == [True]


def test_a_cancelled_driver_closes_its_call_and_leaves_the_line():
    async def main() -> tuple[Hanging, Pace]:
        pace = Pace(Bucket(1.0, 5))
        surface = Hanging(paces=[pace], hang=frozenset({1}))
        consumer = GatewayStreamConsumer(surface)
        driving = asyncio.create_task(consumer.run())
        consumer.on_delta("One.")
        await asyncio.sleep(0.1)  # virtual time
        driving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await driving
        return surface, pace

    surface, pace = run(main())
    assert surface.cancelled == 1
    assert "open=0, line=0" in repr(pace)


def test_a_bug_of_a_surface_comes_out_of_run():
    class Broken(MemorySurface):
        async def show(self, frame: Frame) -> Outcome:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(play(Broken(), [(0.0, "One.")]))


# -- threads ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 4])
def test_deltas_may_come_from_other_threads(threads):
    async def main() -> MemorySurface:
        surface = MemorySurface(round_trip=0.0)
        consumer = GatewayStreamConsumer(surface)

        def speak(name: str) -> None:
            for n in range(300):
                consumer.on_delta(f"{name}{n} ")

        speakers = [threading.Thread(target=speak, args=("abcd"[n],)) for n in range(threads)]
        driving = asyncio.create_task(consumer.run())
        for speaker in speakers:
            speaker.start()
        await asyncio.gather(*(asyncio.to_thread(speaker.join) for speaker in speakers))
        await asyncio.to_thread(consumer.finish)
        await asyncio.wait_for(driving, 20)
        return surface

    said = " ".join(page.text for page in last(asyncio.run(main()))).replace("\u2060", "").split()
    assert len(said) == 300 * threads
    for name in "abcd"[:threads]:
        assert [word for word in said if word[0] == name] == [f"{name}{n}" for n in range(300)]


def test_what_a_thread_said_before_comes_before_what_the_loop_says_now():
    async def main() -> MemorySurface:
        surface = MemorySurface(round_trip=0.0)
        consumer = GatewayStreamConsumer(surface)
        speaker = threading.Thread(target=consumer.on_delta, args=("first ",))
        speaker.start()
        speaker.join()
        consumer.emit(TextDelta("second"))
        consumer.finish()
        await asyncio.wait_for(consumer.run(), 20)
        return surface

    assert last(asyncio.run(main()))[0].text == "first second"


def test_a_burst_from_a_thread_is_one_wake_up():
    async def main() -> int:
        loop = asyncio.get_running_loop()
        consumer = GatewayStreamConsumer(MemorySurface())
        calls = 0
        real = loop.call_soon_threadsafe

        def counted(*args, **kwargs):
            nonlocal calls
            calls += 1
            return real(*args, **kwargs)

        loop.call_soon_threadsafe = counted  # type: ignore[method-assign, assignment]
        for _ in range(100):
            consumer.on_delta("x")
        consumer.finish()
        await consumer.run()
        return calls

    assert run(main()) == 1
