"""``telex chat`` whose questions are piped in, or that is ended by somebody else."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from telex.agent.sessions import Sessions
from tests.cli.keyboard import Terminal
from tests.cli.processes import BOUND, environment
from tests.terminal.test_chat import UNENDING, kept
from tests.terminal.tmux import configured


def piped(folder: Path, asked: bytes, *script: str, more: str = "") -> subprocess.CompletedProcess[bytes]:
    """Ask a few lines."""
    return subprocess.run(
        [sys.executable, "-m", "telex", "chat", "--config", configured(folder, *(script or ("Yes.",)), more=more)],
        input=asked, capture_output=True, timeout=BOUND, env=environment(), check=False,
    )  # fmt: skip


def questions(folder: Path) -> list[str]:
    return [message["content"] for message in kept(folder) if message["role"] == "user"]


def test_what_is_a_command_in_a_messenger_is_one_here(tmp_path):
    assert piped(tmp_path, b"/NEW\n/new@some_bot\n/help me\n/stop now").returncode == 0
    assert questions(tmp_path) == []


def test_what_is_a_question_in_a_messenger_is_one_here(tmp_path):
    lines = ["/usr/bin/env", "/", "//", "/etc/hosts, what is it?"]
    assert piped(tmp_path, "\n".join(lines).encode(), *["Yes."] * len(lines)).returncode == 0
    assert questions(tmp_path) == lines


def test_bytes_that_are_no_text_are_replaced(tmp_path):
    told = piped(tmp_path, b"What is \xff\xfe?\n")
    assert (told.returncode, told.stderr) == (0, b"")
    assert questions(tmp_path) == ["What is \ufffd\ufffd?"]


def test_a_model_that_failed_shows_in_the_exit_code(tmp_path):
    config = configured(tmp_path, {"kind": "error", "text": "It is out of order."})
    told = subprocess.run(
        [sys.executable, "-m", "telex", "chat", "--config", config],
        input=b"go\n", capture_output=True, timeout=BOUND, env=environment(), check=False,
    )  # fmt: skip
    assert told.returncode == 1
    assert b"Traceback" not in told.stderr


@pytest.mark.parametrize(("end", "code"), [("| head -1", "141"), ("<&- | cat", "0")])
def test_a_reader_who_has_seen_enough_and_an_input_that_is_closed_show_in_the_exit_code(tmp_path, end, code):
    config = configured(tmp_path, "line\n" * 500)
    command = f"(yes go | head -50) | {sys.executable} -m telex chat --config '{config}' {end}; echo ${{PIPESTATUS[*]}}"
    told = subprocess.run(
        ["/bin/bash", "-c", command], capture_output=True, text=True, check=True, timeout=BOUND, env=environment()
    )
    assert told.stdout.splitlines()[-1].split()[1:] == [code, "0"]
    assert "Traceback" not in told.stderr


def test_a_conversation_that_cannot_be_kept_is_told_of_and_goes_on(tmp_path):
    Sessions(tmp_path / "sessions.sqlite3").close()
    with sqlite3.connect(tmp_path / "sessions.sqlite3") as there:
        there.execute("CREATE TRIGGER full BEFORE INSERT ON sessions BEGIN SELECT RAISE(ABORT, 'no room'); END")
    told = piped(tmp_path, b"go\n")
    assert told.returncode == 0
    assert b"Yes." in told.stdout
    assert b"is not kept" in told.stderr
    assert b"Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("number", "code", "answer"),
    [
        (signal.SIGTERM, 143, ["The first words.\n\n[The user stopped this answer here.]"]),
        (signal.SIGHUP, 129, ["The first words.\n\n[The user stopped this answer here.]"]),
        (signal.SIGKILL, -9, []),
    ],
)
def test_a_conversation_that_is_ended_in_an_answer_can_be_gone_on_with(tmp_path, number, code, answer):
    terminal = Terminal("chat", "--config", configured(tmp_path, *UNENDING))
    terminal.until("›")
    terminal.press("Go on\r")
    terminal.until("The first words.")
    terminal.process.send_signal(number)
    if number == signal.SIGKILL:
        terminal.kill()
    else:
        assert terminal.end() == code
    assert [message["content"] for message in kept(tmp_path)] == ["Go on", *answer]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_at_the_prompt_leaves_the_terminal_as_it_was(tmp_path, number, code):
    terminal = Terminal("chat", "--config", configured(tmp_path, "Yes."))
    terminal.until("›")
    terminal.process.send_signal(number)
    assert terminal.end() == code


def test_a_dumb_terminal_gets_no_control_sequences_and_edits_its_lines_itself(tmp_path):
    terminal = Terminal("chat", "--config", configured(tmp_path, "A \x1b[31mred word."), term="dumb")
    terminal.until("›")
    terminal.press("go\n")
    terminal.until("red word.")
    terminal.look()
    terminal.press("\x03")
    terminal.until("once more leaves")
    terminal.press("\x03")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.shown
