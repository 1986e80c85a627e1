"""A gateway killed while a tool waits for a yes, or runs after one: nothing runs without a yes of its own, or twice."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from telex.gateway.approvals import OUT_OF_DATE, Ending
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from tests.cli.processes import TOKEN, environment
from tests.crossed import crossed
from tests.gateway.playground import ADA, BOUND, GRACE, LAB, until

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Launch:
    """A chat in which a rocket may be launched."""

    folder: Path
    simulator: Simulator
    chat: int

    @contextlib.asynccontextmanager
    async def gateway(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """A gateway that is killed at the end, and polls at the beginning."""
        before = len(self.simulator.calls)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.gateway.approving_child", str(self.folder), cwd=ROOT,
            env=environment(TELEGRAM_BOT_TOKEN=TOKEN, PYTHONPATH=os.pathsep.join([str(ROOT / "src"), str(ROOT)])),
        )  # fmt: skip
        try:
            await self.until(lambda: any(call.method == "getUpdates" for call in self.simulator.calls[before:]))
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            await process.wait()

    async def until(self, true: Callable[[], object]) -> None:
        await until(self.simulator, true)

    def ask(self, text: str = "Go, @telex_demo_bot!") -> None:
        self.simulator.say(self.chat, text, user_id=self.asker)

    def press(self, message: dict[str, Any], number: int = 0) -> None:
        data = message["reply_markup"]["inline_keyboard"][0][number]["callback_data"]
        self.simulator.press(self.chat, message["message_id"], data, user_id=self.asker)

    @property
    def asker(self) -> int:
        return ADA if self.chat == ADA else GRACE

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for message in self.simulator.messages(self.chat) if message["from"]["is_bot"]]

    @property
    def questions(self) -> list[dict[str, Any]]:
        """Those that still have buttons."""
        return [message for message in self.messages if "🔐" in message["text"] and "reply_markup" in message]

    @property
    def toasts(self) -> list[str]:
        return [call.params.get("text", "") for call in self.simulator.calls if call.method == "answerCallbackQuery"]

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    async def written(self, true: Callable[[], object]) -> None:
        """Wait until a file of the gateway's process says so."""
        async with asyncio.timeout(BOUND):
            while not true():  # noqa: ASYNC110 - nobody tells when another process has written
                await asyncio.sleep(0)

    def saved(self) -> bool:
        """Does the journal hold a word of an answer?"""
        for path in self.folder.glob("journal-*.sqlite3"):
            with contextlib.closing(sqlite3.connect(path)) as journal:
                return bool(journal.execute("SELECT 1 FROM turns WHERE body != '[]'").fetchall())
        return False

    def cut_off(self) -> bool:
        return any("Cut off" in message["text"] for message in self.messages)


def told(story: Callable[[Launch], Any], folder: Path, chat: int, faults: str = "", approve: str = "[launch]") -> None:
    async def main() -> None:
        simulator = Simulator(limits=Limits.none(), faults=FaultPlan.parse(faults))
        base = await simulator.start()
        (folder / "config.yaml").write_text(
            f"telegram: {{api_base: '{base}', allow: [{ADA}, {GRACE}]}}\nprovider: {{kind: scripted}}\n"
            f"agent: {{approve: {approve}}}\ndata_dir: '{folder}'\nstreaming: {{final_timeout: 1, edit_interval: 0}}\n"
        )
        try:
            await story(Launch(folder, simulator, chat))
        finally:
            await simulator.stop()

    asyncio.run(main())


TEXTS = ["Go, @telex_demo_bot!", "Please go, @telex_demo_bot, please!"]


@pytest.mark.parametrize(("chat", "text"), crossed([ADA, LAB], TEXTS))
def test_a_killed_question_is_cut_off_and_its_buttons_say_so_and_run_nothing(tmp_path: Path, chat: int, text: str):
    async def story(here: Launch) -> None:
        async with here.gateway():
            here.ask(text)
            await here.until(lambda: here.questions)
        async with here.gateway():
            (former,) = here.questions
            here.press(former)
            here.press(former)
            await here.until(lambda: here.toasts == [OUT_OF_DATE, OUT_OF_DATE])
            await here.until(here.cut_off)
            await here.until(lambda: not here.questions)
            said = here.simulator.state.chats[chat].messages[former["message_id"]]["text"]
            assert said.endswith(Ending.OUT_OF_DATE.value)
        assert (here.lines("asked"), here.lines("runs")) == (["user"], [])

    told(story, tmp_path, chat)


