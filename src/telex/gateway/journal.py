"""What was accepted, written down: updates, turns and how far each is shown, conversations, learned pace.

A killed gateway, started again, reads here what it had taken in and what it had half shown. SQLite in WAL mode, on one
thread of its own: a verb is one transaction and one hop to that thread. Tokens and frames never come here.

Order of writing: an update before it is confirmed to the platform; "about to post page n, highest id known: k" before
the call, for nothing could be found again otherwise; a message's id as soon as it is known; the final text before the
final is shown; the text of a growing answer at most once a second.

One gateway owns the file: a lock beside it says so, and the owner's ``epoch`` grows with each opening. A write under an
older epoch is `Fenced`: a new owner shows the end of that turn. A disk that fills up or a file that breaks later is said
once in the log, and answers go on without being written down.
"""

import asyncio
import fcntl
import json
import logging
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from enum import Enum
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TypeVar

from telex.display.pace import Learned
from telex.errors import ConfigError, TelexError
from telex.gateway.journal_schema import PARTITIONS, upgrade

log = logging.getLogger("telex.journal")

T = TypeVar("T")

KEEP_DONE = 7 * 86400.0  # seconds for which finished rows are kept, so that a repeated update is still known
BUSY_SECONDS = 2.0


class Fenced(TelexError):  # noqa: N818 - named for what happened
    """Another gateway has taken the file over: this one's turns are no longer its own."""


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
        folder: where the database is, or is made; ``~`` is the home directory.
        bot: the bot's id.
    """

    def __init__(self, folder: Path, bot: int) -> None:
        self.path = folder.expanduser() / f"journal-{bot}.sqlite3"
        self._bot = bot
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._db: sqlite3.Connection | None = None
        self._lock: TextIOWrapper | None = None
        self._epoch = 0
        self._failed = self._closed = False

    @classmethod
    async def open(cls, folder: Path, bot: int) -> "Journal":
        """Open the journal in ``folder``, upgrading it in place where it is of an older version.

        Raises:
            ConfigError: another gateway has it, or it cannot be read or written; says what to do.
        """
        journal = cls(folder, bot)
        try:
            await asyncio.get_running_loop().run_in_executor(journal._thread, journal._open)
        except BaseException:
            await journal.close()
            raise
        return journal

    def _open(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = self.path.with_suffix(".lock").open("a")
        except OSError as error:
            raise ConfigError(
                f"data_dir {self.path.parent} cannot be written ({error.strerror}); choose another."
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(
                f"{self.path} is in use: another telex gateway runs with this data_dir. Stop it, or choose another data_dir."
            ) from None
        try:
            self._db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            upgrade(self._db, self.path)
            with self._transaction() as db:
                db.execute("UPDATE owner SET epoch = epoch + 1")
                self._epoch = db.execute("SELECT epoch FROM owner").fetchone()[0]
                db.execute("DELETE FROM inbox WHERE done AND at < ?", (time.time() - KEEP_DONE,))
                db.execute("DELETE FROM turns WHERE done AND at < ?", (time.time() - KEEP_DONE,))
        except sqlite3.DatabaseError as error:
            raise ConfigError(
                f"{self.path} cannot be used as the journal ({error}). Free the disk or mend its permissions; if the file is "
                "damaged, move it away: telex begins a new one, and only answers that were cut off are forgotten."
            ) from None

    async def close(self) -> None:
        """Close the file and give up the lock. What is written from now on is `Fenced`."""
        self._closed = True

        def close() -> None:
            if self._db is not None:
                self._db.close()
            if self._lock is not None:
                self._lock.close()

        closing = asyncio.get_running_loop().run_in_executor(self._thread, close)
        try:
            await asyncio.shield(closing)  # done also where whoever waits is told to hurry
        finally:
            self._thread.shutdown()

    def _transaction(self) -> "_Transaction":
        assert self._db is not None  # noqa: S101 - opened by `open`
        return _Transaction(self._db)

    async def _do(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Run ``work`` as one transaction. A broken disk or file is said once, and telex goes on without.

        Raises:
            Fenced: another gateway owns the file now, or this one has closed it.
        """
        if self._closed:
            raise Fenced(f"{self.path} is closed")

        def run() -> T:
            with self._transaction() as db:
                if db.execute("SELECT epoch FROM owner").fetchone()[0] != self._epoch:
                    raise Fenced(f"{self.path} was taken over by another gateway")
                return work(db)

        try:
            result = await asyncio.get_running_loop().run_in_executor(self._thread, run)
        except sqlite3.Error as error:
            if not self._failed:
                log.error(  # noqa: TRY400 - a traceback tells a user nothing
                    "%s cannot be written (%s): answers go on, but a restart would not know of them. "
                    "Free the disk, or stop what locks the file.", self.path, error,
                )  # fmt: skip
            self._failed = True
            return otherwise
        if self._failed:
            log.warning("%s can be written again", self.path)
        self._failed = False
        return result

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

        return await self._do(work, {update["update_id"] for update in updates})

    async def read(self) -> list[Mapping[str, Any]]:
        """Updates that were written down and not acted on, oldest first."""

        def work(db: sqlite3.Connection) -> list[Mapping[str, Any]]:
            rows = db.execute("SELECT body FROM inbox WHERE bot = ? AND NOT done ORDER BY id", (self._bot,))
            return [json.loads(body) for (body,) in rows]

        return await self._do(work, [])

    async def acted(self, update_id: int) -> None:
        """An update that began no turn was acted on."""
        await self._do(lambda db: self._acted(db, update_id), None)

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
                self._epoch,
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

        return TurnRecord(self, await self._do(work, 0))

    async def unfinished(self) -> list[Unfinished]:
        """Turns of former runs that are not done, oldest first."""

        def work(db: sqlite3.Connection) -> list[Unfinished]:
            rows = db.execute(
                "SELECT id, chat, thread, question_id, question, body, final, asker, pictures FROM turns "
                "WHERE bot = ? AND NOT done AND epoch < ? ORDER BY id", (self._bot, self._epoch),
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

        return await self._do(work, [])

    def resume(self, turn: int) -> "TurnRecord":
        """The record of a turn that a former run left."""
        return TurnRecord(self, turn)

    async def message_ids(self) -> list[tuple[int, int]]:
        """Chats and ids of recent messages, the bot's own and people's, so that no search takes one for a lost one."""

        def work(db: sqlite3.Connection) -> list[tuple[int, int]]:
            return db.execute(
                "SELECT * FROM (SELECT chat, message FROM pages JOIN turns ON turns.id = pages.turn "
                "WHERE bot = ? AND message NOT NULL ORDER BY turn DESC LIMIT 2048) UNION SELECT * FROM (SELECT chat, message "
                "FROM inbox WHERE bot = ? AND message NOT NULL ORDER BY id DESC LIMIT 2048)", (self._bot, self._bot),
            ).fetchall()  # fmt: skip

        return await self._do(work, [])

    async def asked_in(self, chat_id: int, message_id: int) -> int | None:
        """The topic in which the question was asked whose answer is this message: it may have moved out of it."""

        def work(db: sqlite3.Connection) -> int | None:
            row = db.execute(
                "SELECT thread FROM pages JOIN turns ON turns.id = pages.turn WHERE bot = ? AND chat = ? AND message = ? "
                "ORDER BY turn DESC LIMIT 1", (self._bot, chat_id, message_id),
            ).fetchone()  # fmt: skip
            return row[0] if row else None

        return await self._do(work, None)

    # -- what outlives turns -------------------------------------------------------------------------------------------

    async def remember(self, chat_id: int, thread_id: int | None, history: Sequence[Mapping[str, Any]]) -> None:
        """Keep a conversation."""
        row = (self._bot, chat_id, thread_id or 0, partition(self._bot, chat_id), json.dumps(history))
        await self._do(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO conversations (bot, chat, thread, p, body) VALUES (?, ?, ?, ?, ?)", row
            ),
            None,
        )

    async def recall(self) -> dict[tuple[int, int | None], list[dict[str, Any]]]:
        """All conversations, by chat and topic."""

        def work(db: sqlite3.Connection) -> dict[tuple[int, int | None], list[dict[str, Any]]]:
            rows = db.execute("SELECT chat, thread, body FROM conversations WHERE bot = ?", (self._bot,))
            return {(chat, thread or None): json.loads(body) for chat, thread, body in rows}

        return await self._do(work, {})

    async def keep_pace(self, learned: Mapping[str, Learned]) -> None:
        """Keep what was learned of the platform's limits, by name, in place of what was kept before."""
        now = time.time()
        rows = [(self._bot, name, json.dumps({"at": now, **asdict(value)})) for name, value in learned.items()]

        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM paces WHERE bot = ?", (self._bot,))
            db.executemany("INSERT INTO paces (bot, name, body) VALUES (?, ?, ?)", rows)

        await self._do(work, None)

    async def learned_pace(self) -> tuple[dict[str, Learned], float]:
        """What `keep_pace` kept, and how many seconds ago."""

        def work(db: sqlite3.Connection) -> tuple[dict[str, Learned], float]:
            rows = db.execute("SELECT name, body FROM paces WHERE bot = ?", (self._bot,)).fetchall()
            kept = {name: json.loads(body) for name, body in rows}
            away = max((time.time() - body.pop("at") for body in kept.values()), default=0.0)
            return {name: Learned.of(body) for name, body in kept.items()}, max(0.0, away)

        return await self._do(work, ({}, 0.0))

    async def moved(self, old: int, new: int) -> None:
        """A group became a supergroup: what is kept of it goes along."""

        def work(db: sqlite3.Connection) -> None:
            where = (new, partition(self._bot, new), self._bot, old)
            db.execute("UPDATE turns SET chat = ?, p = ? WHERE bot = ? AND chat = ?", where)
            db.execute("UPDATE OR REPLACE conversations SET chat = ?, p = ? WHERE bot = ? AND chat = ?", where)

        await self._do(work, None)


class TurnRecord:
    """What is written down of one turn. Without a number (the disk was full) it writes nothing."""

    def __init__(self, journal: Journal, turn: int) -> None:
        self._journal = journal
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
            await self._journal._do(lambda db: db.execute(statement, row), None)  # noqa: SLF001 - its other half


def _written(update: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The chat and the id of the message that an update is, if it is one."""
    match update.get("message"):
        case {"chat": {"id": int(chat_id)}, "message_id": int(message_id)}:
            return chat_id, message_id
    return None, None


class _Transaction:
    """``with``: BEGIN IMMEDIATE, and COMMIT or ROLLBACK."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> sqlite3.Connection:
        self._db.execute("BEGIN IMMEDIATE")
        return self._db

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._db.execute("COMMIT")
        elif self._db.in_transaction:
            self._db.execute("ROLLBACK")
