"""How far the events of a mount may be trusted: by what only the rescan found. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

MISSES = 2  # so many files without an event: others may come without one, too
LATE_SECONDS = 5.0  # an event that has not come by then does not come


@dataclass(frozen=True, slots=True)
class Trust:
    """`since`: from when on events should have come, by the wall clock; None: not at all."""

    since: float | None = None
    misses: int = 0

    @property
    def is_lost(self) -> bool:
        """Are the events of this mount unreliable?"""
        return self.misses >= MISSES

    def after(self, changed_at: Iterable[float], now: float) -> Trust:
        """After a rescan that was the first to see files which changed at these times.

        What changed before the watch began, or a moment ago, proves nothing; nor does a time that
        lies ahead of this machine's clock.
        """
        if self.since is None:
            return self
        late = [at for at in changed_at if self.since + LATE_SECONDS < at < now - LATE_SECONDS]
        return replace(self, misses=self.misses + len(late))
