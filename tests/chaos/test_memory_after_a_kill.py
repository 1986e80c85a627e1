"""What the model remembers of an answer that a kill has cut off."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from telex.agent.history import BROKEN
from telex.gateway.journal import How, Journal
from telex.simulator.faults import FaultPlan
from telex.simulator.limits import Limits
from telex.simulator.server import Simulator
from tests.gateway.playground import ADA, playground

BOT = Simulator().state.bot["id"]


def remembered_after_a_start(
    folder: Path, text: str, *, how: How, history: Sequence[dict[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Leave a turn unfinished, start and stop a gateway, and read what is kept of the conversation."""

    async def main() -> list[dict[str, Any]]:
        journal = await Journal.open(folder, BOT)
        record = await journal.begin(1, ADA, None, 5, "Why?")
        await record.text([(0, text)], how)
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
    kept = remembered_after_a_start(tmp_path, "Half an", how=How.GROWING)
    assert [message["content"] for message in kept] == ["Why?", f"Half an\n\n{BROKEN}"]


def test_an_answer_that_was_remembered_before_the_kill_is_not_remembered_twice(tmp_path):
    history = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "All of it."}]
    assert remembered_after_a_start(tmp_path, "All of it.", how=How.COMPLETE, history=history) == history


def test_an_answer_that_is_a_message_already_gets_no_draft_beside_it(tmp_path):
    async def main() -> None:
        simulator = Simulator(limits=Limits.none(), faults=FaultPlan.parse("editMessageText=429:3"))
        chat = simulator.state.chats[ADA]
        question = simulator.state.next_id(chat)
        sender = {"from": simulator.state.bot, "chat": simulator.state.chat_object(chat), "date": 0}
        half = simulator.state.post(chat, {**sender, "text": "Half an ▉"})["message_id"]
        journal = await Journal.open(tmp_path, BOT)
        record = await journal.begin(1, ADA, None, question, "Why?")
        await record.intent(0, question)
        await record.posted(0, half)
        await record.text([(0, "Half an")])
        await journal.close()
        try:
            async with playground(folder=tmp_path, simulator=simulator) as here:
                await here.until(lambda: "Cut off" in here.texts(ADA)[0])
                assert len(here.texts(ADA)) == 1
                assert not here.calls("sendMessageDraft")
        finally:
            await simulator.stop()

    asyncio.run(main())
