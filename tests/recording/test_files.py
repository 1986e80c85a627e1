"""Recordings as files, and ``telex record`` and ``telex replay`` as commands."""

import asyncio
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import telex as library
from telex.errors import ConfigError
from telex.events import TextDelta
from telex.recording.entries import FORMAT, Fed
from telex.recording.files import Recordings, read
from telex.recording.replay import replay
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from telex.surfaces.memory import MemorySurface
from tests.cli.here import telex_here
from tests.cli.processes import BOUND, TOKEN, done, environment, line_with, running, telex
from tests.gateway.playground import ADA, until
from tests.terminal.tmux import configured

ROOT = Path(__file__).parent.parent.parent
ANSWER = "Some words, a list:\n\n- one\n- two\n\n```python\nx = 1\n```"
KEY = "sk-very-secret-key-of-the-model"


class Memory:
    """A target that shows in memory."""

    def open(self) -> MemorySurface:
        return MemorySurface(round_trip=0.0)

    async def close(self) -> None:
        pass


def answer(record: Path, words: str = "Hello there.") -> None:
    async def main() -> None:
        async with library.live(Memory(), record=record) as out:
            out.feed(words)

    asyncio.run(main())


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """What ``telex record`` has written."""
    folder = tmp_path_factory.mktemp("recorded")
    path = folder / "turn.jsonl"
    config = configured(folder, {"text": ANSWER, "tokens_per_second": 400})
    code, out, err = telex("record", "go", "--config", config, "--out", str(path))
    assert (code, out, err) == (0, f"{ANSWER}\n", f"telex: recorded in {path}\n")
    return path


@pytest.fixture
def recording(recorded, tmp_path):
    """A copy of it, to be read or spoilt."""
    return Path(shutil.copy(recorded, tmp_path))


def edited(path: Path, line: int, **changes: object) -> Path:
    """The recording with one line changed."""
    lines = path.read_text().splitlines()
    lines[line - 1] = json.dumps({**json.loads(lines[line - 1]), **changes})
    path.write_text("\n".join(lines) + "\n")
    return path


def test_an_answer_of_the_library_is_recorded_for_its_owner_alone(tmp_path):
    answer(tmp_path / "turn.jsonl")
    assert stat.S_IMODE((tmp_path / "turn.jsonl").stat().st_mode) == 0o600
    header, entries = read(tmp_path / "turn.jsonl")
    assert header.surface == "MemorySurface"
    assert replay(header, entries).difference is None


def test_no_recording_takes_the_place_of_another(tmp_path):
    for _ in range(3):
        answer(tmp_path / "turn.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["turn-2.jsonl", "turn-3.jsonl", "turn.jsonl"]


def test_a_folder_is_made_and_gets_a_file_for_each_answer(tmp_path):
    for _ in range(3):
        answer(tmp_path / "made" / "here")
    names = sorted(path.name for path in (tmp_path / "made" / "here").iterdir())
    assert len(names) == 3
    assert all(re.fullmatch(r"\d{8}-\d{6}(-\d)?\.jsonl", name) for name in names)


def test_a_turn_in_which_nothing_happens_leaves_no_file(tmp_path):
    Recordings(tmp_path).recorder().presenter(MemorySurface(), library.StreamingConfig().pacing, 0.0)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_any_more_that_ends_the_recording_and_not_the_answer(tmp_path):
    recordings = Recordings(tmp_path)
    presenter = recordings.recorder().presenter(MemorySurface(), library.StreamingConfig().pacing, 0.0)
    recordings._path = tmp_path / "a folder that is gone by now"
    presenter.feed(TextDelta("on"), 1.0)
    assert presenter.view.letters == 2


def test_a_place_where_nothing_can_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"file: no recording can be written there"):
        Recordings(tmp_path / "file")


def test_a_recorded_answer_is_shown_again_and_takes_the_same_steps(recording):
    code, out, err = telex("replay", str(recording))
    assert (code, out) == (0, f"{ANSWER}\n")
    assert re.fullmatch(r"The presenter takes the same \d+ steps \(recorded by telex [\w.]+\)\.\n", err)


def test_a_check_says_it_without_showing_anything(recording):
    code, out, err = telex_here("replay", "--check", str(recording))
    assert (code, err) == (0, "")
    assert out.startswith("The presenter takes the same ")


def test_a_changed_word_is_found_where_it_is_shown(recording):
    lines = recording.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if '"event":"TextDelta"' in text)
    edited(recording, line, text="Changed")
    code, out, _ = telex_here("replay", "--check", str(recording))
    assert code == 1
    step = next(number for number, text in enumerate(lines, 1) if '"step":"Show","page":0,"text":"S' in text)
    assert f"turn.jsonl, line {step}, after 0." in out
    assert re.search(r"recorded: shows a preview of page 0.* 'Some.*'\n  now:      shows .* 'Changed", out)


@pytest.mark.parametrize(
    ("key", "changes", "complaint"),
    [
        ("event", {"event": "Nonsense"}, "the recording is broken here: there is no 'Nonsense'"),
        ("event", {"t": "soon"}, "the recording is broken here: t: Expected `float`, got `str`"),
        ("screen", {"screen": {"limit": "long"}}, "the recording is broken here: "),
        ("telex", {"pacing": 3}, "the recording is broken here: "),
        ("telex", {"telex": "log"}, "this is no recording of telex"),
        ("telex", {"format": FORMAT + 1, "version": "9.9"}, f"telex 9.9 made this recording in format {FORMAT + 1}"),
    ],
)
def test_a_broken_a_foreign_and_a_newer_file_are_refused_by_line(recording, key, changes, complaint):
    lines = recording.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if f'"{key}":' in text)
    code, out, err = telex_here("replay", str(edited(recording, line, **changes)))
    assert (code, out) == (2, "")
    assert err.startswith(f"telex: {recording}, line {line}: {complaint}")
    assert err.count("\n") == 1


