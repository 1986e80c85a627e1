"""``telex chaos``: the simulator here, the gateway in a process of its own, and whatever can happen to both."""

import asyncio
import json
import random
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path

from telex.chaos.judge import judge
from telex.chaos.ledger import Ledger
from telex.chaos.people import People, Town, build
from telex.chaos.process import Child
from telex.chaos.report import Report
from telex.chaos.trouble import plan
from telex.simulator.refusals import Why
from telex.simulator.server import Simulator

LATENCY = 0.03


@dataclass(frozen=True, slots=True)
class Settings:
    """One run.

    Attributes:
        chats: how many.
        seconds: for how long people ask; then the last answers are waited for.
        seed: of everything random.
        kills: how often the gateway is killed (SIGKILL).
        restarts: how often it is stopped (SIGTERM) and started again.
        rate: faults, as a multiple of the usual rates.
        longest: words of the longest answers.
        patience: seconds between an answer and the next question, about.
        final_timeout: the gateway's own bound for a final.
        drain: seconds for which the last answers are waited for.
    """

    chats: int = 20
    seconds: float = 30.0
    seed: int = 1
    kills: int = 1
    restarts: int = 1
    rate: float = 1.0
    longest: int = 900
    patience: float = 12.0
    final_timeout: float = 10.0
    drain: float = 180.0


class Run:
    """One run, from the first question to the verdict."""

    def __init__(self, settings: Settings, folder: Path, log: Path) -> None:
        self.settings = settings
        self.simulator = Simulator(latency=LATENCY)
        self.town: Town = build(self.simulator, settings.chats)
        self.simulator.faults = plan(
            settings.seed,
            private=self.town.private,
            basic=self.town.basic,
            forums=self.town.forums,
            rate=settings.rate,
        )
        self.ledger = Ledger(self.simulator)
        self.people = People(
            self.simulator, self.ledger, settings.seed, longest=settings.longest, patience=settings.patience
        )
        self.child = Child(self.simulator, folder / "config.yaml", log)
        self._folder = folder
        self._dice = random.Random(settings.seed)  # noqa: S311 - repeatable, nothing secret

    async def play(self) -> Report:
        """Ask, break, wait and judge."""
        report = Report(kills=self.settings.kills, restarts=self.settings.restarts)
        base = await self.simulator.start()
        listening = asyncio.create_task(self.ledger.listen())
        try:
            self._write_config(base)
            await self.child.start()
            await self._trouble()
            await self._drain()
            await self.child.end(signal.SIGTERM)
            report.bugs = self.child.bugs()
        finally:
            listening.cancel()
            self.child.destroy()
            await self.simulator.stop()
        judge(self.simulator, self.ledger, report)
        return report

    def _write_config(self, base: str) -> None:
        config = {
            "telegram": {"token": self.simulator.token, "api_base": base, "allow": self.town.people},
            "provider": {"kind": "scripted"},
            "streaming": {"final_timeout": self.settings.final_timeout},
            "data_dir": str(self._folder / "data"),
        }
        (self._folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML

    async def _trouble(self) -> None:
        """People ask while the gateway is killed, and drafts and rich messages come and go."""
        asking = [asyncio.create_task(self.people.ask_in(place, sharing)) for place, sharing in self.town.places]
        gone = (asyncio.create_task(self._drafts_gone()), asyncio.create_task(self._rich_gone()))
        try:
            await self._kill_at_random()
        finally:
            for task in (*asking, *gone):
                task.cancel()
            results = await asyncio.gather(*asking, *gone, return_exceptions=True)
            self.simulator.bot.draft_refusal = self.simulator.bot.rich_refusal = None
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _kill_at_random(self) -> None:
        ends = asyncio.get_running_loop().time() + self.settings.seconds
        blows = [signal.SIGKILL] * self.settings.kills + [signal.SIGTERM] * self.settings.restarts
        self._dice.shuffle(blows)
        moments = sorted(ends - self._dice.uniform(0.05, 0.9) * self.settings.seconds for _ in blows)
        for blow, moment in zip(blows, moments, strict=True):
            await asyncio.sleep(moment - asyncio.get_running_loop().time())
            await self.child.end(blow)
            await asyncio.sleep(self._dice.uniform(0.0, 1.5))
            await self.child.start()
        await asyncio.sleep(ends - asyncio.get_running_loop().time())

    async def _drafts_gone(self) -> None:
        """For a tenth of the time Telegram takes no drafts."""
        await asyncio.sleep(self.settings.seconds * self._dice.uniform(0.4, 0.7))
        self.simulator.bot.draft_refusal = Why.DRAFT_PEER
        await asyncio.sleep(self.settings.seconds * 0.1)
        self.simulator.bot.draft_refusal = None

    async def _rich_gone(self) -> None:
        """For a tenth of the time it takes no rich messages."""
        await asyncio.sleep(self.settings.seconds * self._dice.uniform(0.2, 0.8))
        self.simulator.bot.rich_refusal = Why.RICH_RIGHTS
        await asyncio.sleep(self.settings.seconds * 0.1)
        self.simulator.bot.rich_refusal = None

    async def _drain(self) -> None:
        """Wait until every answer is complete, and then until the gateway has nothing more to say."""
        waited = [
            asyncio.ensure_future(asked.done.wait())
            for asked in self.ledger.asked.values()
            if not asked.interrupted and not self.people.chat(asked.place).blocked
        ]
        if waited:
            _, late = await asyncio.wait(waited, timeout=self.settings.drain)
            for task in late:
                task.cancel()
        quiet = self.settings.final_timeout + 1.0  # an edit that was given up on is confirmed after that bound
        latest = asyncio.get_running_loop().time() + 3 * quiet
        while (left := min(latest - asyncio.get_running_loop().time(), quiet - self._since_last_call())) > 0:  # noqa: ASYNC110 - what ends it is that nothing happens
            await asyncio.sleep(left)

    def _since_last_call(self) -> float:
        calls = (call.at for call in reversed(self.simulator.calls) if call.method.lower() != "getupdates")
        return self.simulator.clock() - next(calls, 0.0)


async def chaos(settings: Settings, log: Path | None = None) -> Report:
    """Play one run; ``log`` is where the gateway's log goes, and stays.

    Raises:
        TelexError: the gateway does not start.
    """
    with tempfile.TemporaryDirectory(prefix="telex-chaos-") as folder:
        return await Run(settings, Path(folder), log or Path(folder) / "gateway.log").play()
