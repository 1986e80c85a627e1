"""One turn of an agent: ask the model, run the tools it calls, ask again, and when it is done, be done.

The order of a turn's events is drawn in ``telex.events``; the agent adds ``TurnEnded``. This is the one place that
decides whether the model is asked again within a turn.
"""

from dataclasses import dataclass, field

from telex.agent.context import Room, size, too_long
from telex.agent.history import History
from telex.agent.pictures import Eyes, LoadPicture
from telex.agent.tool_runs import ToolRunner
from telex.errors import ProviderError
from telex.events import Event, Notice, ReasoningDelta, SegmentEnded, TextDelta, ToolStarted
from telex.providers.base import Emit, Provider, Reply, Request, Usage

MORE_THAN_IT_HOLDS = "This is more than the model can hold: send less at once, or begin a new conversation with /new."
NO_ANSWER = "The model ended without an answer. Ask again, or differently."
NO_TOOLS = "The model asked for a tool, but none was offered to it. Ask again, or choose another model."
ONLY_THOUGHTS = "The model thought until its length limit was reached, and did not get to an answer."
TOO_LONG = "The answer reached the model's length limit."
TOO_MANY_STEPS = "The model asked for tools {steps} times in a row; it was told to answer now."
STILL_CALLS = "The model went on asking for tools instead of answering. Ask again, or differently."
WITHHELD = "The model's server withheld the rest of this answer."
BREAK = "\n\n"
MOST_REFUSALS = 8  # in one turn, of what was too long; each time half is left


@dataclass(slots=True)
class Said:
    """What a turn has emitted so far: what the reader saw, also when the turn does not come to its end."""

    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    _since_tools: int = 0
    _break: bool = False

    def note(self, event: Event) -> None:
        """Remember the words of ``event``, if it has any."""
        if isinstance(event, TextDelta):
            if self._break and event.text:
                self.texts.append(BREAK)
                self._break = False
            self.texts.append(event.text)
        elif isinstance(event, ReasoningDelta):
            self.thoughts.append(event.text)
        elif isinstance(event, SegmentEnded):
            self._break = bool(self.texts)
        elif isinstance(event, ToolStarted):
            self._since_tools = len(self.texts)

    @property
    def text(self) -> str:
        """The answer so far, its segments parted by an empty line."""
        return "".join(self.texts)

    @property
    def since_tools(self) -> str:
        """What was said since tools were last called: the part that the history does not hold yet."""
        return "".join(self.texts[self._since_tools :]).removeprefix(BREAK)

    @property
    def reasoning(self) -> str:
        """The thoughts so far."""
        return "".join(self.thoughts)


async def answer(  # noqa: PLR0913, PLR0917 - what one turn is made of
    provider: Provider,
    history: History,
    runner: ToolRunner,
    emit: Emit,
    room: Room,
    load_picture: LoadPicture | None = None,
) -> Usage:
    """Carry one turn from the question to the last word.

    Args:
        provider: the model.
        history: the conversation, ending with the question; calls and their results are added to it, the answer is not.
        runner: the tools.
        emit: gets everything but ``TurnEnded``, as it comes.
        room: what the model can hold; it learns where the server says that it was too much, and the model is asked again.
        load_picture: looks up pictures that the history only names.

    Returns:
        What the server counted, of all its answers together.

    Raises:
        ProviderError: the model's server refused or failed, or there is nothing in its answer to show.
    """
    tools = await runner.offers() if getattr(provider, "takes_tools", True) else []
    eyes = Eyes(provider, history.shown, load_picture, emit)
    usage = Usage()
    steps, refusals, spoke = 0, 0, False
    while True:
        told = history.for_model(room.tokens)
        asked = Request(await eyes.see(told), tools=tools, may_call=steps < runner.rules.max_steps)
        heard = _Heard(emit, hold=bool(tools) and asked.may_call and runner.rules.hide_detours)
        try:
            reply = await provider.stream(asked, heard.emit)
        except ProviderError as error:
            if heard.words or not too_long(error):
                heard.broke_off(error)
                raise
            room.refused(told)
            refusals += 1
            if refusals > MOST_REFUSALS or size(history.for_model(room.tokens)) >= size(told):
                raise ProviderError(f"{str(error).rstrip('.')}. {MORE_THAN_IT_HOLDS}", status=error.status) from None
            continue
        eyes.check()
        usage = _sum(usage, reply.usage) if steps else reply.usage
        if not reply.calls:
            heard.show()
        said = bool(reply.text.strip()) and not (heard.holds and reply.calls)
        spoke = spoke or said
        if not (reply.calls and tools and asked.may_call):
            break
        if said:
            emit(SegmentEnded())
        history.called(reply)
        await runner.run(reply.calls, history.result)
        steps += 1
        if steps == runner.rules.max_steps:
            emit(Notice(TOO_MANY_STEPS.format(steps=steps)))
    _last_word(reply, emit, spoke=spoke, steps=steps)
    return usage


class _Heard:
    """What one answer of the model says, on its way to the listener.

    Args:
        emit: the listener.
        hold: words wait until it is certain whether they are a detour; everything else passes.
    """

    def __init__(self, emit: Emit, *, hold: bool) -> None:
        self.holds = hold
        self.words = False  # there were some, or thoughts
        self._emit = emit
        self._waiting: list[Event] = []

    def emit(self, event: Event) -> None:
        if not isinstance(event, Notice):
            self.words = True
        if self.holds and isinstance(event, TextDelta | SegmentEnded):
            self._waiting.append(event)
        else:
            self._emit(event)

    def show(self) -> None:
        """The words that wait are no detour."""
        for event in self._waiting:
            self._emit(event)
        self._waiting.clear()

    def broke_off(self, error: ProviderError) -> None:
        """No more words come: those that wait are a part of an answer, unless calls had begun behind them."""
        if not error.calls_begun:
            self.show()


def _last_word(reply: Reply, emit: Emit, *, spoke: bool, steps: int) -> None:
    """Say what is wrong with the answer, if something is."""
    if not spoke:
        if reply.finish == "tool_calls":
            raise ProviderError(STILL_CALLS if steps else NO_TOOLS)
        if reply.finish == "content_filter":
            raise ProviderError(WITHHELD)
        raise ProviderError(ONLY_THOUGHTS if reply.finish == "length" else NO_ANSWER)
    if reply.finish == "length":
        emit(Notice(TOO_LONG))
    elif reply.finish == "content_filter":
        emit(Notice(WITHHELD))


def _sum(one: Usage, other: Usage) -> Usage:
    def both(first: int | None, second: int | None) -> int | None:
        return None if first is None and second is None else (first or 0) + (second or 0)

    return Usage(both(one.prompt_tokens, other.prompt_tokens), both(one.completion_tokens, other.completion_tokens))
