"""``telex gateway``, ``simulate`` and ``demo`` as processes: they serve, and they end cleanly when told."""

import asyncio
import re
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from telex.simulator.server import Simulator
from tests.cli.processes import BOUND, TOKEN, done, line_with, model_server, running, start, written
from tests.gateway.playground import ADA, CURSOR, until

WORDS = [f"w{number} " for number in range(60)]


def texts(simulator: Simulator) -> list[str]:
    return [m["text"] for m in simulator.messages(ADA) if m["from"]["is_bot"]]


def served(
    folder: Path, story: Callable[[Simulator, asyncio.subprocess.Process, list[Any]], Coroutine[Any, Any, None]]
) -> None:
    """Tell ``story`` of a ``telex gateway`` that asks a model over HTTP and serves a simulator."""

    async def main() -> None:
        simulator = Simulator()
        base = await simulator.start()
        async with model_server(WORDS, pause=0.05) as (address, asked):
            path = written(
                folder,
                f"telegram: {{api_base: '{base}', allow: [{ADA}]}}\n"
                f"provider: {{kind: openai, base_url: '{address}', api_key: 'sk-secret', model: m}}\n"
                f"data_dir: '{folder}'\n",
            )
            async with running("gateway", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN) as process:
                await line_with(process.stderr, "answers with")
                await story(simulator, process, asked)
        await simulator.stop()

    asyncio.run(main())


def test_a_gateway_answers_against_a_server_and_a_model_that_are_given_as_addresses(tmp_path):
    async def story(simulator: Simulator, process: asyncio.subprocess.Process, asked: list[Any]) -> None:
        simulator.say(ADA, "hello")
        await until(simulator, lambda: texts(simulator) == ["".join(WORDS).strip()])
        assert asked[0]["key"] == "Bearer sk-secret"
        assert asked[0]["model"] == "m"
        process.send_signal(signal.SIGTERM)
        code, out, err = await done(process)
        assert code == 0
        assert "sk-secret" not in out + err
        assert "telex-simulator" not in out + err

    served(tmp_path, story)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_of_an_answer_closes_it_within_five_seconds(tmp_path, number: signal.Signals):
    async def story(simulator: Simulator, process: asyncio.subprocess.Process, asked: list[Any]) -> None:
        simulator.say(ADA, "hello")
        await until(simulator, lambda: (draft := simulator.draft(ADA)) and "w3" in draft.text)
        process.send_signal(number)
        begun = asyncio.get_running_loop().time()
        code, _, err = await done(process)
        assert asyncio.get_running_loop().time() - begun < 5
        assert code == 0
        (text,) = texts(simulator)
        assert text.startswith("w0 w1 w2 w3")
        assert "telex was stopped" in text
        assert CURSOR not in text
        assert "Traceback" not in err

    served(tmp_path, story)


def test_two_gateways_on_one_journal_is_said_clearly(tmp_path):
    async def story(simulator: Simulator, process: asyncio.subprocess.Process, asked: list[Any]) -> None:
        path = str(tmp_path / "config.yaml")
        code, _, err = await done(await start("gateway", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN))
        assert code != 0
        assert str(tmp_path) in err
        assert "Traceback" not in err

    served(tmp_path, story)


def test_a_simulator_serves_a_bot_and_ends_on_ctrl_c():
    async def main() -> None:
        async with running("simulate", "--port", "0") as process:
            said = await line_with(process.stdout, "http://")
            base = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert base, said
            async with aiohttp.ClientSession() as http, http.get(f"{base[0]}/bot{TOKEN}/getMe") as answer:
                assert (await answer.json())["result"]["username"] == "telex_demo_bot"
            port = base[0].rpartition(":")[2]
            code, _, err = await done(await start("simulate", "--port", port))
            assert code == 2
            assert port in err
            assert "Traceback" not in err
            process.send_signal(signal.SIGINT)
            code, _, err = await done(process)
            assert code == 0
            assert "Traceback" not in err

    asyncio.run(main())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_with_a_model_elsewhere_starts_and_ends(number: signal.Signals):
    async def main() -> None:
        async with (
            model_server(WORDS) as (address, _),
            running("demo", "--no-open", "--port", "0", "--model", address) as process,
        ):
            said = await line_with(process.stdout, "http://")
            page = re.search(r"http://127\.0\.0\.1:\d+/", said)
            assert page
            async with aiohttp.ClientSession() as http, http.get(page[0]) as answer:
                assert answer.status == 200
                assert "<html" in await answer.text()
            process.send_signal(number)
            code, _, err = await asyncio.wait_for(done(process), BOUND)
            assert code == 0
            assert "Traceback" not in err

    asyncio.run(main())


def test_a_demo_whose_port_is_taken_takes_the_next():
    async def main() -> None:
        async with running("demo", "--no-open", "--port", "0", "--provider", "scripted") as first:
            said = await line_with(first.stdout, "http://")
            port = int(said.partition("127.0.0.1:")[2].partition("/")[0])
            async with running("demo", "--no-open", "--port", str(port), "--provider", "scripted") as second:
                said = await line_with(second.stdout, "http://")
                assert port < int(said.partition("127.0.0.1:")[2].partition("/")[0]) < port + 20

    asyncio.run(main())
