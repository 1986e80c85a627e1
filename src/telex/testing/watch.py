"""What a call does beside its result: how long it keeps the loop, what it leaves at work, and which sockets it leaves open."""

import asyncio
import os
import stat
import time
from collections.abc import Coroutine, Generator, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Generic, TypeVar

T = TypeVar("T")

DESCRIPTORS = Path("/dev/fd")  # this process's open files, on Linux and macOS
BLOCKED = 0.04  # real seconds for which the loop must not be kept from its other work


class Timed(Generic[T]):
    """Await a coroutine, and know how long it kept the loop.

    Attributes:
        longest: real seconds of its longest step between two waits.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self.longest = 0.0

    def __await__(self) -> Generator[Any, None, T]:
        error: BaseException | None = None
        while True:
            began = time.perf_counter()
            try:
                waits_for = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
            except StopIteration as done:
                result: T = done.value
                return result
            finally:
                self.longest = max(self.longest, time.perf_counter() - began)
            try:
                yield waits_for
                error = None
            except BaseException as thrown:  # noqa: BLE001 - what is thrown in is the coroutine's
                error = thrown


def at_work(who: object) -> bool:
    """Whether a task beside this one runs a method of ``who``."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    return any(value is who for task in others for frame in _frames(task) for value in frame.f_locals.values())


def _frames(task: "asyncio.Task[Any]") -> Iterator[FrameType]:
    """The frames of a task that waits, from the outermost on."""
    awaited: Any = task.get_coro()
    while (frame := getattr(awaited, "cr_frame", None)) is not None:
        yield frame
        awaited = awaited.cr_await


def open_sockets() -> int:
    """How many sockets this process has open; 0 where that cannot be known."""
    if not DESCRIPTORS.is_dir():
        return 0
    return sum(_is_socket(int(path.name)) for path in DESCRIPTORS.iterdir())


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:  # the folder was read through it
        return False
