"""The journal's file: one SQLite database, one owner, one thread.

A verb is one transaction and one hop to that thread. A lock beside the file says whose it is, and the owner's ``epoch`` grows
with each opening. A write under an older epoch is `Fenced`. A disk that fills up or a file that breaks later is said once in
the log, and answers go on without being written down.
"""

import asyncio
import fcntl
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import TextIOWrapper
from pathlib import Path
from typing import TypeVar

from telex.errors import ConfigError, TelexError
from telex.gateway.journal_schema import upgrade

log = logging.getLogger("telex.journal")

T = TypeVar("T")

KEEP_DONE = 7 * 86400.0  # seconds for which finished rows are kept, so that a repeated update is still known
BUSY_SECONDS = 2.0


class Fenced(TelexError):  # noqa: N818 - named for what happened
    """Another gateway has taken the file over: this one's turns are no longer its own."""


class JournalFile:
    """The file of one bot's journal. Make one with `open`.

    Args:
        folder: where the database is, or is made; ``~`` is the home directory.
        bot: the bot's id.

    Attributes:
        epoch: how often it was opened.
    """

    def __init__(self, folder: Path, bot: int) -> None:
        self.path = folder.expanduser() / f"journal-{bot}.sqlite3"
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._db: sqlite3.Connection | None = None
        self._lock: TextIOWrapper | None = None
        self.epoch = 0
        self._failed = self._closed = False

    @classmethod
    async def open(cls, folder: Path, bot: int) -> "JournalFile":
        """Open the file in ``folder``, upgrading it in place where it is of an older version.

        Raises:
            ConfigError: another gateway has it, or it cannot be read or written; says what to do.
        """
        file = cls(folder, bot)
        try:
            await asyncio.get_running_loop().run_in_executor(file._thread, file._open)
        except BaseException:
            await file.close()
            raise
        return file

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
                self.epoch = db.execute("SELECT epoch FROM owner").fetchone()[0]
                db.execute("DELETE FROM inbox WHERE done AND at < ?", (time.time() - KEEP_DONE,))
                db.execute("DELETE FROM turns WHERE done AND at < ?", (time.time() - KEEP_DONE,))
                damage = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from None
        if damage != "ok":
            raise self._unusable(damage)

    def _unusable(self, error: object) -> ConfigError:
        """The error for a file that cannot be read or written."""
        return ConfigError(
            f"{self.path} cannot be used as the journal ({error}). Free the disk or mend its permissions; if the file is "
            "damaged, move it away: telex begins a new one, and conversations and answers that were cut off are forgotten."
        )

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

    async def do(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Run ``work`` as one transaction. A broken disk or file is said once, and telex goes on without.

        Raises:
            Fenced: another gateway owns the file now, or this one has closed it.
            ConfigError: what stands in it was not written by telex.
        """
        if self._closed:
            raise Fenced(f"{self.path} is closed")

        def run() -> T:
            with self._transaction() as db:
                if db.execute("SELECT epoch FROM owner").fetchone()[0] != self.epoch:
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
        except (ValueError, ConfigError) as error:  # SQLite does not see where a letter of a text is another one
            raise self._unusable(str(error).rstrip(".")) from None
        if self._failed:
            log.warning("%s can be written again", self.path)
        self._failed = False
        return result


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
