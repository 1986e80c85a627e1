"""Where updates become turns: access, commands, and the conversation that each belongs to."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from telex.agent.history import BROKEN
from telex.config import Config
from telex.errors import PlatformError, TelexError
from telex.gateway.access import Access
from telex.gateway.agents import Agents
from telex.gateway.albums import Albums
from telex.gateway.approvals import OUT_OF_DATE, Approvals, out_of_date
from telex.gateway.commands import COMMANDS, FORGOTTEN, GREETING, HELP, NOTHING_RUNS, UNKNOWN
from telex.gateway.conversation import GO_ON_QUESTION, Conversation
from telex.gateway.journal import How, Journal, Unfinished
from telex.gateway.pictures import PREFIX, Pictures
from telex.gateway.turn import GO_ON, Question
from telex.gateway.turn_log import TurnLog
from telex.providers.pictures import question, words
from telex.recording.files import Recordings
from telex.surfaces.telegram.chats import Telegram
from telex.surfaces.telegram.inbound import Asked, Inbound, Moved, Pressed, Stopped
from telex.surfaces.telegram.surface import TelegramSurface

log = logging.getLogger("telex.gateway")

FINISH_BOUND = 2.0  # seconds that running answers have to end by themselves on SIGTERM
SHOW_BOUND = 2.5  # and then to be shown to their end
STOPPED = "Cut off: telex was stopped. Ask again to go on."
TEXT_ONLY = "I can read text only."
NO_EYES = "This model cannot see pictures. Write your question in words."
STRANGER = "This bot does not know you."
NO_WORDS = "Yes? Write your question in the same message as my name."

Key = tuple[int, int | None]


class Desk:
    """Takes updates and starts what they ask for.

    Args:
        config: what the user wrote.
        agents: makes who answers.
        telegram: the bot.
        journal: where turns are written down.
        histories: what was said before, by chat and topic.
        recordings: where turns are recorded, if at all.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what updates need to become turns
        self,
        config: Config,
        agents: Agents,
        telegram: Telegram,
        journal: Journal,
        histories: dict[Key, list[dict[str, Any]]],
        recordings: Recordings | None = None,
    ) -> None:
        self._config = config
        self._agents = agents
        self._telegram = telegram
        self._journal = journal
        self._histories = histories
        self._recorder = recordings.recorder if recordings else lambda *_: None
        self._access = Access(config.telegram.allow)
        self._approvals = Approvals()
        self._conversations: dict[Key, Conversation] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._pressed_once: set[tuple[int, int]] = set()
        self._pictures = Pictures(telegram.api)
        self._albums = Albums(self._album)
        self._met: dict[Key, str] = {}  # the latest album of each place

    # -- updates -----------------------------------------------------------------------------------------------------

    def take(self, inbound: Inbound) -> None:
        """Act on an update."""
        match inbound:
            case Asked():
                if not self._asked(inbound):
                    self.passed(inbound.update_id)
            case Pressed():
                self._pressed(inbound)
            case Stopped(chat_id, _, draft_id):
                for key, conversation in self._conversations.items():
                    if key[0] == chat_id and self._access.permits(chat_id) and conversation.owns_draft(draft_id):
                        conversation.stop()
            case Moved(old, new):
                self._moved(old, new)

    def passed(self, update_id: int) -> None:
        """An update that begins no turn is done with."""
        self._errand(self._journal.acted(update_id))

    def _asked(self, asked: Asked) -> bool:
        """Act on a message; true when a turn will answer for it."""
        if self._albums.collects(asked):
            self._albums.add(asked)
            return True
        if not (asked.addressed or asked.command in COMMANDS):
            return False
        if not self._access.permits(asked.user_id):
            self._refuse(asked)
            return False
        conversation = self._conversation(asked.chat_id, asked.thread_id)
        known_album = asked.album is not None and self._met.get(conversation.key) == asked.album
        if asked.album is not None:
            self._met[conversation.key] = asked.album
        if asked.command:
            self._command(asked.command, conversation, asked.message_id)
        elif asked.album and asked.pictures:
            self._albums.add(asked)
            return True
        elif asked.text.strip() or asked.pictures:
            return self._question(asked)
        elif not known_album:
            conversation.tell(TEXT_ONLY if asked.media else NO_WORDS, asked.message_id)
        return False

    def _question(self, asked: Asked) -> bool:
        """A question in words, pictures or both; true when it began a turn."""
        conversation = self._conversation(asked.chat_id, asked.thread_id)
        if not asked.text.strip() and not getattr(self._agents.provider, "vision", False):
            conversation.tell(NO_EYES, asked.message_id)
            return False
        pictures = tuple(f"{PREFIX}{file}" for file in asked.pictures)
        conversation.ask(Question(asked.text, asked.message_id, asked.update_id, asked.user_id, pictures))
        return True

    def _album(self, asked: Asked, others: Sequence[int]) -> None:
        """An album is whole."""
        for update_id in others if self._question(asked) else (asked.update_id, *others):
            self.passed(update_id)

    def _refuse(self, asked: Asked) -> None:
        refusal = self._access.refusal(asked.user_id)
        if refusal:
            log.warning("user %s is not in telegram.allow and was refused", asked.user_id)
            self._conversation(asked.chat_id, asked.thread_id).tell(refusal, asked.message_id)

    def _command(self, command: str, conversation: Conversation, message_id: int) -> None:
        match command:
            case "stop":
                if not conversation.stop():
                    conversation.tell(NOTHING_RUNS, message_id)
            case "new":
                conversation.reset()
                self._errand(self._journal.remember(*conversation.key, []))
                conversation.tell(FORGOTTEN, message_id, in_turn=True)
            case "start":
                conversation.tell(GREETING, message_id)
            case "help":
                conversation.tell(HELP, message_id)
            case _:
                conversation.tell(UNKNOWN.format(command=command, help=HELP), message_id)

    def _pressed(self, pressed: Pressed) -> None:
        """A button: it goes on with an answer that was cut off, once, or says whether a tool may run."""
        if not self._access.permits(pressed.user_id):
            self.passed(pressed.update_id)
            self._errand(self._acknowledge(pressed, STRANGER))
            return
        if Approvals.asked(pressed):
            self.passed(pressed.update_id)
            said = self._approvals.take(pressed)
            self._errand(self._acknowledge(pressed, said))
            if said == OUT_OF_DATE:
                conversation = self._conversation(pressed.chat_id, pressed.thread_id)
                conversation.replace(pressed.message_id, out_of_date(pressed.text))
            return
        button = (pressed.chat_id, pressed.message_id)
        if pressed.data == GO_ON and button not in self._pressed_once:
            self._pressed_once.add(button)  # it is taken away too, but a second tap may be on its way
            self._errand(self._go_on(pressed))
        else:
            self.passed(pressed.update_id)
        self._errand(self._acknowledge(pressed))
        self._errand(self._take_buttons(pressed))

    async def _go_on(self, pressed: Pressed) -> None:
        """In the conversation that the answer belongs to, also where it stands in General since its topic is gone."""
        thread_id = pressed.thread_id or await self._journal.asked_in(pressed.chat_id, pressed.message_id)
        conversation = self._conversation(pressed.chat_id, thread_id)
        conversation.ask(Question(GO_ON_QUESTION, pressed.message_id, pressed.update_id, pressed.user_id))

    async def _acknowledge(self, pressed: Pressed, text: str | None = None) -> None:
        """The button stops turning, and ``text`` is shown for a moment to whoever tapped it."""
        telegram = self._telegram
        answer = {"callback_query_id": pressed.query_id, "text": text}
        with contextlib.suppress(PlatformError):  # the little clock on the button stops by itself
            await telegram.call_aside("answerCallbackQuery", answer, telegram.bot_line)

    async def _take_buttons(self, pressed: Pressed) -> None:
        telegram = self._telegram
        where = {"chat_id": pressed.chat_id, "message_id": pressed.message_id}
        lines = (telegram.chat(pressed.chat_id).messages, telegram.bot_line)
        await telegram.call_aside("editMessageReplyMarkup", where, *lines)

    def _moved(self, old: int, new: int) -> None:
        """A group became a supergroup: conversations, pace and journal go along."""
        self._telegram.migrate(old, new)
        for chat_id, thread_id in list(self._conversations):
            if chat_id == old:
                conversation = self._conversations.pop((old, thread_id))
                conversation.key = (new, thread_id)
                self._conversations[new, thread_id] = conversation
        self._errand(self._journal.moved(old, new))

    def _conversation(self, chat_id: int, thread_id: int | None) -> Conversation:
        chat_id = self._telegram.chat(chat_id).id
        key = (chat_id, thread_id)
        found = self._conversations.get(key)
        if found is None:
            agent = functools.partial(
                self._agents.make, self._histories.pop(key, None), load_picture=self._pictures.load
            )
            recorder = functools.partial(self._recorder, *key)
            name = f"chat {chat_id}" + (f", topic {thread_id}" if thread_id else "")
            streaming = self._config.streaming

            def surface(reply_to: int | None, turn_log: TurnLog) -> TelegramSurface:
                return TelegramSurface(
                    self._telegram,
                    chat_id,
                    thread_id=thread_id,
                    reply_to=reply_to,
                    transport=streaming.transport if streaming.enabled else "off",
                    cursor=streaming.cursor,
                    record=turn_log,
                )

            found = Conversation(
                name, agent, surface, self._config.pacing, self._journal, key, self._approvals, recorder
            )
            self._conversations[key] = found
        return found

    def _errand(self, work: Coroutine[Any, Any, None]) -> None:
        """Something small that nobody waits for."""

        async def run() -> None:
            try:
                await work
            except TelexError as error:
                log.info("left undone: %s", error)

        task = asyncio.create_task(run())
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    # -- the beginning and the end -------------------------------------------------------------------------------------

    def recover(self, unfinished: Sequence[Unfinished]) -> None:
        """Finish the turns that a former run left; what they said so far is remembered as cut off."""
        for left in unfinished:
            self._telegram.chat(left.chat_id).ids.reached(left.question_id)
            key = (left.chat_id, left.thread_id)
            said = "\n\n".join(page.text for page in left.pages).strip()
            history = self._histories.setdefault(key, [])
            if said and not _holds(history, left.question, said):
                history.append({"role": "user", "content": question(left.question, left.pictures)})
                history.append(
                    {"role": "assistant", "content": said if left.how is How.COMPLETE else f"{said}\n\n{BROKEN}"}
                )
                self._errand(self._journal.remember(*key, list(history)))  # for the next kill
        for left in unfinished:
            log.info("chat %s: an answer that the last run left is brought to its end", left.chat_id)
            self._conversation(left.chat_id, left.thread_id).finish(left)

    async def close(self, grace: float = FINISH_BOUND) -> None:
        """Give running answers ``grace`` seconds to end by themselves, then cut them off, visibly.

        Cancelling it cuts short what it waits for: the next start shows the ends.
        """
        self._albums.close()
        conversations = list(self._conversations.values())
        answering = {task for conversation in conversations if conversation.answering for task in conversation.showing}
        try:
            if answering and grace:
                log.info("answers that still run (%d) have %g seconds to end", len(answering), grace)
                await asyncio.wait(answering, timeout=grace)
            for conversation in conversations:
                conversation.close(STOPPED)
            if waiting := self._at_work(conversations):
                await asyncio.wait(waiting, timeout=SHOW_BOUND)
        finally:
            for conversation in conversations:
                conversation.close(STOPPED)
                if conversation.showing:
                    log.warning(
                        "%s: the end of an answer is held back by a rate limit or a server; the next start shows it",
                        conversation,
                    )
            late = self._at_work(conversations)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _at_work(self, conversations: Sequence[Conversation]) -> "set[asyncio.Task[None]]":
        showing = {task for conversation in conversations for task in conversation.showing}
        return {task for task in self._errands | showing if not task.done()}


def _holds(history: Sequence[Mapping[str, Any]], asked_then: str, said: str) -> bool:
    """Does a history end with this question and its answer?"""
    asked = max((place for place, message in enumerate(history) if message["role"] == "user"), default=None)
    if asked is None or words(history[asked]["content"]) != asked_then:
        return False
    answers = [message["content"] for message in history[asked + 1 :] if message["role"] == "assistant"]
    if any(message["role"] == "tool" for message in history[asked + 1 :]):
        return bool(answers)  # what was shown has lines about tools in it
    return bool(answers) and said in answers[-1]
