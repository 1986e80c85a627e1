"""A tool that needs a yes, at a terminal: telex on a pseudo-terminal, and a person who presses keys."""

import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.cli.processes import BOUND, environment, written

CONFIG = """
provider: {{kind: scripted, script: {script}}}
agent: {{approve: [calculator], approval_timeout: {seconds}}}
data_dir: {folder}
"""
QUESTION = "run it? y or n"
ARGUMENTS = '"expression": "6 * 7"'


class Terminal:
    """telex at a terminal; ``out`` and ``err`` may go elsewhere."""

    def __init__(self, folder: Path, *arguments: str, seconds: int = 60, out: int | None = None) -> None:
        script = folder / "script.yaml"
        script.write_text("[{call: calculator, arguments: {expression: 6 * 7}}, And that is it.]")
        config = written(folder, CONFIG.format(script=script, seconds=seconds, folder=folder))
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 100))
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs
        self.process = subprocess.Popen(
            [sys.executable, "-m", "telex", arguments[0], "--config", config, *arguments[1:]],
            stdin=theirs, stdout=theirs if out is None else out, stderr=theirs, start_new_session=True,
            env=environment(TERM="xterm", NO_COLOR="1"),
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509 - it becomes the controlling terminal
        )  # fmt: skip
        self.shown = ""

    def until(self, words: str) -> None:
        """Read what is shown until it holds ``words``."""
        ends = time.monotonic() + BOUND
        while words not in self.shown:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, ends - time.monotonic()))
            assert ready, f"{words!r} is not shown: {self.shown!r}"
            self.shown += os.read(self._ours, 4096).decode(errors="replace")

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def end(self) -> int:
        """Wait for the end; the terminal must be as it was."""
        try:
            code = self.process.wait(BOUND)
            assert termios.tcgetattr(self._theirs) == self.before
            return code
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self._ours)
            os.close(self._theirs)


@pytest.mark.parametrize(("key", "line"), [("y", "✅ calculator"), ("n", "❌ calculator"), ("\r", "❌ calculator")])
def test_ask_asks_with_all_arguments_and_takes_a_key(tmp_path: Path, key: str, line: str) -> None:
    terminal = Terminal(tmp_path, "ask", "How much?")
    terminal.until(QUESTION)
    assert ARGUMENTS in terminal.shown
    terminal.press("x")  # no answer
    terminal.press("\x1b[A")  # an arrow: neither
    terminal.press(key)
    terminal.until(line)
    terminal.until("And that is it.")
    assert terminal.end() == 0


def test_an_answer_in_a_pipe_is_asked_about_on_the_error_stream(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    terminal = Terminal(tmp_path, "ask", "How much?", out=writes)
    os.close(writes)
    terminal.until(QUESTION)
    terminal.press("y")
    assert terminal.end() == 0
    with os.fdopen(reads) as answer:
        assert answer.read() == "And that is it.\n"


def test_without_an_answer_in_time_the_tool_does_not_run(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "ask", "How much?", seconds=1)
    terminal.until(QUESTION)
    terminal.until("❌ calculator")
    terminal.until("And that is it.")
    assert terminal.end() == 0


def test_ctrl_c_at_the_question_ends_it_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "ask", "How much?")
    terminal.until(QUESTION)
    terminal.press("\x03")
    terminal.until("⏹ calculator")
    assert terminal.end() == 130


def test_chat_asks_and_takes_a_key(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "chat")
    terminal.until("›")
    terminal.press("How much?\r")
    terminal.until(QUESTION)
    terminal.press("y")
    terminal.until("✅ calculator")
    terminal.until("And that is it.")
    terminal.shown = terminal.shown.partition("And that is it.")[2]
    terminal.until("›")
    terminal.press("/exit\r")
    assert terminal.end() == 0


def test_without_a_terminal_the_tool_does_not_run_and_the_error_stream_says_so(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("[{call: calculator, arguments: {expression: 6 * 7}}, And that is it.]")
    config = written(tmp_path, CONFIG.format(script=script, seconds=60, folder=tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "telex", "ask", "--config", config, "How much?"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOUND, env=environment(), check=True,
    )  # fmt: skip
    assert done.stdout == "And that is it.\n"
    assert "calculator was not run: it needs your yes" in done.stderr
