"""What the model remembers of an answer that a kill has cut off."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from telex.agent.history import BROKEN
from telex.gateway.journal import Journal
from telex.simulator.server import Simulator
from tests.gateway.playground import ADA, playground

BOT = Simulator().state.bot["id"]


def remembered_after_a_start(
    folder: Path, text: str, *, final: bool, history: Sequence[dict[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Leave a turn unfinished, start and stop a gateway, and read what is kept of the conversation."""

    async def main() -> list[dict[str, Any]]:
        journal = await Journal.open(folder, BOT)
        record = await journal.begin(1, ADA, None, 5, "Why?")
        await record.text([(0, text)], final=final)
        if history:
            await journal.remember(ADA, None, history)
        await journal.close()
        async with playground(folder=folder) as here:
            await here.until(lambda: here.texts(ADA))
        journal = await Journal.open(folder, BOT)
        kept = await journal.recall()
        await journal.close()
        return kept[ADA, None]

    return asyncio.run(main())


def test_a_second_kill_does_not_forget_what_the_first_has_cut_off(tmp_path):
    kept = remembered_after_a_start(tmp_path, "Half an", final=False)
    assert [message["content"] for message in kept] == ["Why?", f"Half an\n\n{BROKEN}"]


def test_an_answer_that_was_remembered_before_the_kill_is_not_remembered_twice(tmp_path):
    history = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "All of it."}]
    assert remembered_after_a_start(tmp_path, "All of it.", final=True, history=history) == history
