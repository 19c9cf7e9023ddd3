"""The store: jobs in one SQLite file, and what is asked of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hotpress.errors import IdTaken
from hotpress.model import Job, State, delivered
from hotpress.store.database import marks
from hotpress.store.glance import Glance
from hotpress.store.happened import Happened
from hotpress.store.history import History
from hotpress.store.known import Known
from hotpress.store.notes import Notes
from hotpress.store.past import Past
from hotpress.store.pruning import Pruning
from hotpress.store.queue import Queue
from hotpress.store.records import JournalLine, columns, put_on_record, whole
from hotpress.store.spending import Spending

# A job as it shall be, its new lines, and the epoch at which it was read.
Written = tuple[Job, Sequence[JournalLine], int]

_SOURCE_CALLED = "SELECT id FROM jobs WHERE relative = ?"
_SOURCE_AT = "SELECT id FROM jobs WHERE root = ? AND relative = ?"
_SOURCE_LISTED = "SELECT id FROM jobs WHERE inbox = ? AND relative = ?"
_RESULT_AT = """SELECT id FROM jobs WHERE json_extract(document, '$.outbox') = ?
                AND json_extract(document, '$.final.name') = ?"""


class Store(Queue, Glance, Happened, History, Known, Past, Pruning, Spending, Notes):
    """Jobs by id and by path; only the worker writes them."""

    def add(self, job: Job, text: str) -> bool:
        """A new job; False when one of the same identity is known. Raises IdTaken."""
        with self._write() as db:
            if _new(db, job, text):
                return True
            if self.same_identity(replace(job, id="")) is not None:
                return False
        raise _id_taken(job)

    def add_drop(self, jobs: Sequence[Job], text: str) -> bool:
        """The jobs of all results of one source: all, or none when this version is known.

        Known under any of its results: one that the rules name only now is not made unasked.
        Raises IdTaken.
        """
        first = jobs[0]
        sql = """SELECT 1 FROM jobs WHERE inbox = ?1 AND relative = ?2 AND size_bytes = ?3
                 AND mtime_ns = ?4 UNION ALL SELECT 1 FROM forgotten WHERE root = ?5
                 AND relative = ?2 AND size_bytes = ?3 AND mtime_ns = ?4 LIMIT 1"""
        version = (first.inbox, first.relative, first.size_bytes, whole(first.mtime_ns))
        with self._write() as db:
            if db.execute(sql, (*version, first.root)).fetchone() is not None:
                return False
            for job in jobs:
                if not _new(db, job, text):
                    raise _id_taken(job)
        return True

    def write(
        self,
        job: Job,
        lines: Sequence[JournalLine],
        *,
        epoch: int,
        freed: Sequence[Written] = (),
    ) -> bool:
        """Write a job over the one that was taken at `epoch`; False when that is no longer so.

        `freed` are jobs that go on because of it: written in the same transaction, or not at all.
        """
        with self._write() as db:
            done = _over(db, job, lines, epoch)
            for other, its_lines, its_epoch in freed if done else ():
                _over(db, other, its_lines, its_epoch)
        return done

    def write_all(self, jobs: Sequence[Written]) -> None:
        """Many in one transaction; one that somebody was faster with is left as it is."""
        with self._write() as db:
            for job, lines, epoch in jobs:
                _over(db, job, lines, epoch)

    def get(self, job_id: str) -> Job | None:
        """One job."""
        return self._job("WHERE id = ?", (job_id,))

    def at_path(self, root: str, relative: str) -> list[Job]:
        """The jobs of one source path, the newest first."""
        rest = "WHERE root = ? AND relative = ? ORDER BY created_at DESC, rowid"
        return self._jobs(rest, (root, relative))

    def of_version(self, root: str, relative: str, size_bytes: int, mtime_ns: int) -> list[Job]:
        """The jobs of one version of a source, the newest first."""
        version = (size_bytes, mtime_ns)
        found = self.at_path(root, relative)
        return [job for job in found if (job.size_bytes, job.mtime_ns) == version]

    def of_drop(self, job: Job) -> list[Job]:
        """The jobs of this version of a source, wherever its inbox lay when they were made."""
        return self.namesakes(job.inbox, job.relative, job.size_bytes, job.mtime_ns)

    def namesakes(self, inbox: str, relative: str, size_bytes: int, mtime_ns: int) -> list[Job]:
        """The jobs of this version under an inbox of this name, whichever folder it was then."""
        rest = """WHERE inbox = ? AND relative = ? AND size_bytes = ? AND mtime_ns = ?
                  ORDER BY created_at, rowid"""
        return self._jobs(rest, (inbox, relative, size_bytes, mtime_ns))

    def same_identity(self, job: Job) -> Job | None:
        """Another job with the very identity that this one would have."""
        rest = """WHERE inbox = ? AND relative = ? AND size_bytes = ?
                  AND mtime_ns = ? AND output_name = ? AND id != ?"""
        values = (job.inbox, job.relative, job.size_bytes, job.mtime_ns, job.rule.output_name)
        return self._job(rest, (*values, job.id))

    def with_prefix(self, prefix: str) -> list[Job]:
        """The jobs whose id starts with `prefix`."""
        last = prefix + chr(0x10FFFF)
        return self._jobs("WHERE id >= ? AND id <= ? LIMIT 20", (prefix, last))

    def jobs(self, *, live_only: bool = False, limit: int = 1_000) -> list[Job]:
        """Jobs, the newest first."""
        where = "WHERE live = 1" if live_only else ""
        return self._jobs(f"{where} ORDER BY created_at DESC, id LIMIT ?", (limit,))

    def under_way(self, most: Mapping[State, int]) -> list[Job]:
        """Live jobs state by state, at most so many of each, the oldest first."""
        rest = "WHERE live = 1 AND state = ? ORDER BY created_at, id LIMIT ?"
        return [job for state, n in most.items() for job in self._jobs(rest, (state.value, n))]

    def just_ended(self, at: float, limit: int) -> list[Job]:
        """What came to its end since then, the newest first."""
        rest = "WHERE finished_at >= ? ORDER BY finished_at DESC LIMIT ?"
        return self._jobs(rest, (at, limit))

    def ids(self, *, live: bool) -> set[str]:
        """The ids of all jobs that are at their end, or are not: no document is read."""
        rows = self._rows("SELECT id FROM jobs WHERE live = ?", (int(live),))
        return {str(row["id"]) for row in rows}

    def by_path(self, path: str) -> list[Job]:
        """Jobs whose source or output lies at this path (or is listed so), the newest first."""
        ids: set[str] = {row["id"] for row in self._rows(_SOURCE_CALLED, (path,))}
        for folder, name in _splits(path):  # each of these is a look into an index
            values = (folder, name)
            for sql in (_SOURCE_AT, _SOURCE_LISTED, _RESULT_AT):
                ids |= {row["id"] for row in self._rows(sql, values)}
        if not ids:
            return []
        return self._jobs(
            f"WHERE id IN ({marks(ids)}) ORDER BY created_at DESC, rowid", sorted(ids)
        )

    def counts(self) -> dict[str, dict[str, int]]:
        """Inbox -> state -> number of jobs."""
        found: dict[str, dict[str, int]] = {}
        for row in self._rows("SELECT inbox, state, count(*) AS n FROM jobs GROUP BY inbox, state"):
            found.setdefault(row["inbox"], {})[row["state"]] = row["n"]
        return found


def _splits(path: str) -> list[tuple[str, str]]:
    """Each way to read a path as a folder and a name below it."""
    cuts = [at for at, sign in enumerate(path) if sign == "/"]
    return [(path[:at], path[at + 1 :]) for at in cuts]


def _id_taken(job: Job) -> IdTaken:
    return IdTaken(f"another job is called {job.id}", "Do the same once more.")


def _new(db: sqlite3.Connection, job: Job, text: str) -> bool:
    row = columns(job)
    names = ", ".join(row)
    done = db.execute(
        f"INSERT OR IGNORE INTO jobs ({names}) VALUES ({marks(row)})",  # noqa: S608 - our names
        tuple(row.values()),
    )
    if done.rowcount == 1:
        _journal(db, job.id, [JournalLine(job.created_at, "", "made", text)])
    return done.rowcount == 1


def _over(db: sqlite3.Connection, job: Job, lines: Sequence[JournalLine], epoch: int) -> bool:
    row = columns(job)
    places = ", ".join(f"{name} = ?" for name in row)
    done = db.execute(
        f"UPDATE jobs SET {places} WHERE id = ? AND epoch = ?",  # noqa: S608 - our names
        (*row.values(), job.id, epoch),
    )
    if done.rowcount == 1:
        _journal(db, job.id, lines)
        delivery = delivered(job)
        if delivery is not None:
            put_on_record(db, delivery)
    return done.rowcount == 1


def _journal(db: sqlite3.Connection, job_id: str, lines: Sequence[JournalLine]) -> None:
    db.executemany(
        "INSERT INTO journal (job, at, step, what, text) VALUES (?, ?, ?, ?, ?)",
        [(job_id, line.at, line.step, line.what, line.text) for line in lines],
    )
