"""Tools: what a model may call. A Python function becomes one by ``@tool``, or by being given to an agent as it is.

A source of tools, such as a set of MCP servers, is asked for its tools at the beginning of each turn.
"""

import asyncio
import contextlib
import inspect
import re
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias, overload, runtime_checkable

import msgspec

from telex.agent.threads import ENDS, in_thread
from telex.agent.tool_schema import Progress, Signature, underlying
from telex.agent.tool_types import plain

LONGEST_NAME = 64
_NAME = re.compile(rf"[a-zA-Z0-9_-]{{1,{LONGEST_NAME}}}")  # what all servers take


class ToolError(Exception):
    """A tool could not do what it was asked; the model is told why, in these words alone."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that a model may call.

    Attributes:
        name: letters, digits, ``_`` and ``-``; at most 64.
        description: says to the model what it does and when it is of use.
        parameters: JSON Schema of the object that it takes.
        run: gets the JSON text of that object as the model sent it, and says how it went. Raises ``ToolError`` or
            ``msgspec.DecodeError`` where the model can do better, and anything else where the tool fails.
        function: what was decorated.
        known_as: its name at its server, also where it has another here; a rule for that name is for this tool too.
        server: the MCP server that it is of; that name goes in front where another tool has its own.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    run: Callable[[str, Progress], Awaitable[str]]
    function: Callable[..., Any] | None = None
    known_as: str = ""
    server: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"A tool's name has letters, digits, _ and -, at most 64; {self.name!r} has others.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function that was decorated."""
        if self.function is None:
            raise TypeError(f"{self.name} is no Python function.")
        return self.function(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> "Tool":
        """Of a decorated method: the tool of the object at which it is looked up."""
        bind = getattr(self.function, "__get__", None)
        if instance is None or bind is None:
            return self
        return _from_function(bind(instance, owner), self.name, self.description)

    @property
    def offer(self) -> dict[str, Any]:
        """What the model is told about it."""
        return {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}


@runtime_checkable
class ToolSource(Protocol):
    """Something that has tools once it is asked for them."""

    async def tools(self, tell: Callable[[str], None]) -> Sequence[Tool]:
        """The tools there are now; ``tell`` takes a line for the reader where some cannot be had."""
        ...

    async def close(self) -> None:
        """Free what it holds."""
        ...


Usable: TypeAlias = Tool | ToolSource | Callable[..., Any]
"""What an agent takes as a tool."""


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(*, name: str | None = None, description: str | None = None) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None, /, *, name: str | None = None, description: str | None = None
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a tool of a function, sync or async; a sync one runs in a thread of its own. A generator's pieces are joined.

    The model is told the docstring (Google's style: what ``Args:`` says goes to the parameters) and the types of the hints.
    A parameter of the type `Progress` is a function that says how far the tool is. What is returned and is no text is
    sent as JSON.

    Args:
        function: what runs.
        name: the function's own when left out.
        description: the docstring's words when left out.

    Raises:
        TypeError: the function has parameters that no JSON object can fill.
        ValueError: a name that servers do not take.
    """
    if function is None:
        return lambda decorated: _from_function(decorated, name, description)
    return _from_function(function, name, description)


def _from_function(function: Callable[..., Any], name: str | None, description: str | None) -> Tool:
    signature = Signature(function)
    written = underlying(function)
    waits = inspect.iscoroutinefunction(written) or inspect.isasyncgenfunction(written)

    async def run(arguments: str, progress: Progress) -> str:
        given = signature.read(arguments)
        if signature.progress is not None:
            given[signature.progress] = progress if waits else _from_thread(progress)
        try:
            said = function(**given) if waits else await in_thread(lambda: _whole(function(**given)))
            while inspect.isawaitable(said):
                said = await said
            if inspect.isasyncgen(said):
                said = _put_together([piece async for piece in said])
        except SystemExit:  # from a task it would end the whole program
            raise RuntimeError(ENDS) from None
        return as_text(_whole(said))

    return Tool(
        name or signature.name,
        description if description is not None else signature.description,
        signature.parameters,
        run,
        function,
    )


async def offered(usable: Iterable[Usable], tell: Callable[[str], None]) -> dict[str, Tool]:
    """All tools by name; of two with one name the first counts, and a server's gets that server's in front."""
    given: list[Tool] = []
    for one in usable:
        given += await one.tools(tell) if isinstance(one, ToolSource) else [as_tool(one)]
    found: dict[str, Tool] = {}
    for each in (one for one in given if not one.server):
        found.setdefault(each.name, each)
    names = {each.name for each in given if each.server}
    for each in (one for one in given if one.server):
        own = each.name not in found
        name = each.name if own else free_name(f"{each.server}_{each.name}", names | found.keys())
        found[name] = each if own else replace(each, name=name)
    return found


def sound_name(name: str) -> str:
    """A name that all models' servers take, made of any other."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:LONGEST_NAME] or "_"


def free_name(name: str, taken: Container[str]) -> str:
    """The name, or where it is taken the next with a number behind it."""
    free, number = name[:LONGEST_NAME], 1
    while free in taken:
        number += 1
        free = f"{name[: LONGEST_NAME - 1 - len(str(number))]}_{number}"
    return free


def as_tool(usable: Tool | Callable[..., Any]) -> Tool:
    """A tool as it is, and a function as a tool."""
    return usable if isinstance(usable, Tool) else tool(usable)


def as_text(said: Any) -> str:
    """What a tool returned, as the model reads it."""
    if isinstance(said, str):
        return said
    if isinstance(said, bytes | bytearray):  # as programs write it
        return said.decode("utf-8", "replace")
    if said is None:
        return "Done."
    try:
        return msgspec.json.encode(said, enc_hook=plain).decode()
    except (TypeError, NotImplementedError, UnicodeEncodeError, msgspec.EncodeError):
        return str(said)


def _whole(said: Any) -> Any:
    """What a generator gives, put together; anything else as it is."""
    return _put_together(list(said)) if inspect.isgenerator(said) else said


def _put_together(pieces: list[Any]) -> Any:
    """Pieces of text as one text, other things as a list."""
    return "".join(pieces) if all(isinstance(piece, str) for piece in pieces) else pieces


def _from_thread(progress: Progress) -> Progress:
    loop = asyncio.get_running_loop()

    def tell(text: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(progress, text)

    return tell
