"""A gateway that is told to stop more than once: it ends sooner, by the code of its signal and without a traceback."""

import asyncio
import signal

import pytest

from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from tests.cli.processes import TOKEN, done, line_with, model_server, running, written
from tests.gateway.playground import ADA, until


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_a_gateway_that_still_closes_an_answer(tmp_path, number: signal.Signals):
    async def main() -> tuple[int, str, str]:
        simulator = Simulator(limits=Limits.none(), faults=FaultPlan.parse("sendMessage#1-99=hang_before"))
        base = await simulator.start()
        async with model_server(["word "] * 1000, pause=0.01) as (address, _):
            path = written(
                tmp_path,
                f"telegram: {{api_base: '{base}', allow: [{ADA}]}}\n"
                f"provider: {{kind: openai, base_url: '{address}', model: m}}\ndata_dir: '{tmp_path}'\n",
            )
            async with running("gateway", "--config", path, TELEGRAM_BOT_TOKEN=TOKEN) as process:
                await line_with(process.stderr, "answers with")
                simulator.say(ADA, "Go on and on.")
                await until(simulator, lambda: simulator.draft(ADA))
                process.send_signal(number)
                await until(simulator, lambda: any(call.method == "sendMessage" for call in simulator.calls))
                process.send_signal(number)  # the final hangs: it would be waited for
                ended = await done(process)
        await simulator.stop()
        return ended

    code, _, err = asyncio.run(main())
    assert code == 128 + number
    assert "Traceback" not in err, err
