"""The gateway: updates come in, each finds its conversation, and answers go out. Different chats run side by side."""

import asyncio
import logging
from collections.abc import Callable

from telex.agent.agent import AIAgent
from telex.config import Config
from telex.display.presenter import Pacing
from telex.errors import ConfigError, PlatformError
from telex.gateway.access import Access
from telex.gateway.commands import COMMANDS, GREETING, HELP
from telex.gateway.conversation import Conversation
from telex.providers.base import Provider
from telex.surfaces.telegram.api import BotApi, NotSent, Refused
from telex.surfaces.telegram.chats import Telegram
from telex.surfaces.telegram.platform import Asked, Inbound, Me, Moved, Poller, Stopped
from telex.surfaces.telegram.surface import TelegramSurface

log = logging.getLogger("telex.gateway")

STOP_BOUND = 4.0  # seconds that running answers have to be shown to their end when telex is stopped
STOPPED = "Cut off: telex was stopped. Ask again to go on."
TEXT_ONLY = "I can read text only."


class Gateway:
    """A bot that answers.

    Args:
        config: what the user wrote.
        provider: the model; closed by whoever made it.
    """

    def __init__(self, config: Config, provider: Provider) -> None:
        self._config = config
        self._provider = provider
        self._access = Access(config.telegram.allow)
        self._api = BotApi(config.telegram.token, config.telegram.api_base)
        self._telegram = Telegram(self._api, limit_drafts=config.streaming.edit_interval > 0)
        self._conversations: dict[tuple[int, int | None], Conversation] = {}
        self._pacing: Pacing = config.streaming.pacing
        self._stopping = asyncio.Event()

    async def run(self, on_ready: Callable[[Me], None] | None = None) -> None:
        """Serve until ``stop``; then running answers are closed, for at most five seconds.

        Raises:
            ConfigError: the server does not know the token.
            PlatformError: the server cannot be reached at the start, or revoked the token later.
        """
        try:
            me = await get_me(self._api)
            poller = Poller(self._api, me, self._take, lambda chat, message: self._telegram.chat(chat).ids.saw(message))
            polling = asyncio.create_task(poller.run())
            setting_up = asyncio.create_task(self._set_up())
            if on_ready:
                on_ready(me)
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait([polling, stopping], return_when=asyncio.FIRST_COMPLETED)
            for task in (setting_up, stopping, polling):
                task.cancel()
            failed = (await asyncio.gather(polling, setting_up, stopping, return_exceptions=True))[0]
            await asyncio.gather(self._close_turns(), poller.confirm())
            if isinstance(failed, Exception):
                raise failed
        finally:
            await self._api.close()

    def stop(self) -> None:
        """Ask ``run`` to end."""
        self._stopping.set()

    async def _set_up(self) -> None:
        """Tell Telegram our commands; a bot works without."""
        commands = [{"command": name, "description": what} for name, what in COMMANDS.items()]
        try:
            await self._api.call("setMyCommands", {"commands": commands}, timeout=30)
        except PlatformError as error:
            log.warning("the menu of commands could not be set: %s", error)

    async def _close_turns(self) -> None:
        for conversation in self._conversations.values():
            conversation.close(STOPPED)
        showing = {task for conversation in self._conversations.values() for task in conversation.showing}
        if not showing:
            return
        _, late = await asyncio.wait(showing, timeout=STOP_BOUND)
        for conversation in self._conversations.values():
            if conversation.showing:
                log.warning("%s: the end of an answer is held back by a rate limit or a server; not shown", conversation)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    # -- updates -----------------------------------------------------------------------------------------------------

    def _take(self, inbound: Inbound) -> None:
        match inbound:
            case Asked():
                self._asked(inbound)
            case Stopped(chat_id, _, draft_id) if self._access.permits(chat_id):
                for conversation in self._conversations.values():
                    if conversation.owns_draft(draft_id):
                        conversation.stop()
            case Moved(old, new):
                self._moved(old, new)
            case Stopped():
                pass

    def _asked(self, asked: Asked) -> None:
        if not asked.addressed:
            return
        if not self._access.permits(asked.user_id):
            refusal = self._access.refusal(asked.user_id)
            log.warning("user %s is not in telegram.allow and was refused", asked.user_id)
            if refusal:
                self._conversation(asked.chat_id, asked.thread_id).tell(refusal, asked.message_id)
            return
        conversation = self._conversation(asked.chat_id, asked.thread_id)
        if asked.command:
            self._command(asked.command, conversation, asked.message_id)
        elif asked.text.strip():
            conversation.ask(asked.text, asked.message_id)
        else:
            conversation.tell(TEXT_ONLY, asked.message_id)

    @staticmethod
    def _command(command: str, conversation: Conversation, message_id: int) -> None:
        match command:
            case "stop":
                if not conversation.stop():
                    conversation.tell("Nothing is running.", message_id)
            case "new":
                conversation.reset()
                conversation.tell("A new conversation: I have forgotten the last one.", message_id)
            case "start":
                conversation.tell(GREETING, message_id)
            case "help":
                conversation.tell(HELP, message_id)
            case _:
                conversation.tell(f"I do not know /{command}. {HELP}", message_id)

    def _moved(self, old: int, new: int) -> None:
        """A group became a supergroup: conversations and pace go along."""
        self._telegram.migrate(old, new)
        for chat_id, thread_id in list(self._conversations):
            if chat_id == old:
                self._conversations[new, thread_id] = self._conversations.pop((old, thread_id))

    def _conversation(self, chat_id: int, thread_id: int | None) -> Conversation:
        chat_id = self._telegram.chat(chat_id).id
        found = self._conversations.get((chat_id, thread_id))
        if found is None:
            agent = AIAgent(self._provider, system_prompt=self._config.provider.system_prompt)
            name = f"chat {chat_id}" + (f", topic {thread_id}" if thread_id else "")
            streaming = self._config.streaming

            def surface(reply_to: int | None) -> TelegramSurface:
                return TelegramSurface(
                    self._telegram,
                    chat_id,
                    thread_id=thread_id,
                    reply_to=reply_to,
                    transport=streaming.transport if streaming.enabled else "off",
                    cursor=streaming.cursor,
                )

            found = self._conversations[chat_id, thread_id] = Conversation(name, agent, surface, self._pacing)
        return found


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
    except NotSent as error:
        raise PlatformError(f"{error} Check telegram.api_base and the network.") from None
    return Me(int(me["id"]), str(me.get("username", "")))
