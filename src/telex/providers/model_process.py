"""The parent's end of the embedded model's process; ``embedded_child`` is the other, and says what goes over the pipes."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from telex.errors import ProviderError

PATIENCE = 2.0  # seconds that a process may take to notice its end


class ModelProcess:
    """A running child. Make one with ``start``, ask for its ``address`` once, and ``close`` it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def start(cls, settings: Mapping[str, Any]) -> "ModelProcess":
        """Start a child; ``settings`` are what ``embedded_child`` wants."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "telex.providers.embedded_child",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for the parent, which ends the child when it is done
        )
        child = cls(process)
        assert process.stdin is not None  # noqa: S101 - PIPE above
        process.stdin.write(msgspec.json.encode(settings) + b"\n")
        return child

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as it is known."""
        return self._process.returncode is None

    async def died(self) -> bool:
        """Whether it is dead; waits a moment, because a socket breaks before the process is known to be gone."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE / 4):
                await self._process.wait()
        return not self.alive

    async def address(self, on_progress: Callable[[float, str], object]) -> str:
        """Wait until it serves, and say where.

        Raises:
            ProviderError: it could not load the model.
        """
        assert self._process.stdout is not None  # noqa: S101 - PIPE above
        async for line in self._process.stdout:
            message = msgspec.json.decode(line)
            if "address" in message:
                return str(message["address"])
            if "error" in message:
                raise ProviderError(f"The embedded model cannot be loaded: {message['error']}")
            on_progress(message["progress"], message["text"])
        code = await self._process.wait()
        raise ProviderError(f"The embedded model's process ended while it was loading (exit status {code}).")

    async def close(self) -> None:
        """End it: by the end of its input, and if that does not help by force."""
        if self._loop.is_closed():  # as after ``asyncio.run``: nothing can be written to it or waited for any more
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
