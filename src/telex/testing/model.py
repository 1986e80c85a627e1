"""A model for tests: it says what it was told to, and remembers what it was asked."""

from collections import deque

from telex.errors import ProviderError
from telex.providers.base import Emit, Reply, Request
from telex.providers.scripted import Piece, play, typed


class ScriptedModel:
    """A provider that answers each question with the next answer it was given.

    Attributes:
        name: what people call it.
        asked: the questions, oldest first.
    """

    name = "scripted"

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self._answers: deque[list[Piece]] = deque()

    def answers(self, *answer: str | Piece, tokens_per_second: float = 60) -> None:
        """Say what to answer to the next question that has no answer yet.

        Args:
            answer: texts, which are typed, and pieces: thoughts, failures and calls of tools.
            tokens_per_second: how fast texts are typed, at four characters a token.
        """
        pieces: list[Piece] = []
        for part in answer:
            pieces += typed(part, tokens_per_second) if isinstance(part, str) else [part]
        self._answers.append(pieces)

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Give the next answer.

        Args:
            request: the question.
            emit: gets what comes, at once.

        Raises:
            ProviderError: there is none, or the script says so.
        """
        self.asked.append(request)
        if not self._answers:
            raise ProviderError("The test gave the model no answer to this question: call model.answers(...) before.")
        return await play(self._answers.popleft(), emit, f"call_{len(request.messages)}")

    async def close(self) -> None:
        """Nothing is held."""
