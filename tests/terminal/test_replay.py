"""``telex replay`` in a terminal and on the page."""

import asyncio
import re
import signal
import sys

import pytest

from tests.cli.processes import telex
from tests.simulator.chromium import Chromium, needs_chromium
from tests.terminal.tmux import configured, needs_tmux, terminal

ANSWER = "## Heading\n\nSome **bold** words, and a list:\n\n- one\n- two\n\nThe last words."


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "turn.jsonl"
    config = configured(tmp_path, "Before. ", {"text": ANSWER, "tokens_per_second": 200, "after": 1})
    assert telex("record", "go", "--config", config, "--out", str(path))[0] == 0
    return path


@needs_tmux
def test_an_answer_looks_in_its_replay_as_it_looked(tmp_path):
    config = configured(tmp_path, {"text": ANSWER, "tokens_per_second": 200})
    with terminal("record", "go", "--config", config, "--out", str(tmp_path / "turn.jsonl")) as pane:
        looked = pane.until("[left with 0]").partition("telex: recorded in")[0]
        assert "The last words." in looked
    with terminal("replay", str(tmp_path / "turn.jsonl")) as pane:
        screen = pane.until("[left with 0]")
        assert screen.startswith(looked)
        assert "The presenter takes the same" in screen


@needs_tmux
def test_a_replay_is_as_slow_as_is_asked_for(recording):
    with terminal("replay", str(recording), "--speed", "0.02") as pane:
        pane.until("Before.")
        pane.keys("C-c")
        assert "The last words." not in pane.until("[left with 130]")
    with terminal("replay", str(recording), "--speed", "max") as pane:
        assert "The last words." in pane.until("[left with 0]")


@needs_chromium
def test_a_replay_is_seen_on_the_page(recording):
    async def main() -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "telex", "replay", str(recording), "--page", "--no-open", "--port", "0"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        try:
            found = re.search(r"http://\S+", (await process.stdout.readline()).decode())
            assert found
            async with Chromium() as browser:
                page = await browser.open(found[0])
                last = "[...document.querySelectorAll('[data-message-id]')].at(-1)"
                await page.until("document.querySelector('.draft')")
                await page.until(f"!document.querySelector('.draft') && {last}.textContent.includes('The last words.')")
                assert await page.eval(f"{last}.querySelector('b, strong').textContent") == "bold"
            verdict = (await process.stdout.readline()).decode()
            process.send_signal(signal.SIGINT)
            return await asyncio.wait_for(process.wait(), 20), verdict
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    code, verdict = asyncio.run(main())
    assert code == 0
    assert verdict.startswith("The presenter takes the same ")
