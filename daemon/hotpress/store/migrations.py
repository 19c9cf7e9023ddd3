"""From an older store to this one. Each step is one transaction; a newer store is refused."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

from hotpress.errors import StateUnusable
from hotpress.model import delivered
from hotpress.store.records import file_text, put_on_record, to_job

VERSION = 5

# What version 2 added to the jobs of version 1; its tables and indexes are those of schema.sql.
_SECOND = (
    "ALTER TABLE jobs ADD COLUMN waits_on TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE jobs ADD COLUMN asked INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE jobs DROP COLUMN work_key",  # nobody ever asked for it
    "UPDATE jobs SET asked = json_extract(document, '$.asked') != ''",
)

# What version 3 added: which file on which device, to be asked quickly when one was renamed.
# Version 4 added indexes alone: they are in schema.sql.
_THIRD = ("ALTER TABLE jobs ADD COLUMN file TEXT NOT NULL DEFAULT ''",)

# What version 5 added: the result's size, so that sums need no document. And the lines of the
# stories have their number as a key of their own.
_FIFTH = (
    "ALTER TABLE jobs ADD COLUMN after_bytes INTEGER",
    """UPDATE jobs SET after_bytes = json_extract(document, '$.final.size_bytes')
       WHERE state = 'delivered'""",
    "ALTER TABLE journal RENAME TO journal_before",
    "DROP INDEX IF EXISTS journal_job",
)
_AFTER_FIFTH = (
    """INSERT INTO journal (line, job, at, step, what, text)
       SELECT rowid, job, at, step, what, text FROM journal_before""",
    "DROP TABLE journal_before",
)


def refuse_newer(db: sqlite3.Connection) -> int:
    """The store's version. Raises StateUnusable for one from a newer hotpress."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StateUnusable(
            f"the store was written by a newer hotpress (version {version}, this one knows "
            f"{VERSION})",
            "Upgrade hotpress; the store was not touched.",
        )
    return int(version)


def migrate(db: sqlite3.Connection) -> None:
    """Bring the store to VERSION."""
    if refuse_newer(db) == VERSION:
        return
    schema = files("hotpress.store").joinpath("schema.sql").read_text(encoding="utf-8")
    # Two processes may open a new store at once: the second finds the work done.
    db.execute("BEGIN IMMEDIATE")
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version < VERSION:
            for statement in _older(version):
                db.execute(statement)
            for statement in _statements(schema):
                db.execute(_unless_there(statement) if version else statement)
            for statement in _AFTER_FIFTH if 0 < version < 5 else ():
                db.execute(statement)
            if version == 1:
                _remember(db)
            if 0 < version < 3:
                _name_files(db)
            db.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _older(version: int) -> tuple[str, ...]:
    """What brings the jobs of an older store up to date; a new one needs nothing of it."""
    if version == 0:
        return ()
    return (
        *(_SECOND if version < 2 else ()),
        *(_THIRD if version < 3 else ()),
        *(_FIFTH if version < 5 else ()),
    )


def _remember(db: sqlite3.Connection) -> None:
    """What version 1 had paid for and delivered is known by content from now on, too."""
    rows = db.execute("SELECT document FROM jobs WHERE sha256 != '' ORDER BY live DESC, created_at")
    for job in [to_job(row["document"]) for row in rows]:
        if not job.work_key:
            continue
        db.execute("INSERT OR IGNORE INTO contents VALUES (?, ?)", (job.work_key, job.id))
        delivery = delivered(job)
        if delivery is not None:
            put_on_record(db, delivery)


def _name_files(db: sqlite3.Connection) -> None:
    """Each job's file, from its document; SQLite's own JSON rounds numbers of 64 bits."""
    jobs = [to_job(row["document"]) for row in db.execute("SELECT document FROM jobs").fetchall()]
    db.executemany(
        "UPDATE jobs SET file = ? WHERE id = ?",
        [(file_text(job.device, job.inode), job.id) for job in jobs],
    )


def _unless_there(statement: str) -> str:
    """Of an older store, what is there already stays as it is."""
    for kind in ("CREATE TABLE ", "CREATE INDEX "):
        statement = statement.replace(kind, f"{kind}IF NOT EXISTS ")
    return statement


def _statements(schema: str) -> list[str]:
    """The statements of the schema; comments are for readers only."""
    bare = "\n".join(line.partition("--")[0] for line in schema.splitlines())
    return [s for s in bare.split(";") if s.strip()]
