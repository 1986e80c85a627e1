"""An aiogram bot against the simulator: only the server's address differs from a bot on the real Telegram."""

import asyncio

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

from telex.simulator import Simulator

ADA = 1001

dispatcher = Dispatcher()


@dispatcher.message()
async def echo(message: Message) -> None:
    """Say it again, louder."""
    await message.answer(f"<b>{(message.text or '').upper()}</b>", parse_mode="HTML")


async def main() -> None:
    """Run bot and simulator side by side; ``telex simulate`` runs the simulator alone."""
    simulator = Simulator()
    server = TelegramAPIServer.from_base(await simulator.start())
    async with Bot(simulator.token, session=AiohttpSession(api=server)) as bot:
        polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
        simulator.say(ADA, "hello")
        await simulator.wait_for(lambda: len(simulator.messages(ADA)) == 2)
        await dispatcher.stop_polling()
        await polling
    for message in simulator.messages(ADA):
        print(f"{message['from']['first_name']}: {message['text']}")
    await simulator.stop()


asyncio.run(main())
