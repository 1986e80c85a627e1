"""What was accepted, written down: updates, turns and how far each is shown, conversations, learned pace.

A killed gateway, started again, reads here what it had taken in and what it had half shown. Tokens and frames never come here.

Order of writing: an update before it is confirmed to the platform; "about to post page n, highest id known: k" before
the call, for nothing could be found again otherwise; a message's id as soon as it is known; the final text before the
final is shown; the text of a growing answer at most once a second.
"""

import json
import sqlite3
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from telex.agent.history import read
from telex.display.pace import Learned
from telex.gateway.journal_file import JournalFile
from telex.gateway.journal_schema import PARTITIONS


class How(Enum):
    """How far the pages of a turn are that are written down.

    Attributes:
        GROWING: the model had more to say.
        COMPLETE: the end is there.
        CUT_OFF: what there is, and the notice that it was cut off; a button goes on.
    """

    GROWING = 0
    COMPLETE = 1
    CUT_OFF = 2


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page that is not known to be shown to its end: its number, its Markdown."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A turn that a former run of the gateway left.

    Attributes:
        turn: its number.
        chat_id: where, and
        thread_id: in which topic.
        question_id: the question's message id.
        question: its words.
        pages: what is not known to be shown to its end, in order.
        how: how far ``pages`` are.
        messages: message ids of its pages.
        doubtful: pages whose first post may or may not have been carried out, with the highest id known before.
        asker: who asked.
        pictures: the names of what they sent along.
    """

    turn: int
    chat_id: int
    thread_id: int | None
    question_id: int
    question: str
    pages: Sequence[PageRow]
    how: How
    messages: Mapping[int, int]
    doubtful: Mapping[int, int]
    asker: int | None = None
    pictures: tuple[str, ...] = ()


def partition(bot: int, chat_id: int) -> int:
    """Which of the partitions a chat of a bot is in; the same on every machine."""
    return zlib.crc32(f"{bot}:{chat_id}".encode()) % PARTITIONS


class Journal:
    """The journal of one bot. Make one with `open`.

    Args:
        file: where it is written.
        bot: the bot's id.
    """

    def __init__(self, file: JournalFile, bot: int) -> None:
        self._file = file
        self._bot = bot

    @classmethod
    async def open(cls, folder: Path, bot: int) -> "Journal":
        """Open the journal in ``folder`` (``~`` is the home directory), upgrading it where it is of an older version.

        Raises:
            ConfigError: another gateway has it, or it cannot be read or written; says what to do.
        """
        return cls(await JournalFile.open(folder, bot), bot)

    @property
    def path(self) -> Path:
        """The database."""
        return self._file.path

    async def close(self) -> None:
        """Close the file and give up the lock. What is written from now on is `Fenced`."""
        await self._file.close()

    # -- updates -----------------------------------------------------------------------------------------------------

    async def put(self, updates: Sequence[Mapping[str, Any]]) -> set[int]:
        """Write updates down; returns the ids of those that were not known yet. Each is taken once."""

        def work(db: sqlite3.Connection) -> set[int]:
            new: set[int] = set()
            for update in updates:
                row = (self._bot, update["update_id"], json.dumps(update), time.time(), *_written(update))
                found = db.execute(
                    "INSERT OR IGNORE INTO inbox (bot, id, body, at, chat, message) VALUES (?, ?, ?, ?, ?, ?)", row
                )
                if found.rowcount:
                    new.add(update["update_id"])
            return new

        return await self._file.do(work, {update["update_id"] for update in updates})

    async def read(self) -> list[Mapping[str, Any]]:
        """Updates that were written down and not acted on, oldest first."""

        def work(db: sqlite3.Connection) -> list[Mapping[str, Any]]:
            rows = db.execute("SELECT body FROM inbox WHERE bot = ? AND NOT done ORDER BY id", (self._bot,))
            return [json.loads(body) for (body,) in rows]

        return await self._file.do(work, [])

    async def acted(self, update_id: int) -> None:
        """An update that began no turn was acted on."""
        await self._file.do(lambda db: self._acted(db, update_id), None)

    def _acted(self, db: sqlite3.Connection, update_id: int) -> None:
        db.execute("UPDATE inbox SET done = 1, body = '' WHERE bot = ? AND id = ?", (self._bot, update_id))

    # -- turns -------------------------------------------------------------------------------------------------------

    async def begin(  # noqa: PLR0913, PLR0917 - a row of the table
        self,
        update_id: int,
        chat_id: int,
        thread_id: int | None,
        question_id: int,
        question: str,
        asker: int | None = None,
        pictures: Sequence[str] = (),
    ) -> "TurnRecord":
        """A turn begins: from here on it is the turn that answers for the update."""

        def work(db: sqlite3.Connection) -> int:
            self._acted(db, update_id)
            row = (
                self._bot,
                partition(self._bot, chat_id),
                self._file.epoch,
                chat_id,
                thread_id,
                question_id,
                question,
                asker,
                json.dumps(pictures),
                time.time(),
            )
            made = db.execute(
                "INSERT INTO turns (bot, p, epoch, chat, thread, question_id, question, asker, pictures, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            return made.lastrowid or 0

        return TurnRecord(self._file, await self._file.do(work, 0))

    async def unfinished(self) -> list[Unfinished]:
        """Turns of former runs that are not done, oldest first."""

        def work(db: sqlite3.Connection) -> list[Unfinished]:
            rows = db.execute(
                "SELECT id, chat, thread, question_id, question, body, final, asker, pictures FROM turns "
                "WHERE bot = ? AND NOT done AND epoch < ? ORDER BY id", (self._bot, self._file.epoch),
            ).fetchall()  # fmt: skip
            found = []
            for turn, chat, thread, question_id, question, body, final, asker, shown in rows:
                pages = db.execute("SELECT page, above, message FROM pages WHERE turn = ?", (turn,)).fetchall()
                found.append(
                    Unfinished(
                        turn, chat, thread, question_id, question,
                        [PageRow(number, text) for number, text in json.loads(body)], How(final),
                        messages={page: message for page, _, message in pages if message is not None},
                        doubtful={page: above for page, above, message in pages if message is None},
                        asker=asker,
                        pictures=tuple(json.loads(shown)),
                    )
                )  # fmt: skip
            return found

        return await self._file.do(work, [])

    def resume(self, turn: int) -> "TurnRecord":
        """The record of a turn that a former run left."""
        return TurnRecord(self._file, turn)

    async def message_ids(self) -> list[tuple[int, int]]:
        """Chats and ids of recent messages, the bot's own and people's, so that no search takes one for a lost one."""

        def work(db: sqlite3.Connection) -> list[tuple[int, int]]:
            return db.execute(
                "SELECT * FROM (SELECT chat, message FROM pages JOIN turns ON turns.id = pages.turn "
                "WHERE bot = ? AND message NOT NULL ORDER BY turn DESC LIMIT 2048) UNION SELECT * FROM (SELECT chat, message "
                "FROM inbox WHERE bot = ? AND message NOT NULL ORDER BY id DESC LIMIT 2048)", (self._bot, self._bot),
            ).fetchall()  # fmt: skip

        return await self._file.do(work, [])

    async def asked_in(self, chat_id: int, message_id: int) -> int | None:
        """The topic in which the question was asked whose answer is this message: it may have moved out of it."""

        def work(db: sqlite3.Connection) -> int | None:
            row = db.execute(
                "SELECT thread FROM pages JOIN turns ON turns.id = pages.turn WHERE bot = ? AND chat = ? AND message = ? "
                "ORDER BY turn DESC LIMIT 1", (self._bot, chat_id, message_id),
            ).fetchone()  # fmt: skip
            return row[0] if row else None

        return await self._file.do(work, None)

    # -- what outlives turns -------------------------------------------------------------------------------------------

    async def remember(self, chat_id: int, thread_id: int | None, history: Sequence[Mapping[str, Any]]) -> None:
        """Keep a conversation."""
        row = (self._bot, chat_id, thread_id or 0, partition(self._bot, chat_id), json.dumps(history))
        await self._file.do(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO conversations (bot, chat, thread, p, body) VALUES (?, ?, ?, ?, ?)", row
            ),
            None,
        )

    async def recall(self) -> dict[tuple[int, int | None], list[dict[str, Any]]]:
        """All conversations, by chat and topic."""

        def work(db: sqlite3.Connection) -> dict[tuple[int, int | None], list[dict[str, Any]]]:
            rows = db.execute("SELECT chat, thread, body FROM conversations WHERE bot = ?", (self._bot,))
            return {(chat, thread or None): read(json.loads(body)) for chat, thread, body in rows}

        return await self._file.do(work, {})

    async def keep_pace(self, learned: Mapping[str, Learned]) -> None:
        """Keep what was learned of the platform's limits, by name, in place of what was kept before."""
        now = time.time()
        rows = [(self._bot, name, json.dumps({"at": now, **asdict(value)})) for name, value in learned.items()]

        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM paces WHERE bot = ?", (self._bot,))
            db.executemany("INSERT INTO paces (bot, name, body) VALUES (?, ?, ?)", rows)

        await self._file.do(work, None)

    async def learned_pace(self) -> tuple[dict[str, Learned], float]:
        """What `keep_pace` kept, and how many seconds ago."""

        def work(db: sqlite3.Connection) -> tuple[dict[str, Learned], float]:
            rows = db.execute("SELECT name, body FROM paces WHERE bot = ?", (self._bot,)).fetchall()
            kept = {name: json.loads(body) for name, body in rows}
            away = max((time.time() - body.pop("at") for body in kept.values()), default=0.0)
            return {name: Learned.of(body) for name, body in kept.items()}, max(0.0, away)

        return await self._file.do(work, ({}, 0.0))

    async def moved(self, old: int, new: int) -> None:
        """A group became a supergroup: what is kept of it goes along."""

        def work(db: sqlite3.Connection) -> None:
            where = (new, partition(self._bot, new), self._bot, old)
            db.execute("UPDATE turns SET chat = ?, p = ? WHERE bot = ? AND chat = ?", where)
            db.execute("UPDATE OR REPLACE conversations SET chat = ?, p = ? WHERE bot = ? AND chat = ?", where)

        await self._file.do(work, None)


