"""The driver in virtual time, on screens that answer anything or not at all; two turns share one limit."""

import asyncio
import os
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from telex.display.frame import (
    Again,
    Elsewhere,
    Frame,
    NoTransport,
    Outcome,
    Plain,
    Shown,
    Smaller,
    TryLater,
    Unknown,
    Vanished,
)
from telex.display.pace import Bucket, Pace
from telex.display.screen import Pacing
from telex.live import GatewayStreamConsumer
from telex.surfaces.memory import MemorySurface, Seen
from telex.testing.virtual_time import run
from tests.properties.topic import letters

EXAMPLES = 1500 if os.environ.get("CI") == "true" else 200
PACING = Pacing(edit_interval=0.2, buffer_threshold=4)
CALLS = 400  # no schedule here needs nearly so many
PATIENCE = 600.0  # nor so many seconds

HANGS, HANGS_APPLIED, LOST_APPLIED = "hangs", "hangs, applied", "lost, applied"
FATES = st.sampled_from(
    [
        *[Shown()] * 4,
        TryLater(0.0),
        TryLater(3.0),
        TryLater(1.0, whole=True),
        Again(),
        Again(1.0),
        Plain(),
        Smaller(40),
        Vanished(),
        Elsewhere(),
        NoTransport(),
        Unknown(),
        HANGS,
        HANGS_APPLIED,
        LOST_APPLIED,
    ]
)
SPEECH = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.01, 0.3, 2.0]), st.sampled_from(["word ", "end. ", "So! ", "\n\n", "longerword "])
    ),
    max_size=30,
).map(lambda speech: [*speech, (0.0, "Done.")])


@dataclass
class Moody(MemorySurface):
    """Answers each call as ``fates`` says, and when they are used up as it should."""

    fates: list[Outcome | str] = field(default_factory=list)

    async def show(self, frame: Frame) -> Outcome:
        assert not self._busy, "law 6: two calls in flight in one place"
        fate = self.fates.pop(0) if self.fates else Shown()
        if isinstance(fate, Shown) or self._impossible(fate, frame):
            return await super().show(frame)
        self._busy = True
        try:
            self.calls += 1
            await asyncio.sleep(self.round_trip)  # virtual time
            if fate in {HANGS_APPLIED, LOST_APPLIED}:
                self._apply_silently(frame)
            if fate in {HANGS, HANGS_APPLIED}:
                await asyncio.get_running_loop().create_future()
            return self._refuse(fate, frame)
        finally:
            self._busy = False

    def _impossible(self, fate: Outcome | str, frame: Frame) -> bool:
        stands = self.messages.get(frame.page)
        passed = isinstance(fate, Vanished | Smaller | Plain) and bool(stands and stands.final)
        return passed or (isinstance(fate, NoTransport) and frame.final)

    def _apply_silently(self, frame: Frame) -> None:
        if frame.text:
            self.messages[frame.page] = frame
            self.seen.append(Seen(asyncio.get_running_loop().time(), frame))

    def _refuse(self, fate: Outcome | str, frame: Frame) -> Outcome:
        if isinstance(fate, str):
            return Unknown()
        if isinstance(fate, Smaller):
            self.limit = fate.limit
        if isinstance(fate, Vanished):
            self.messages.pop(frame.page, None)
        if isinstance(fate, NoTransport | Elsewhere):
            self.messages = {page: shown for page, shown in self.messages.items() if shown.final}
        return fate


@settings(max_examples=EXAMPLES)
@given(
    speeches=st.lists(SPEECH, min_size=1, max_size=2),
    fates=st.lists(st.lists(FATES, max_size=12), min_size=2, max_size=2),
    overwrites=st.booleans(),
    shared=st.booleans(),
)
def test_whatever_is_answered_each_turn_ends_with_its_whole_answer(speeches, fates, overwrites, shared):
    async def speak(speech: list[tuple[float, str]], surface: Moody) -> None:
        consumer = GatewayStreamConsumer(surface, PACING)
        driving = asyncio.create_task(consumer.run())
        for gap, text in speech:
            await asyncio.sleep(gap)  # virtual time
            consumer.on_delta(text)
        consumer.finish()
        async with asyncio.timeout(PATIENCE):
            await driving
        assert consumer.already_sent, "law 5: the final was dropped"

    async def main() -> list[Moody]:
        paces = [Pace(Bucket(1.0, 3)), Pace(Bucket(4.0, 6))]
        surfaces = [
            Moody(limit=64, overwrites=overwrites, paces=paces if shared else [], fates=list(fates[number]))
            for number in range(len(speeches))
        ]
        await asyncio.gather(*(speak(*turn) for turn in zip(speeches, surfaces, strict=True)))
        assert all("open=0, line=0" in repr(pace) for pace in paces), "law 6: a place in line is left behind"
        return surfaces

    for speech, surface in zip(speeches, run(main()), strict=True):
        pages = [surface.messages[page] for page in sorted(surface.messages)]
        said = letters("".join(text for _, text in speech))
        assert letters("\n\n".join(page.text for page in pages)) == said, "law 5: not exactly one complete answer"
        assert all(page.final and not page.busy for page in pages), "law 8: a cursor is left"
        assert surface.calls < CALLS, "a busy loop"
