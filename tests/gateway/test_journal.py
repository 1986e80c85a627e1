"""The journal: its verbs, and what becomes of it when the file or the disk is bad."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from telex.display.pace import Learned
from telex.errors import ConfigError
from telex.gateway.journal import How, Journal
from telex.gateway.journal_file import Fenced
from telex.gateway.journal_schema import STEPS
from tests.gateway.playground import ADA, CURSOR, numbered, playground, until

BOT = 12345
CHAT, TOPIC = -100123, 7
LEARNED = Learned(scale=0.5, refused=((1.5, 0.6),), calls=(3.0, 1.0), frozen=4.0, quiet=0.0)


def opened(folder: Path, story: Callable[[Journal], Coroutine[Any, Any, None]]) -> None:
    """Tell ``story`` of a journal in ``folder``."""

    async def main() -> None:
        journal = await Journal.open(folder, BOT)
        try:
            await story(journal)
        finally:
            await journal.close()

    asyncio.run(main())


def update(number: int) -> dict[str, Any]:
    return {"update_id": number, "message": {"text": f"text {number}"}}


# -- verbs ----------------------------------------------------------------------------------------------------------


def test_an_update_is_new_once_also_after_a_restart(tmp_path):
    async def first(journal: Journal) -> None:
        assert await journal.put([update(1), update(2)]) == {1, 2}
        assert await journal.put([update(2), update(3)]) == {3}

    async def second(journal: Journal) -> None:
        assert await journal.put([update(1), update(3), update(4)]) == {4}

    opened(tmp_path, first)
    opened(tmp_path, second)


def test_what_was_written_and_not_acted_on_is_read_again_in_order(tmp_path):
    async def first(journal: Journal) -> None:
        await journal.put([update(3), update(1), update(2)])
        await journal.acted(1)

    async def second(journal: Journal) -> None:
        assert [row["update_id"] for row in await journal.read()] == [2, 3]

    opened(tmp_path, first)
    opened(tmp_path, second)


def test_a_turn_takes_its_update_over(tmp_path):
    async def first(journal: Journal) -> None:
        await journal.put([update(1)])
        await journal.begin(1, CHAT, TOPIC, 55, "why?")
        assert await journal.read() == []
        assert await journal.unfinished() == []  # it is this run's own

    async def second(journal: Journal) -> None:
        (left,) = await journal.unfinished()
        assert (left.chat_id, left.thread_id, left.question_id, left.question) == (CHAT, TOPIC, 55, "why?")
        assert (list(left.pages), left.how, left.messages, left.doubtful) == ([], How.GROWING, {}, {})

    opened(tmp_path, first)
    opened(tmp_path, second)


def test_a_restart_knows_pages_messages_and_what_is_doubtful(tmp_path):
    async def first(journal: Journal) -> None:
        record = await journal.begin(1, CHAT, None, 55, "why?")
        await record.text([(0, "one"), (1, "two")], How.COMPLETE)
        await record.intent(0, 100)
        await record.posted(0, 101)
        await record.intent(1, 105)
        await record.intent(2, 106)
        await record.posted(2, None)

    async def second(journal: Journal) -> None:
        (left,) = await journal.unfinished()
        assert [(page.number, page.text) for page in left.pages] == [(0, "one"), (1, "two")]
        assert left.how is How.COMPLETE
        assert left.messages == {0: 101}
        assert left.doubtful == {1: 105}
        assert await journal.message_ids() == [(CHAT, 101)]
        await journal.resume(left.turn).done()
        assert await journal.unfinished() == []

    opened(tmp_path, first)
    opened(tmp_path, second)


def test_conversations_and_learned_paces_outlive_a_restart(tmp_path):
    history = [{"role": "user", "content": "hi"}]

    async def first(journal: Journal) -> None:
        await journal.remember(CHAT, TOPIC, history)
        await journal.remember(CHAT, None, [])
        await journal.keep_pace({"old": Learned(scale=0.1)})
        await journal.keep_pace({"draft 1": LEARNED})

    async def second(journal: Journal) -> None:
        assert await journal.recall() == {(CHAT, TOPIC): history, (CHAT, None): []}
        kept, away = await journal.learned_pace()
        assert kept == {"draft 1": LEARNED}
        assert away >= 0
        await journal.moved(CHAT, -200)
        assert set(await journal.recall()) == {(-200, TOPIC), (-200, None)}

    opened(tmp_path, first)
    opened(tmp_path, second)


def test_a_restart_knows_the_ids_of_the_messages_that_people_wrote(tmp_path):
    written = {"update_id": 7, "message": {"chat": {"id": CHAT}, "message_id": 50, "text": "why?"}}
    strange = [{"update_id": 8, "message": "?"}, {"update_id": 9, "message": {"chat": {"id": "x"}, "message_id": 3}}]

    async def first(journal: Journal) -> None:
        await journal.put([written, *strange, {"update_id": 10, "callback_query": {"id": "1"}}])
        await journal.acted(7)

    async def second(journal: Journal) -> None:
        assert await journal.message_ids() == [(CHAT, 50)]

    opened(tmp_path, first)
    opened(tmp_path, second)


# -- one owner ------------------------------------------------------------------------------------------------------


def test_a_second_gateway_on_the_same_file_is_refused_and_told_what_to_do(tmp_path):
    async def story(journal: Journal) -> None:
        with pytest.raises(ConfigError, match=r"journal-12345\.sqlite3 is in use.*data_dir"):
            await Journal.open(tmp_path, BOT)

    opened(tmp_path, story)


def test_whoever_lost_the_file_is_fenced(tmp_path):
    async def story(journal: Journal) -> None:
        record = await journal.begin(1, CHAT, None, 55, "why?")
        with contextlib.closing(sqlite3.connect(journal.path)) as other, other:
            other.execute("UPDATE owner SET epoch = epoch + 1")
        with pytest.raises(Fenced):
            await record.text([(0, "mine")])
        with pytest.raises(Fenced):
            await journal.put([update(2)])

    opened(tmp_path, story)


# -- bad files ------------------------------------------------------------------------------------------------------


def test_an_older_file_is_upgraded_in_place(tmp_path):
    path = tmp_path / f"journal-{BOT}.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(f"{STEPS[0]} PRAGMA user_version = 1;")
        db.execute("INSERT INTO inbox (bot, id, body, at) VALUES (?, 9, ?, 0)", (BOT, '{"update_id": 9}'))
        db.commit()

    async def story(journal: Journal) -> None:
        assert [row["update_id"] for row in await journal.read()] == [9]

    opened(tmp_path, story)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(STEPS),)


def test_a_newer_file_is_left_alone_and_says_so(tmp_path):
    path = tmp_path / f"journal-{BOT}.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="newer telex"):
        asyncio.run(Journal.open(tmp_path, BOT))
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["garbage", "head", "middle"])
def test_a_damaged_file_is_named_and_not_touched(tmp_path, damage: str):
    path = tmp_path / f"journal-{BOT}.sqlite3"

    async def fill(journal: Journal) -> None:
        await journal.put([update(number) for number in range(400)])

    opened(tmp_path, fill)
    whole = path.read_bytes()
    bad = {
        "garbage": b"this is no database at all, but somebody's notes" * 50,
        "head": b"\0" * 4096 + whole[4096:],
        "middle": whole[:4096] + b"\xff" * (len(whole) - 4096),
    }[damage]
    path.write_bytes(bad)
    with pytest.raises(ConfigError, match=r"journal-12345\.sqlite3.*move it away"):
        asyncio.run(Journal.open(tmp_path, BOT))
    assert path.read_bytes()[: len(bad)] == bad


def test_a_damaged_page_that_a_start_does_not_read_is_found(tmp_path):
    path = tmp_path / f"journal-{BOT}.sqlite3"

    async def fill(journal: Journal) -> None:
        for chat in range(50):
            await journal.remember(chat, None, [{"role": "user", "content": "damaged " * 300}])

    opened(tmp_path, fill)
    whole = path.read_bytes()
    size = int.from_bytes(whole[16:18], "big")
    place = whole.rindex(b"damaged") // size * size
    path.write_bytes(whole[:place] + b"\xff" * size + whole[place + size :])
    with pytest.raises(ConfigError, match="move it away"):
        asyncio.run(Journal.open(tmp_path, BOT))


@pytest.mark.parametrize("damage", ['[{"role": "user", "content": "h', '[{"role": "usor", "content": "h"}]'])
def test_a_damaged_conversation_is_told_in_a_sentence(tmp_path, damage: str):
    async def fill(journal: Journal) -> None:
        await journal.remember(CHAT, None, [])
        trouble(journal, "UPDATE conversations SET body = ?", damage)

    async def read(journal: Journal) -> None:
        with pytest.raises(ConfigError, match=r"journal-12345\.sqlite3.*move it away"):
            await journal.recall()

    opened(tmp_path, fill)
    opened(tmp_path, read)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"data_dir .*choose another"):
        asyncio.run(Journal.open(tmp_path / "file" / "in", BOT))


def trouble(journal: Journal, statement: str, *values: str) -> None:
    """Run a statement on the journal's own connection."""
    file = journal._file
    file._thread.submit(lambda: file._db and file._db.execute(statement, values)).result()


