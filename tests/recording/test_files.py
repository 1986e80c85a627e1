"""Recordings as files, and ``telex record`` and ``telex replay`` as commands."""

import asyncio
import json
import re
import stat
from pathlib import Path

import pytest

import telex as library
from telex.errors import ConfigError
from telex.events import TextDelta
from telex.recording.entries import FORMAT
from telex.recording.files import Recordings, read
from telex.recording.replay import replay
from telex.surfaces.memory import MemorySurface
from tests.cli.processes import telex
from tests.terminal.tmux import configured

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


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "turn.jsonl"
    code, out, err = telex(
        "record", "go", "--config", configured(tmp_path, {"text": ANSWER, "tokens_per_second": 400}), "--out", str(path)
    )
    assert (code, out, err) == (0, f"{ANSWER}\n", f"telex: recorded in {path}\n")
    return path


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
    code, out, err = telex("replay", "--check", str(recording))
    assert (code, err) == (0, "")
    assert out.startswith("The presenter takes the same ")


def test_a_changed_word_is_found_where_it_is_shown(recording):
    lines = recording.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if '"event":"TextDelta"' in text)
    edited(recording, line, text="Changed")
    code, out, _ = telex("replay", "--check", str(recording))
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
    code, out, err = telex("replay", str(edited(recording, line, **changes)))
    assert (code, out) == (2, "")
    assert err.startswith(f"telex: {recording}, line {line}: {complaint}")
    assert err.count("\n") == 1


def test_a_line_that_is_cut_off_is_named(recording):
    whole = recording.read_bytes()
    lines = whole.count(b"\n")
    recording.write_bytes(whole[:-9])
    code, _, err = telex("replay", str(recording))
    assert (code, f"line {lines}: the recording is broken here" in err) == (2, True)


def test_an_empty_file_and_none_are_refused(tmp_path):
    (tmp_path / "empty").touch()
    assert telex("replay", str(tmp_path / "empty"))[0] == 2
    assert telex("replay", str(tmp_path / "none"))[0] == 2
    assert telex("replay", str(tmp_path))[0] == 2


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan"])
def test_a_speed_that_is_none_is_refused(recording, speed):
    code, _, err = telex("replay", str(recording), "--speed", speed)
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
