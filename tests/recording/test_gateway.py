"""A gateway that records: whatever its platform does, and also when it is killed, its recordings replay with the same steps."""

import asyncio
import signal
from pathlib import Path

from telex.display.frame import TryLater, Unknown
from telex.recording.entries import Answered, Left
from telex.recording.files import read
from telex.recording.replay import replay
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from telex.surfaces.telegram import dialect
from tests.cli.processes import BOUND, TOKEN, model_server, running, written
from tests.gateway.playground import ADA, LAB, numbered, until

WORDS = [f"{word} " for word in numbered(120).split()]
FAULTS = "sendMessageDraft#3=429:1; sendMessage#2=reset_after; editMessageText#2=429:1; editMessageText#4=reset_after"


def configured(folder: Path, simulator: Simulator, address: str) -> str:
    return written(
        folder,
        f"telegram: {{api_base: '{simulator.base_url}', allow: [{ADA}]}}\n"
        f"provider: {{kind: openai, base_url: '{address}', model: m}}\n"
        f"streaming: {{edit_interval: 0, final_timeout: 2}}\n"
        f"data_dir: '{folder}'\n",
    )


def said(simulator: Simulator, chat: int) -> list[str]:
    return [message["text"] for message in simulator.messages(chat) if message["from"]["is_bot"]]


def test_what_a_gateway_recorded_replays_the_same_after_refusals_lost_answers_and_a_kill(tmp_path):
    out = tmp_path / "recordings"
    whole = "".join(WORDS).strip()

    async def main() -> None:
        simulator = Simulator(limits=Limits.none(), faults=FaultPlan.parse(FAULTS))
        await simulator.start()
        async with model_server(WORDS, pause=0.01) as (address, _):
            command = ("record", "--config", configured(tmp_path, simulator, address), "--out", str(out))
            try:
                async with running(*command, TELEGRAM_BOT_TOKEN=TOKEN) as first:
                    simulator.say(ADA, "private words")
                    simulator.say(LAB, "@telex_demo_bot words for all")
                    await until(simulator, lambda: said(simulator, ADA) == said(simulator, LAB) == [whole])
                    simulator.say(ADA, "cut off")
                    await until(simulator, lambda: "w20" in getattr(simulator.draft(ADA), "text", ""))
                    first.kill()
                    await first.wait()
                async with running(*command, TELEGRAM_BOT_TOKEN=TOKEN) as second:
                    await until(simulator, lambda: len(said(simulator, ADA)) == 2)
                    second.send_signal(signal.SIGINT)
                    await asyncio.wait_for(second.wait(), BOUND)
            finally:
                await simulator.stop()

    asyncio.run(main())
    files = sorted(out.iterdir())
    recordings = [read(path) for path in files]
    outcomes = [entry.outcome for _, entries in recordings for entry in entries if isinstance(entry, Answered)]
    assert any(isinstance(outcome, TryLater) for outcome in outcomes)
    assert Unknown() in outcomes
    assert sum(not isinstance(entries[-1], Left) for _, entries in recordings) == 1  # the one that was killed
    for header, entries in recordings:
        assert header.surface == "TelegramSurface"
        assert replay(header, entries, dialect.length).difference is None
    assert {header.place for header, _ in recordings} == {"chat 1", "chat 2"}
    text = "".join(path.read_text() for path in files)
    assert "w119" in text
    assert TOKEN not in text
    assert str(LAB) not in text
