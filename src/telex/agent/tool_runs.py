"""Running what a model asked for: approval, time limit, errors and long answers, and the events that tell of it.

For each call there are, in this order: ``ToolStarted``, any ``ToolProgress``, and ``ToolFinished`` unless the turn is
interrupted. A tool never raises into the turn: what goes wrong is its result, for the model to read.
"""

import asyncio
import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec

from telex.agent.threads import in_thread
from telex.agent.tool_schema import underlying
from telex.agent.tools import Tool, ToolError, Usable, offered
from telex.errors import TelexError
from telex.events import Notice, ToolFinished, ToolProgress, ToolStarted
from telex.providers.base import Emit
from telex.providers.halves import mended
from telex.providers.tool_calls import ToolCall

log = logging.getLogger("telex.agent")

LONGEST_SUMMARY = 80
LONGEST_ERROR = 500
WAITING, APPROVED = "waits for your yes", "runs"
DECLINED = "Not run: the user said no."
UNANSWERED = "Not run: the user was asked and did not answer in time."
NOBODY_TO_ASK = "Not run: it needs the user's yes, and there is no way to ask here."

_SECRET = re.compile(
    r"\b(?:sk|pk|ghp|gho|xox[a-z])[-_][\w-]{8,}|\b\d{6,}:[\w-]{30,}|(?<=://)[^/\s@]+(?=@)"
    r"|(?i:(?<=bearer )[\w.~+/-]{8,})|(?i:(?<=key=)[^&\s]+|(?<=token=)[^&\s]+)"
)
_warned: set[str] = set()  # names in `approve` that the log has told of
_left: set[asyncio.Future[str]] = set()  # cancelled tools that still tidy up


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """A tool that the model wants to run, for the person who is asked.

    Attributes:
        call: names this run, as in ``ToolStarted``.
        name: the tool.
        summary: what it would do, in a few words.
        arguments: all that it would be given, as JSON.
    """

    call: str
    name: str
    summary: str
    arguments: str


AskApproval: TypeAlias = Callable[[ToolRequest], Awaitable[bool | None] | bool | None]
"""Asks a person: true is yes; false and ``None`` (nobody answered, or could be asked) are no. One that is not async is called
in a thread."""


@dataclass(frozen=True, slots=True)
class ToolRules:
    """How tools run.

    Attributes:
        approve: names of tools that run only after a person's yes.
        ask_approval: asks for it; it is cancelled when the turn is, or the time is over. One question at a time.
        approval_timeout: seconds until no answer counts as no.
        timeout: seconds that a tool may take.
        max_steps: how often in one turn the model may ask for tools.
        max_output: characters of a tool's result that the model is given.
        hide_detours: what the model says before it calls tools is not shown.
    """

    approve: frozenset[str] = frozenset()
    ask_approval: AskApproval | None = None
    approval_timeout: float = 120.0
    timeout: float = 60.0
    max_steps: int = 10
    max_output: int = 20_000
    hide_detours: bool = False


