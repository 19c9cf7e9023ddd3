"""The store as the queue: what can go on, what waits until when, what is held and why."""

from __future__ import annotations

from collections.abc import Collection

from hotpress.model import Job
from hotpress.store.database import Database
from hotpress.store.records import to_job


class Queue(Database):
    """Reads only. Held and waiting jobs are never looked at one by one: they cost nothing."""

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

    def goes_on_before(self, at: float) -> bool:
        """Is there a job that is not held and wants to go on before then?"""
        sql = """SELECT 1 FROM jobs WHERE live = 1 AND state != 'held'
                 AND (wake_at IS NULL OR wake_at < ?) LIMIT 1"""
        return bool(self._rows(sql, (at,)))

    def owned(self) -> list[Job]:
        """Jobs that somebody runs, or ran when the machine went down."""
        sql = "SELECT document FROM jobs WHERE live = 1 AND owner != ''"
        return [to_job(row["document"]) for row in self._rows(sql)]

    def held(self, reason: str = "", inbox: str = "", limit: int = -1) -> list[Job]:
        """Held jobs (of one reason, of one inbox), those first that were not looked at longest."""
        sql = """SELECT document FROM jobs WHERE live = 1 AND state = 'held'
                 AND (? = '' OR reason = ?) AND (? = '' OR inbox = ?)
                 ORDER BY updated_at, created_at LIMIT ?"""
        rows = self._rows(sql, (reason, reason, inbox, inbox, limit))
        return [to_job(row["document"]) for row in rows]

    def held_since(self) -> dict[tuple[str, str], float]:
        """Reason and inbox -> since when the longest held job of it was not looked at."""
        sql = """SELECT reason, inbox, min(updated_at) AS at FROM jobs
                 WHERE live = 1 AND state = 'held' GROUP BY reason, inbox"""
        return {(str(r["reason"]), str(r["inbox"])): float(r["at"]) for r in self._rows(sql)}

    def waiting_on(self, job_id: str) -> list[Job]:
        """Jobs of the same content, which wait for what becomes of this one."""
        sql = "SELECT document FROM jobs WHERE live = 1 AND waits_on = ? ORDER BY created_at"
        return [to_job(row["document"]) for row in self._rows(sql, (job_id,))]

    def out_of_time(self, now: float) -> list[Job]:
        """Waiting jobs that were written later than now: the clock was set back since."""
        sql = """SELECT document FROM jobs WHERE live = 1 AND state != 'held'
                 AND wake_at > ? AND updated_at > ?"""
        return [to_job(row["document"]) for row in self._rows(sql, (now, now))]

    def in_cloud(self) -> int:
        """How many jobs take one of the cloud's places."""
        sql = "SELECT count(*) AS n FROM jobs WHERE live = 1 AND in_cloud = 1 AND state != 'held'"
        sql += " AND waits_on = ''"  # for the other one, which needs the place
        return int(self._rows(sql)[0]["n"])
