"""Whatever a turn went through, its recording makes the presenter take the same steps; and a change is found where it is."""

import asyncio
import os
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telex.display.frame import NoTransport, Show, Shown, TryLater
from telex.display.pace import Bucket, Pace
from telex.display.screen import Pacing
from telex.events import ReasoningDelta, TextDelta, ToolFinished, ToolStarted, TurnEnded
from telex.live import GatewayStreamConsumer
from telex.recording.coder import Coder
from telex.recording.entries import Answered, Entry, Fed, Header, Raised, Stepped
from telex.recording.recorder import Recorder
from telex.recording.replay import replay
from telex.surfaces.memory import MemorySurface
from telex.testing.virtual_time import run
from tests.properties.test_driver import FATES, PACING, SPEECH, Moody

EXAMPLES = 500 if os.environ.get("CI") == "true" else 60


def recorded(
    surfaces: list[MemorySurface], speeches: list[list[tuple[float, str]]]
) -> list[tuple[Header, list[Entry]]]:
    """What is recorded of turns side by side, as it is read from its lines."""

    async def speak(surface: MemorySurface, speech: list[tuple[float, str]], taken: list[Header | Entry]) -> None:
        consumer = GatewayStreamConsumer(surface, PACING, Recorder(taken.append))
        driving = asyncio.create_task(consumer.run())
        for gap, text in speech:
            await asyncio.sleep(gap)  # virtual time
            consumer.on_delta(text)
        consumer.finish()
        await driving

    async def main() -> list[list[Header | Entry]]:
        turns: list[list[Header | Entry]] = [[] for _ in surfaces]
        await asyncio.gather(*(speak(*turn) for turn in zip(surfaces, speeches, turns, strict=True)))
        return turns

    return [parted(turn) for turn in run(main())]


def parted(taken: list[Header | Entry]) -> tuple[Header, list[Entry]]:
    """The header, and the entries once written and read."""
    entries = [item for item in taken if not isinstance(item, Header)]
    assert isinstance(taken[0], Header)
    assert len(entries) == len(taken) - 1
    return taken[0], through_json(entries)


def through_json(entries: list[Entry]) -> list[Entry]:
    writer, reader = Coder(), Coder()
    return [reader.entry(msgspec.json.decode(msgspec.json.encode(writer.plain(entry)))) for entry in entries]


def a_turn(*script: object) -> tuple[Header, list[Entry]]:
    """A turn of some seconds with two pages."""
    words = [(0.1, f"word{number} ") for number in range(40)]
    surface = MemorySurface(limit=120, script=script, paces=[Pace(Bucket(2.0, 3))])  # type: ignore[arg-type]
    return recorded([surface], [words])[0]


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    speeches=st.lists(SPEECH, min_size=1, max_size=2),
    fates=st.lists(st.lists(FATES, max_size=12), min_size=2, max_size=2),
    overwrites=st.booleans(),
)
def test_whatever_is_answered_the_recording_replays_with_the_same_steps(speeches, fates, overwrites):
    paces = [Pace(Bucket(1.0, 3)), Pace(Bucket(4.0, 6))]
    surfaces: list[MemorySurface] = [
        Moody(limit=64, overwrites=overwrites, paces=paces, fates=list(fates[number]))
        for number in range(len(speeches))
    ]
    for header, entries in recorded(surfaces, speeches):
        verdict = replay(header, entries)
        assert verdict.difference is None
        assert verdict.steps == sum(isinstance(entry, Stepped) for entry in entries) > 0


def test_what_is_read_is_what_was_written():
    async def main() -> list[Header | Entry]:
        taken: list[Header | Entry] = []
        surface = MemorySurface(script=[TryLater(2.0, whole=True)])
        consumer = GatewayStreamConsumer(surface, Pacing(reasoning="live"), Recorder(taken.append))
        driving = asyncio.create_task(consumer.run())
        for event in (
            ReasoningDelta("Hm. "),
            TextDelta("Здравствуй 👋\n"),
            ToolStarted("1", "look", "there"),
            ToolFinished("1", ok=False, seconds=0.1),
        ):
            consumer.emit(event)
            await asyncio.sleep(1)  # virtual time
        surface.take_away(0)
        consumer.emit(TurnEnded(message="no more", can_go_on=True))
        await driving
        return taken

    taken = run(main())
    assert parted(taken)[1] == taken[1:]


def test_a_word_that_was_never_said_is_named_with_the_step_that_shows_it():
    header, entries = a_turn()
    at = next(
        number for number, entry in enumerate(entries) if isinstance(entry, Fed) and "word20 " in str(entry.event)
    )
    entries[at] = Fed(entries[at].t, TextDelta("other "))
    difference = replay(header, entries).difference
    assert difference
    assert difference.entry > at
    assert "word20" in difference.recorded
    assert "other" in difference.now


def test_an_outcome_that_is_another_leads_to_other_steps():
    header, entries = a_turn(TryLater(3.0))
    at = next(number for number, entry in enumerate(entries) if isinstance(entry, Answered))
    entries[at] = Answered(entries[at].t, Shown())
    difference = replay(header, entries).difference
    assert difference
    assert difference.entry > at


def test_a_step_that_is_another_is_told_of_with_both_sides_and_its_time():
    header, entries = a_turn()
    at, t, frame = next(
        (number, entry.t, entry.step.frame)
        for number, entry in enumerate(entries)
        if isinstance(entry, Stepped) and isinstance(entry.step, Show)
    )
    entries[at] = Stepped(t, Show(replace(frame, page=3)))
    difference = replay(header, entries).difference
    assert difference
    assert (difference.entry, difference.after) == (at, t - header.began)
    assert difference.recorded.replace("page 3", "page 0") == difference.now


class Roomy(MemorySurface):
    """Has room for four times as much until its fifth call."""

    def measure(self, markdown: str) -> int:
        return len(markdown) if self.calls >= 5 else len(markdown) // 4


def test_a_text_that_measures_more_once_something_was_refused_is_replayed_as_it_was():
    words = [(2.0, f"part{number} of an answer with some words. ") for number in range(8)]  # one call for each
    surface = Roomy(limit=120, script=[*[None] * 4, NoTransport()], paces=[Pace(Bucket(2.0, 3))])
    header, entries = recorded([surface], [words])[0]
    assert len(surface.messages) > 1
    assert replay(header, entries).difference is None


def test_another_pacing_takes_other_steps():
    header, entries = a_turn()
    slower = replace(header, pacing=replace(header.pacing, edit_interval=0.5))
    assert replay(slower, entries).difference


def test_a_recording_that_breaks_off_replays_as_far_as_it_goes():
    header, entries = a_turn()
    half = entries[: len(entries) // 2]
    assert replay(header, half).difference is None


def test_a_presenter_that_raises_is_recorded_with_what_it_raised():
    class Broken(MemorySurface):
        def measure(self, markdown: str) -> int:
            raise ZeroDivisionError("no length")

    async def main() -> None:
        consumer = GatewayStreamConsumer(Broken(limit=60), PACING, Recorder(taken.append))
        consumer.emit(TextDelta("many words " * 20))
        consumer.finish()
        await consumer.run()

    taken: list[Header | Entry] = []
    with pytest.raises(ZeroDivisionError):
        run(main())
    header, entries = parted(taken)
    assert Raised("ZeroDivisionError: no length") in [entry.step for entry in entries if isinstance(entry, Stepped)]
    difference = replay(header, entries).difference
    assert difference
    assert difference.recorded == "raises ZeroDivisionError: no length"
