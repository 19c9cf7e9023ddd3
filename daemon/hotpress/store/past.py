"""What past jobs took, for who tells how long the next one takes. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotpress.store.database import Database, marks
from hotpress.store.records import of_a_link

_LOOKED_AT = 60  # delivered jobs, the newest first: some may be copies, which teach nothing


@dataclass(frozen=True, slots=True)
class Delivered:
    """A past job that was really made: `lines` are (at, step, what)."""

    route: str
    size_bytes: int
    duration_seconds: float | None
    lines: tuple[tuple[float, str, str], ...]


class Past(Database):
    """Reads only."""

    def delivered_before(self, at: float, count: int = 15) -> list[Delivered]:
        """The last ones of each route that were delivered before `at`."""
        sql = f"""SELECT id, route, size_bytes, duration FROM (
                   SELECT id, size_bytes, finished_at,
                     json_extract(document, '$.route') AS route,
                     json_extract(document, '$.facts.duration_seconds') AS duration,
                     json_extract(document, '$.final.made_by') AS made_by,
                     row_number() OVER (PARTITION BY json_extract(document, '$.route')
                       ORDER BY finished_at DESC) AS n
                   FROM (SELECT * FROM jobs WHERE state = 'delivered' AND finished_at <= ?
                         ORDER BY finished_at DESC LIMIT ?)
                   WHERE json_extract(document, '$.final.made_by') IN ('cloud', 'encode')
                   AND NOT {of_a_link("relative")})
                 WHERE n <= ?"""  # noqa: S608 - our own text
        rows = self._rows(sql, (at, _LOOKED_AT, count))
        lines = self._lines([str(row["id"]) for row in rows])
        return [
            Delivered(r["route"], r["size_bytes"], r["duration"], tuple(lines.get(r["id"], ())))
            for r in rows
        ]

    def step_begun(self, jobs: Sequence[str]) -> dict[tuple[str, str], float]:
        """Job and step -> when it was begun last, as the stories of these jobs tell it."""
        sql = f"""SELECT job, step, max(at) AS at FROM journal
                  WHERE job IN ({marks(jobs)}) AND what = 'begun' GROUP BY job, step"""  # noqa: S608 - marks only
        return {(str(r["job"]), str(r["step"])): float(r["at"]) for r in self._rows(sql, jobs)}

    def _lines(self, jobs: Sequence[str]) -> dict[str, list[tuple[float, str, str]]]:
        sql = f"""SELECT job, at, step, what FROM journal WHERE job IN ({marks(jobs)})
                  ORDER BY job, at, rowid"""  # noqa: S608 - marks only
        found: dict[str, list[tuple[float, str, str]]] = {}
        for row in self._rows(sql, jobs):
            found.setdefault(row["job"], []).append((row["at"], row["step"], row["what"]))
        return found
