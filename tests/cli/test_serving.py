"""``telex gateway``, ``simulate`` and ``demo`` as processes: they serve, and they end cleanly when told."""

import asyncio
import contextlib
import re
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from telex.agent.history import STOPPED
from telex.gateway.journal import Journal
from telex.simulator.server import Simulator
from tests.cli.processes import BOUND, TOKEN, done, line_with, model_server, running, start, written
from tests.gateway.playground import ADA, CURSOR, until

GRACE = "seconds to end"  # what the log says where running answers get some
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


@contextlib.asynccontextmanager
async def held_model() -> AsyncIterator[tuple[str, asyncio.Event, asyncio.Event]]:
    """A model's server that says "Half" and ends with " an answer." when told: its address, tell it, the connection broke."""
    go_on, broken = asyncio.Event(), asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b'data: {"choices": [{"delta": {"content": "Half"}}]}\n\n')
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            broken.set()
            raise
        end = b'data: {"choices": [{"delta": {"content": " an answer."}, "finish_reason": "stop"}]}\n\n'
        await response.write(end + b"data: [DONE]\n\n")
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", go_on, broken
    finally:
        await runner.cleanup()


def stopped_in_the_middle(
    folder: Path,
    story: Callable[[Simulator, asyncio.subprocess.Process, asyncio.Event, asyncio.Event], Coroutine[Any, Any, None]],
) -> tuple[str, str]:
    """A ``telex gateway`` that shows half an answer, ``story``, and then its end: what stands in the chat, and its log."""

    async def main() -> tuple[str, str]:
        simulator = Simulator()
        base = await simulator.start()
        async with held_model() as (address, go_on, broken):
            path = written(
                folder,
                f"telegram: {{api_base: '{base}', allow: [{ADA}]}}\n"
                f"provider: {{kind: openai, base_url: '{address}', model: m}}\n"
                f"data_dir: '{folder}'\n",
            )
            async with running("gateway", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN) as process:
                await line_with(process.stderr, "answers with")
                simulator.say(ADA, "hello")
                await until(simulator, lambda: (draft := simulator.draft(ADA)) and "Half" in draft.text)
                await story(simulator, process, go_on, broken)
                code, _, err = await done(process)
                assert code == 0, err
        await simulator.stop()
        (text,) = texts(simulator)
        return text, err

    return asyncio.run(main())


async def remembered(folder: Path) -> list[str]:
    """What was said in the chat, as the next start will know it."""
    journal = await Journal.open(folder, int(TOKEN.partition(":")[0]))
    try:
        return [message["content"] for message in (await journal.recall())[ADA, None]]
    finally:
        await journal.close()


def test_ctrl_c_cuts_a_running_answer_off_at_once_and_shows_its_end(tmp_path):
    async def story(
        simulator: Simulator, process: asyncio.subprocess.Process, go_on: asyncio.Event, broken: asyncio.Event
    ) -> None:
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(broken.wait(), BOUND)

    text, log = stopped_in_the_middle(tmp_path, story)
    assert GRACE not in log
    assert text.startswith("Half")
    assert "telex was stopped" in text
    assert CURSOR not in text
    assert asyncio.run(remembered(tmp_path)) == ["hello", f"Half\n\n{STOPPED}"]


def test_sigterm_lets_an_answer_end_that_does_so_in_a_moment(tmp_path):
    async def story(
        simulator: Simulator, process: asyncio.subprocess.Process, go_on: asyncio.Event, broken: asyncio.Event
    ) -> None:
        process.send_signal(signal.SIGTERM)
        await line_with(process.stderr, GRACE)
        assert not broken.is_set()
        go_on.set()

    assert stopped_in_the_middle(tmp_path, story)[0] == "Half an answer."


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
