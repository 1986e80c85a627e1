"""``telex bench latency``: how old words are when they become visible.

The whole way is measured: a scripted model, the gateway, real HTTP, and the simulator with a round trip of 60 ms and
its rate limits. What telex reaches stands beside what an ideal client reaches in the same run, or beside a bound.
"""

import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from telex.bench.ages import Ages, ages
from telex.bench.trace import trace
from telex.config import Config, ProviderConfig, StreamingConfig, TelegramConfig, Transport
from telex.events import Event, TextDelta
from telex.gateway.gateway import Gateway
from telex.providers.base import Emit, Reply, Request
from telex.providers.scripted import Piece, Scripted
from telex.simulator.limits import Limits
from telex.simulator.record import Call
from telex.simulator.server import Simulator
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.chats import new_draft_id

ROUND_TRIP = 0.060
PRIVATE, GROUP = 1001, -1001000000001
METHODS = {"sendMessage", "editMessageText", "sendMessageDraft"}
PAUSE = 2.0  # seconds between answers that follow one another


class Clocked(Scripted):
    """A script that notes when each of its letters arrived."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        super().__init__(pieces)
        self.arrivals: list[tuple[float, int]] = []

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Play the script; the arrivals are those of the latest answer."""
        self.arrivals = []
        count = 0

        def noted(event: Event) -> None:
            nonlocal count
            if isinstance(event, TextDelta):
                count += len(event.text)
                self.arrivals.append((time.monotonic(), count))
            emit(event)

        return await super().stream(request, noted)


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table; the bounds are in seconds."""

    name: str
    chat: int = PRIVATE
    limits: str = "default"
    transport: Transport = "auto"
    edit_interval: float = 0.3
    buffer_threshold: int = 40
    characters: int = 2200
    speed: float = 60.0
    answers: int = 1
    mean: float | None = None
    worst: float | None = None
    against_ideal: float | None = None  # p50 and p95 at most so many times those of the ideal client
    unblocked: bool = False  # no limit binds: the final takes at most two round trips


CASES = (
    Case(
        "private, drafts, no limit",
        limits="none",
        edit_interval=0,
        buffer_threshold=1,
        against_ideal=1.08,
        unblocked=True,
    ),
    Case("private, drafts 2/s burst 10", mean=0.30, unblocked=True),
    Case("private, edits 1/s burst 5", transport="edit", mean=0.50, unblocked=True),
    Case("group, 20 in any 60 s", chat=GROUP, mean=1.1, answers=3, unblocked=True),
    Case("private, drafts, 9,000 at 120/s", characters=9000, speed=120.0, mean=0.40, worst=1.5),
)


def letters_shown(source: str, calls: Sequence[Call]) -> list[tuple[float, int]]:
    """When each call was answered, and how many letters of ``source`` stood on the screen then."""
    shown: list[tuple[float, int]] = []
    begin = 0  # where the open page begins in the source
    for call in calls:
        text = call.params.get("text", "").removesuffix(" ▉")
        if call.status != 200 or call.answered_at is None or not text:
            continue
        at = source.find(text, begin)
        if at < 0:
            raise ValueError(f"a frame shows what was never said: {text[:60]!r}")
        if not source[begin:at].strip():
            begin = at
        shown.append((call.answered_at, at + len(text)))
    return shown


async def play(case: Case) -> list[Ages]:
    """Stream the case's answers through the gateway."""
    pieces = trace(case.characters, case.speed)
    source = "".join(piece.text for piece in pieces)
    simulator = Simulator(latency=ROUND_TRIP, limits=Limits.named(case.limits))
    base = await simulator.start()
    streaming = StreamingConfig(
        transport=case.transport, edit_interval=case.edit_interval, buffer_threshold=case.buffer_threshold
    )
    telegram = TelegramConfig(token=simulator.token, api_base=base, allow=(PRIVATE,))
    folder = tempfile.TemporaryDirectory()
    config = Config(
        telegram=telegram, provider=ProviderConfig(kind="scripted"), streaming=streaming, data_dir=folder.name
    )
    model = Clocked(pieces)
    gateway = Gateway(config, model)
    running = asyncio.create_task(gateway.run())
    results: list[Ages] = []
    try:
        for _ in range(case.answers):
            before = len(simulator.calls)
            simulator.say(case.chat, "@telex_demo_bot go on", user_id=PRIVATE)
            await simulator.wait_for(partial(_complete, simulator, before, source))
            calls = _calls(simulator, before)
            refused = sum(call.status == 429 for call in calls)
            results.append(ages(model.arrivals, letters_shown(source, calls), calls=len(calls), refused=refused))
            await asyncio.sleep(PAUSE)
    finally:
        gateway.stop()
        await running
        await simulator.stop()
        folder.cleanup()
    return results


def _calls(simulator: Simulator, before: int) -> list[Call]:
    return [call for call in list(simulator.calls)[before:] if call.method in METHODS]


