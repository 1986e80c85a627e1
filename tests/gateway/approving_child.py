"""A gateway as a process of its own, with a tool whose runs can be counted: ``python -m tests.gateway.approving_child FOLDER``."""

import asyncio
import json
import sys
from pathlib import Path

from telex import tool
from telex.config import load
from telex.gateway import turn_log
from telex.gateway.gateway import Gateway
from telex.providers.base import Request
from telex.providers.scripted import Piece, Scripted

FOLDER = Path(sys.argv[1])
turn_log.EVERY = 3600.0  # what is written down is written for a reason, and not since a second has passed


@tool
async def launch(rocket: str) -> str:
    """Launch a rocket; where there is a file named hold, it does not come back."""
    with (FOLDER / "runs").open("a") as runs:
        runs.write(f"{rocket}\n")
    if (FOLDER / "hold").exists():
        await asyncio.Event().wait()
    return "It flies."


def script(request: Request) -> list[Piece]:
    """The words before the call, if any, then the call, then what came of it."""
    with (FOLDER / "asked").open("a") as asked:
        asked.write(f"{request.messages[-1]['role']}\n")
    words = str(next(message["content"] for message in reversed(request.messages) if message["role"] == "user"))
    before = [Piece(0, "Let me see.")] if "please" in words else []
    results = [message["content"] for message in request.messages if message["role"] == "tool"]
    said = results[-1] if results else "?"
    return [*before, Piece(0, json.dumps({"rocket": "Ada"}), "call", "launch"), Piece(0, f"It said: {said}")]


async def serve() -> None:
    """Answer until it is killed."""
    await Gateway(load(FOLDER / "config.yaml"), Scripted(script), tools=[launch]).run()


if __name__ == "__main__":
    asyncio.run(serve())
