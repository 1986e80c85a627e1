"""A provider that plays a script: timed pieces instead of a model, for tests, docs and demos.

A script may call tools: calls that follow one another are made at once, and what stands behind them is played when the
provider is asked again with their results.

The times are kept against the start of the answer, so nothing drifts, and ``asyncio.sleep`` is the only clock: on a loop
with virtual time an answer of a minute plays in no time.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import yaml

from telex.errors import ConfigError, ProviderDropped, ProviderError
from telex.events import Notice, ReasoningDelta, TextDelta
from telex.providers.base import Emit, Reply, Request
from telex.providers.demo_script import (
    AFTER_NOTE,
    AFTER_TIMER,
    BEFORE_NOTE,
    BEFORE_TIMER,
    NOTE,
    SAVE_NOTE,
    TIMER,
    demo_answer,
)
from telex.providers.tool_calls import ToolCall

Kind: TypeAlias = Literal["text", "reasoning", "error", "drop", "notice", "call"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One moment of a script.

    Attributes:
        after: seconds since the piece before (or since the question).
        text: what comes: words, thoughts, the message of the error, or of a ``call`` the arguments as JSON.
        kind: ``error`` raises ``ProviderError`` and ``drop`` raises ``ProviderDropped``; nothing after them is played.
        tool: the name of the tool that a ``call`` calls.
    """

    after: float
    text: str
    kind: Kind = "text"
    tool: str = ""


Script: TypeAlias = Sequence[Piece] | Callable[[Request], Sequence[Piece]]


def typed(
    text: str, tokens_per_second: float = 60, chars_per_token: int = 4, first_after: float = 0.5, kind: Kind = "text"
) -> list[Piece]:
    """Cut ``text`` into pieces as a model would type it.

    Args:
        text: all of it.
        tokens_per_second: how fast; more than 0.
        chars_per_token: how many characters come at once; at least 1.
        first_after: seconds before the first piece.
        kind: what the pieces are.
    """
    step = 1 / tokens_per_second
    cuts = range(0, len(text), chars_per_token)
    return [Piece(step if start else first_after, text[start : start + chars_per_token], kind) for start in cuts]


async def play(pieces: Sequence[Piece], emit: Emit, calls_named: str = "call") -> Reply:
    """Play pieces at their times.

    Args:
        pieces: what comes.
        emit: is told of it.
        calls_named: what the names of calls begin with.

    Raises:
        ProviderError: a piece says so.
        ProviderDropped: a piece says so.
    """
    loop = asyncio.get_running_loop()
    due = loop.time()
    text: list[str] = []
    reasoning: list[str] = []
    calls: list[ToolCall] = []
    for piece in pieces:
        due += piece.after
        if (delay := due - loop.time()) > 0:
            await asyncio.sleep(delay)
        match piece.kind:
            case "text":
                text.append(piece.text)
                emit(TextDelta(piece.text))
            case "reasoning":
                reasoning.append(piece.text)
                emit(ReasoningDelta(piece.text))
            case "notice":
                emit(Notice(piece.text))
            case "call":
                calls.append(ToolCall(f"{calls_named}_{len(calls)}", piece.tool, piece.text or "{}"))
            case "error":
                raise ProviderError(piece.text)
            case "drop":
                raise ProviderDropped(piece.text or "The connection to the model ended in the middle of the answer.")
    return Reply("".join(text), "".join(reasoning), "tool_calls" if calls else "stop", calls=tuple(calls))


