"""How far the events of a mount may be trusted: by what only the rescan found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

MISSES = 2  # so many files without an event: others may come without one, too
LATE_SECONDS = 5.0  # an event that has not come by then does not come


@dataclass(frozen=True, slots=True)
class Trust:
    """`since`: from when on events should have come, by the wall clock; None: not at all."""

    since: float | None = None
    misses: int = 0
    # Paths that a rescan was the first to see, and when that was by the steady clock: their event
    # may lie in the queue of a machine that is busy, or was stopped.
    waited_for: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_lost(self) -> bool:
        """Are the events of this mount unreliable?"""
        return self.misses >= MISSES

    def found(self, fresh: Iterable[tuple[str, float]], now: float, steady: float) -> Trust:
        """After a rescan that was the first to see these paths, which changed at these times.

        What changed before the watch began proves nothing; nor does a time that lies ahead of
        this machine's clock.
        """
        if self.since is None:
            return self
        begun = self.since + LATE_SECONDS
        more = {path: steady for path, at in fresh if begun < at <= now}
        return replace(self, waited_for={**more, **self.waited_for})

    def told(self, paths: Iterable[str]) -> Trust:
        """Events of these paths came after all."""
        if not self.waited_for:
            return self
        came = set(paths)
        left = {path: at for path, at in self.waited_for.items() if path not in came}
        return replace(self, waited_for=left)

    def at(self, steady: float) -> Trust:
        """What has had its time is a miss."""
        late = {p for p, since in self.waited_for.items() if steady - since >= LATE_SECONDS}
        return replace(self.told(late), misses=self.misses + len(late)) if late else self

    def excused(self) -> Trust:
        """Events were lost in a known way: what was waited for proves nothing."""
        return replace(self, waited_for={}) if self.waited_for else self