@pytest.mark.parametrize("chat", [ADA, LAB])
def test_the_line_of_a_tool_that_waited_at_the_kill_says_that_it_was_stopped(tmp_path: Path, chat: int):
    async def story(here: Launch) -> None:
        async with here.gateway():
            here.ask()
            await here.until(lambda: here.questions)
            await here.written(here.saved)
        async with here.gateway():
            await here.until(here.cut_off)
            (cut_off,) = [message["text"] for message in here.messages if "Cut off" in message["text"]]
            assert "⏹ launch" in cut_off
            assert "waits" not in cut_off

    told(story, tmp_path, chat)


@pytest.mark.parametrize("fault", ["sendMessage#1=hang_before", "sendMessage#1=hang_after"])
def test_a_question_whose_post_was_on_its_way_at_the_kill_runs_nothing(tmp_path: Path, fault: str):
    async def story(here: Launch) -> None:
        async with here.gateway():
            here.ask()
            await here.until(lambda: any(call.method == "sendMessage" for call in here.simulator.calls))
            await here.until(lambda: "before" in fault or here.questions)
        async with here.gateway():
            await here.until(here.cut_off)
            for message in here.questions:
                here.press(message)
            await here.until(lambda: not here.questions)
        assert (here.lines("asked"), here.lines("runs")) == (["user"], [])

    told(story, tmp_path, ADA, fault)


FAULTS = ["", "answerCallbackQuery#1=hang_before", "editMessageText#1=hang_before"]


@pytest.mark.parametrize(("chat", "fault"), crossed([ADA, LAB], FAULTS))
def test_a_tool_that_ran_after_a_yes_does_not_run_again_after_a_kill(tmp_path: Path, chat: int, fault: str):
    async def story(here: Launch) -> None:
        (tmp_path / "hold").touch()
        async with here.gateway():
            here.ask()
            await here.until(lambda: here.questions)
            here.press(here.questions[0])
            await here.written(lambda: here.lines("runs"))
        async with here.gateway():
            await here.until(here.cut_off)
            for message in here.questions:
                here.press(message)
            await here.until(lambda: not here.questions)
        assert (here.lines("asked"), here.lines("runs")) == (["user"], ["Ada"])

    told(story, tmp_path, chat, fault)


def test_a_yes_that_was_pressed_while_nothing_ran_runs_nothing(tmp_path: Path):
    async def story(here: Launch) -> None:
        async with here.gateway():
            here.ask()
            await here.until(lambda: here.questions)
        here.press(here.questions[0])
        async with here.gateway():
            await here.until(lambda: here.toasts == [OUT_OF_DATE])
            await here.until(lambda: here.cut_off() and not here.questions)
        assert here.lines("runs") == []

    told(story, tmp_path, ADA)


def test_going_on_after_the_kill_asks_anew_and_a_yes_then_runs_the_tool_once(tmp_path: Path):
    async def story(here: Launch) -> None:
        async with here.gateway():
            here.ask()
            await here.until(lambda: here.questions)
        async with here.gateway():
            (former,) = here.questions
            await here.until(here.cut_off)
            (cut_off,) = [message for message in here.messages if "Cut off" in message["text"]]
            here.press(cut_off)
            await here.until(lambda: any(message != former for message in here.questions))
            here.press(next(message for message in here.questions if message != former))
            await here.until(lambda: any(message["text"].endswith("It said: It flies.") for message in here.messages))
        assert here.lines("runs") == ["Ada"]

    told(story, tmp_path, ADA)


def test_a_tool_that_needs_no_yes_does_not_run_again_after_a_kill_either(tmp_path: Path):
    async def story(here: Launch) -> None:
        (tmp_path / "hold").touch()
        async with here.gateway():
            here.ask()
            await here.written(lambda: here.lines("runs") and here.saved())
        async with here.gateway():
            await here.until(here.cut_off)
        assert (here.lines("asked"), here.lines("runs")) == (["user"], ["Ada"])

    told(story, tmp_path, ADA, approve="[]")