class TurnRecord:
    """What is written down of one turn. Without a number (the disk was full) it writes nothing."""

    def __init__(self, file: JournalFile, turn: int) -> None:
        self._file = file
        self.turn = turn

    async def intent(self, page: int, above: int) -> None:
        """About to post ``page``; the highest message id known is ``above``."""
        row = (self.turn, page, above)
        await self._write("INSERT OR REPLACE INTO pages (turn, page, above) VALUES (?, ?, ?)", row)

    async def posted(self, page: int, message_id: int | None) -> None:
        """``page`` is this message, or no message at all: the platform refused it or it was deleted."""
        if message_id is None:
            await self._write("DELETE FROM pages WHERE turn = ? AND page = ?", (self.turn, page))
        else:
            await self._write("UPDATE pages SET message = ? WHERE turn = ? AND page = ?", (message_id, self.turn, page))

    async def text(self, pages: Iterable[tuple[int, str]], how: How = How.GROWING) -> None:
        """The pages that are not known to be shown to their end."""
        row = (json.dumps(list(pages)), how.value, self.turn)
        await self._write("UPDATE turns SET body = ?, final = ? WHERE id = ?", row)

    async def done(self) -> None:
        """The screen shows the last frame, or never can."""
        await self._write("UPDATE turns SET done = 1, body = '[]', question = '' WHERE id = ?", (self.turn,))

    async def _write(self, statement: str, row: tuple[Any, ...]) -> None:
        if self.turn:
            await self._file.do(lambda db: db.execute(statement, row), None)


def _written(update: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The chat and the id of the message that an update is, if it is one."""
    match update.get("message"):
        case {"chat": {"id": int(chat_id)}, "message_id": int(message_id)}:
            return chat_id, message_id
    return None, None
