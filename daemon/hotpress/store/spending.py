"""What was spent, and what is under way: the questions behind every decision to pay."""

from __future__ import annotations

from hotpress.model import Job
from hotpress.store.documents import Documents


class Spending(Documents):
    """Counts over the jobs; credits as the cloud counts them."""

    def first_job(self) -> Job | None:
        """The job that tries an account's cloud for the first time: it goes alone, to its end."""
        return self._job(
            """WHERE live = 1 AND state NOT IN ('held', 'delivered')
               AND waits_on = '' AND (in_cloud = 1 OR messages > 0)
               ORDER BY messages DESC, created_at LIMIT 1"""
        )

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
                 AND asked = 0 ORDER BY spent_at DESC LIMIT ?"""
        return [float(row["spent"]) for row in self._rows(sql, (count,))]

    def spent_since(self, at: float, estimate: float, inbox: str = "") -> float:
        """Credits spent since `at` (for one inbox); an unknown cost is the estimate a message."""
        sql = """SELECT coalesce(sum(coalesce(spent, ? * messages)), 0) AS sum FROM jobs
                 WHERE messages > 0 AND spent_at >= ? AND (? = '' OR inbox = ?)"""
        return float(self._rows(sql, (estimate, at, inbox, inbox))[0]["sum"])

    def first_spent_since(self, at: float) -> float | None:
        """When the first message since `at` was sent."""
        sql = "SELECT min(spent_at) AS at FROM jobs WHERE messages > 0 AND spent_at >= ?"
        value = self._rows(sql, (at,))[0]["at"]
        return None if value is None else float(value)

    def uncharged_others(self, job_id: str, inbox: str = "") -> int:
        """Other jobs (of one inbox) under way in the cloud whose message is still to come."""
        sql = """SELECT count(*) AS n FROM jobs WHERE live = 1 AND in_cloud = 1 AND messages = 0
                 AND state != 'held' AND id != ? AND (? = '' OR inbox = ?)"""
        return int(self._rows(sql, (job_id, inbox, inbox))[0]["n"])

    def unfinished_in_cloud(self) -> int:
        """How many jobs that need the cloud are not at their end."""
        sql = """SELECT count(*) AS n FROM jobs WHERE live = 1 AND state != 'delivered'
                 AND json_extract(document, '$.route') = 'cloud'"""
        return int(self._rows(sql)[0]["n"])
