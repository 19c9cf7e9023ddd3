"""The store for years: what ended long ago goes, but for what keeps it from being made again.

Of each version of a source that is forgotten its identity stays (`forgotten`), as do all
deliveries: whoever lets that file lie, renames it or drops it again is not charged twice.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass

from hotpress.model import BY_HAND
from hotpress.store.database import Database
from hotpress.store.records import whole

_AT_ONCE = 200  # jobs in one transaction: nobody waits long for the store
_FREE_SHARE, _FREE_PAGES = 0.25, 1_000  # so much of the file is empty: it is made smaller
# Failed ones stay: they wait for a person. So does what cost credits and gave nothing, what is
# younger than a month's budget looks back, what lay there before hotpress came (it would be new),
# and what another result, a live job or a question to the agent still refers to.
_OLD = """live = 0 AND finished_at < :before AND (spent_at IS NULL OR spent_at < :paid_before)
  AND (state = 'delivered' OR messages = 0 AND (state = 'cancelled'
       OR state = 'skipped' AND step != 'probe'))
  AND NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.root = jobs.root
       AND other.relative = jobs.relative AND (other.live = 1 OR other.state = 'failed'
       OR other.finished_at >= :before))
  AND id NOT IN (SELECT waits_on FROM jobs WHERE waits_on != '')"""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a source."""

    root: str
    relative: str
    size_bytes: int
    mtime_ns: int


class Pruning(Database):
    """Only for the daemon, from time to time."""

    def prune(self, before: float, paid_before: float) -> int:
        """Forget some of the jobs that ended before a time; how many, 0 when none is left."""
        times = {"before": before, "paid_before": paid_before}
        with self._write() as db:
            sql = f"SELECT id FROM jobs WHERE {_OLD} ORDER BY finished_at LIMIT {_AT_ONCE}"  # noqa: S608 - our own text
            ids = [(str(row["id"]),) for row in db.execute(sql, times)]
            for job in ids:
                _forget(db, job)
        return len(ids)

    def prune_commands(self, before: float) -> None:
        """Those that were obeyed before a time; not the newest: no number is given twice."""
        with self._write() as db:
            db.execute(
                "DELETE FROM commands WHERE done_at < ? AND id < (SELECT max(id) FROM commands)",
                (before,),
            )

    def compact(self) -> bool:
        """Give back what is empty, and begin a new write-ahead log; was the file made smaller?

        Numbers stay as they are: each table that is asked by number has it as its key.
        """
        with self._lock, contextlib.suppress(sqlite3.Error):  # no room, or a reader: another time
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (pages,) = self._db.execute("PRAGMA page_count").fetchone()
            (free,) = self._db.execute("PRAGMA freelist_count").fetchone()
            if free >= _FREE_PAGES and free >= pages * _FREE_SHARE:
                self._db.execute("VACUUM")
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return True
        return False

    def is_forgotten(self, version: Version) -> bool:
        """Did a job of this version end, so long ago that it is not kept?"""
        sql = """SELECT 1 FROM forgotten WHERE root = ? AND relative = ? AND size_bytes = ?
                 AND mtime_ns = ?"""
        values = (version.root, version.relative, version.size_bytes, whole(version.mtime_ns))
        return bool(self._rows(sql, values))


def _forget(db: sqlite3.Connection, job: tuple[str]) -> None:
    # A source that was gone and comes back is a new one: only what was finished stays known.
    db.execute(
        """INSERT OR IGNORE INTO forgotten (root, relative, size_bytes, mtime_ns, inbox, state)
           SELECT root, relative, size_bytes, mtime_ns, inbox, state FROM jobs
           WHERE id = ? AND asked = 0
           AND (state != 'cancelled' OR json_extract(document, '$.why') = ?)""",
        (*job, BY_HAND),
    )
    db.execute("DELETE FROM jobs WHERE id = ?", job)
    # Who looks for what is new goes by the number of the newest line: that one is never reused.
    db.execute("DELETE FROM journal WHERE job = ? AND line < (SELECT max(line) FROM journal)", job)
    for table in ("progress", "claims", "contents"):
        db.execute(f"DELETE FROM {table} WHERE job = ?", job)  # noqa: S608 - our own names
