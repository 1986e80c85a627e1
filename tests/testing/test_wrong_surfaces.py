"""What the suite must notice: surfaces that do one thing wrong."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from telex.display.frame import (
    Frame,
    Outcome,
    Shown,
    Smaller,
    TryLater,
    Unknown,
)
from telex.display.pace import Bucket, Pace
from telex.display.screen import Kind
from telex.surfaces.memory import MemorySurface
from tests.testing.test_surface_suite import TestMemory as _InMemory


class Doubling(MemorySurface):
    """Posts every frame as a message of its own."""

    async def show(self, frame: Frame) -> Outcome:
        self.messages[len(self.messages)] = frame
        return Shown()


class Talking(MemorySurface):
    """Says that it is at work, and leaves it standing."""

    async def show(self, frame: Frame) -> Outcome:
        if not frame.text:
            self.messages[-1] = replace(frame, text="typing")
            return Shown()
        return await super().show(frame)


class Cutting(MemorySurface):
    """Cuts what is too long."""

    async def show(self, frame: Frame) -> Outcome:
        return await super().show(replace(frame, text=frame.text[:100]))


class Blind(MemorySurface):
    """Takes every refusal for a success."""

    async def show(self, frame: Frame) -> Outcome:
        await super().show(frame)
        return Shown()


class Reposting(MemorySurface):
    """Posts again what may have been posted already."""

    async def show(self, frame: Frame) -> Outcome:
        outcome = await super().show(frame)
        if outcome == Unknown():
            self.messages[len(self.messages) + 100] = frame
        return outcome


class Forgetful(MemorySurface):
    """Has a limit of its own each turn."""

    def lines(self, kind: Kind) -> Sequence[Pace]:
        return [Pace(Bucket(rate=1, burst=5))]


class Ascii(MemorySurface):
    """Knows the letters of English alone."""

    async def show(self, frame: Frame) -> Outcome:
        return await super().show(replace(frame, text=frame.text.encode("ascii", "ignore").decode()))


class Bytes(MemorySurface):
    """Measures characters where its platform counts bytes."""

    async def show(self, frame: Frame) -> Outcome:
        if len(frame.text.encode()) > self.limit:
            return Smaller(self.limit // 2)
        return await super().show(frame)


class Tight(MemorySurface):
    """Has no room for its cursor."""

    async def show(self, frame: Frame) -> Outcome:
        if len(frame.text) + 2 * frame.busy > self.limit:
            return Smaller(self.limit // 2)
        return await super().show(frame)


class Stubborn(MemorySurface):
    """Asks for no less where something was too long."""

    async def show(self, frame: Frame) -> Outcome:
        outcome = await super().show(frame)
        return Smaller(self.limit) if isinstance(outcome, Smaller) else outcome


class Hopeful(MemorySurface):
    """Takes a preview that was refused for shown."""

    async def show(self, frame: Frame) -> Outcome:
        outcome = await super().show(frame)
        return outcome if frame.final else Shown()


class Lazy(MemorySurface):
    """Shows every other preview."""

    async def show(self, frame: Frame) -> Outcome:
        self.refusals += 1
        return await super().show(frame) if frame.final or self.refusals % 2 else Shown()


class Pointing(MemorySurface):
    """Leaves its cursor at the end."""

    async def show(self, frame: Frame) -> Outcome:
        return await super().show(replace(frame, text=f"{frame.text} ▉"))


class Dotted(MemorySurface):
    """Says that it is at work with a text."""

    async def show(self, frame: Frame) -> Outcome:
        return await super().show(replace(frame, text=frame.text or "..."))


class Sleepy(MemorySurface):
    """Waits before each call."""

    async def show(self, frame: Frame) -> Outcome:
        await asyncio.sleep(1.0)  # virtual time
        return await super().show(frame)


class Busy(MemorySurface):
    """Lets nobody else work meanwhile."""

    async def show(self, frame: Frame) -> Outcome:
        until = time.perf_counter() + 0.06
        while time.perf_counter() < until:
            pass
        return await super().show(frame)


class Shielded(MemorySurface):
    """Goes on with what was given up on."""

    async def show(self, frame: Frame) -> Outcome:
        return await asyncio.shield(asyncio.create_task(super().show(frame)))


AT_THE_LIMIT = "test_a_message_as_long_as_the_limit_is_taken"
A_CALL = "test_a_call_takes_no_time_of_its_own_and_does_not_block_the_loop"
PREVIEWS = "test_each_preview_is_seen_and_they_become_the_final"
A_TROUBLE = "test_a_trouble_is_its_outcome_and_the_answer_is_seen_once"


@pytest.mark.parametrize(
    ("made", "broken", "how"),
    [
        (Doubling, "test_each_preview_is_seen_and_they_become_the_final", ()),
        (Doubling, "test_a_final_that_is_shown_again_changes_nothing", ()),
        (Talking, "test_signs_of_life_leave_nothing_behind", ()),
        (Cutting, "test_a_message_as_long_as_the_limit_is_taken", ("w",)),
        (Cutting, "test_a_message_that_is_too_long_is_refused_and_never_cut", ()),
        (Cutting, "test_answers_are_shown_whole_one_after_the_other", ()),
        (Blind, A_TROUBLE, (TryLater, False)),
        (Blind, A_TROUBLE, (Unknown, True)),
        (Reposting, A_TROUBLE, (Unknown, False)),
        (Ascii, "test_a_final_is_seen_in_every_script", ()),
        (Ascii, AT_THE_LIMIT, ("東",)),
        (Bytes, AT_THE_LIMIT, ("東",)),
        (Bytes, AT_THE_LIMIT, ("é",)),
        (Tight, AT_THE_LIMIT, ("w",)),
        (Stubborn, "test_a_message_that_is_too_long_is_refused_and_never_cut", ()),
        (Hopeful, "test_a_trouble_of_a_preview_is_its_outcome_too", (TryLater,)),
        (Lazy, PREVIEWS, ()),
        (Pointing, PREVIEWS, ()),
        (Dotted, "test_signs_of_life_leave_nothing_behind", ()),
        (Sleepy, A_CALL, ()),
        (Busy, A_CALL, ()),
        (Shielded, "test_what_was_given_up_on_is_never_seen_twice", (1,)),
        (Forgetful, "test_turns_of_one_place_share_its_limits", ()),
    ],
)
def test_the_suite_notices_a_surface_that_does_wrong(
    made: type[MemorySurface], broken: str, how: tuple[object, ...]
) -> None:
    suite = _InMemory()
    suite.made = made
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(suite, broken)(*how)
