"""Sources that are gone: one cancels its job, many at once are the folder's own fault."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from hotpress import log
from hotpress.admission import Admission, identity
from hotpress.model import State

_MANY, _MANY_SHARE = 10, 0.2  # more sources than this, or of all videos there, at once
_AT_ONCE_SECONDS = 60.0
_SETTLES_BETWEEN = 3.0  # looks: a program that replaces a file takes it away for a moment
_NEVER = float("inf")
_LOGGER = log.get("ingest")


@dataclass(slots=True)
class Absent:
    """Jobs of one inbox whose source was not there at the last look. Steady seconds."""

    since: dict[str, float] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    root_seen: str = ""

    def look(self, admission: Admission, root: Path, videos: Collection[str]) -> None:
        """After a rescan that found `videos`: what is gone at two looks in a row, is gone."""
        now = admission.clock.steady()
        live = admission.store.live_at(str(root))
        gone = {job: path for job, path, _ in live if path not in videos and _gone(root / path)}
        first = {job for job in gone if job not in self.since}
        self.since = {job: self.since.get(job, now) for job in gone}
        # One that was told in a pause, and tries in vain since that ended, is told once more.
        self.told &= {job for job, _, state in live if job in gone and state is not State.WAITING}
        if not gone:
            self._remember(admission, root)
        settle = admission.watching_as.settle
        ripe = [
            job for job in gone if job not in first | self.told and now - self.since[job] >= settle
        ]
        if not ripe:
            return
        # Sources, not jobs: one file may have several, of its versions and outputs.
        recent = {gone[job] for job, at in self.since.items() if now - at <= _AT_ONCE_SECONDS}
        many = is_many(len(recent), len(videos) + len(set(gone.values())))
        verb = "missing" if many or self._another(admission, root) else "vanished"
        for job in ripe:
            _LOGGER.info("source.vanished", job=job, inbox=admission.name, path=gone[job], as_=verb)
            admission.store.ask(verb, job, {}, admission.clock.now())
            self.told.add(job)
        admission.changed()

    def again_seconds(self, settle: float) -> float:
        """How soon to look again, while something is gone that nobody was told of."""
        return settle * _SETTLES_BETWEEN if set(self.since) - self.told else _NEVER

    def _remember(self, admission: Admission, root: Path) -> None:
        """Which folder it is that has all the sources."""
        seen = identity(root)
        if seen and seen != self.root_seen:
            self.root_seen = seen
            admission.store.set_note(f"root:{root}", seen)

    def _another(self, admission: Admission, root: Path) -> bool:
        """Is it another folder than the one that had all the sources: unmounted, replaced?"""
        known = self.root_seen or admission.store.note(f"root:{root}")
        return known not in (None, "", identity(root))


def is_many(gone: int, known: int) -> bool:
    """So many sources at once that a mount or a sync client took them, not a person one by one."""
    return gone > _MANY or (gone > 1 and gone > known * _MANY_SHARE)


def _gone(path: Path) -> bool:
    """Is it surely not there? What can't be looked at is not called gone."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
