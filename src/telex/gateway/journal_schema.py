"""The journal's tables, and how an older file becomes a newer one in place.

``PRAGMA user_version`` is the version; each entry of `STEPS` leads from one to the next. Rows that a chat owns carry its
partition ``p`` and their writer's ``epoch``, so that the same tables serve several workers on one server.
"""

import sqlite3
from pathlib import Path

from telex.errors import ConfigError

PARTITIONS = 64

STEPS: tuple[str, ...] = (
    """
    CREATE TABLE owner (epoch INTEGER NOT NULL);
    INSERT INTO owner VALUES (0);
    CREATE TABLE inbox (
        bot INTEGER NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, at REAL NOT NULL, done INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (bot, id)
    ) WITHOUT ROWID;
    CREATE INDEX inbox_open ON inbox (bot, id) WHERE NOT done;
    CREATE TABLE turns (
        id INTEGER PRIMARY KEY AUTOINCREMENT, bot INTEGER NOT NULL, p INTEGER NOT NULL, epoch INTEGER NOT NULL,
        chat INTEGER NOT NULL, thread INTEGER, question_id INTEGER NOT NULL, question TEXT NOT NULL, at REAL NOT NULL,
        body TEXT NOT NULL DEFAULT '[]', final INTEGER NOT NULL DEFAULT 0,
        done INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX turns_open ON turns (bot, id) WHERE NOT done;
    CREATE TABLE pages (
        turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE, page INTEGER NOT NULL, above INTEGER NOT NULL,
        message INTEGER, PRIMARY KEY (turn, page)
    ) WITHOUT ROWID;
    CREATE TABLE conversations (
        bot INTEGER NOT NULL, chat INTEGER NOT NULL, thread INTEGER NOT NULL, p INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (bot, chat, thread)
    ) WITHOUT ROWID;
    CREATE TABLE paces (bot INTEGER NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (bot, name)) WITHOUT ROWID;
    """,
    "ALTER TABLE turns ADD COLUMN asker INTEGER;",
    "ALTER TABLE turns ADD COLUMN pictures TEXT NOT NULL DEFAULT '[]';",
    "ALTER TABLE inbox ADD COLUMN chat INTEGER; ALTER TABLE inbox ADD COLUMN message INTEGER;",
)


def upgrade(db: sqlite3.Connection, path: Path) -> None:
    """Bring the file to the newest version; each step is a transaction of its own. A newer file is not touched.

    Raises:
        ConfigError: the file was written by a newer telex.
    """
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEPS):
        raise ConfigError(
            f"{path} was written by a newer telex (version {version}, this one knows {len(STEPS)}): "
            "upgrade telex, or choose another data_dir."
        )
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")  # survives a killed process; fsync at checkpoints
    db.execute("PRAGMA foreign_keys = ON")
    for number in range(version, len(STEPS)):
        db.executescript(f"BEGIN IMMEDIATE; {STEPS[number]} PRAGMA user_version = {number + 1}; COMMIT;")
