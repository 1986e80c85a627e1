"""``telex check``: what is wrong is named with file, path and what is expected, and never with a traceback."""

import asyncio
import sys
import tempfile
from pathlib import Path

import pytest

from telex.cli import app
from telex.simulator.server import Simulator
from tests.cli.here import telex_beside, telex_here
from tests.cli.processes import TOKEN, done, start, telex, written

WRONG = [
    ("telegram: {token: '1:a'}\nstreamin: {}", "$.streamin"),
    ("telegram: {token: '1:a'}\nstreaming: {edit_interval: fast}", "$.streaming.edit_interval"),
    ("telegram: {token: '1:a'}\nstreaming: {edit_interval: -1}", "$.streaming.edit_interval"),
    ("telegram: {token: '1:a'}\nstreaming: {transport: pigeon}", "$.streaming.transport"),
    ("telegram: {token: '1:a', allow: [bob]}", "$.telegram.allow"),
    ("telegram: {token: '1:a'}\nprovider: {kind: openai}", "base_url"),
    ("telegram: {token: 'nonsense'}", "$.telegram.token"),
    ("telegram: {token: '${NO_SUCH_NAME}'}", "NO_SUCH_NAME"),
    ("provider: {kind: scripted}", "TELEGRAM_BOT_TOKEN"),
    ("telegram: [", "is not YAML"),
    ("- a list", "expected sections"),
]


@pytest.mark.parametrize(("text", "named"), WRONG, ids=[named for _, named in WRONG])
def test_what_is_wrong_is_named(tmp_path, text: str, named: str):
    path = written(tmp_path, text)
    code, out, err = telex_here("check", "--config", path)
    assert code == 2
    assert path in err
    assert named in err
    assert "Traceback" not in out + err


def test_a_file_that_is_not_there_is_named():
    code, _, err = telex("check", "--config", "/no/such/config.yaml")
    assert code == 2
    assert "/no/such/config.yaml" in err
    assert "Traceback" not in err


def test_a_right_file_costs_one_call_of_get_me(tmp_path):
    async def main() -> tuple[int, str, list[str]]:
        simulator = Simulator()
        base = await simulator.start()
        path = written(tmp_path, f"telegram: {{api_base: '{base}', allow: [1001]}}\nprovider: {{kind: scripted}}")
        code, out, _ = await done(await start("check", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN))
        methods = [call.method for call in simulator.calls]
        await simulator.stop()
        return code, out, methods

    code, out, methods = asyncio.run(main())
    assert code == 0
    assert "@telex_demo_bot" in out
    assert methods == ["getMe"]


def test_a_token_that_is_refused_is_said_and_not_shown(tmp_path):
    async def main() -> tuple[int, str]:
        simulator = Simulator()
        base = await simulator.start()
        path = written(tmp_path, f"telegram: {{token: '77:wrong-secret', api_base: '{base}'}}")
        code, out, err = await telex_beside("check", "--config", path)
        await simulator.stop()
        return code, out + err

    code, said = asyncio.run(main())
    assert code == 2
    assert "telegram.token" in said
    assert "wrong-secret" not in said
    assert "Traceback" not in said


def test_a_server_that_is_not_there_is_said(tmp_path):
    path = written(tmp_path, "telegram: {token: '77:wrong-secret', api_base: 'http://127.0.0.1:9'}")
    code, _, err = telex_here("check", "--config", path)
    assert code == 1
    assert "api_base" in err
    assert "wrong-secret" not in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["gateway", "--help"], ["demo", "--help"]])
def test_help_and_version_are_there(arguments: list[str]):
    code, out, err = telex_here(*arguments)
    assert code == 0
    assert out
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "command", ["demo", "gateway", "chat", "ask", "check", "simulate", "chaos", "record", "replay"]
)
def test_help_says_what_each_option_is_for(command: str):
    options = list(app[command].assemble_argument_collection(parse_docstring=True))
    assert options
    assert [option.name for option in options if not option.parameter.help] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--port", "99999"], "--port 99999: expected a number from 0 to 65535"),
        (["--port", "-1"], "--port -1: expected"),
        (["--token", "secret"], "--token: a bot token is a number, a colon and a secret"),
        (["--latency", "-1"], "--latency -1: expected seconds"),
        (["--latency", "nan"], "--latency nan: expected seconds"),
    ],
)
def test_an_option_of_the_simulator_that_cannot_be_used_is_named(arguments: list[str], says: str):
    code, _, err = telex("simulate", *arguments)
    assert code == 2
    assert err.startswith(f"telex: {says}")


@pytest.mark.parametrize("arguments", [["fly"], ["demo", "--no-such-option"], ["simulate", "--limits", "no-such"]])
def test_a_wrong_command_or_option_is_said_without_a_traceback(arguments: list[str]):
    code, out, err = telex_here(*arguments)
    assert code != 0
    assert arguments[-1].lstrip("-") in out + err
    assert "Traceback" not in out + err


FILES = f"{{command: '{sys.executable}', args: ['{Path(__file__).parent.parent / 'agent' / 'mcp_server.py'}']}}"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("agent: {tools: [calculator, fetch_page], approve: [fetch_page]}", ""),
        (
            "agent: {tools: [calculator], approve: [fetch_page]}",
            "$.agent.approve[0]: there is no tool named 'fetch_page'",
        ),
        (f"agent: {{approve: [add]}}\nmcp_servers: {{here: {FILES}}}", ""),
        (
            f"agent: {{approve: [sub]}}\nmcp_servers: {{here: {FILES}}}",
            "$.agent.approve[0]: there is no tool named 'sub'",
        ),
        (f"data_dir: {tempfile.gettempdir()}/no/such/folder/yet", ""),
        (f"data_dir: {__file__}/telex", f"$.data_dir: {__file__} is no folder that can be written"),
        ("mcp_servers: {here: {command: no-such-program}}", "server here cannot be started: there is no program"),
        ("mcp_servers: {here: {url: 'http://me:hush@127.0.0.1:9/mcp?key=hush'}}", "server here cannot be started: "),
    ],
)
def test_what_only_this_machine_can_tell_is_checked(tmp_path, text: str, wrong: str):
    async def main() -> tuple[int, str, str]:
        simulator = Simulator()
        base = await simulator.start()
        path = written(tmp_path, f"telegram: {{api_base: '{base}'}}\nprovider: {{kind: scripted}}\n{text}")
        said = await telex_beside("check", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN)
        await simulator.stop()
        return said

    code, out, err = asyncio.run(main())
    assert code == (2 if wrong else 0), err
    assert wrong in err
    assert "hush" not in out + err
    assert "Traceback" not in out + err


def test_a_scripted_demo_with_another_model_beside_it_is_a_mistake():
    code, _, err = telex_here("demo", "--scripted", "--provider", "embedded")
    assert code == 2
    assert "--scripted" in err
