"""``telex chat``: a conversation in the terminal."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys

from telex.agent.agent import AIAgent
from telex.agent.sessions import Sessions
from telex.cli.approving import TerminalApproval
from telex.cli.talk import answer_live, answer_plainly, configured
from telex.config import has_live_terminal
from telex.gateway.agents import Agents
from telex.providers.embedded import Embedded

COMMANDS = {
    "/new": "begin a new conversation",
    "/stop": "stop the running answer (Ctrl-C does so too)",
    "/help": "what can be done here",
    "/exit": "leave (Ctrl-D does so too)",
}
HELP = "\n".join(
    [
        *(f"{name:8}{what}" for name, what in COMMANDS.items()),
        "Enter sends, Alt-Enter begins a new line, the arrows bring back what you wrote before.",
    ]
)
PROMPT = "› "


async def run_chat(path: Path | None, *, go_on: bool) -> None:
    """Talk until Ctrl-D, /exit, or Ctrl-C twice.

    Raises:
        ConfigError: the file is wrong.
        TelexError: the file of sessions cannot be used.
    """
    config, provider = configured(path)
    agents = Agents(config, provider)
    folder = config.folder
    sessions = Sessions(folder / "sessions.sqlite3")
    try:
        former = sessions.latest() if go_on else None
        for warning in agents.warnings:
            print(f"telex: {warning}", file=sys.stderr)
        approval = TerminalApproval(watched=True)
        agent = agents.make(former[1] if former else None, approval)
        chat = Chat(agent, sessions, former[0] if former else None, approval)
        print(f"{provider.name}. /help says what can be done; Ctrl-D leaves.")
        if go_on:
            print("Going on with the last conversation." if former else "There is no conversation to go on with yet.")
        if isinstance(provider, Embedded):
            await provider.start()
        await (chat.run(folder / "history") if sys.stdin.isatty() else chat.read_lines())
    finally:
        sessions.close()
        await agents.close()
        await provider.close()


class Chat:
    """One conversation at the terminal.

    Args:
        agent: who answers.
        sessions: where the conversation is kept.
        session: its number there; ``None`` for a new one.
        approval: asks whether a tool may run.
    """

    def __init__(self, agent: AIAgent, sessions: Sessions, session: int | None, approval: TerminalApproval) -> None:
        self._approval = approval
        self._agent = agent
        self._sessions = sessions
        self._session = session
        self._answer = answer_live if has_live_terminal() else answer_plainly
        self._leaving = False

    async def run(self, history: Path) -> None:
        """Ask at a prompt."""
        prompt: PromptSession[str] = PromptSession(
            history=FileHistory(str(history)),
            completer=_completer(),
            complete_while_typing=Condition(lambda: prompt.default_buffer.text.startswith("/")),
            key_bindings=_keys(),
            multiline=True,
            prompt_continuation=" " * len(PROMPT),
        )
        warned = False
        while not self._leaving:
            try:
                text = await prompt.prompt_async(PROMPT, handle_sigint=False)
            except EOFError:
                return
            except KeyboardInterrupt:
                if warned:
                    return
                warned = True
                print("Ctrl-C once more leaves.")
                continue
            warned = False
            await self._take(text)

    async def read_lines(self) -> None:
        """Ask what is piped in, line by line."""
        for line in sys.stdin:
            await self._take(line)
            if self._leaving:
                return

    async def _take(self, text: str) -> None:
        command = text.strip()
        match command:
            case "":
                return
            case "/exit" | "/quit":
                self._leaving = True
            case "/new":
                self._agent.reset()
                self._session = None
                print("A new conversation: I have forgotten the last one.")
            case "/help" | "/start":
                print(HELP)
            case "/stop":
                print("Nothing is running.")
            case _ if command.startswith("/") and " " not in command and "\n" not in command:
                print(f"I do not know {command}.\n{HELP}")
            case _:
                await self._ask(text.strip())

    async def _ask(self, text: str) -> None:
        with _watching_keys(self._agent.interrupt, self._approval.key):
            await self._answer(self._agent, text, self._approval)
        self._session = self._sessions.save(self._session, self._agent.history)


def _completer() -> Completer:
    return WordCompleter(list(COMMANDS), meta_dict=dict(COMMANDS), sentence=True)


def _keys() -> KeyBindings:
    """Enter sends, Alt-Enter and Ctrl-J begin a new line."""
    keys = KeyBindings()

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys


@contextmanager
def _watching_keys(stop: Callable[[], object], answers: Callable[[str], bool]) -> Iterator[None]:
    """While an answer comes: Ctrl-C stops it, a key may answer a question, and what else is typed waits for the prompt."""
    loop = asyncio.get_running_loop()
    if not sys.stdin.isatty():
        loop.add_signal_handler(signal.SIGINT, stop)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)
        return
    keyboard = create_input()
    typed: list[KeyPress] = []

    def read() -> None:
        for press in keyboard.read_keys():
            if press.key == Keys.ControlC:
                stop()
            elif not answers(press.data):
                typed.append(press)

    with keyboard.raw_mode(), keyboard.attach(read):
        yield
    store_typeahead(keyboard, typed)
