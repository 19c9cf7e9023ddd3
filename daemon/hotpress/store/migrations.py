"""From an older store to this one. Each step is one transaction; a newer store is refused."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

from hotpress.errors import StateUnusable

VERSION = 1


def migrate(db: sqlite3.Connection) -> None:
    """Bring the store to VERSION. Raises StateUnusable for one from a newer hotpress."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StateUnusable(
            f"the store was written by a newer hotpress (version {version}, this one knows "
            f"{VERSION})",
            "Upgrade hotpress; the store was not touched.",
        )
    if version == VERSION:
        return
    schema = files("hotpress.store").joinpath("schema.sql").read_text(encoding="utf-8")
    # Two processes may open a new store at once: the second finds the work done.
    db.execute("BEGIN IMMEDIATE")
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in _statements(schema):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _statements(schema: str) -> list[str]:
    """The statements of the schema; comments are for readers only."""
    bare = "\n".join(line.partition("--")[0] for line in schema.splitlines())
    return [s for s in bare.split(";") if s.strip()]
