"""A gateway against the simulator, over real sockets, in one process: what people do, and what they see."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from telex.config import Config, DisplayConfig, ProviderConfig, RichMessages, StreamingConfig, TelegramConfig
from telex.config_agent import AgentConfig
from telex.errors import ProviderError
from telex.events import SegmentEnded, TextDelta, ToolFinished, ToolStarted
from telex.gateway.gateway import Gateway
from telex.providers.base import Emit, Provider, Reply, Request
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.record import text_of
from telex.simulator.server import Simulator

ADA, GRACE = 1001, 1002
LAB, WORKSHOP = -1001000000001, -1001000000002
IDEAS, CODE = 2, 3
CURSOR = "▉"
BOUND = 60.0  # seconds that anything in a test may take on a busy machine


class Words(Provider):
    """A model that answers with words that its question asks for, and can be held in the middle.

    ``say N`` gives N numbered words, one a millisecond; ``hold N`` gives N words and then waits until it is let go or
    cancelled; ``fail N`` gives N words and then breaks, ``break`` breaks at once; anything else is repeated
    back. ``tool N`` gives N words, runs a tool and gives N other words; ``code N`` gives N lines of code.
    """

    name = "words"

    def __init__(self, pause: float = 0.001) -> None:
        self.pause = pause
        self.asked: list[list[Any]] = []
        self.go_on = asyncio.Event()
        self.cancelled = 0

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer the last question."""
        self.asked.append(list(request.messages))
        question = str(request.messages[-1]["content"]).rpartition("\n\n")[2]  # the last of those that are open
        verb, _, number = question.partition(" ")
        if verb == "break":
            raise ProviderError("The model's server broke.")
        said = numbered(int(number)) if number.isdigit() else f"You said: {question}"
        if verb == "code":
            said = fenced(int(number))
        try:
            for word in said.split(" "):
                emit(TextDelta(f"{word} "))
                await asyncio.sleep(self.pause)
            if verb == "tool":
                emit(SegmentEnded())
                emit(ToolStarted("1", "search", "cats"))
                await asyncio.sleep(30 * self.pause)
                emit(ToolFinished("1", ok=True, seconds=1.0))
                for word in said.split(" "):
                    emit(TextDelta(f"{word.replace('w', 'x')} "))
                    await asyncio.sleep(self.pause)
            if verb == "hold":
                await self.go_on.wait()
                emit(TextDelta("the end"))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if verb == "fail":
            raise ProviderError("The model's server broke.")
        return Reply(said)

    async def close(self) -> None:
        """Nothing is held."""


def numbered(count: int) -> str:
    """Words that tell their place: a lost or doubled one shows."""
    return " ".join(f"w{number}" for number in range(count))


def fenced(count: int) -> str:
    """A block of so many numbered lines of code."""
    return "```python\n" + "\n".join(f"line_{number} = {number}" for number in range(count)) + "\n```"


@dataclass
class Playground:
    """The simulator, the gateway and the people."""

    simulator: Simulator
    gateway: Gateway
    model: Words
    config: Config
    serving: "asyncio.Task[None]"
    noted: dict[str, float] = field(default_factory=dict)

    def say(self, chat: int, text: str, **how: Any) -> int:
        """A person writes; returns the message's id."""
        return int(self.simulator.say(chat, text, **how)["message_id"])

    def texts(self, chat: int, thread: int | None = None) -> list[str]:
        """What the bot's messages there say, oldest first."""
        return [text_of(message) for message in self.messages(chat, thread)]

    def messages(self, chat: int, thread: int | None = None) -> list[dict[str, Any]]:
        """The bot's messages there."""
        bot = self.simulator.state.bot["id"]
        return [message for message in self.simulator.messages(chat, thread) if message["from"]["id"] == bot]

    def calls(self, *methods: str) -> list[Any]:
        """Calls of these methods so far."""
        return [call for call in self.simulator.calls if call.method in methods]

    async def until(self, true: Callable[[], object], bound: float = BOUND) -> None:
        """Wait until something is so; looked at after every change of the simulator."""
        await until(self.simulator, true, bound)

    async def answered(self, chat: int, text: str, thread: int | None = None) -> None:
        """Wait until the bot's last message there is this text, whole."""

        def so() -> bool:
            texts = self.texts(chat, thread)
            return bool(texts) and texts[-1] == text

        await self.until(so)

    async def stop(self) -> float:
        """Stop the gateway; returns the seconds it took."""
        begun = time.monotonic()
        self.gateway.stop()
        await asyncio.wait_for(self.serving, BOUND)
        return time.monotonic() - begun


async def until(simulator: Simulator, true: Callable[[], object], bound: float = BOUND) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it was not so in time.
    """
    try:
        await asyncio.wait_for(simulator.wait_for(lambda: bool(true())), bound)
    except TimeoutError:
        calls = [(call.method, call.status, call.params.get("text", "")[-60:]) for call in simulator.calls[-12:]]
        raise TimeoutError(f"not so within {bound} s; the last calls: {calls}") from None


@contextlib.asynccontextmanager
async def playground(
    *,
    allow: tuple[int, ...] = (ADA, GRACE),
    streaming: dict[str, Any] | None = None,
    agent: AgentConfig | None = None,
    display: DisplayConfig | None = None,
    limits: Limits | None = None,
    faults: str = "",
    rich: RichMessages = "auto",
    folder: str | Path | None = None,
    model: Words | None = None,
    simulator: Simulator | None = None,
) -> AsyncIterator[Playground]:
    """A gateway that serves a simulator; both end with the block."""
    given = simulator
    simulator = given or Simulator(limits=limits or Limits.none(), faults=FaultPlan.parse(faults))
    with TemporaryDirectory() as own:
        base = simulator.base_url or await simulator.start()
        config = Config(
            telegram=TelegramConfig(token=simulator.token, api_base=base, allow=allow, rich=rich),
            provider=ProviderConfig(kind="scripted"),
            agent=agent or AgentConfig(),
            display=display or DisplayConfig(),
            streaming=StreamingConfig.from_dict({"edit_interval": 0.02, **(streaming or {})}),
            data_dir=str(folder or own),
        )
        model = model or Words()
        gateway = Gateway(config, model)
        ready = asyncio.Event()
        serving = asyncio.create_task(gateway.run(lambda _: ready.set()))
        here = Playground(simulator, gateway, model, config, serving)
        try:
            waiting = asyncio.create_task(ready.wait())
            await asyncio.wait([waiting, serving], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            yield here
        finally:
            gateway.stop()
            await asyncio.gather(serving, return_exceptions=True)
            if given is None:
                await simulator.stop()


def play(story: Callable[[Playground], Coroutine[Any, Any, None]], **world: Any) -> None:
    """Tell ``story`` in a new world."""

    async def main() -> None:
        async with playground(**world) as here:
            await story(here)

    asyncio.run(main())
