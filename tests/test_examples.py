"""The examples are programs: each is run as a reader would run it."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples"
BOTS = sorted(FOLDER.glob("bot_*.py"))  # these run until they are stopped: tests/library/test_bots.py
STREAMS = sorted(FOLDER.glob("stream_*.py"))  # these ask a model: tests/library/test_streams.py
EXAMPLES = sorted(set(FOLDER.glob("*.py")) - set(BOTS) - set(STREAMS))
NEEDS = {"simulator_aiogram.py": "aiogram", "simulator_python_telegram_bot.py": "telegram"}
SAYS = {
    "add_a_platform.py": "-- next message --",
    "add_a_provider.py": "APPEARS AS IT IS PRINTED TurnEnded(end=<End.FINISHED",
    "simulator_aiogram.py": "telex: HELLO",
    "simulator_python_telegram_bot.py": "telex: HELLO",
    "your_own_agent.py": "complete on the screen: True",
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_without_a_complaint_and_prints_what_it_is_for(path):
    needs = NEEDS.get(path.name, "telex")
    if importlib.util.find_spec(needs) is None:
        pytest.skip(f"{needs} is not installed")
    command = [sys.executable, "-W", "error", "-X", "utf8", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert SAYS[path.name] in done.stdout


@pytest.mark.parametrize("path", EXAMPLES + BOTS + STREAMS, ids=lambda path: path.name)
def test_an_example_is_short_enough_to_be_read_at_once(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= (60 if path in EXAMPLES else 39)
