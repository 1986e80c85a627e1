"""The agent: a model with a memory, one turn at a time."""

import asyncio
import concurrent.futures
import queue
import weakref
from collections.abc import Callable, Collection, Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from telex.agent.background import background_loop
from telex.agent.context import Room
from telex.agent.history import BROKEN, STOPPED, History
from telex.agent.loop import Said, answer
from telex.agent.pictures import LoadPicture
from telex.agent.tool_runs import AskApproval, ToolRules, ToolRunner
from telex.agent.tools import ToolSource, Usable, as_tool
from telex.agent.turn import RunningTurn, TurnResult
from telex.errors import ConfigError, ProviderError
from telex.events import End, Event, ReasoningDelta, SegmentEnded, TextDelta, TurnEnded
from telex.providers.base import Emit, Message, Provider
from telex.providers.halves import mended

CUT_OFF = "Cut off: "
OUR_FAULT = "Something went wrong inside the program; its log says what."

# What agents hold in the loop behind synchronous calls; touched only there.
_held: "weakref.WeakKeyDictionary[AIAgent, list[Provider | ToolSource]]" = weakref.WeakKeyDictionary()


class AIAgent:
    """Asks a model, remembers what was said, and tells everybody who listens.

    ``run_turn`` is for event loops, ``run_conversation`` for everybody else; an agent has one turn at a time.

    Args:
        provider: the model; ``close`` says who closes it.
        system_prompt: said to the model before everything else.
        history: what was said before, as ``history`` of another agent gives it.
        stream_delta_callback: gets each visible piece of text, and ``None`` where a segment ends (before tools run).
        on_first_delta: called once a turn, before the first piece of text.
        reasoning_callback: gets each piece of what the model thinks.
        context_tokens: what the model can hold; the oldest turns are left out in time. Without it, what the provider
            says in an attribute of that name; without that, everything is sent until the server says that it was too
            much: then half of it, from then on.
        tools: what the model may call: functions (``@tool`` says how they are read), tools, and sources of tools;
            ``close`` says who closes those.
        approve: names of tools that run only after a person's yes.
        ask_approval: asks for it, one call at a time: gets a ``ToolRequest``, returns true for yes; async, or a function that is
            called in a thread. Without it, no.
        approval_timeout: seconds after which no answer counts as no.
        tool_timeout: seconds that a tool may take; then the model is told that it took too long.
        max_steps: how often the model may ask for tools in one turn; then it has to answer.
        max_output: characters of a tool's result that the model is given.
        hide_detours: leave out what the model says before it calls tools: words wait until no call can follow them.
        load_picture: looks up pictures that the history only names; ``telex.agent.pictures`` says how.

    Raises:
        ConfigError: ``provider`` is none, or ``history`` is no conversation; says where.

    An exception that a callback raises is its author's: it ends the turn and comes out of the call.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of the user's, by keyword
        self,
        provider: Provider,
        *,
        system_prompt: str | None = None,
        history: Iterable[Message] | None = None,
        stream_delta_callback: Callable[[str | None], object] | None = None,
        on_first_delta: Callable[[], object] | None = None,
        reasoning_callback: Callable[[str], object] | None = None,
        context_tokens: int | None = None,
        tools: Iterable[Usable] = (),
        approve: Collection[str] = (),
        ask_approval: AskApproval | None = None,
        approval_timeout: float = 120.0,
        tool_timeout: float = 60.0,
        max_steps: int = 10,
        max_output: int = 20_000,
        hide_detours: bool = False,
        load_picture: LoadPicture | None = None,
    ) -> None:
        if not callable(getattr(provider, "stream", None)):
            raise ConfigError(f"AIAgent({provider!r}): give a provider, such as OpenAIChat(base_url, api_key, model).")
        self._provider = provider
        self._system_prompt = system_prompt
        self._history = History(history or (), system_prompt)
        self._stream_delta_callback = stream_delta_callback
        self._on_first_delta = on_first_delta
        self._reasoning_callback = reasoning_callback
        self._room = Room(context_tokens or getattr(provider, "context_tokens", None))
        self._tools = [one if isinstance(one, ToolSource) else as_tool(one) for one in tools]
        self._rules = ToolRules(
            frozenset(approve), ask_approval, approval_timeout, tool_timeout, max_steps, max_output, hide_detours
        )
        self._load_picture = load_picture
        self._turn: RunningTurn | None = None
        self._in_background = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def history(self) -> list[dict[str, Any]]:
        """What was said, oldest first, without the system prompt; can be written down as JSON."""
        return self._history.messages

    async def run_turn(self, text: str, emit: Emit | None = None, pictures: Sequence[str] = ()) -> TurnResult:
        """Ask ``text`` and emit what happens; ``TurnEnded`` comes last and once, whatever happens.

        A failure of the model's server is an event and a result, not an exception.

        Args:
            text: the question.
            emit: gets the events.
            pictures: what the question shows: addresses (``data:`` or ``https:``), or names that ``load_picture`` knows.

        Raises:
            RuntimeError: this agent's last turn is still running.
            asyncio.CancelledError: the task was cancelled (not by ``interrupt``).
        """
        tell = emit or _nobody
        callbacks = self._callbacks()

        def both(event: Event) -> None:
            tell(event)
            callbacks(event)

        return await self._run(self._begin(asyncio.get_running_loop()), text, both, pictures)

    def run_conversation(self, text: str) -> str:
        """Ask ``text``, wait, and return the whole answer. Callbacks are called from this thread.

        An answer that was interrupted is returned as far as it came. One that failed is raised, also when a part of it
        had come, so that a part never passes for the whole; the part was given to the callbacks and is in the history.

        Raises:
            ProviderError: the model's server refused or failed.
            RuntimeError: an event loop runs in this thread, or this agent's last turn is still running.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            raise RuntimeError(
                "run_conversation() would block the running event loop: use `await agent.run_turn(text, emit)` here."
            )
        loop = background_loop()
        turn = self._begin(loop)
        self._in_background = True
        events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        done = asyncio.run_coroutine_threadsafe(self._run_in_background(turn, text, events.put), loop)
        done.add_done_callback(lambda _: events.put(None))
        callbacks = self._callbacks()
        try:
            while (event := events.get()) is not None:
                callbacks(event)
        except BaseException:  # a callback's exception, or Ctrl-C
            turn.interrupt()
            concurrent.futures.wait([done])
            raise
        result = done.result()
        if result.error is not None:
            raise result.error
        return result.text

    def interrupt(self) -> bool:
        """Stop the running turn, from any thread: the provider's connection is closed at once.

        Nobody wants its answer any more: the question is not asked again with the next one. One whose task was cancelled
        instead, because the next question came, is.

        Returns:
            Whether there was a turn to stop.
        """
        turn = self._turn
        if turn is None:
            return False
        turn.interrupt()
        return True

    def reset(self) -> None:
        """Forget what was said and begin anew; a running turn is stopped and leaves nothing behind."""
        self.interrupt()
        self._history = History((), self._system_prompt)  # a new one: the turn that ends writes into the old one

    def close(self) -> None:
        """Stop a running turn, and after ``run_conversation`` also close provider and tools: what they hold is in our loop.

        What other agents there still use is closed by the last of them. After ``run_turn`` alone provider and tools are
        left to their owner, who may have lent them to other agents.
        """
        self.interrupt()
        if self._in_background:
            self._in_background = False
            asyncio.run_coroutine_threadsafe(self._close_all(), background_loop()).result()

    async def _close_all(self) -> None:
        for one in _held.pop(self, []):
            if not any(one is other for held in tuple(_held.values()) for other in held):
                await one.close()

    def _begin(self, loop: asyncio.AbstractEventLoop) -> RunningTurn:
        if self._turn is not None:
            raise RuntimeError(
                "This agent's last turn is still running: interrupt() it and wait, or use another agent."
            )
        self._turn = RunningTurn(loop)
        return self._turn

    async def _run_in_background(self, turn: RunningTurn, text: str, emit: Emit) -> TurnResult:
        _held[self] = [*(one for one in self._tools if isinstance(one, ToolSource)), self._provider]
        return await self._run(turn, text, emit)

    async def _run(self, turn: RunningTurn, text: str, emit: Emit, pictures: Sequence[str] = ()) -> TurnResult:
        """One turn; every way out leads through the one ``TurnEnded``."""
        history, said = self._history, Said()
        history.question(mended(text), pictures)
        ended = TurnEnded(End.FAILED, OUR_FAULT)
        result = TurnResult("")

        def tell(event: Event) -> None:
            said.note(event)
            emit(event)

        try:
            turn.enter()
            runner = ToolRunner(self._tools, self._rules, tell)
            usage = await answer(self._provider, history, runner, tell, self._room, self._load_picture)
        except asyncio.CancelledError:
            ended = TurnEnded(End.INTERRUPTED)
            if not turn.leave():
                raise
            result = TurnResult(said.text, said.reasoning, End.INTERRUPTED)
        except ProviderError as error:
            ended = _failed(error, said)
            result = TurnResult(said.text, said.reasoning, End.FAILED, str(error), error=error)
        else:
            ended = TurnEnded()
            result = TurnResult(said.text, said.reasoning, usage=usage)
        finally:
            turn.leave()
            self._turn = None
            if ended.end is End.FINISHED:
                if said.since_tools:  # nothing more need be said behind tools
                    history.answer(said.since_tools)
            else:
                mark = STOPPED if ended.end is End.INTERRUPTED else BROKEN
                history.cut_answer(said.since_tools, mark, unwanted=turn.interrupted)
            emit(ended)
        return result

    def _callbacks(self) -> Emit:
        """The user's callbacks for one turn."""
        begun = False

        def call(event: Event) -> None:
            nonlocal begun
            if isinstance(event, TextDelta):
                if not begun and self._on_first_delta is not None:
                    self._on_first_delta()
                begun = True
                if self._stream_delta_callback is not None:
                    self._stream_delta_callback(event.text)
            elif isinstance(event, SegmentEnded) and self._stream_delta_callback is not None:
                self._stream_delta_callback(None)
            elif isinstance(event, ReasoningDelta) and self._reasoning_callback is not None:
                self._reasoning_callback(event.text)

        return call


def _failed(error: ProviderError, said: Said) -> TurnEnded:
    """The end of a turn that failed; words that the reader has seen stay, and are marked as cut off."""
    shown = bool(said.text.strip())
    return TurnEnded(End.FAILED, f"{CUT_OFF}{error}" if shown else str(error), can_go_on=shown)


def _nobody(event: Event) -> None:
    """Nobody listens."""