def _complete(simulator: Simulator, before: int, source: str) -> bool:
    """Has the call been answered that made the last message show the end of the answer?"""
    return any(
        call.status == 200 and call.answered_at is not None and call.method != "sendMessageDraft"
        and call.params["text"].endswith(source[-40:])
        for call in _calls(simulator, before)[-3:]
    )  # fmt: skip


async def ideal(characters: int, speed: float) -> Ages:
    """A client that knows nothing but: one request in flight, the newest text in it, no limit and no Markdown."""
    pieces = trace(characters, speed)
    source = "".join(piece.text for piece in pieces)
    simulator = Simulator(latency=ROUND_TRIP, limits=Limits.none())
    api = BotApi(simulator.token, await simulator.start())
    model = Clocked(pieces)
    said, news = "", asyncio.Event()

    def emit(event: Event) -> None:
        nonlocal said
        if isinstance(event, TextDelta):
            said += event.text
            news.set()

    await api.call("getMe", {})
    draft_id = new_draft_id()
    answering = asyncio.create_task(model.stream(Request([]), emit))
    answering.add_done_callback(lambda _: news.set())
    while not answering.done():
        await news.wait()
        news.clear()
        if not answering.done():
            await api.send_draft(PRIVATE, draft_id, said)
    await api.finalize_draft(PRIVATE, said)
    await api.close()
    await simulator.stop()
    calls = _calls(simulator, 0)
    return ages(model.arrivals, letters_shown(source, calls), calls=len(calls), refused=0)


def _verdicts(case: Case, results: Sequence[Ages], best: Ages | None) -> list[str]:
    """What is beyond its bound."""
    first = results[0]
    wrong: list[str] = []

    def hold(what: str, is_: float, bound: float | None) -> None:
        if bound is not None and is_ > bound:
            wrong.append(f"{case.name}: {what} {is_:.3f} is beyond {bound:.3f}")

    hold("mean", first.mean, case.mean)
    hold("max", first.worst, case.worst)
    hold("429s", sum(one.refused for one in results), 0)
    hold("first words", first.first, 0.080)
    if case.unblocked:
        hold("final", first.final, 2 * ROUND_TRIP * 1.05)
    if best and case.against_ideal:
        for share in (0.50, 0.95):
            hold(
                f"p{share * 100:.0f} against the ideal's",
                first.quantile(share),
                case.against_ideal * best.quantile(share),
            )
    return wrong


def _row(name: str, one: Ages) -> str:
    figures = (one.quantile(0.5), one.quantile(0.95), one.worst, one.mean, one.first, one.final)
    return f"{name:34}" + "".join(f"{figure:8.3f}" for figure in figures) + f"{one.calls:7}{one.refused:5}"


def _start_up() -> tuple[float, float]:
    """CPU seconds of ``import telex``, and seconds from starting ``telex gateway`` to its first poll."""

    def imported(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own interpreter
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    runs = [imported("import telex") - imported("pass") for _ in range(5)]
    return statistics.median(runs), asyncio.run(_first_poll())


async def _first_poll() -> float:
    simulator = Simulator()
    base = await simulator.start()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(
            f"telegram: {{token: '{simulator.token}', api_base: '{base}', allow: [1001]}}\nprovider: {{kind: scripted}}\n"
            f"data_dir: {folder}\n"
        )
        begin = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "telex", "gateway", "--config", str(path),
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await simulator.wait_for(lambda: any(call.method == "getUpdates" for call in simulator.calls))
        took = next(call.at for call in simulator.calls if call.method == "getUpdates") - begin
        process.terminate()
        await process.wait()
    await simulator.stop()
    return took


async def main(*, quick: bool = False) -> int:
    """Run all cases; the exit code is 1 when one is beyond its bound."""
    heads = ("p50", "p95", "max", "mean", "first", "final")
    print(f"A letter's age in seconds, at a round trip of {ROUND_TRIP * 1000:.0f} ms")
    print(f"{'':34}" + "".join(f"{head:>8}" for head in heads) + f"{'calls':>7}{'429':>5}", flush=True)
    wrong: list[str] = []
    for case in CASES[:1] if quick else CASES:
        best = None
        if case.against_ideal:
            best = await ideal(case.characters, case.speed)
            print(_row("  ideal, one request in flight", best), flush=True)
        results = await play(case)
        for number, one in enumerate(results):
            print(_row(case.name if number == 0 else f"  {['second', 'third'][number - 1]} in a row", one), flush=True)
        wrong += _verdicts(case, results, best)
    if not quick:
        cpu, poll = await asyncio.to_thread(_start_up)
        print(f"import telex: {cpu:.3f} s of CPU; telex gateway polls {poll:.3f} s after its start")
        wrong += [f"import telex takes {cpu:.3f} s of CPU, more than 0.1"] * (cpu > 0.1)
        wrong += [f"telex gateway polls after {poll:.3f} s, more than 0.6"] * (poll > 0.6)
    for line in wrong:
        print(f"BEYOND ITS BOUND: {line}")
    if not wrong and not quick:
        print("All within their bounds.")
    return 1 if wrong else 0
