"""``telex chat``: a conversation in the terminal."""

import sys
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory

from telex.agent.agent import AIAgent
from telex.agent.sessions import Sessions
from telex.cli.approving import TerminalApproval
from telex.cli.chat_keys import AnswerKeys, prompt_keys
from telex.cli.gateway import values_of
from telex.cli.talk import Talk, configured, tell_of
from telex.gateway.agents import Agents
from telex.gateway.commands import COMMANDS, FORGOTTEN, NOTHING_RUNS, UNKNOWN
from telex.providers.embedded import Embedded
from telex.recording.files import Recordings

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
ONCE_MORE = "Ctrl-C once more leaves."


async def run_chat(path: Path | None, *, go_on: bool, record: Path | None = None) -> None:
    """Talk until Ctrl-D, /exit, or Ctrl-C twice; record the answers where ``record`` says so.

    Raises:
        ConfigError: the file is wrong.
        TelexError: the file of sessions cannot be used.
    """
    config, provider = configured(path)
    recordings = Recordings(record) if record else None
    with values_of(path):
        agents = Agents(config, provider)
    folder = config.folder
    sessions = Sessions(folder / "sessions.sqlite3")
    try:
        former = sessions.latest() if go_on else None
        approval = TerminalApproval(watched=True)
        agent = agents.make(former[1] if former else None, approval)
        chat = Chat(agent, sessions, former[0] if former else None, approval, recordings)
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
        tell_of(recordings)


class Chat:
    """One conversation at the terminal.

    Args:
        agent: who answers.
        sessions: where the conversation is kept.
        session: its number there; ``None`` for a new one.
        approval: asks whether a tool may run.
        recordings: where answers are recorded, if at all.
    """

    def __init__(
        self,
        agent: AIAgent,
        sessions: Sessions,
        session: int | None,
        approval: TerminalApproval,
        recordings: Recordings | None = None,
    ) -> None:
        self._approval = approval
        self._agent = agent
        self._sessions = sessions
        self._session = session
        self._talk = Talk(agent, approval, hint="Ctrl-T shows it", recordings=recordings)
        self._warned = False  # the next Ctrl-C leaves
        self._leaving = False

    async def run(self, history: Path) -> None:
        """Ask at a prompt."""
        prompt: PromptSession[str] = PromptSession(
            history=FileHistory(str(history)),
            completer=_completer(),
            complete_while_typing=Condition(lambda: prompt.default_buffer.text.startswith("/")),
            key_bindings=prompt_keys(self._talk.show_thoughts),
            multiline=True,
            prompt_continuation=" " * len(PROMPT),
        )
        while not self._leaving:
            try:
                text = await prompt.prompt_async(PROMPT, handle_sigint=False)
            except EOFError:
                return
            except KeyboardInterrupt:
                self._leaving, self._warned = self._warned, True
                if not self._leaving:
                    print(ONCE_MORE)
                continue
            self._warned = False
            await self._take(text)

    async def read_lines(self) -> None:
        """Ask what is piped in, line by line."""
        for line in sys.stdin:
            await self._take(line)
            if self._leaving:
                return

    async def _take(self, text: str) -> None:
        text = text.strip()
        match text:
            case "":
                return
            case "/exit" | "/quit":
                self._leaving = True
            case "/new":
                self._agent.reset()
                self._session = None
                print(FORGOTTEN)
            case "/help" | "/start":
                print(HELP)
            case "/stop":
                print(NOTHING_RUNS)
            case "/thoughts":
                self._talk.show_thoughts()
            case _ if text.startswith("/") and " " not in text and "\n" not in text:
                print(UNKNOWN.format(command=text[1:], help=f"\n{HELP}"))
            case _:
                await self._ask(text)

    async def _ask(self, text: str) -> None:
        keys = AnswerKeys(self._agent.interrupt, self._approval.key, self._talk.fold)
        with keys.watching():
            await self._talk.answer(text)
        self._session = self._sessions.save(self._session, self._agent.history)
        self._leaving, self._warned = keys.leaving, keys.stopped
        if keys.stopped and not keys.leaving:
            print(f"Stopped. {ONCE_MORE}")


def _completer() -> Completer:
    return WordCompleter(list(EVERY), meta_dict=EVERY, sentence=True)
