"""The gateway: updates come in, each finds its conversation, and answers go out. Different chats run side by side."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from telex.agent.tools import Usable
from telex.config import Config
from telex.errors import ConfigError, PlatformError
from telex.gateway.agents import Agents
from telex.gateway.commands import COMMANDS
from telex.gateway.desk import FINISH_BOUND, Desk
from telex.gateway.journal import Journal
from telex.gateway.journal_file import Fenced
from telex.providers.base import Provider
from telex.recording.files import Recordings
from telex.surfaces.telegram.api import BotApi, Lost, NotSent, Refused
from telex.surfaces.telegram.chats import Telegram
from telex.surfaces.telegram.inbound import Me
from telex.surfaces.telegram.platform import Poller

log = logging.getLogger("telex.gateway")


class Gateway:
    """A bot that answers.

    Args:
        config: what the user wrote.
        provider: the model; closed by whoever made it.
        tools: further tools.
        recordings: where turns are recorded, if at all.

    Raises:
        ConfigError: tools are configured that cannot be had.
    """

    def __init__(
        self, config: Config, provider: Provider, tools: Iterable[Usable] = (), recordings: Recordings | None = None
    ) -> None:
        self._config = config
        self._agents = Agents(config, provider, tools)
        self._recordings = recordings
        self._stopping = asyncio.Event()
        self._grace = FINISH_BOUND

    async def run(self, on_ready: Callable[[Me], None] | None = None) -> None:
        """Serve until ``stop`` or ``interrupt``; then running answers are closed, for at most five seconds.

        Raises:
            ConfigError: the server does not know the token, or the journal cannot be used.
            PlatformError: the server cannot be reached at the start, or revoked the token later.
        """
        api = BotApi(self._config.telegram.token, self._config.telegram.api_base)
        try:
            me = await get_me(api)
            journal = await Journal.open(Path(self._config.data_dir), me.id)
            try:
                await self._serve(api, me, journal, on_ready)
            finally:
                await journal.close()
        finally:
            await self._agents.close()
            await api.close()

    def stop(self) -> None:
        """Ask ``run`` to end; running answers have two seconds to end by themselves, and are then cut off."""
        self._stopping.set()

    def interrupt(self) -> None:
        """Ask ``run`` to end; running answers are cut off at once."""
        self._grace = 0.0
        self._stopping.set()

    async def _serve(self, api: BotApi, me: Me, journal: Journal, on_ready: Callable[[Me], None] | None) -> None:
        streaming = self._config.streaming
        telegram = Telegram(
            api,
            limit_drafts=streaming.edit_interval > 0,
            on_unknown=streaming.on_unknown,
            rich=self._config.telegram.rich,
        )

        def saw(chat_id: int, message_id: int) -> None:
            telegram.chat(chat_id).ids.saw(message_id)

        for chat_id, message_id in await journal.message_ids():
            saw(chat_id, message_id)
        telegram.restore(*await journal.learned_pace())
        telegram.bot_line.drain(asyncio.get_running_loop().time())  # a run that has just ended may have spent it
        keeping = _Keeping(telegram, journal)
        desk = Desk(self._config, self._agents, telegram, journal, await journal.recall(), self._recordings)
        poller = Poller(api, me, store=journal.put, take=desk.take, passed=desk.passed, saw=saw)
        desk.recover(await journal.unfinished())
        for update in await journal.read():
            poller.hand_over(update)
        polling = asyncio.create_task(poller.run())
        setting_up = asyncio.create_task(_set_up(api))
        stopping = asyncio.create_task(self._stopping.wait())
        if on_ready:
            on_ready(me)
        try:
            await asyncio.wait([polling, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (setting_up, stopping, polling):
                task.cancel()
            failed = (await asyncio.gather(polling, setting_up, stopping, return_exceptions=True))[0]
            await asyncio.gather(desk.close(self._grace), poller.confirm())
            await keeping.close()
        if isinstance(failed, Exception):
            raise failed


class _Keeping:
    """Writes down what limits have taught: soon after they have, and at the end."""

    def __init__(self, telegram: Telegram, journal: Journal) -> None:
        self._telegram = telegram
        self._journal = journal
        self._task: asyncio.Task[None] | None = None
        telegram.on_learned = self._learned

    def _learned(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        await self._journal.keep_pace(self._telegram.learned())

    async def close(self) -> None:
        """Write down how things stand."""
        self._telegram.on_learned = None
        if self._task:
            await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(Fenced):
            await self._keep()


async def _set_up(api: BotApi) -> None:
    """Tell Telegram our commands; a bot works without."""
    commands = [{"command": name, "description": what} for name, what in COMMANDS.items()]
    try:
        await api.call("setMyCommands", {"commands": commands}, timeout=30)
    except PlatformError as error:
        log.warning("the menu of commands could not be set: %s", error)


async def get_me(api: BotApi) -> Me:
    """Ask the server who the bot is.

    Raises:
        ConfigError: it does not know the token.
        PlatformError: it cannot be reached.
    """
    try:
        me = await api.call("getMe", {}, timeout=20)
    except Refused as error:
        if error.code in {401, 404}:
            raise ConfigError(
                f"telegram.token is not accepted by the Bot API server ({error.description}): "
                "copy it again from @BotFather, or check telegram.api_base."
            ) from None
        raise PlatformError(f"getMe was refused: {error}") from None
    except (NotSent, Lost) as error:
        raise PlatformError(f"{error} Check telegram.api_base and the network.") from None
    if not isinstance(me, dict) or not isinstance(me.get("id"), int):
        raise PlatformError("getMe was answered by something that is no Bot API server. Check telegram.api_base.")
    return Me(me["id"], str(me.get("username", "")))