def test_a_last_line_that_is_cut_off_is_named_and_the_rest_is_shown(recording):
    whole = recording.read_bytes()
    lines = whole.count(b"\n")
    recording.write_bytes(whole[:-9])
    code, out, err = telex("replay", str(recording))
    assert (code, out) == (0, f"{ANSWER}\n")
    cut, breaks_off, verdict = err.splitlines()
    assert cut == f"{recording}, line {lines} is cut off: the recording is read without it"
    assert breaks_off == "then the recording breaks off"
    assert verdict.startswith("The presenter takes the same ")


def test_a_line_that_is_cut_off_before_the_last_is_refused(recording):
    lines = recording.read_bytes().splitlines(keepends=True)
    recording.write_bytes(b"".join([*lines[:3], lines[3][:-9] + b"\n", *lines[4:]]))
    code, _, err = telex_here("replay", str(recording))
    assert (code, "line 4: the recording is broken here" in err) == (2, True)


def test_an_empty_file_and_none_are_refused(tmp_path):
    (tmp_path / "empty").touch()
    assert telex_here("replay", str(tmp_path / "empty"))[0] == 2
    assert telex_here("replay", str(tmp_path / "none"))[0] == 2
    assert telex_here("replay", str(tmp_path))[0] == 2


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan"])
def test_a_speed_that_is_none_is_refused(recording, speed):
    code, _, err = telex_here("replay", str(recording), "--speed", speed)
    assert (code, "--speed" in err) == (2, True)


def test_the_models_key_is_in_no_recording(tmp_path):
    (tmp_path / "config.yaml").write_text(
        f"provider: {{kind: openai, base_url: 'http://127.0.0.1:9/v1', api_key: {KEY}, model: m}}\ndata_dir: {tmp_path}\n"
    )
    code, _, err = telex(
        "record", "go", "--config", str(tmp_path / "config.yaml"), "--out", str(tmp_path / "turn.jsonl")
    )
    recorded = (tmp_path / "turn.jsonl").read_text()
    assert code == 1
    assert '"event":"TurnEnded","end":"failed"' in recorded
    assert KEY not in recorded + err


FULL = """
import asyncio, pathlib, resource, sys
import telex
from tests.recording.test_files import Memory

resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))


async def main():
    async with telex.live(Memory(), record=pathlib.Path(sys.argv[1])) as out:
        for _ in range(100):
            out.feed("some words more, ")
            await asyncio.sleep(0.001)


asyncio.run(main())
print("done")
"""


def test_a_full_disk_ends_the_recording_at_a_whole_line_with_one_warning(tmp_path):
    path = tmp_path / "turn.jsonl"
    child = subprocess.run(
        [sys.executable, "-c", FULL, path], cwd=ROOT, env=environment(PYTHONPATH=os.pathsep.join(sys.path)),
        capture_output=True, text=True, timeout=BOUND, check=False,
    )  # fmt: skip
    assert child.stdout == "done\n"
    assert child.stderr.count("\n") == child.stderr.count("the recording ends here: ") == 1
    assert 3000 < path.stat().st_size < 4000
    assert path.read_bytes().endswith(b"}\n")
    header, entries = read(path)
    assert replay(header, entries).difference is None


def test_the_answer_of_a_gateway_is_recorded(tmp_path):
    async def main() -> None:
        simulator = Simulator(limits=Limits.none())
        base = await simulator.start()
        bot = f"telegram: {{api_base: '{base}', allow: [{ADA}]}}"
        command = ("gateway", "--config", configured(tmp_path, ANSWER, more=bot), "--record", str(tmp_path / "there"))
        async with running(*command, TELEGRAM_BOT_TOKEN=TOKEN) as process:
            await line_with(process.stderr, "answers with")
            simulator.say(ADA, "go")
            await until(simulator, lambda: any(message["from"]["is_bot"] for message in simulator.messages(ADA)))
            process.send_signal(signal.SIGINT)
            assert (await done(process))[0] == 0
        await simulator.stop()

    asyncio.run(main())
    assert_recorded(tmp_path / "there", "TelegramSurface")


def test_the_answer_of_a_chat_is_recorded(tmp_path):
    chat = subprocess.run(
        [sys.executable, "-m", "telex", "chat", "--config", configured(tmp_path, ANSWER), "--record", tmp_path / "there"],
        input="go\n", env=environment(), capture_output=True, text=True, timeout=BOUND, check=False,
    )  # fmt: skip
    assert (chat.returncode, ANSWER in chat.stdout) == (0, True)
    assert_recorded(tmp_path / "there", "TerminalSurface")


def test_the_answer_to_a_question_is_recorded(tmp_path):
    config = configured(tmp_path, ANSWER)
    code, out, err = telex("ask", "go", "--config", config, "--record", str(tmp_path / "turn.jsonl"))
    assert (code, out, err) == (0, f"{ANSWER}\n", f"telex: recorded in {tmp_path / 'turn.jsonl'}\n")
    assert_recorded(tmp_path, "TerminalSurface")


def assert_recorded(folder: Path, surface: str) -> None:
    (path,) = folder.glob("*.jsonl")
    header, entries = read(path)
    assert header.surface == surface
    assert (
        "".join(entry.event.text for entry in entries if isinstance(entry, Fed) and isinstance(entry.event, TextDelta))
        == ANSWER
    )
    assert replay(header, entries).difference is None
