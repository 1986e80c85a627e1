"""Carry an agent of your own, with its plain callback, into Telegram. Here Telegram is the simulator, in this process."""

import asyncio
import time
from collections.abc import Callable

from telex.config import StreamingConfig
from telex.events import End
from telex.live import GatewayStreamConsumer
from telex.simulator import Simulator
from telex.surfaces.telegram.api import BotApi
from telex.surfaces.telegram.chats import Telegram
from telex.surfaces.telegram.surface import TelegramSurface

ADA = 1001  # the simulator's private chat


def your_agent(question: str, on_delta: Callable[[str | None], None]) -> None:
    """Stands for any agent that blocks its thread and calls back: words, and ``None`` before it uses a tool."""
    for word in ("Let", " me", " look", " that", " up."):
        on_delta(word)
        time.sleep(0.05)
    on_delta(None)
    for word in (f"You asked: *{question}*", " The answer", " is", " **42**."):
        on_delta(word)
        time.sleep(0.05)


async def main() -> None:
    """One question, one answer."""
    simulator = Simulator()
    api = BotApi(simulator.token, await simulator.start())
    streaming = StreamingConfig(edit_interval=0.1, buffer_threshold=1)
    surface = TelegramSurface(Telegram(api), ADA, transport=streaming.transport, cursor=streaming.cursor)
    consumer = GatewayStreamConsumer(surface, streaming.pacing)
    driving = asyncio.create_task(consumer.run())
    end, message = End.FINISHED, ""
    try:
        await asyncio.to_thread(your_agent, "What is it?", consumer.on_delta)
    except Exception as error:  # noqa: BLE001 - whatever it is, the reader is told
        end, message = End.FAILED, f"The agent failed: {error}"
    consumer.finish(end, message)
    await driving
    for frame in simulator.frames:
        print(f"{frame.kind:10} {frame.text!r}")
    print("complete on the screen:", consumer.already_sent)
    await api.close()
    await simulator.stop()


asyncio.run(main())
