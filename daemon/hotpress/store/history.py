"""The history: jobs by what a person looks for, and their sums. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from hotpress.model import Job
from hotpress.store.documents import Documents
from hotpress.store.records import of_a_link

# Delivered, of a video that lay here.
_SEEN = f"after_bytes IS NOT NULL AND NOT {of_a_link('relative')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person looks for: each "" or None leaves all."""

    state: str = ""
    inbox: str = ""
    since: float | None = None  # made at or after
    text: str = ""  # somewhere in the source's path, case ignored


@dataclass(frozen=True, slots=True)
class Sums:
    """Of all that match. Bytes of those that were delivered: before, and after."""

    count: int
    delivered: int
    before: int
    after: int


class History(Documents):
    """Everything here is found in indexes: a document is read only of what is listed."""

    def listed(self, wanted: Wanted, limit: int) -> list[Job]:
        """The newest first."""
        where, values = _where(wanted)
        if not values:
            return self._jobs("ORDER BY created_at DESC, id LIMIT ?", (limit,))
        rest = f"""WHERE rowid IN (SELECT rowid FROM jobs INDEXED BY jobs_sums {where}
                   ORDER BY created_at DESC LIMIT ?) ORDER BY created_at DESC, id"""  # noqa: S608 - our own text
        return self._jobs(rest, (*values, limit))

    def sums(self, wanted: Wanted) -> Sums:
        """Of all that match, however many are listed."""
        where, values = _where(wanted)
        sql = f"""SELECT count(*), count(after_bytes),
                  coalesce(sum(size_bytes) FILTER (WHERE {_SEEN}), 0),
                  coalesce(sum(after_bytes) FILTER (WHERE {_SEEN}), 0)
                  FROM jobs INDEXED BY jobs_sums {where}"""  # noqa: S608 - our own text
        return Sums(*tuple(self._rows(sql, values)[0]))

    def saved(self, since: float, width_seconds: float) -> dict[int, tuple[int, int, int]]:
        """Span of time since then -> videos delivered, their bytes before and after."""
        sql = f"""SELECT CAST((created_at - ?) / ? AS INTEGER) AS span, count(*),
                  sum(size_bytes), sum(after_bytes)
                  FROM jobs INDEXED BY jobs_sums
                  WHERE state = 'delivered' AND created_at >= ? AND {_SEEN} GROUP BY span"""  # noqa: S608 - our own text
        rows = self._rows(sql, (since, width_seconds, since))
        return {int(row[0]): (int(row[1]), int(row[2]), int(row[3])) for row in rows}


def _where(wanted: Wanted) -> tuple[str, tuple[str | float, ...]]:
    parts: list[tuple[str, str | float]] = []
    if wanted.state:
        parts.append(("state = ?", wanted.state))
    if wanted.inbox:
        parts.append(("inbox = ?", wanted.inbox))
    if wanted.since is not None:
        parts.append(("created_at >= ?", wanted.since))
    if wanted.text:  # SQLite folds case in ASCII alone: "ü" finds "ü"
        parts.append(("instr(lower(relative), ?) > 0", _folded(wanted.text)))
    if not parts:
        return "", ()
    return "WHERE " + " AND ".join(each for each, _ in parts), tuple(value for _, value in parts)


def _folded(text: str) -> str:
    """As SQLite's lower() does it."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)