class Scripted:
    """Plays ``script`` for every question; several answers may play side by side.

    Args:
        script: the pieces, or a function that makes them from the question.
        name: what people call it.
    """

    def __init__(self, script: Script, *, name: str = "scripted") -> None:
        self._script = script
        self.name = name

    @classmethod
    def typing(
        cls, text: str, tokens_per_second: float = 60, chars_per_token: int = 4, first_after: float = 0.5
    ) -> "Scripted":
        """Answer every question with a text that is typed at an even pace.

        Args:
            text: all of it.
            tokens_per_second: how fast; more than 0.
            chars_per_token: how many characters come at once; at least 1.
            first_after: seconds before the first piece.
        """
        return cls(typed(text, tokens_per_second, chars_per_token, first_after))

    @classmethod
    def demo(cls) -> "Scripted":
        """Answer with about 1,500 characters that show what Markdown can do, at 40 tokens a second.

        Where the demo's tools are offered, they are shown too; a question with the word "tool" is answered with them alone.
        """
        return cls(_demo, name="scripted (demo)")

    @classmethod
    def from_file(cls, path: str | Path) -> "Scripted":
        """Read a script from a YAML or JSON file.

        The file is a list; each item is a text, or an object with ``text`` and, as needed, ``after`` (seconds), ``kind``
        and ``tokens_per_second`` (then the text is typed at that pace instead of coming at once); or an object with
        ``call``, the name of a tool, and as needed ``arguments`` and ``after``.

        Raises:
            ConfigError: the file cannot be read or an item is not such a piece; says which file and where.
        """
        return cls(_read(Path(path)), name=f"scripted ({Path(path).name})")

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Play the script.

        Args:
            request: the question.
            emit: gets what comes, at once.

        Raises:
            ProviderError: the script says so.
            ProviderDropped: the script says so.
        """
        script = self._script(request) if callable(self._script) else self._script
        return await play(_step(script, _steps_done(request)), emit, f"call_{len(request.messages)}")

    async def close(self) -> None:
        """Nothing is held."""


class _Item(msgspec.Struct, forbid_unknown_fields=True):
    text: str | None = None
    after: float = 0.0
    kind: Literal["text", "reasoning", "error", "drop", "notice"] = "text"
    call: str | None = None
    arguments: dict[str, Any] | None = None
    tokens_per_second: float | None = None

    def __post_init__(self) -> None:
        if self.after < 0:
            raise ValueError("Expected `after` of 0 or more seconds")
        if self.tokens_per_second is not None and self.tokens_per_second <= 0:
            raise ValueError("Expected `tokens_per_second` above 0")
        if self.call is None and (self.text is None or self.arguments is not None):
            raise ValueError("Expected `text`, or `call` with the name of a tool and its `arguments`")
        if self.call is not None and (
            self.text is not None or self.kind != "text" or self.tokens_per_second is not None
        ):
            raise ValueError("Expected beside `call` only `arguments` and `after`")

    def pieces(self) -> list[Piece]:
        if self.call is not None:
            return [Piece(self.after, msgspec.json.encode(self.arguments or {}).decode(), "call", self.call)]
        if self.tokens_per_second is None:
            return [Piece(self.after, self.text or "", self.kind)]
        return typed(self.text or "", self.tokens_per_second, first_after=self.after, kind=self.kind)


def _read(path: Path) -> list[Piece]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is YAML
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: is not YAML or JSON: {error}") from None
    if isinstance(content, list):
        content = [{"text": item} if isinstance(item, str) else item for item in content]
    try:
        items = msgspec.convert(content, list[_Item])
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"{path}: {error} (a script is a list of texts, or of objects with text, after, kind, or call and arguments)"
        ) from None
    return [piece for item in items for piece in item.pieces()]


def _demo(request: Request) -> list[Piece]:
    question = _question(request)
    if not {TIMER, SAVE_NOTE} <= {tool["name"] for tool in request.tools}:
        return typed(demo_answer(question), 40)
    results = [str(message["content"]) for message in request.messages if message.get("role") == "tool"]
    tour = AFTER_TIMER if "tool" in question.lower() else f"{AFTER_TIMER}\n\n{demo_answer(question)}"
    return [
        *typed(BEFORE_TIMER, 40),
        Piece(0.2, msgspec.json.encode({"seconds": 2}).decode(), "call", TIMER),
        *typed(f"{tour}\n\n{BEFORE_NOTE}", 40, first_after=0.2),
        Piece(0.2, msgspec.json.encode(NOTE).decode(), "call", SAVE_NOTE),
        *typed(AFTER_NOTE.format(result=results[-1] if results else ""), 40, first_after=0.2),
    ]


def _step(script: Sequence[Piece], number: int) -> list[Piece]:
    """What is played after ``number`` rounds of calls: up to the end of the next round."""
    steps: list[list[Piece]] = [[]]
    for piece in script:
        if piece.kind != "call" and steps[-1] and steps[-1][-1].kind == "call":
            steps.append([])
        steps[-1].append(piece)
    return steps[number] if number < len(steps) else []


def _steps_done(request: Request) -> int:
    """How often tools were called since the last question."""
    done = 0
    for message in request.messages:
        if message.get("role") == "user":
            done = 0
        elif message.get("tool_calls"):
            done += 1
    return done


def _question(request: Request) -> str:
    asked = (message["content"] for message in reversed(request.messages) if message.get("role") == "user")
    return str(next(asked, ""))
