"""The gateway as a process that can be killed."""

import asyncio
import re
import signal
import sys
from pathlib import Path

from telex.errors import TelexError
from telex.simulator.server import Simulator

_BUG = re.compile(r"^.*(?:this is a bug in telex|Traceback|never retrieved|never awaited).*$", re.MULTILINE)


class Child:
    """The gateway's process.

    Args:
        simulator: its platform.
        config: its file.
        log: where its output goes.
    """

    def __init__(self, simulator: Simulator, config: Path, log: Path) -> None:
        self._sim = simulator
        self._config = config
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.deaths: list[str] = []

    async def start(self) -> None:
        """Start it, and wait until it polls."""
        with self._log.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "telex.chaos.child", str(self._config), stdout=out, stderr=out
            )
        before = len(self._sim.calls)
        polling = asyncio.ensure_future(self._sim.wait_for(lambda: self._polled(before)))
        dying = asyncio.ensure_future(self._process.wait())
        await asyncio.wait([polling, dying], return_when=asyncio.FIRST_COMPLETED)
        polling.cancel()
        if dying.done():
            raise TelexError(f"the gateway ended at its start:\n{self._log.read_text(encoding='utf-8')[-2000:]}")
        dying.cancel()

    def _polled(self, before: int) -> bool:
        return any(call.method.lower() == "getupdates" for call in self._sim.calls[before:])

    async def end(self, how: signal.Signals) -> None:
        """Kill or stop it, and wait for its end."""
        assert self._process is not None  # noqa: S101 - started before
        if self._process.returncode is not None:
            self.deaths.append(f"the gateway had ended by itself with {self._process.returncode}")
            return
        self._process.send_signal(how)
        code = await self._process.wait()
        if code not in {0, -how}:
            self.deaths.append(f"the gateway ended with {code} after {how.name}")

    def destroy(self) -> None:
        """Whatever happened, leave no process behind."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def bugs(self) -> list[str]:
        """What its log calls a bug."""
        found = [match.group() for match in _BUG.finditer(self._log.read_text(encoding="utf-8"))]
        return [*self.deaths, *(f"log: {line}" for line in found)]
