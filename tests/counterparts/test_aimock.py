"""Against aimock, a server of other people's in another language; ``aimock/fixtures.json`` says what it answers to what."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from telex.agent.tools import tool
from telex.events import End
from tests.counterparts.asking import FORMATS, WORDS, Asked, Made, asked, assert_cut_off

FILES = Path(__file__).parent / "aimock"
SERVER = "node_modules/@copilotkit/aimock/dist/cli.js"
OLDEST_NODE = (20, 15)
RETRY_AFTER = 2.0  # seconds, as the fixtures say; without them the pause is shorter

pytestmark = pytest.mark.parametrize("made", FORMATS)


def _node() -> str:
    """Where Node is; skips where it is not, or too old."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("aimock needs Node.js with npm, and there is none on the PATH")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST_NODE:
        pytest.skip(f"aimock needs Node.js {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or later; this is {version.strip()}")
    return node


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's address; the lock file pins what is installed."""
    node, folder = _node(), tmp_path_factory.mktemp("aimock")
    for file in FILES.iterdir():
        shutil.copy(file, folder)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    installed = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if installed.returncode:
        if re.search(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH", installed.stderr):
            pytest.skip("npm cannot reach its registry, so aimock cannot be installed")
        raise AssertionError(installed.stderr)
    command = [node, SERVER, "--port", "0", "--fixtures", "fixtures.json", "--strict"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            assert server.stdout is not None
            said = ""
            while (found := re.search(r"listening on (http://\S+)", said)) is None:
                line = server.stdout.readline()
                assert line, f"aimock ended: {said}"
                said += line
            yield f"{found.group(1)}/v1"
        finally:
            server.kill()


def test_words_arrive_in_pieces_and_whole(made: Made, base_url: str) -> None:
    turn = asked(made, base_url, question="plain")
    assert "".join(turn.pieces) == turn.result.text == WORDS
    assert max(map(len, turn.pieces)) == 4


def test_thoughts_are_no_words(made: Made, base_url: str) -> None:
    turn = asked(made, base_url, question="thinks")
    assert turn.result.text == WORDS
    assert turn.result.reasoning == "Bridges. Water."


def test_two_calls_in_fragments_are_put_together_and_answered(made: Made, base_url: str) -> None:
    cities: list[str] = []

    @tool
    def weather(city: str) -> str:
        """Tell the weather of a city."""
        cities.append(city)
        return f"warm in {city}"

    turn = asked(made, base_url, weather, question="weather")
    assert sorted(cities) == ["Oslo", "Saint-Rémy-de-Provence"]
    assert turn.tool_results == ["warm in Saint-Rémy-de-Provence", "warm in Oslo"]
    assert turn.result.text == "Let me look. \n\nWarm in both."


def test_characters_that_the_server_cuts_in_two_are_whole(made: Made, base_url: str) -> None:
    turn = asked(made, base_url, question="emoji")
    assert "".join(turn.pieces) == turn.result.text == "Hi 😀 there 🎉🎉 you"
    assert turn.result.reasoning == "ab😀😀 c"


def test_arguments_with_characters_that_the_server_cuts_in_two_are_whole(made: Made, base_url: str) -> None:
    @tool
    def weather(city: str) -> str:
        """Tell the weather of a city."""
        return f"warm in {city}"

    turn = asked(made, base_url, weather, question="party")
    assert turn.tool_results == ["warm in a😀b😀c"]
    assert turn.result.text == "Done."


def test_a_slow_first_token_is_waited_for(made: Made, base_url: str) -> None:
    assert asked(made, base_url, question="slow", stall_timeout=20.0).result.text == WORDS


def test_a_first_token_that_comes_too_late_ends_the_attempt(made: Made, base_url: str) -> None:
    turn = asked(made, base_url, question="asleep", stall_timeout=0.3)
    assert "sent nothing for 0.3 seconds" in turn.end.message
    assert not turn.pieces


@pytest.mark.parametrize("how", ["truncated", "disconnected"])
def test_an_answer_that_breaks_off_keeps_its_words_and_is_no_success(made: Made, base_url: str, how: str) -> None:
    assert_cut_off(asked(made, base_url, question=how))


def test_a_body_that_is_garbage_is_told_of_in_a_sentence(made: Made, base_url: str) -> None:
    _failed(asked(made, base_url, question="malformed", max_retries=0), "without an answer")


def test_a_connection_that_is_cut_at_once_is_told_of_in_a_sentence(made: Made, base_url: str) -> None:
    _failed(asked(made, base_url, question="unplugged", max_retries=0), "closed the connection")


def test_a_429_is_waited_out_as_long_as_it_asks_and_the_answer_is_whole(made: Made, base_url: str) -> None:
    # The server counts how often a question came by this header.
    began = time.monotonic()
    turn = asked(made, base_url, question="limited", headers={"X-Test-Id": made.kind})
    assert time.monotonic() - began >= RETRY_AFTER
    assert "".join(turn.pieces) == turn.result.text == WORDS


def test_a_429_that_asks_for_too_long_a_wait_fails_with_the_servers_words(made: Made, base_url: str) -> None:
    _failed(asked(made, base_url, question="exhausted"), "Slow down.")


def _failed(turn: Asked, told: str) -> None:
    assert turn.result.end is End.FAILED
    assert not turn.pieces
    assert told in turn.end.message
