"""Jobs as they come out of the store: whole, each from its own document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotpress.model import Job
from hotpress.store.database import Database
from hotpress.store.records import to_job


class Documents(Database):
    """What every question after jobs is asked with."""

    def _jobs(self, rest: str, values: Sequence[Any] = ()) -> list[Job]:
        """The jobs of `SELECT ... FROM jobs` with this rest: our own text, values as marks."""
        rows = self._rows(f"SELECT document FROM jobs {rest}", values)  # noqa: S608 - our own text
        return [to_job(row["document"]) for row in rows]

    def _job(self, rest: str, values: Sequence[Any] = ()) -> Job | None:
        """The first of them."""
        return next(iter(self._jobs(rest, values)), None)
