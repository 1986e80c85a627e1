"""A tool that needs a yes, at a terminal."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.keyboard import Terminal
from tests.cli.processes import BOUND, environment, written
from tests.crossed import crossed

CONFIG = """
provider: {{kind: scripted, script: {script}}}
agent: {{approve: [calculator], approval_timeout: {seconds}}}
data_dir: {folder}
"""
QUESTION = "run it? y or n"
ARGUMENTS = '"expression": "6 * 7"'


def asking(folder: Path, command: str, *more: str, seconds: int = 60, out: int | None = None) -> Terminal:
    """telex with a model that calls a tool which needs a yes."""
    script = folder / "script.yaml"
    script.write_text("[{call: calculator, arguments: {expression: 6 * 7}}, And that is it.]")
    config = written(folder, CONFIG.format(script=script, seconds=seconds, folder=folder))
    return Terminal(command, "--config", config, *more, out=out)


def reply(terminal: Terminal, key: str) -> None:
    """Read the question, then press a key."""
    terminal.until(QUESTION)
    terminal.look()
    terminal.press(key)


@pytest.mark.parametrize(
    ("key", "line", "said"),
    [("y", "✅ calculator", "yes"), ("n", "❌ calculator", "no"), ("\r", "❌ calculator", "no")],
)
def test_ask_asks_with_all_arguments_and_takes_a_key(tmp_path: Path, key: str, line: str, said: str) -> None:
    terminal = asking(tmp_path, "ask", "How much?")
    reply(terminal, "x")  # no answer
    assert ARGUMENTS in terminal.shown
    reply(terminal, "\x1b[A")  # an arrow: neither
    reply(terminal, key)
    terminal.until(line)
    terminal.until("And that is it.")
    assert terminal.end() == 0
    assert f"⚠️ calculator {{ {ARGUMENTS} }} - run it? {said}" in terminal.shown


def test_an_answer_in_a_pipe_is_asked_about_on_the_error_stream(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    terminal = asking(tmp_path, "ask", "How much?", out=writes)
    os.close(writes)
    reply(terminal, "y")
    terminal.until("run it? yes")
    assert terminal.end() == 0
    with os.fdopen(reads) as answer:
        assert answer.read() == "And that is it.\n"


def test_without_an_answer_in_time_the_tool_does_not_run(tmp_path: Path) -> None:
    terminal = asking(tmp_path, "ask", "How much?", seconds=1)
    terminal.until(QUESTION)
    terminal.until("❌ calculator")
    terminal.until("run it? not answered")
    terminal.until("And that is it.")
    assert terminal.end() == 0


def test_ctrl_c_at_the_question_ends_it_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    terminal = asking(tmp_path, "ask", "How much?")
    terminal.until(QUESTION)
    terminal.press("\x03")
    terminal.until("⏹ calculator")
    assert terminal.end() == 130


def test_chat_asks_and_takes_a_key(tmp_path: Path) -> None:
    terminal = asking(tmp_path, "chat")
    terminal.until("›")
    terminal.press("How much?\r")
    reply(terminal, "y")
    terminal.until("✅ calculator")
    terminal.until("And that is it.")
    terminal.shown = terminal.shown.partition("And that is it.")[2]
    terminal.until("›")
    terminal.press("/exit\r")
    assert terminal.end() == 0


def test_what_is_typed_while_the_question_comes_up_is_the_next_question_and_no_answer(tmp_path: Path) -> None:
    terminal = asking(tmp_path, "chat")
    terminal.until("›")
    terminal.press("How much?\r")
    terminal.until(QUESTION)
    terminal.press("yes")
    terminal.until("s': first end that")
    reply(terminal, "\r")  # ends that line, and is no answer either
    reply(terminal, "n")
    terminal.until("❌ calculator")
    terminal.until("› yes")
    terminal.shown = terminal.shown.partition("› yes")[2]
    reply(terminal, "n")
    terminal.look()
    terminal.press("\x04")
    assert terminal.end() == 0


def test_escape_alone_is_a_no_in_a_chat(tmp_path: Path) -> None:
    terminal = asking(tmp_path, "chat")
    terminal.until("›")
    terminal.press("How much?\r")
    reply(terminal, "\x1b")
    terminal.until("❌ calculator")
    terminal.look()
    terminal.press("\x04")
    assert terminal.end() == 0


@pytest.mark.parametrize(("command", "ended"), crossed(["ask", "chat"], [(signal.SIGTERM, 143), (signal.SIGHUP, 129)]))
def test_a_signal_at_the_question_leaves_the_terminal_as_it_was(
    tmp_path: Path, command: str, ended: tuple[signal.Signals, int]
) -> None:
    number, code = ended
    terminal = asking(tmp_path, command, *["How much?"] * (command == "ask"))
    if command == "chat":
        terminal.until("›")
        terminal.press("How much?\r")
    terminal.until(QUESTION)
    terminal.process.send_signal(number)
    terminal.until("⏹ calculator")
    assert terminal.end() == code


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
