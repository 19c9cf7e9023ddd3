"""A store as an older hotpress left it: what later versions added is taken out again."""

from __future__ import annotations

import sqlite3


def back_to(db: sqlite3.Connection, version: int) -> None:
    """Call the store's version so, without what version 5 and later ones brought."""
    if version < 5:
        for name in ("jobs_sums", "jobs_ended", "jobs_state", "jobs_result", "jobs_relative"):
            db.execute(f"DROP INDEX IF EXISTS {name}")
        db.execute("ALTER TABLE jobs DROP COLUMN after_bytes")
        db.execute("DROP TABLE forgotten")
        _number_lines_by_row(db)
    db.execute(f"PRAGMA user_version = {version}")


def _number_lines_by_row(db: sqlite3.Connection) -> None:
    """The lines of the stories had no key of their own."""
    lines = db.execute("SELECT line, job, at, step, what, text FROM journal").fetchall()
    db.execute("DROP TABLE journal")
    db.execute(
        "CREATE TABLE journal (job TEXT NOT NULL, at REAL NOT NULL, step TEXT NOT NULL, "
        "what TEXT NOT NULL, text TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX journal_job ON journal (job, at)")
    insert = "INSERT INTO journal (rowid, job, at, step, what, text) VALUES (?, ?, ?, ?, ?, ?)"
    db.executemany(insert, [tuple(line) for line in lines])
