"""What happened since somebody looked last, for notices. Reads only."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hotpress.store.database import Database
from hotpress.store.records import size_before

_MOST_LINES = 5_000  # at one look; the next one goes on there
_JOBS_NAMED = 50


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that was delivered, or failed. Sizes in bytes."""

    job: str
    inbox: str
    relative: str
    delivered: bool
    why: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Holding:
    """Jobs of one inbox that are held for one reason; the first of them by id."""

    inbox: str
    reason: str
    count: int
    jobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was delivered and what failed in one inbox since some time."""

    inbox: str
    delivered: int
    before: int
    after: int
    failed: int


class Happened(Database):
    """The journal's own order says what is new: it can't be set back, as a clock can."""

    def last_line(self) -> int:
        """The number of the newest line of all stories."""
        return int(self._rows("SELECT coalesce(max(rowid), 0) AS n FROM journal")[0]["n"])

    def ended_since(self, line: int) -> tuple[list[Ended], int]:
        """What ended after a line, each once; and the line to go on from."""
        to = min(self.last_line(), line + _MOST_LINES)
        lines = f"SELECT job FROM journal WHERE rowid > {line:d} AND rowid <= {to:d}"  # noqa: S608
        after = "coalesce(json_extract(document, '$.final.size_bytes'), 0)"
        sql = f"""SELECT id AS job, inbox, relative, state = 'delivered' AS delivered,
                 json_extract(document, '$.why') AS why,
                 {size_before("relative", "size_bytes", after)} AS before, {after} AS after
                 FROM jobs WHERE
                 (state = 'failed' AND id IN ({lines} AND what IN ('fail', 'end')))
                 OR (state = 'delivered' AND id IN
                     ({lines} AND step = 'deliver' AND what = 'next'))
                 ORDER BY finished_at, id"""  # noqa: S608 - numbers only
        rows = self._rows(sql)
        found = [Ended(**{**dict(row), "delivered": bool(row["delivered"])}) for row in rows]
        return found, to

    def holding(self) -> list[Holding]:
        """What is held, and what was only woken to see whether its reason has gone."""
        sql = """SELECT inbox, CASE state WHEN 'held' THEN reason
                 ELSE json_extract(document, '$.scout') END AS why, count(*) AS n,
                 json_group_array(id) AS ids FROM jobs WHERE live = 1 AND state != 'delivered'
                 AND (state = 'held' OR json_extract(document, '$.scout') IS NOT NULL)
                 GROUP BY inbox, why"""
        return [
            Holding(r["inbox"], str(r["why"]), r["n"], tuple(json.loads(r["ids"])[:_JOBS_NAMED]))
            for r in self._rows(sql)
        ]

    def busy_inboxes(self) -> frozenset[str]:
        """Where something runs, or is in line."""
        sql = "SELECT DISTINCT inbox FROM jobs WHERE live = 1 AND state IN ('queued', 'running')"
        return frozenset(str(row["inbox"]) for row in self._rows(sql))

    def lost(self, since: float) -> int:
        """Videos that count as delivered, and whose result is nowhere on record. There are none."""
        sql = """SELECT count(*) AS n FROM jobs WHERE state = 'delivered' AND finished_at >= ?
                 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.job = jobs.id)"""
        return int(self._rows(sql, (since,))[0]["n"])

    def figures(self, since: float) -> list[Figures]:
        """Of each inbox with anything to tell."""
        sql = f"""SELECT inbox, sum(ok) AS delivered, sum(before) AS before, sum(after) AS after,
                 sum(bad) AS failed FROM
                 (SELECT inbox, 1 AS ok, {size_before("path", "size", "output_size")} AS before,
                  output_size AS after, 0 AS bad
                  FROM deliveries WHERE at >= ?
                  UNION ALL SELECT inbox, 0, 0, 0, 1 FROM jobs
                  WHERE state = 'failed' AND finished_at >= ?) GROUP BY inbox"""  # noqa: S608 - our names
        return [Figures(**dict(row)) for row in self._rows(sql, (since, since))]
