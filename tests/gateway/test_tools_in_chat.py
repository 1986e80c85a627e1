"""Tools as the people in a chat see them, run by the agent of the gateway."""

import asyncio
import json
import re
from pathlib import Path

from telex.providers.base import Emit, Reply, Request
from telex.providers.scripted import Piece, Scripted
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from tests.gateway.playground import ADA, Playground, Words, playground


class Calculating(Words):
    """Asks the calculator, and says what it said."""

    async def stream(self, request: Request, emit: Emit) -> Reply:
        """Answer the last question."""
        self.asked.append(list(request.messages))
        said = [message["content"] for message in request.messages if message["role"] == "tool"]
        arguments = json.dumps({"expression": "6 * 7"})
        script = [
            Piece(0, "Let me see."),
            Piece(0, arguments, "call", "calculator"),
            Piece(0, f"It is {said[-1] if said else '?'}."),
        ]
        return await Scripted(script).stream(request, emit)


def test_a_tool_runs_in_the_chat_and_the_conversation_with_it_survives_a_restart(tmp_path: Path) -> None:
    async def ask(here: Playground, answers: int) -> None:
        here.say(ADA, "How much?")
        await here.until(lambda: len(here.texts(ADA)) == answers and here.texts(ADA)[-1].endswith("It is 42."))
        assert re.fullmatch(r"Let me see\.\n\n✅ calculator 6 \* 7 \(\d\.\d s\)\n\nIt is 42\.", here.texts(ADA)[-1])

    async def main() -> None:
        simulator = Simulator(limits=Limits.none())
        await simulator.start()
        for run in (1, 2):
            async with playground(folder=tmp_path, simulator=simulator, model=Calculating()) as here:
                await ask(here, run)
                first = here.model.asked[0]
        assert [message["role"] for message in first] == ["system", "user", "assistant", "tool", "assistant", "user"]
        await simulator.stop()

    asyncio.run(main())
