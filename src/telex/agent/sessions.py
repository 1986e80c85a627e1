"""Conversations of the terminal, kept in one SQLite file so that they can be gone on with."""

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from telex.agent.history import read
from telex.errors import ConfigError, TelexError

_SCHEMA = "CREATE TABLE IF NOT EXISTS sessions (id INTEGER PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL)"


class Sessions:
    """What was said, by session. Several terminals may use one file.

    Args:
        path: the file; made when it is missing.

    Raises:
        TelexError: the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=5, isolation_level=None)
            self._db.execute(_SCHEMA)
            self._known: dict[int, str] = {}  # what stood in the rows that we have read or written
        except (OSError, sqlite3.Error) as error:
            raise TelexError(f"{path} cannot be used ({error}). Free it, or move it away to begin anew.") from None

    def latest(self) -> tuple[int, list[dict[str, Any]]] | None:
        """The session that was used last: its number and what was said.

        Raises:
            TelexError: it cannot be read.
        """
        try:
            row = self._db.execute("SELECT id, body FROM sessions ORDER BY at DESC, id DESC LIMIT 1").fetchone()
            said = read(json.loads(row[1])) if row else []
        except (sqlite3.Error, ValueError, ConfigError) as error:
            raise TelexError(str(error).rstrip(".")) from None
        if row is None:
            return None
        self._known[row[0]] = row[1]
        return row[0], said

    def save(self, session: int | None, history: Sequence[Mapping[str, Any]]) -> int:
        """Keep ``history`` as ``session``, or as a new one; returns its number.

        It is a new one, too, where another terminal has gone on with ``session`` since we read or wrote it: neither's
        words are lost.
        """
        now, body = time.time(), json.dumps(list(history))
        if session is not None:
            known = self._known.get(session, "")
            update = "UPDATE sessions SET at = ?, body = ? WHERE id = ? AND body = ?"
            if self._db.execute(update, (now, body, session, known)).rowcount == 0:
                session = None
        if session is None:
            insert = "INSERT INTO sessions (at, body) VALUES (?, ?)"
            session = self._db.execute(insert, (now, body)).lastrowid or 0
        self._known[session] = body
        return session

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
