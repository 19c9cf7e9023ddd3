"""When a folder is looked at as a whole, and whether its events are worth waiting for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hotpress import log
from hotpress.clock import Clock
from hotpress.config.settings import Watch
from hotpress.human import count_text, seconds_text
from hotpress.watch.filesystems import file_system_of, rescan_seconds
from hotpress.watch.hints import Hints
from hotpress.watch.observer import Observed
from hotpress.watch.trust import Trust

MOST_FOLDERS = 20_000  # tested with lost events; above, starting to watch takes seconds
_WORK_SHARE = 50.0  # a look at everything is followed by fifty times as long without one
_RENEW_SECONDS = 30.0  # between two observers after lost events: a storm must not keep us busy
_LOGGER = log.get("watch")


@dataclass(slots=True)
class Following:
    """Of one folder; owned by its thread. `watching` and `why` are what `status` shows."""

    settings: Watch
    clock: Clock
    hints: Hints = field(default_factory=Hints)
    watching: str = "polling"
    why: str = ""
    most_folders: int = MOST_FOLDERS
    trust: Trust = field(default_factory=Trust)
    _observed: Observed | None = None
    _renewed_at: float = -_RENEW_SECONDS
    _rescan_at: float = 0.0
    _began_at: float = 0.0
    _every: float = 0.0  # seconds between two rescans, as it is now

    def is_due(self) -> bool:
        """Is it time to look at everything?"""
        dead = self._observed is not None and not self._observed.is_alive()
        return dead or self.hints.rescan_asked or self.clock.steady() >= self._rescan_at

    def rest_seconds(self) -> float:
        """Until the next rescan."""
        return max(0.0, self._rescan_at - self.clock.steady())

    def before(self, root: Path) -> None:
        """A rescan begins: watched first, so that nothing falls between the two."""
        self.hints.rescan_begins()
        self._began_at = self.clock.steady()
        if self._is_good():
            return
        self.stop()
        self.why = self._reason_against(root)
        if not self.why:
            fresh = Observed(root, self.hints)
            fresh.start()
            self._observed, self._renewed_at = fresh, self.clock.steady()
            self.why = _unwatched(fresh)
            self.trust = Trust(self.clock.now() if fresh.alive and not self.why else None)
        self.watching = "events" if self._observed is not None and not self.why else "polling"

    def after(self, root: Path, *, fresh: Iterable[float], at_most_seconds: float) -> None:
        """A rescan has ended that first saw files which changed at `fresh` (by the wall clock)."""
        self.trust = self.trust.after(fresh, self.clock.now())
        if self.trust.is_lost and self.watching == "events":
            _LOGGER.warning("watch.unreliable", folder=str(root), misses=self.trust.misses)
            self.watching = "polling"
            self.why = f"{count_text(self.trust.misses, 'file')} came here without a word of it"
        took = self.clock.steady() - self._began_at
        period = self._every = self._period(root, took)
        if self._observed is not None and self._observed.lost:
            period = min(period, _RENEW_SECONDS)
        self._rescan_at = self.clock.steady() + min(period, at_most_seconds)

    def stop(self) -> None:
        """Watch no more."""
        if self._observed is not None:
            self._observed.stop()
            self._observed = None

    def told(self) -> str:
        """Why this folder is polled, for people; "" where its events serve."""
        every = seconds_text(self._every or self.settings.poll)
        return f"{self.why}: looked at every {every}" if self.why else ""

    def _is_good(self) -> bool:
        """May the observer stay as it is?"""
        old = self._observed
        if old is None or not old.is_alive() or self.settings.mode == "polling":
            return False
        soon = self.clock.steady() - self._renewed_at < _RENEW_SECONDS
        return not old.lost or soon

    def _reason_against(self, root: Path) -> str:
        """Why its events are not asked for at all."""
        if self.settings.mode == "polling":
            return "watch.mode is polling"
        if not root.is_dir():
            return "the folder is not there"
        if is_more_than(root, self.most_folders):
            return f"it has more than {self.most_folders:,} folders"
        return ""

    def _period(self, root: Path, took: float) -> float:
        """Seconds from one rescan, which `took` so long, to the next."""
        watch = self.settings
        kind = file_system_of(root)
        seconds = rescan_seconds(kind, watch.mode, watch.rescan, watch.poll)
        if self.watching == "polling":
            seconds = min(seconds, watch.poll)
        # A large tree on a slow disk would be looked at all the time.
        return max(seconds, min(watch.rescan, took * _WORK_SHARE))


def is_more_than(root: Path, limit: int) -> bool:
    """Has it more folders than `limit`, itself included? Looks no further than it must."""
    stack, count = [str(root)], 1
    while stack and count <= limit:
        try:
            with os.scandir(stack.pop()) as entries:
                inner = [e.path for e in entries if e.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        count += len(inner)
        stack += inner
    return count > limit


def _unwatched(observed: Observed) -> str:
    """Where the system has no watch left; watchdog itself says nothing of it."""
    if not observed.alive:
        return "the system gives no word of changes here"
    if observed.unwatched:
        folders = count_text(observed.unwatched, "folder")
        return f"{folders} can't be watched (raise fs.inotify.max_user_watches)"
    return ""
