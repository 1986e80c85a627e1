"""A provider that asks a program and streams what it prints. docs/add-a-provider.md explains the numbered steps."""

import asyncio
import codecs
import sys
from asyncio.subprocess import PIPE

from telex.agent.agent import AIAgent
from telex.errors import ProviderDropped, ProviderError
from telex.events import Event, TextDelta
from telex.providers.base import Emit, Reply, Request

ECHO = (
    "import sys, time\nfor word in sys.stdin.read().split(): print(word.upper(), end=' ', flush=True); time.sleep(0.05)"
)


class Program:
    """Answers with what a command prints."""

    def __init__(self, *command: str) -> None:
        self._command = command
        self.name = f"program ({command[0].rpartition('/')[2]})"  # 1: for people, without secrets

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Run the command once for this question."""
        question = str(request.messages[-1]["content"])
        try:
            process = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE)
        except OSError as error:
            raise ProviderError(f"{self._command[0]} cannot be started: {error.strerror}.") from None
        assert process.stdin and process.stdout  # noqa: S101, PT018 - pipes, as asked for
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode  # bytes may part a character
        answer = ""
        try:
            process.stdin.write(question.encode())
            process.stdin.close()
            while data := await process.stdout.read(4096):
                answer += (text := decode(data))
                emit(TextDelta(text))  # 2: at once, in this loop
            if status := await process.wait():  # 3: the program failed, or was killed in the middle of its answer
                kind = ProviderError if status > 0 else ProviderDropped
                raise kind(f"{self._command[0]} failed with exit status {status}.")
            return Reply(answer)  # 4: exit status 0 is its word that the answer is complete
        finally:
            if process.returncode is None:  # 5: cancelled, because the person pressed Stop
                process.kill()
                await process.wait()

    async def close(self) -> None:
        """Nothing is held between two answers."""  # 6


def show(event: Event) -> None:
    """Print the words as they come, then how the turn ended."""
    print(event.text if isinstance(event, TextDelta) else event, end="", flush=True)


if __name__ == "__main__":
    asyncio.run(AIAgent(Program(sys.executable, "-c", ECHO)).run_turn("each word appears as it is printed", show))
