"""What the model may do in the demo: wait, and, after a yes, write a note into the demo's own folder."""

import asyncio
import re
from pathlib import Path

from telex.agent.tool_schema import Progress
from telex.agent.tools import Tool, tool

LONGEST_WAIT = 30


def demo_tools(folder: Path) -> list[Tool]:
    """The demo's tools.

    Args:
        folder: where notes are kept; gone with the demo.
    """

    @tool
    async def timer(seconds: int, progress: Progress) -> str:
        """Wait some seconds, and say how many are left.

        Args:
            seconds: 1 to 30.
            progress: is told how many are left.
        """
        seconds = max(1, min(seconds, LONGEST_WAIT))
        for left in range(seconds, 0, -1):
            progress(f"{left} s left")
            await asyncio.sleep(1)
        return f"{seconds} s are over."

    @tool
    def save_note(title: str, text: str) -> str:
        """Save a note.

        Args:
            title: what the note is called.
            text: what it says.
        """
        name = re.sub(r"\W+", "-", title).strip("-")[:60] or "note"
        path = folder / f"{name}.txt"
        path.write_text(f"{text}\n", encoding="utf-8")
        return f"Saved as {path.name}."

    return [timer, save_note]
