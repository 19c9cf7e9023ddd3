"""Jobs in one SQLite file: WAL, and every commit on disk before it is believed."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hotpress.errors import StateUnusable
from hotpress.model import Job
from hotpress.store.migrations import migrate
from hotpress.store.records import Command, JournalLine, Progress, columns, to_job

_BUSY_SECONDS = 30.0


class Store:
    """The store. Safe for threads; other processes may read and leave commands."""

    def __init__(self, path: Path) -> None:
        """Open or make the store at `path` (0600). Raises StateUnusable."""
        self.path = path
        self._lock = threading.RLock()
        try:
            path.touch(mode=0o600)
            path.chmod(0o600)
            self._db = self._connect("FULL")
            migrate(self._db)
            # Progress may be lost at will, so it doesn't wait for the disk.
            self._loose = self._connect("NORMAL")
        except sqlite3.Error as error:
            raise StateUnusable(
                f"the store {path} can't be used: {error}",
                "Move that file aside and start again; what still lies in the inboxes is then "
                "taken as new.",
            ) from error

    def _connect(self, synchronous: str) -> sqlite3.Connection:
        db = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {synchronous}")
        return db

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            self._db.close()
            self._loose.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all or nothing, on disk when it ends. Raises StateUnusable."""
        with self._lock, _told(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have rolled it back already
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock, _told(self.path):
            return self._db.execute(sql, values).fetchall()

    # Jobs -------------------------------------------------------------------------------------

    def add(self, job: Job, text: str) -> bool:
        """A new job; False when one of the same identity is known."""
        row = columns(job)
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        with self._write() as db:
            done = db.execute(
                f"INSERT OR IGNORE INTO jobs ({names}) VALUES ({marks})",  # noqa: S608 - our names
                tuple(row.values()),
            )
            if done.rowcount == 1:
                _journal(db, job.id, [JournalLine(job.created_at, "", "made", text)])
            return done.rowcount == 1

    def write(self, job: Job, lines: Sequence[JournalLine], *, epoch: int) -> bool:
        """Write a job over the one that was taken at `epoch`; False when that is no longer so."""
        row = columns(job)
        places = ", ".join(f"{name} = ?" for name in row)
        with self._write() as db:
            done = db.execute(
                f"UPDATE jobs SET {places} WHERE id = ? AND epoch = ?",  # noqa: S608 - our names
                (*row.values(), job.id, epoch),
            )
            if done.rowcount == 1:
                _journal(db, job.id, lines)
            return done.rowcount == 1

    def get(self, job_id: str) -> Job | None:
        """One job."""
        rows = self._rows("SELECT document FROM jobs WHERE id = ?", (job_id,))
        return to_job(rows[0]["document"]) if rows else None

    def at_path(self, root: str, relative: str) -> list[Job]:
        """The jobs of one source path, the newest first."""
        sql = "SELECT document FROM jobs WHERE root = ? AND relative = ? ORDER BY created_at DESC"
        return [to_job(row["document"]) for row in self._rows(sql, (root, relative))]

    def with_prefix(self, prefix: str) -> list[Job]:
        """The jobs whose id starts with `prefix`."""
        sql = "SELECT document FROM jobs WHERE substr(id, 1, ?) = ? LIMIT 20"
        return [to_job(r["document"]) for r in self._rows(sql, (len(prefix), prefix))]

    def jobs(self, *, live_only: bool = False, limit: int = 1_000) -> list[Job]:
        """Jobs, the newest first."""
        where = "WHERE live = 1" if live_only else ""
        sql = f"SELECT document FROM jobs {where} ORDER BY created_at DESC, id LIMIT ?"  # noqa: S608
        return [to_job(row["document"]) for row in self._rows(sql, (limit,))]

    def ids(self, *, live: bool) -> set[str]:
        """The ids of all jobs that are at their end, or are not: no document is read."""
        rows = self._rows("SELECT id FROM jobs WHERE live = ?", (int(live),))
        return {str(row["id"]) for row in rows}

    def goes_on_before(self, at: float) -> bool:
        """Is there a job that is not held and wants to go on before then?"""
        sql = """SELECT 1 FROM jobs WHERE live = 1 AND state != 'held'
                 AND (wake_at IS NULL OR wake_at < ?) LIMIT 1"""
        return bool(self._rows(sql, (at,)))

    def due(self, now: float, without: Collection[str] = (), limit: int = 100) -> list[Job]:
        """What can go on now, the oldest first, but not at the steps `without`."""
        marks = ", ".join("?" * len(without))
        sql = f"""SELECT document FROM jobs WHERE live = 1 AND owner = '' AND state != 'held'
                  AND (wake_at IS NULL OR wake_at <= ?) AND step NOT IN ({marks})
                  ORDER BY created_at, id LIMIT ?"""  # noqa: S608 - only question marks
        return [to_job(row["document"]) for row in self._rows(sql, (now, *without, limit))]

    def next_wake(self, now: float) -> float | None:
        """When the next waiting job wants to be looked at."""
        sql = """SELECT min(wake_at) AS at FROM jobs
                 WHERE live = 1 AND owner = '' AND state != 'held' AND wake_at > ?"""
        value = self._rows(sql, (now,))[0]["at"]
        return None if value is None else float(value)

    def owned(self) -> list[Job]:
        """Jobs that somebody runs, or ran when the machine went down."""
        sql = "SELECT document FROM jobs WHERE live = 1 AND owner != ''"
        return [to_job(row["document"]) for row in self._rows(sql)]

    def held(self, reason: str = "") -> list[Job]:
        """Held jobs (of one reason), the oldest first."""
        sql = """SELECT document FROM jobs WHERE live = 1 AND state = 'held'
                 AND (? = '' OR reason = ?) ORDER BY created_at"""
        return [to_job(row["document"]) for row in self._rows(sql, (reason, reason))]

    def held_since(self) -> dict[str, float]:
        """Reason -> since when the longest held job waits for it."""
        sql = """SELECT reason, min(updated_at) AS at FROM jobs
                 WHERE live = 1 AND state = 'held' GROUP BY reason"""
        return {str(row["reason"]): float(row["at"]) for row in self._rows(sql)}

    def by_path(self, path: str) -> list[Job]:
        """Jobs whose source or output lies at this path (or is listed so), the newest first."""
        sql = """SELECT document FROM jobs WHERE root || '/' || relative = ?
                 OR relative = ? OR inbox || '/' || relative = ?
                 OR json_extract(document, '$.outbox') || '/' ||
                    json_extract(document, '$.final.name') = ? ORDER BY created_at DESC"""
        return [to_job(row["document"]) for row in self._rows(sql, (path,) * 4)]

    def in_cloud(self) -> int:
        """How many jobs take one of the cloud's places."""
        sql = "SELECT count(*) AS n FROM jobs WHERE live = 1 AND in_cloud = 1 AND state != 'held'"
        return int(self._rows(sql)[0]["n"])

    def first_job(self) -> Job | None:
        """The job that tries an account's cloud for the first time: it goes alone, to its end."""
        sql = """SELECT document FROM jobs WHERE live = 1 AND state NOT IN ('held', 'delivered')
                 AND (in_cloud = 1 OR messages > 0) ORDER BY messages DESC, created_at LIMIT 1"""
        rows = self._rows(sql)
        return to_job(rows[0]["document"]) if rows else None

    def others_spent_since(self, job_id: str, at: float) -> bool:
        """Could another job have spent credits since `at`? Any message since then says so."""
        sql = "SELECT 1 FROM jobs WHERE id != ? AND messages > 0 AND updated_at >= ? LIMIT 1"
        return bool(self._rows(sql, (job_id, at)))

    def proven(self) -> bool:
        """Has a job come to its end through the cloud?"""
        sql = """SELECT 1 FROM jobs WHERE messages > 0
                 AND (live = 0 OR state = 'delivered') LIMIT 1"""
        return bool(self._rows(sql))

    def last_costs(self, count: int = 5) -> list[float]:
        """What the last jobs cost, where that is known."""
        # A further edit in the same project may be free: it says nothing of the next video.
        sql = """SELECT spent FROM jobs WHERE spent IS NOT NULL
                 AND json_extract(document, '$.asked') = '' ORDER BY spent_at DESC LIMIT ?"""
        return [float(row["spent"]) for row in self._rows(sql, (count,))]

    def spent_since(self, at: float, estimate: float) -> float:
        """Credits spent since `at`; where the cost is not known, the estimate a message."""
        sql = """SELECT coalesce(sum(coalesce(spent, ? * messages)), 0) AS sum FROM jobs
                 WHERE messages > 0 AND spent_at >= ?"""
        return float(self._rows(sql, (estimate, at))[0]["sum"])

    def uncharged_others(self, job_id: str) -> int:
        """Other jobs under way in the cloud whose message is still to come."""
        sql = """SELECT count(*) AS n FROM jobs WHERE live = 1 AND in_cloud = 1 AND messages = 0
                 AND state != 'held' AND id != ?"""
        return int(self._rows(sql, (job_id,))[0]["n"])

    def unclaim(self, outbox: str, name: str, job_id: str) -> None:
        """Give a claim back."""
        with self._write() as db:
            db.execute(
                "DELETE FROM claims WHERE outbox = ? AND name = ? AND job = ?",
                (outbox, name.lower(), job_id),
            )

    def counts(self) -> dict[str, dict[str, int]]:
        """Inbox -> state -> number of jobs."""
        found: dict[str, dict[str, int]] = {}
        for row in self._rows("SELECT inbox, state, count(*) AS n FROM jobs GROUP BY inbox, state"):
            found.setdefault(row["inbox"], {})[row["state"]] = row["n"]
        return found

    def unfinished_in_cloud(self) -> int:
        """How many jobs that need the cloud are not at their end."""
        sql = """SELECT count(*) AS n FROM jobs WHERE live = 1 AND state != 'delivered'
                 AND json_extract(document, '$.route') = 'cloud'"""
        return int(self._rows(sql)[0]["n"])

    # The story --------------------------------------------------------------------------------

    def journal(self, job_id: str) -> list[JournalLine]:
        """A job's story, from its start."""
        sql = "SELECT at, step, what, text FROM journal WHERE job = ? ORDER BY at, rowid"
        return [JournalLine(*row) for row in self._rows(sql, (job_id,))]

    def report(self, job_id: str, progress: Progress) -> None:
        """How far a job is; may be lost, so nothing that goes wrong here matters."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._loose.execute(
                "INSERT OR REPLACE INTO progress (job, step, fraction, note, at) "
                "VALUES (?, ?, ?, ?, ?)",
                (job_id, progress.step, progress.fraction, progress.note, progress.at),
            )

    def progress(self) -> dict[str, Progress]:
        """Job id -> how far it is."""
        rows = self._rows("SELECT job, step, fraction, note, at FROM progress")
        return {row["job"]: Progress(*tuple(row)[1:]) for row in rows}

    def forget_progress(self, job_id: str) -> None:
        """An ended job has none."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._loose.execute("DELETE FROM progress WHERE job = ?", (job_id,))

    # Commands ---------------------------------------------------------------------------------

    def ask(self, verb: str, job_id: str, detail: dict[str, Any], now: float) -> int:
        """Leave a command for the worker; its number."""
        with self._write() as db:
            done = db.execute(
                "INSERT INTO commands (verb, job, detail, created_at, answer) "
                "VALUES (?, ?, ?, ?, '')",
                (verb, job_id, json.dumps(detail), now),
            )
            return int(done.lastrowid or 0)

    def commands(self) -> list[Command]:
        """Commands that nobody has obeyed yet."""
        rows = self._rows("SELECT * FROM commands WHERE done_at IS NULL ORDER BY id")
        return [Command(r["id"], r["verb"], r["job"], json.loads(r["detail"])) for r in rows]

    def answer(self, command_id: int, text: str, now: float, *, done: bool = True) -> None:
        """A command was obeyed, or refused (`done` False)."""
        with self._write() as db:
            db.execute(
                "UPDATE commands SET done_at = ?, answer = ?, refused = ? WHERE id = ?",
                (now, text, int(not done), command_id),
            )

    def answer_to(self, command_id: int) -> tuple[str, bool] | None:
        """What came of a command and whether it was done; None until somebody has looked."""
        sql = "SELECT answer, refused FROM commands WHERE id = ? AND done_at IS NOT NULL"
        rows = self._rows(sql, (command_id,))
        return (str(rows[0]["answer"]), not rows[0]["refused"]) if rows else None

    # Names and notes --------------------------------------------------------------------------

    def claim(self, outbox: str, name: str, job_id: str) -> bool:
        """Take a final name for one job; False when another has it."""
        with self._write() as db:
            db.execute(
                "INSERT OR IGNORE INTO claims (outbox, name, job) VALUES (?, ?, ?)",
                (outbox, name.lower(), job_id),
            )
            # Whoever has it may have ended: what lies on the disk was looked at before this.
            db.execute(
                """UPDATE claims SET job = ? WHERE outbox = ? AND name = ? AND job IN
                   (SELECT id FROM jobs WHERE live = 0)""",
                (job_id, outbox, name.lower()),
            )
            row = db.execute(
                "SELECT job FROM claims WHERE outbox = ? AND name = ?", (outbox, name.lower())
            ).fetchone()
            return bool(row["job"] == job_id)

    def note(self, key: str) -> str | None:
        """Something remembered."""
        rows = self._rows("SELECT value FROM notes WHERE key = ?", (key,))
        return str(rows[0]["value"]) if rows else None

    def set_note(self, key: str, value: str) -> None:
        """Remember something."""
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO notes (key, value) VALUES (?, ?)", (key, value))

    def changed(self) -> int:
        """A number that differs when another connection wrote: a cheap look for commands."""
        return int(self._rows("PRAGMA data_version")[0][0])


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's errors as ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise StateUnusable(
            f"the store {path} can't be used now: {error}",
            "Free some space if the disk is full; hotpress goes on by itself.",
        ) from error


def _journal(db: sqlite3.Connection, job_id: str, lines: Sequence[JournalLine]) -> None:
    db.executemany(
        "INSERT INTO journal (job, at, step, what, text) VALUES (?, ?, ?, ?, ?)",
        [(job_id, line.at, line.step, line.what, line.text) for line in lines],
    )
