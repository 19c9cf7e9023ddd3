"""The store as the queue: what can go on, what waits until when, what is held and why."""

from __future__ import annotations

from collections.abc import Collection

from hotpress.model import Job
from hotpress.store.documents import Documents


class Queue(Documents):
    """Reads only. Held and waiting jobs are never looked at one by one: they cost nothing."""

    def due(self, now: float, without: Collection[str] = (), limit: int = 100) -> list[Job]:
        """What can go on now, the oldest first, but not at the steps `without`."""
        marks = ", ".join("?" * len(without))
        rest = f"""WHERE live = 1 AND owner = '' AND state != 'held'
                   AND (wake_at IS NULL OR wake_at <= ?) AND step NOT IN ({marks})
                   ORDER BY created_at, id LIMIT ?"""
        return self._jobs(rest, (now, *without, limit))

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
        return self._jobs("WHERE live = 1 AND owner != ''")

    def in_state(self, states: Collection[str], inbox: str = "") -> list[Job]:
        """Jobs in one of these states (of one inbox), the newest first."""
        marks = ", ".join("?" * len(states))
        rest = f"""WHERE state IN ({marks}) AND (? = '' OR inbox = ?)
                   ORDER BY created_at DESC, id"""
        return self._jobs(rest, (*states, inbox, inbox))

    def held(self, reason: str = "", inbox: str = "", limit: int = -1) -> list[Job]:
        """Held jobs (of one reason, of one inbox), those first that were not looked at longest."""
        rest = """WHERE live = 1 AND state = 'held'
                  AND (? = '' OR reason = ?) AND (? = '' OR inbox = ?)
                  ORDER BY updated_at, created_at LIMIT ?"""
        return self._jobs(rest, (reason, reason, inbox, inbox, limit))

    def held_since(self) -> dict[tuple[str, str], float]:
        """Reason and inbox -> since when the longest held job of it was not looked at."""
        sql = """SELECT reason, inbox, min(updated_at) AS at FROM jobs
                 WHERE live = 1 AND state = 'held' GROUP BY reason, inbox"""
        return {(str(r["reason"]), str(r["inbox"])): float(r["at"]) for r in self._rows(sql)}

    def waiting_on(self, job_id: str) -> list[Job]:
        """Jobs of the same content, which wait for what becomes of this one."""
        return self._jobs("WHERE live = 1 AND waits_on = ? ORDER BY created_at", (job_id,))

    def out_of_time(self, now: float) -> list[Job]:
        """Waiting jobs that were written later than now: the clock was set back since."""
        rest = "WHERE live = 1 AND state != 'held' AND wake_at > ? AND updated_at > ?"
        return self._jobs(rest, (now, now))

    def in_cloud(self) -> int:
        """How many jobs take one of the cloud's places."""
        sql = "SELECT count(*) AS n FROM jobs WHERE live = 1 AND in_cloud = 1 AND state != 'held'"
        sql += " AND waits_on = ''"  # for the other one, which needs the place
        return int(self._rows(sql)[0]["n"])
