"""``telex ask``: one question, one answer, for people and for pipes."""

import os
import sys
from pathlib import Path

from telex.cli.approving import TerminalApproval
from telex.cli.gateway import values_of
from telex.cli.keyboard import Lines
from telex.cli.logfile import errors_in
from telex.cli.output import UNREAD
from telex.cli.stopping import on_stop
from telex.cli.talk import Talk, configured, tell_of
from telex.errors import ConfigError
from telex.events import End
from telex.gateway.agents import Agents
from telex.recording.files import Recordings

INTERRUPTED = 130


async def run_ask(question: str, path: Path | None, record: Path | None = None) -> int:
    """Answer, record that where ``record`` says so, and return the exit code.

    It is 0, or 1 where the model failed; 141 where the reader of a pipe left; 130 after Ctrl-C, 143 after SIGTERM and 129 when the terminal was closed.

    Raises:
        ConfigError: there is no question, or the file is wrong.
    """
    asked = await _question(question)
    config, provider = configured(path)
    recordings = Recordings(record) if record else None
    with values_of(path):
        agents = Agents(config, provider)
    approval = TerminalApproval()
    agent = agents.make(ask_approval=approval)
    try:
        with on_stop(agent.interrupt) as stopped, errors_in(config.folder):
            reasoning = config.display.in_terminal
            result = await Talk(agent, approval, reasoning=reasoning, recordings=recordings).answer(asked)
    except BrokenPipeError:  # whoever read has seen enough, as `head` does
        return UNREAD
    finally:
        await agents.close()
        await provider.close()
        tell_of(recordings)
    return {End.FINISHED: 0, End.FAILED: 1, End.INTERRUPTED: stopped.code or INTERRUPTED}[result.end]


async def _question(question: str) -> str:
    """What was given as words, and behind it what was piped in."""
    piped = "" if sys.stdin is None or sys.stdin.isatty() else await Lines().rest()
    question = os.fsencode(question).decode(errors="replace")  # what is no UTF-8 cannot be sent
    asked = "\n\n".join(part for part in (question.strip(), piped.strip()) if part)
    if not asked:
        raise ConfigError('Nothing was asked. Write telex ask "your question", or pipe a text in.')
    return asked
