"""Screens that share limits: the real driver and presenter on memory surfaces, in virtual time, against a platform's own line."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from telex.display.frame import Frame, Outcome, TryLater
from telex.display.pace import Bucket, Limit, Pace, Window
from telex.display.screen import Pacing
from telex.live import GatewayStreamConsumer
from telex.simulator.limits import Line, Rate
from telex.simulator.limits import Window as StrictWindow
from telex.surfaces.memory import MemorySurface
from telex.testing.virtual_time import run


@dataclass
class Platform:
    """The limits that several screens share on the other side, and what arrived there."""

    lines: Sequence[Line]
    calls: list[tuple[float, "Screen", bool]] = field(default_factory=list)
    refused: int = 0


@dataclass(slots=True)
class Screen(MemorySurface):
    """One place of many; every call is put to the platform's lines first."""

    platform: Platform = field(default_factory=lambda: Platform(()))
    ended: float = 0.0

    async def show(self, frame: Frame) -> Outcome:
        now = asyncio.get_running_loop().time()
        if not frame.text and not frame.final:  # a typing sign falls under no limit
            return await MemorySurface.show(self, frame)
        wait = max((line.refusal(now) for line in self.platform.lines), default=0)
        if wait:
            self.platform.refused += 1
            return TryLater(wait)
        for line in self.platform.lines:
            line.spend(now)
        self.platform.calls.append((now, self, frame.final))
        return await MemorySurface.show(self, frame)

    def previewed(self) -> list[float]:
        return [at for at, screen, final in self.platform.calls if screen is self and not final]

    def final_after(self) -> float:
        """Seconds from the answer's end to the call that completes it."""
        return next(at for at, screen, final in self.platform.calls if screen is self and final) - self.ended


async def answer(screen: Screen, begin: float, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(begin - loop.time())  # virtual time: it takes none
    consumer = GatewayStreamConsumer(screen, Pacing())
    driving = asyncio.create_task(consumer.run())
    for number in range(int(seconds * 20)):
        consumer.on_delta(f"word{number} ")
        await asyncio.sleep(0.05)
    consumer.finish()
    screen.ended = loop.time()
    await driving


def play(screens: Sequence[Screen], seconds: Sequence[float], late: float = 0.0) -> None:
    """All of them begin at once, but the last one comes late; each answer has its length."""

    async def main() -> None:
        begins = [0.0] * (len(screens) - 1) + [late]
        await asyncio.gather(*map(answer, screens, begins, seconds))

    run(main())


def crowd(count: int, paces: Sequence[Pace], *lines: Line) -> tuple[Platform, list[Screen]]:
    """So many screens with the same limits."""
    platform = Platform(lines)
    return platform, [Screen(limit=100_000, paces=paces, platform=platform) for _ in range(count)]


def test_a_burst_is_spread_over_the_answer():
    platform, (screen,) = crowd(1, [Pace(Bucket(1.0, 5))], Line(Rate(1.0, 5), 3))
    play([screen], [20.0])
    gaps = [later - earlier for earlier, later in pairwise(screen.previewed())]
    assert min(gaps) > 0.4  # five at once would be 0.3 apart
    assert max(gaps) < 1.3
    assert platform.refused == 0


@pytest.mark.parametrize("seconds", [1.0, 3.0, 9.0, 25.0])
@pytest.mark.parametrize(
    ("limit", "strict"),
    [(Bucket(1.0, 5), Rate(1.0, 5)), (Window(20, 60.0), StrictWindow(20, 60.0))],
    ids=["bucket", "window"],
)
def test_whenever_an_answer_ends_its_final_has_a_call_left(limit: Limit, strict: Rate | StrictWindow, seconds: float):
    platform, (screen,) = crowd(1, [Pace(limit)], Line(strict, 3))
    play([screen], [seconds])
    assert screen.final_after() <= 0.1  # a preview may be on its way
    assert platform.refused == 0


def test_topics_of_one_chat_take_turns_on_its_budget_and_each_final_goes_at_once():
    platform, screens = crowd(3, [Pace(Window(20, 60.0))], Line(StrictWindow(20, 60.0), 3))
    play(screens, [20.0, 25.0, 30.0])
    shares = [len(screen.previewed()) for screen in screens]
    assert min(shares) >= 3
    assert max(shares) <= 3 * min(shares)
    assert all(screen.final_after() <= 0.2 for screen in screens)
    assert platform.refused == 0


def bot(count: int, rate: float, burst: int) -> tuple[Platform, list[Screen]]:
    """Chats whose own limits are wide, with one narrow limit for all."""
    platform = Platform([Line(Rate(rate, burst), 3)])
    whole = Pace(Bucket(rate, burst), most_reserved=1)
    paces = [[Pace(Bucket(20.0, 50)), whole] for _ in range(count)]
    return platform, [Screen(limit=100_000, paces=own, platform=platform) for own in paces]


def test_under_the_bots_limit_no_screen_grows_staler_than_its_turn():
    platform, screens = bot(20, 5.0, 5)
    play(screens, [30.0] * 20)
    for screen in screens:
        assert max(later - earlier for earlier, later in pairwise([*screen.previewed(), screen.ended])) <= 6.5
    assert platform.refused == 0


def test_under_the_bots_limit_a_final_goes_before_all_previews():
    platform, screens = bot(20, 5.0, 5)
    play(screens, [0.5, *[10.0] * 19])
    assert (
        screens[0].final_after() <= 0.5
    )  # a call or two of five a second, though most others wait for their first words
    assert platform.refused == 0


def test_under_the_bots_limit_the_screen_that_waits_longest_goes_first():
    _, screens = bot(20, 5.0, 5)
    play(screens, [10.0] * 20, late=0.5)
    firsts = [screen.previewed()[0] for screen in screens]
    assert max(firsts) == firsts[-1]