class ToolRunner:
    """The tools of one turn.

    Args:
        usable: what the agent was given.
        rules: how they run.
        emit: gets the events.
    """

    def __init__(self, usable: Iterable[Usable], rules: ToolRules, emit: Emit) -> None:
        self._usable = tuple(usable)
        self._emit = emit
        self._tools: dict[str, Tool] = {}
        self._asking = asyncio.Lock()
        self._started = 0
        self.rules = rules

    async def offers(self) -> list[dict[str, Any]]:
        """What the model is told of the tools there are."""
        self._tools = await offered(self._usable, lambda text: self._emit(Notice(text)))
        known = {name for tool in self._tools.values() for name in (tool.name, tool.known_as)}
        for name in self.rules.approve - known - _warned:
            _warned.add(name)
            log.warning("approve names the tool %r, which is not there: it guards nothing", name)
        return [tool.offer for tool in self._tools.values()]

    async def run(self, calls: Sequence[ToolCall], result: Callable[[ToolCall, str], None]) -> None:
        """Run ``calls`` side by side; ``result`` gets each one's as soon as it is there.

        Cancelling this cancels all of them and waits for none.
        """
        runs = []
        for call in calls:
            self._started += 1
            runs.append(_Run(call, f"{self._started}:{call.id}", summary(call.arguments)))
        for run in runs:
            self._emit(ToolStarted(run.id, run.call.name, run.summary))
        tasks = [asyncio.create_task(self._one(run, result)) for run in runs]
        try:
            await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            raise

    async def _one(self, run: "_Run", result: Callable[[ToolCall, str], None]) -> None:
        loop = asyncio.get_running_loop()
        begun: float | None = None
        refusal = None
        tool = self._tools.get(run.call.name)
        if tool is not None and run.call.complete and self.rules.approve & {tool.name, tool.known_as}:
            refusal = await self._refusal(run)
        if refusal is None:
            begun = loop.time()
            ok, text = await self._result(run)
        else:
            ok, text = False, refusal
        result(run.call, cut(mended(text), self.rules.max_output))
        run.over = True
        self._emit(ToolFinished(run.id, ok, None if begun is None else loop.time() - begun))

    async def _refusal(self, run: "_Run") -> str | None:
        """Ask a person; why the tool must not run, or ``None`` when it may."""
        ask = self.rules.ask_approval
        if ask is None:
            return NOBODY_TO_ASK
        async with self._asking:  # a person answers one question at a time
            self._emit(ToolProgress(run.id, WAITING))
            try:
                async with asyncio.timeout(self.rules.approval_timeout):
                    said = await _said(ask, ToolRequest(run.id, run.call.name, run.summary, run.call.arguments))
            except TimeoutError:
                said = None
            except TelexError as error:
                log.warning("%s: the user could not be asked: %s", run.call.name, error)
                return NOBODY_TO_ASK
        if said is True:  # a word such as "no" would be true as well
            self._emit(ToolProgress(run.id, APPROVED))
            return None
        return UNANSWERED if said is None else DECLINED

    async def _result(self, run: "_Run") -> tuple[bool, str]:
        """Whether it went well, and what the model is told."""
        tool = self._tools.get(run.call.name)
        if tool is None:
            there = ", ".join(self._tools) or "none"
            return False, f"Error: there is no tool named {run.call.name!r}. There are: {there}."
        if not run.call.complete:
            return False, "Error: the arguments are not a JSON object. Call it again with a whole one."

        def progress(text: str) -> None:
            if not run.over:  # a tool that was left may still speak
                self._emit(ToolProgress(run.id, mended(text)))

        task = asyncio.ensure_future(tool.run(run.call.arguments, progress))
        try:
            await asyncio.wait([task], timeout=self.rules.timeout)
        finally:
            if not task.done():
                run.over = True
                task.cancel()
                _left.add(task)
                task.add_done_callback(_forget)
        if not task.done():
            return False, f"Error: it took longer than {self.rules.timeout:g} s and was stopped."
        if task.cancelled():
            return False, "Error: it was cancelled."
        error = task.exception()
        return (True, task.result()) if error is None else (False, _told(tool.name, error))


async def _said(ask: AskApproval, request: ToolRequest) -> bool | None:
    """What a person says, however it is asked."""
    if inspect.iscoroutinefunction(underlying(ask)):
        answer = ask(request)
    else:
        answer = await in_thread(lambda: ask(request))  # it may wait, as ``input`` does
    return await answer if inspect.isawaitable(answer) else answer


@dataclass(slots=True)
class _Run:
    call: ToolCall
    id: str
    summary: str
    over: bool = field(default=False)


def summary(arguments: str) -> str:
    """What a tool was asked, in a few words: the value of a single argument, or all by name."""
    try:
        given = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        given = None
    if not isinstance(given, Mapping) or not given:
        return ""
    words = [_word(value) if len(given) == 1 else f"{name}: {_word(value)}" for name, value in given.items()]
    text = " ".join(", ".join(words).split())
    return text if len(text) <= LONGEST_SUMMARY else text[: LONGEST_SUMMARY - 1] + "…"


def cut(text: str, most: int) -> str:
    """At most so many characters of ``text``, and a word about the rest."""
    if len(text) <= most:
        return text
    return f"{text[:most]}\n[Cut here: these are {most} of {len(text)} characters.]"


def _word(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _told(name: str, error: BaseException) -> str:
    """An exception as the model reads it: its words without what looks like a secret."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]  # a task group's
    if isinstance(error, msgspec.DecodeError):
        return f"Error: the arguments do not fit: {error}. Call it again with others."
    words = _SECRET.sub("***", " ".join(str(error).split()))[:LONGEST_ERROR]
    if isinstance(error, ToolError | TelexError):
        return f"Error: {words}"
    log.warning("the tool %s failed: %s: %s", name, type(error).__name__, words)
    return f"Error: {type(error).__name__}: {words}" if words else f"Error: {type(error).__name__}"


def _forget(task: "asyncio.Future[str]") -> None:
    """A tool that was left has ended; how, is no longer of interest."""
    _left.discard(task)
    if not task.cancelled():
        task.exception()
