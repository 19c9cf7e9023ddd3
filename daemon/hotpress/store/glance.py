"""A glance at many jobs for people: a few words of each, without reading whole documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotpress.store.database import Database, marks

_FAILED_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that is held, or waits until `wake_at`."""

    relative: str
    reason: str
    why: str
    hint: str
    wake_at: float | None


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that failed. `free`: trying it again uses no credits."""

    id: str
    root: str
    relative: str
    output_name: str
    size_bytes: int
    mtime_ns: int
    why: str
    hint: str
    free: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Jobs of one inbox that are held for one reason; `first` are ids, the longest held first."""

    inbox: str
    reason: str
    count: int
    first: tuple[str, ...]


class Glance(Database):
    """Reads only."""

    def glance_held(self, most: int = 20) -> list[Held]:
        """What is held, by inbox and reason; `most` of each by name."""
        sql = """SELECT inbox, reason, count(*) AS n FROM jobs
                 WHERE live = 1 AND state = 'held' GROUP BY reason, inbox"""
        first = """SELECT id FROM jobs WHERE live = 1 AND state = 'held'
                   AND reason = ? AND inbox = ? ORDER BY updated_at LIMIT ?"""
        return [
            Held(
                r["inbox"],
                r["reason"],
                r["n"],
                tuple(x["id"] for x in self._rows(first, (r["reason"], r["inbox"], most))),
            )
            for r in self._rows(sql)
        ]

    def held_from(self, jobs: Sequence[str]) -> dict[str, float]:
        """Since when each of these is held, as its story tells: looks since then don't count."""
        sql = f"""SELECT job, max(at) AS at FROM journal WHERE job IN ({marks(jobs)})
                  AND what = 'hold' GROUP BY job"""  # noqa: S608 - marks only
        return {str(row["job"]): float(row["at"]) for row in self._rows(sql, jobs)}

    def glance_waiting(self, inboxes: Sequence[str]) -> list[Waiting]:
        """What waits in these inboxes, the oldest first."""
        sql = f"""SELECT relative, reason, json_extract(document, '$.why') AS why,
                  json_extract(document, '$.hint') AS hint, wake_at FROM jobs
                  WHERE live = 1 AND state IN ('held', 'waiting') AND inbox IN ({marks(inboxes)})
                  ORDER BY created_at, id"""  # noqa: S608 - marks only
        return [Waiting(*tuple(row)) for row in self._rows(sql, inboxes)]

    def glance_failed(self, inboxes: Sequence[str]) -> list[Failed]:
        """What failed in these inboxes, the newest first, at most a thousand."""
        sql = f"""SELECT id, root, relative, output_name, size_bytes, mtime_ns,
                  json_extract(document, '$.why') AS why, json_extract(document, '$.hint') AS hint,
                  messages > 0 OR json_extract(document, '$.route') = 'local'
                  OR json_extract(document, '$.rule.route') = 'local' AS free
                  FROM jobs WHERE state = 'failed' AND inbox IN ({marks(inboxes)})
                  ORDER BY created_at DESC, id LIMIT ?"""  # noqa: S608 - marks only
        rows = self._rows(sql, (*inboxes, _FAILED_LIMIT))
        return [Failed(**{**dict(row), "free": bool(row["free"])}) for row in rows]

    def in_line(self, inboxes: Sequence[str]) -> tuple[int, float | None]:
        """How many run or wait for a place, and since when the first of those waits."""
        sql = f"""SELECT count(*) AS n, min(CASE state WHEN 'queued' THEN updated_at END) AS at
                  FROM jobs WHERE live = 1 AND state IN ('queued', 'running')
                  AND inbox IN ({marks(inboxes)})"""  # noqa: S608 - marks only
        row = self._rows(sql, inboxes)[0]
        return int(row["n"]), row["at"]

    def states_live(self) -> dict[str, int]:
        """How many of what is not at its end stand in each state."""
        rows = self._rows("SELECT state, count(*) AS n FROM jobs WHERE live = 1 GROUP BY state")
        return {str(row["state"]): int(row["n"]) for row in rows}

    def last_results(self, outbox: str, limit: int) -> list[str]:
        """The names of what was delivered last into an outbox, relative to it."""
        sql = "SELECT output FROM deliveries WHERE outbox = ? ORDER BY at DESC LIMIT ?"
        return [str(row["output"]) for row in self._rows(sql, (outbox, limit))]
