"""The store as the queue: what can go on, what waits until when, what is held and why."""

from __future__ import annotations

from collections.abc import Collection

from hotpress.model import Job
from hotpress.store.documents import Documents
from hotpress.store.records import of_a_link


class Queue(Documents):
    """Reads only. Held and waiting jobs are never looked at one by one: they cost nothing."""

    def due(
        self, now: float, without: Collection[str] = (), limit: int = 100, inbox: str = ""
    ) -> list[Job]:
        """What can go on now (of one inbox), the oldest first, but not at the steps `without`."""
        of_one = "AND inbox = ?" if inbox else ""
        rest = f"""{_ready(without)} {of_one} ORDER BY created_at, id LIMIT ?"""
        return self._jobs(rest, (now, *without, *([inbox] if inbox else []), limit))

    def due_smallest(
        self, now: float, without: Collection[str], limit: int, inbox: str
    ) -> list[Job]:
        """The same of one inbox, the smallest first; before them what is under way already.

        A large video that has been paid for must not wait until no small one comes any more.
        """
        begun = f"""{_ready(without)} AND (in_cloud = 1 OR messages > 0) AND inbox = ?
                    ORDER BY created_at, id LIMIT ?"""
        rest = f"""{_ready(without)} AND inbox = ? ORDER BY size_bytes, created_at, id LIMIT ?"""
        values = (now, *without, inbox, limit)
        found = {job.id: job for job in self._jobs(begun, values)}
        found |= {job.id: job for job in self._jobs(rest, values) if job.id not in found}
        return list(found.values())

    def inboxes_to_do(self) -> list[str]:
        """Inboxes with a job that is not held. One look into an index for each, however many."""
        sql = """WITH RECURSIVE found(inbox) AS (
                   SELECT min(inbox) FROM jobs WHERE live = 1 AND state != 'held'
                   UNION ALL
                   SELECT (SELECT min(inbox) FROM jobs
                           WHERE live = 1 AND state != 'held' AND inbox > found.inbox)
                   FROM found WHERE found.inbox IS NOT NULL)
                 SELECT inbox FROM found WHERE inbox IS NOT NULL"""
        return [str(row["inbox"]) for row in self._rows(sql)]

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

    def ended_with(self, job_id: str) -> list[Job]:
        """Jobs that ended because this one did."""
        rest = """WHERE live = 0 AND state IN ('failed', 'cancelled')
                  AND json_extract(document, '$.ended_with') = ? ORDER BY created_at"""
        return self._jobs(rest, (job_id,))

    def out_of_time(self, now: float) -> list[Job]:
        """Waiting jobs that were written later than now: the clock was set back since."""
        rest = "WHERE live = 1 AND state != 'held' AND wake_at > ? AND updated_at > ?"
        return self._jobs(rest, (now, now))

    def uploading(self) -> dict[str, int]:
        """How many uploads run now, by inbox; what a link leads to does not come from here."""
        sql = f"""SELECT inbox, count(*) AS n FROM jobs
                  WHERE live = 1 AND owner != '' AND step = 'upload'
                  AND NOT {of_a_link("relative")} GROUP BY inbox"""  # noqa: S608 - our own text
        return {str(r["inbox"]): int(r["n"]) for r in self._rows(sql)}

    def in_cloud(self) -> dict[str, int]:
        """How many jobs of each inbox take one of the cloud's places."""
        sql = """SELECT inbox, count(*) AS n FROM jobs
                 WHERE live = 1 AND in_cloud = 1 AND state != 'held'"""
        sql += " AND waits_on = ''"  # for the other one, which needs the place
        return {str(r["inbox"]): int(r["n"]) for r in self._rows(sql + " GROUP BY inbox")}


def _ready(without: Collection[str]) -> str:
    """What can go on at a time, but not at these steps."""
    marks = ", ".join("?" * len(without))
    return f"""WHERE live = 1 AND owner = '' AND state != 'held'
               AND (wake_at IS NULL OR wake_at <= ?) AND step NOT IN ({marks})"""
