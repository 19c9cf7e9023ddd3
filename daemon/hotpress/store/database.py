"""One SQLite file: WAL, and every commit on disk before it is believed. Knows nothing of jobs."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hotpress.errors import StateDamaged, StateUnusable
from hotpress.store.migrations import migrate, refuse_newer
from hotpress.store.records import whole

_BUSY_SECONDS = 30.0
# What a connection keeps of the file in memory. SQLite's own 2 MB each fill up in a day; the system
# keeps the file in its cache anyway, and lends that memory to whoever needs it.
_CACHE_KIB, _LOOSE_CACHE_KIB = 512, 64
# What SQLite says when the file itself is bad: waiting and free space would not help.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Database:
    """Safe for threads; other processes may read and leave commands."""

    def __init__(self, path: Path) -> None:
        """Open or make the store at `path` (0600). Raises StateUnusable, StateDamaged."""
        self.path = path
        self._lock = threading.RLock()
        self._written = 0
        try:
            if not path.exists():
                path.touch(mode=0o600)
            path.chmod(0o600)
        except OSError as error:
            raise StateUnusable(
                f"the store {path} can't be opened: {error.strerror}",
                "Give this user the right to the state directory, or name another --state-dir.",
            ) from error
        with told(path):
            self._db = self._connect("FULL", _CACHE_KIB)
            migrate(self._db)
            # Progress may be lost at will, so it doesn't wait for the disk.
            self._loose = self._connect("NORMAL", _LOOSE_CACHE_KIB)

    def _connect(self, synchronous: str, cache_kib: int) -> sqlite3.Connection:
        db = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        db.row_factory = sqlite3.Row
        refuse_newer(db)  # before anything is changed in it
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {synchronous}")
        db.execute(f"PRAGMA cache_size = -{cache_kib}")
        return db

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            self._db.close()
            self._loose.close()

    def check(self) -> None:
        """Read all of it once. Raises StateDamaged when a page is torn or an index is wrong."""
        with self._lock, told(self.path):
            (found,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise _damaged(self.path, str(found))

    def changed(self) -> int:
        """A number that differs when another connection wrote: a cheap look for commands."""
        return int(self._rows("PRAGMA data_version")[0][0])

    def version(self) -> tuple[int, int]:
        """Differs whenever something was written, here or by another process: a cheap look."""
        return self.changed(), self._written

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all or nothing, on disk when it ends. Raises StateUnusable."""
        with self._lock, told(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have rolled it back already
                    self._db.execute("ROLLBACK")
                raise
            self._written += 1

    def _loosely(self, sql: str, values: Sequence[Any]) -> None:
        """A write that may be lost: nothing that goes wrong with it matters."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._loose.execute(sql, values)

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        fitting = [whole(each) if isinstance(each, int) else each for each in values]
        with self._lock, told(self.path):
            return self._db.execute(sql, fitting).fetchall()


def _damaged(path: Path, what: str) -> StateDamaged:
    return StateDamaged(
        f"the store {path} is damaged ({what})",
        "Start `hotpress run`: it keeps the damaged file aside, and the outboxes tell it what was "
        "delivered.",
    )


@contextmanager
def told(path: Path) -> Iterator[None]:
    """SQLite's errors as ours."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            raise _damaged(path, str(error)) from error
        raise StateUnusable(
            f"the store {path} can't be used now: {error}",
            "Free some space if the disk is full; hotpress goes on by itself.",
        ) from error


def marks(values: Collection[Any]) -> str:
    """A mark for each value, as SQL's IN wants them."""
    return ", ".join("?" * len(values))
