"""``telex chat``: a conversation in the terminal."""

import asyncio
import re
import signal
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.layout import Dimension

from telex.agent.agent import AIAgent
from telex.agent.sessions import Sessions
from telex.cli.approving import TerminalApproval
from telex.cli.chat_keys import AnswerKeys, fits, held_keyboard, prompt_keys
from telex.cli.gateway import values_of
from telex.cli.keyboard import Lines
from telex.cli.logfile import errors_in
from telex.cli.output import UNREAD, aside, put
from telex.cli.stopping import ENDING, on_stop
from telex.cli.talk import Talk, configured, tell_of
from telex.config import has_live_terminal
from telex.errors import TelexError
from telex.events import End
from telex.gateway.agents import Agents
from telex.gateway.commands import COMMANDS, FORGOTTEN, NOTHING_RUNS, UNKNOWN
from telex.providers.embedded import Embedded
from telex.recording.files import Recordings
from telex.surfaces.telegram.inbound import read_command

HERE = {"thoughts": "What I thought before the last answer (Ctrl-T)", "exit": "Leave (Ctrl-D)"}
EVERY = {f"/{name}": what for name, what in {**COMMANDS, **HERE}.items()}
HELP = "\n".join(
    [
        *(f"{name:11}{what}" for name, what in EVERY.items()),
        "Enter sends, Alt-Enter begins a new line.",
        "The arrows bring back what you wrote before.",
        "Ctrl-C stops the running answer; twice, it leaves.",
    ]
)
PROMPT = "› "
_OVER_THE_PROMPT = "\x1b[1A\r"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
ONCE_MORE = "Ctrl-C once more leaves."
FORKED = "Another terminal has gone on with this conversation; from here on there are two."
NOT_KEPT = "This conversation is not kept: {path} cannot be used ({error})."
NO_HISTORY = "What you ask is not kept for the arrows: {path} cannot be used ({error})."
UNREADABLE = "The last conversation cannot be read from {path} ({error}); this is a new one."


async def run_chat(path: Path | None, *, go_on: bool, record: Path | None = None) -> int:
    """Talk until Ctrl-D, /exit, or Ctrl-C twice; record the answers where ``record`` says so.

    Returns:
        The exit code: 0; 1 where questions were piped in and the model failed; 141 where the
        reader of a pipe left; 128 and its number after a signal.

    Raises:
        ConfigError: the file is wrong.
        TelexError: the file of sessions cannot be used, or the answer not be written.
    """
    config, provider = configured(path)
    recordings = Recordings(record) if record else None
    with values_of(path):
        agents = Agents(config, provider)
    sessions = Sessions(config.folder / "sessions.sqlite3")
    with on_stop(signals=ENDING) as stopped:
        try:
            former = _former(sessions) if go_on else None
            approval = TerminalApproval(watched=has_live_terminal())
            agent = agents.make(former[1] if former else None, approval)
            reasoning = config.display.in_terminal
            talk = Talk(agent, approval, hint="Ctrl-T shows it", reasoning=reasoning, recordings=recordings)
            chat = Chat(agent, sessions, former[0] if former else None, approval, talk)
            say(f"{provider.name}. /help says what can be done; Ctrl-D leaves.")
            if go_on:
                say("Going on with the last conversation." if former else "There is no conversation to go on with yet.")
            if isinstance(provider, Embedded):
                await provider.start()
            await chat.talk(config.folder)
        except BrokenPipeError:  # whoever read has seen enough
            return stopped.code or UNREAD
        except (asyncio.CancelledError, TelexError):
            if not stopped.code:
                raise
        finally:
            sessions.close()
            await agents.close()
            await provider.close()
            tell_of(recordings)
        return stopped.code or int(chat.failed)


def say(text: str) -> None:
    """Write a line of our own."""
    put(f"{text}\n", flush=True)


def _warn(text: str) -> None:
    """Something went wrong that does not end the conversation."""
    if has_live_terminal():
        say(text)
    else:
        aside(text)


def _former(sessions: Sessions) -> tuple[int, list[dict[str, Any]]] | None:
    try:
        return sessions.latest()
    except TelexError as error:
        _warn(UNREADABLE.format(path=sessions.path, error=error))
        return None


class _Prompt(PromptSession[str]):
    """A prompt that leaves a row of the screen free: what is cleared from the very first one on, tmux keeps in the scrollback."""

    def _get_default_buffer_control_height(self) -> Dimension:
        most = max(1, self.app.output.get_size().rows - 1)
        wanted = super()._get_default_buffer_control_height()
        return Dimension(min=min(wanted.min, most), max=most)