def test_a_full_disk_loses_no_answer_and_is_said_once(tmp_path, caplog: pytest.LogCaptureFixture):
    async def story(journal: Journal) -> None:
        await journal.put([update(1)])
        trouble(journal, "PRAGMA max_page_count = 1")
        big = {"update_id": 2, "message": {"text": "x" * 100_000}}
        assert await journal.put([big]) == {2}
        record = await journal.begin(2, CHAT, None, 55, "y" * 100_000)
        await record.text([(0, "z" * 100_000)], How.COMPLETE)
        await record.done()
        assert len([entry for entry in caplog.records if entry.levelno == logging.ERROR]) == 1
        assert str(journal.path) in caplog.text
        trouble(journal, "PRAGMA max_page_count = 1000000")
        assert await journal.put([update(3)]) == {3}
        assert "can be written again" in caplog.text

    opened(tmp_path, story)


def test_a_file_that_somebody_else_locks_loses_no_answer(tmp_path, caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        async with playground(folder=tmp_path) as here:
            (path,) = tmp_path.glob("*.sqlite3")
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                here.say(ADA, "say 3")
                await here.answered(ADA, numbered(3))
                other.execute("ROLLBACK")
            here.say(ADA, "say 4")
            await here.answered(ADA, numbered(4))

    asyncio.run(main())
    assert "stop what locks the file" in caplog.text


# -- a stop, and the next start ---------------------------------------------------------------------------------------


def test_a_final_that_a_limit_freezes_is_shown_by_the_next_start_once(tmp_path):
    async def main() -> None:
        async with playground(folder=tmp_path, faults="sendMessage#1=429:4") as here:
            here.say(ADA, "say 5")
            await here.until(lambda: [call for call in here.calls("sendMessage") if call.status == 429])
            await here.stop()
            assert here.texts(ADA) == []
            async with playground(folder=tmp_path, simulator=here.simulator) as again:
                await again.answered(ADA, numbered(5))
                assert again.texts(ADA) == [numbered(5)]
                assert again.model.asked == []
                assert len([call for call in again.simulator.calls if call.status == 429]) == 1

    asyncio.run(main())


def test_an_update_that_came_while_telex_was_away_is_answered_after_the_start(tmp_path):
    async def main() -> None:
        async with playground(folder=tmp_path) as here:
            await here.stop()
            here.say(ADA, "say 5")
            async with playground(folder=tmp_path, simulator=here.simulator) as again:
                await again.answered(ADA, numbered(5))

    asyncio.run(main())


def test_a_conversation_is_remembered_over_a_restart(tmp_path):
    async def main() -> None:
        async with playground(folder=tmp_path) as here:
            here.say(ADA, "say 2")
            await here.answered(ADA, numbered(2))
            await here.stop()
            async with playground(folder=tmp_path, simulator=here.simulator) as again:
                again.say(ADA, "say 3")
                await again.answered(ADA, numbered(3))
                assert [m["content"] for m in again.model.asked[0] if m["role"] == "user"] == ["say 2", "say 3"]

    asyncio.run(main())


@pytest.mark.parametrize("gone", ["blocked", "question", "chat"])
def test_what_changed_while_telex_was_away_does_not_stop_it(tmp_path, gone: str):
    async def main() -> None:
        async with playground(folder=tmp_path, faults="sendMessage#1=429:4") as here:
            chat = ADA if gone == "blocked" else -4242
            here.simulator.add_group(-4242, "Friends", ADA, kind="group")
            question = here.say(chat, "say 5 @telex_demo_bot")
            await here.until(lambda: [call for call in here.calls("sendMessage") if call.status == 429])
            await here.stop()
            if gone == "blocked":
                here.simulator.block(ADA)
            elif gone == "question":
                here.simulator.delete(chat, question)
            else:
                chat = here.simulator.migrate(chat)
            async with playground(folder=tmp_path, simulator=here.simulator) as again:
                if gone != "blocked":
                    await again.answered(chat, numbered(5))
                    assert CURSOR not in "".join(again.texts(chat))
                again.simulator.add_private(ADA + 50, "Other")
                again.say(-1001000000001, "say 6 @telex_demo_bot")
                await until(again.simulator, lambda: again.texts(-1001000000001) == [numbered(6)])

    asyncio.run(main())


async def left_behind(folder: Path, how: How, pages: list[tuple[int, str]], messages: dict[int, int]) -> None:
    """What a killed run left of one turn in Ada's chat."""
    journal = await Journal.open(folder, BOT)
    record = await journal.begin(1, ADA, None, 55, "why?")
    await record.text(pages, how)
    for page, message in messages.items():
        await record.intent(page, message - 1)
        await record.posted(page, message)
    await journal.close()


def test_a_page_that_is_cut_again_after_a_restart_never_takes_the_next_ones_message(tmp_path):
    async def main() -> None:
        async with playground(folder=tmp_path) as here:
            for number in (1, 2):
                here.say(ADA, f"say {number}")
                await here.answered(ADA, numbered(number))
            ids = [message["message_id"] for message in here.messages(ADA)]
            await here.stop()
            words = numbered(1500).split()  # of which the first page cannot hold all
            pages = [(0, " ".join(words[:1000])), (1, " ".join(words[1000:]))]
            await left_behind(tmp_path, How.COMPLETE, pages, {0: ids[0], 1: ids[1]})
            async with playground(folder=tmp_path, simulator=here.simulator) as again:
                await again.until(lambda: sorted(" ".join(again.texts(ADA)).split()) == sorted(words))

    asyncio.run(main())


@pytest.mark.parametrize("how", [How.GROWING, How.CUT_OFF])
def test_an_answer_that_was_cut_off_says_so_once_and_has_its_button_however_often_telex_is_killed(tmp_path, how: How):
    async def main() -> None:
        text = "Half an answer" + ("\n\nCut off: telex was restarted." if how is How.CUT_OFF else "")
        await left_behind(tmp_path, how, [(0, text)], {})
        async with playground(folder=tmp_path) as here:
            await here.until(lambda: here.texts(ADA))
            (message,) = here.messages(ADA)
            assert message["text"].count("Cut off") == 1
            assert message["reply_markup"]["inline_keyboard"]

    asyncio.run(main())
