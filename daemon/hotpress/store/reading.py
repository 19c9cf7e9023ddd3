"""The store for those who only look: no byte of the state directory is another one afterwards.

SQLite itself writes when it opens a store that is kept as this one is: an index beside it, and what
a killed daemon left in the log goes into the store. So it is told that nothing can change while no
daemon runs, and reads a copy of what a killed one left.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hotpress.errors import StoreError
from hotpress.store.database import told
from hotpress.store.lock import is_held
from hotpress.store.migrations import VERSION, migrate
from hotpress.store.sqlite import Store

_Mark = tuple[int, int] | None


class ReadStore(Store):
    """Answers every question of a store, and writes nothing; a write ends in StateUnusable."""

    def __init__(self, path: Path, lock: Path) -> None:
        """`lock`: what a daemon holds. Raises StateUnusable, StateDamaged."""
        self.path = path
        self._lock = threading.RLock()
        self._written = 0
        self._owner = lock
        self._rest = contextlib.ExitStack()
        self._still: _Mark = None
        self._open()

    def close(self) -> None:
        """Close the connection; a copy goes."""
        self._db.close()
        self._rest.close()

    def _open(self) -> None:
        wal = self.path.with_name(f"{self.path.name}-wal")
        left = wal.exists() and wal.stat().st_size > 0
        self._still = None
        with told(self.path):
            if is_held(self._owner):  # the daemon keeps the index: nothing is made or moved
                self._db = _read_only(self.path, "mode=ro")
            elif left:
                folder = Path(
                    self._rest.enter_context(tempfile.TemporaryDirectory(prefix="hotpress-"))
                )
                for part in (self.path, wal):
                    shutil.copyfile(part, folder / part.name)
                self._db = _read_only(folder / self.path.name, "mode=rw")
            else:
                self._still = _mark(self.path)
                self._db = _read_only(self.path, "immutable=1")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version != VERSION:  # what this version asks for may be missing there
                self._db = _migrated(self._db)
        self._loose = self._db

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            try:
                rows = super()._rows(sql, values)
            except StoreError:
                if self._is_still():
                    raise
            else:
                if self._is_still():
                    return rows
            self._db.close()
            self._open()  # a daemon has started since: what was read may be half of two
            return super()._rows(sql, values)

    def _is_still(self) -> bool:
        """Has nobody written since it was opened, where that would go unnoticed?"""
        return self._still is None or self._still == _mark(self.path)


def _mark(path: Path) -> _Mark:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _read_only(path: Path, how: str) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"file:{quote(str(path))}?{how}", uri=True, isolation_level=None, check_same_thread=False
    )
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA query_only = ON")
    return db


def _migrated(old: sqlite3.Connection) -> sqlite3.Connection:
    """The same store as this version would have it, in memory."""
    new = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    new.row_factory = sqlite3.Row
    old.backup(new)
    old.close()
    migrate(new)
    return new
