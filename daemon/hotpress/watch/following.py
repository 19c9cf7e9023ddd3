"""When a folder is looked at as a whole, and whether its events are worth waiting for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hotpress import log
from hotpress.clock import Clock
from hotpress.config.settings import Watch
from hotpress.human import seconds_text
from hotpress.watch import obstacles
from hotpress.watch.filesystems import file_system_of, rescan_seconds
from hotpress.watch.hints import Hints
from hotpress.watch.observer import Observed
from hotpress.watch.obstacles import BY_CONFIG, GONE, SILENT, Obstacle, is_more_than
from hotpress.watch.trust import Trust

MOST_FOLDERS = 20_000  # tested with lost events; above, starting to watch takes seconds
_WORK_SHARE = 50.0  # a look at everything is followed by fifty times as long without one
_SOON_SHARE = 10.0  # the same where something in the folder, or a new config, asks for it
_RENEW_SECONDS = 30.0  # between two observers after lost events: a storm must not keep us busy
_TRY_SECONDS = 3_600.0  # between two tries where the system has too few watches
_NEVER = float("-inf")
_LOGGER = log.get("watch")


@dataclass(slots=True)
class Following:
    """Of one folder; owned by its thread. `watching` and `told` are what `status` shows."""

    settings: Watch
    clock: Clock
    hints: Hints = field(default_factory=Hints)
    watching: str = "polling"
    why: Obstacle | None = None  # it is polled
    most_folders: int = MOST_FOLDERS
    trust: Trust = field(default_factory=Trust)
    _observed: Observed | None = None
    _renewed_at: float = _NEVER
    _refused: Obstacle | None = None
    _refused_at: float = _NEVER
    _rescan_at: float = 0.0
    _began_at: float = 0.0
    _soon_at: float = _NEVER  # not before that by what happens in the folder
    _spilled: bool = False
    _every: float = 0.0  # seconds between two rescans, as it is now

    def is_due(self) -> bool:
        """Is it time to look at everything?"""
        dead = self._observed is not None and not self._observed.is_alive()
        return dead or self.hints.rescan_asked or self.clock.steady() >= self._rescan_at

    def rest_seconds(self) -> float:
        """Until the next rescan."""
        return max(0.0, self._rescan_at - self.clock.steady())

    def look_soon(self) -> None:
        """A folder came, or rules were written: look at everything, but not all the time.

        Whoever writes rules each second must not keep a disk of a hundred thousand files busy.
        """
        self._rescan_at = min(self._rescan_at, self._soon_at)

    def before(self, root: Path) -> None:
        """A rescan begins: watched first, so that nothing falls between the two."""
        self._spilled = self.hints.spilled
        self.hints.rescan_begins()
        self._began_at = self.clock.steady()
        if self._is_good():
            return
        self.stop()
        self.why = self._reason_against(root)
        if self.why is None:
            self._observe(root)

    def after(
        self, root: Path, *, fresh: Iterable[tuple[str, float]], at_most_seconds: float
    ) -> None:
        """A rescan has ended, the first to see `fresh`: paths, and when they changed."""
        if self._observed is not None:
            self._judge(self._observed, fresh)
        took = self.clock.steady() - self._began_at
        self._soon_at = self.clock.steady() + took * _SOON_SHARE
        period = self._every = self._period(root, took)
        if self._observed is not None and self._observed.lost:
            period = min(period, _RENEW_SECONDS)
        self._rescan_at = self.clock.steady() + min(period, at_most_seconds)

    def take(self, seconds: float) -> list[str]:
        """The paths that were hinted at; waits for them, at most `seconds`."""
        paths = self.hints.take(seconds)
        trust = self.trust.excused() if self.hints.spilled else self.trust.told(paths)
        self.trust = trust.at(self.clock.steady())
        if self.trust.is_lost and self.watching == "events":
            self._poll(obstacles.unreliable(self.trust.misses))
            self._every = self.settings.poll
            self._rescan_at = min(self._rescan_at, self.clock.steady() + self._every)
        return paths

    def stop(self) -> None:
        """Watch no more."""
        if self._observed is not None:
            self._observed.stop()
            self._observed = None
        self.watching = "polling"

    def told(self) -> str:
        """Why this folder is polled, for people; "" where its events serve."""
        if self.why is None:
            return ""
        helps = f"; {self.why.helps}" if self.why.helps else ""
        return f"{self.why.why}: looked at every {self._every_text()}{helps}"

    def _every_text(self) -> str:
        return seconds_text(self._every or self.settings.poll)

    def _is_good(self) -> bool:
        """May the observer stay as it is?"""
        old = self._observed
        if old is None or not old.is_alive() or self.settings.mode == "polling":
            return False
        soon = self.clock.steady() - self._renewed_at < _RENEW_SECONDS
        return not old.lost or soon

    def _reason_against(self, root: Path) -> Obstacle | None:
        """Why its events are not asked for at all."""
        if self.settings.mode == "polling":
            return BY_CONFIG
        if not root.is_dir():
            self._refused = None  # what comes back may be another one
            return GONE
        if self._refused and self.clock.steady() - self._refused_at < _TRY_SECONDS:
            return self._refused
        return None

    def _observe(self, root: Path) -> None:
        limit, too_many = obstacles.most_folders(self.most_folders)
        if is_more_than(root, limit):
            self._refuse(too_many)
            return
        fresh = Observed(root, self.hints)
        fresh.start()
        if not fresh.alive:
            self._refuse(SILENT)
        elif fresh.unwatched:
            fresh.stop()
            self._refuse(obstacles.unwatched(fresh.unwatched))
        else:
            self._observed, self._renewed_at = fresh, self.clock.steady()
            self.trust = Trust(self.clock.now())
            self.watching = "events"

    def _judge(self, observed: Observed, fresh: Iterable[tuple[str, float]]) -> None:
        """What the rescan says of the events."""
        limit, too_many = obstacles.most_folders(self.most_folders)
        if observed.watched > limit:  # folders that came later
            self.stop()
            self._refuse(too_many)
        elif observed.unwatched:
            self.stop()
            self._refuse(obstacles.unwatched(observed.unwatched))
        elif observed.lost or self._spilled:
            self.trust = self.trust.excused()
        else:
            self.trust = self.trust.found(fresh, self.clock.now(), self.clock.steady())

    def _refuse(self, why: Obstacle) -> None:
        """Not here: to try again soon would cost much, and take the watches of others each time."""
        self._refused, self._refused_at = why, self.clock.steady()
        self._poll(why)

    def _poll(self, why: Obstacle) -> None:
        _LOGGER.warning("watch.polling", why=why.why)
        self.watching, self.why = "polling", why

    def _period(self, root: Path, took: float) -> float:
        """Seconds from one rescan, which `took` so long, to the next."""
        watch = self.settings
        kind = file_system_of(root)
        seconds = rescan_seconds(kind, watch.mode, watch.rescan, watch.poll)
        if self.watching == "polling":
            seconds = min(seconds, watch.poll)
        # A large tree on a slow disk would be looked at all the time.
        return max(seconds, min(watch.rescan, took * _WORK_SHARE))