class Chat:
    """One conversation at the terminal.

    Args:
        agent: who answers.
        sessions: where the conversation is kept.
        session: its number there; ``None`` for a new one.
        approval: asks whether a tool may run.
        talk: shows the answers.

    Attributes:
        failed: questions were piped in, and the model failed to answer one.
    """

    def __init__(
        self, agent: AIAgent, sessions: Sessions, session: int | None, approval: TerminalApproval, talk: Talk
    ) -> None:
        self.failed = False
        self._approval = approval
        self._agent = agent
        self._sessions = sessions
        self._session = session
        self._talk = talk
        self._warned = False  # the next Ctrl-C leaves
        self._leaving = False

    async def talk(self, folder: Path) -> None:
        """Ask at a prompt, in a plain terminal, or what is piped in; ``folder`` holds what is kept."""
        if sys.stdin is None or not sys.stdin.isatty():
            await self._piped()
        elif has_live_terminal():
            with errors_in(folder), held_keyboard():
                await self._at_prompt(folder / "history")
        else:
            await self._plainly()

    async def _at_prompt(self, history: Path) -> None:
        prompt = _Prompt(
            history=_history(history),
            completer=_completer(),
            complete_while_typing=Condition(lambda: prompt.default_buffer.text.startswith("/")),
            key_bindings=prompt_keys(self._talk.show_thoughts, list(EVERY)),
            multiline=True,
            prompt_continuation=" " * len(PROMPT),
        )
        while not self._leaving:
            try:
                text = await prompt.prompt_async(PROMPT, handle_sigint=False)
            except EOFError:
                return
            except KeyboardInterrupt:
                self._ctrl_c()
                continue
            self._warned = False
            if not fits(text, prompt.app.output.get_size()):
                say(_OVER_THE_PROMPT + PROMPT + _CONTROL.sub("", text).replace("\n", f"\n{' ' * len(PROMPT)}"))
            await self._take(text)

    async def _plainly(self) -> None:
        """In a terminal of which nothing can be written anew: it edits the lines itself."""
        lines, loop, pressed = Lines(), asyncio.get_running_loop(), asyncio.Event()
        while not self._leaving:
            loop.add_signal_handler(signal.SIGINT, pressed.set)  # again: an answer has one of its own
            print(PROMPT, end="", flush=True, file=sys.stdout if sys.stdout.isatty() else sys.stderr)
            reading, stopping = asyncio.ensure_future(lines.next()), asyncio.ensure_future(pressed.wait())
            try:
                await asyncio.wait([reading, stopping], return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                if not reading.done():
                    reading.cancel()
            if not reading.done():
                pressed.clear()
                say("")
                self._ctrl_c()
            elif (text := reading.result()) is None:
                say("")
                return
            else:
                self._warned = False
                await self._take(text)

    async def _piped(self) -> None:
        lines = Lines()
        while not self._leaving and (text := await lines.next()) is not None:
            await self._take(text)

    def _ctrl_c(self) -> None:
        """At the prompt it leaves, the second time."""
        self._leaving, self._warned = self._warned, True
        if not self._leaving:
            say(ONCE_MORE)

    async def _take(self, text: str) -> None:
        text = text.strip()
        match read_command(text)[0]:
            case _ if not text:
                return
            case None:
                await self._ask(text)
            case "exit" | "quit":
                self._leaving = True
            case "new":
                self._agent.reset()
                self._session = None
                say(FORGOTTEN)
            case "help" | "start":
                say(HELP)
            case "stop":
                say(NOTHING_RUNS)
            case "thoughts":
                self._talk.show_thoughts()
            case name:
                say(UNKNOWN.format(command=name, help=f"\n{HELP}"))

    async def _ask(self, text: str) -> None:
        keys = AnswerKeys(self._agent.interrupt, self._approval, self._talk.fold)
        self._keep([*self._agent.history, {"role": "user", "content": text}])  # first: whatever ends us, it was asked
        try:
            with keys.watching():
                result = await self._talk.answer(text)
        finally:
            self._keep(self._agent.history)
        self.failed |= result.end is End.FAILED and not sys.stdin.isatty()
        self._leaving, self._warned = keys.leaving, keys.stopped
        if keys.stopped and not keys.leaving:
            say(f"Stopped. {ONCE_MORE}")

    def _keep(self, history: Sequence[Mapping[str, Any]]) -> None:
        before = self._session
        try:
            self._session = self._sessions.save(before, history)
        except sqlite3.Error as error:
            _warn(NOT_KEPT.format(path=self._sessions.path, error=error))
        else:
            if before not in {None, self._session}:
                _warn(FORKED)


def _history(path: Path) -> History:
    """What was asked before, and for the next time; where the file cannot be used, only of this time."""
    try:
        path.open("ab").close()
    except OSError as error:
        _warn(NO_HISTORY.format(path=path, error=error.strerror))
        return InMemoryHistory()
    return FileHistory(str(path))


def _completer() -> Completer:
    return WordCompleter(list(EVERY), meta_dict=EVERY, sentence=True)
