"""A store as an older hotpress left it: what later versions added is taken out again."""

from __future__ import annotations

import sqlite3


def back_to(db: sqlite3.Connection, version: int) -> None:
    """Call the store's version so, without what version 5 and later ones brought."""
    if version < 5:
        for name in ("jobs_sums", "jobs_ended", "jobs_state", "jobs_result", "jobs_relative"):
            db.execute(f"DROP INDEX IF EXISTS {name}")
        db.execute("ALTER TABLE jobs DROP COLUMN after_bytes")
    db.execute(f"PRAGMA user_version = {version}")
