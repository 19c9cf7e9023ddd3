"""Pictures of a job's video, made when somebody asks, and kept for a while.

Only ever of the very files that the job is about: a file that took the place of one of them is
another video. By job id, so that no path comes from outside.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from threading import Event

from hotpress.errors import NotAVideo
from hotpress.media import preview
from hotpress.model import Job
from hotpress.places import make_private_dir
from hotpress.reach import NoAnswer, within

KINDS = ("before", "after", "poster", "sheet")
_MOST_BYTES = 64_000_000  # of all pictures that are kept
_TURN_SECONDS = 8.0  # one is made at a time; who waits so long for that gets none
_ARCHIVE_TRIES = 9  # `name v2` and on, as the release step calls them
_FOLDER = "pictures"


class NoPicture(Exception):
    """There is none; the sentence says why."""


def source_now(job: Job) -> Path | None:
    """Where the video that was dropped lies now: in its folder, hidden there, or in the archive."""
    if job.is_link:
        return None
    places = [job.source]
    if job.private_name:
        places.append(job.source.with_name(job.private_name))
    if job.rule.archive_to:
        kept = Path(job.rule.archive_to) / job.relative
        places.append(kept)
        later = range(2, _ARCHIVE_TRIES + 1)
        places += [kept.with_name(f"{kept.stem} v{n}{kept.suffix}") for n in later]
    return next((place for place in places if _is(place, job.size_bytes, job.mtime_ns)), None)


def result_now(job: Job) -> Path | None:
    """The delivered file, where it was put; None where it is not there or is another one."""
    if job.output is None or job.final is None:
        return None
    return job.output if _is(job.output, job.final.size_bytes) else None


def _is(path: Path, size: int, mtime_ns: int | None = None) -> bool:
    try:
        found = within(path.parent, path.stat)
    except (OSError, NoAnswer):
        return False
    return found.st_size == size and mtime_ns in (None, found.st_mtime_ns)


class Pictures:
    """Those of one state directory. Any number of threads may ask."""

    def __init__(self, state: Path, stop: Event | None = None) -> None:
        self._folder = state / _FOLDER
        self._stop = stop
        self._turn = threading.Lock()

    def get(self, job: Job, kind: str, at_seconds: float | None = None) -> bytes:
        """A JPEG of `KINDS`: made now, unless it is there.

        `at_seconds`: which moment of the source, for all but the poster; else the middle.
        Raises NoPicture.
        """
        if kind not in KINDS:
            raise NoPicture("there is no such picture")
        if job.edited and kind in ("before", "sheet"):
            raise NoPicture("the result was edited, so its frames are others than the original's")
        source, result = source_now(job), result_now(job)
        if job.edited and kind == "after":
            source = None  # a cut moves everything: no frame of the original belongs to this one
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            raise NoPicture("other pictures are being made; look again in a moment")
        try:
            # A name for each moment and state: with a source that has gone there is another one.
            mark = f"{int(source is not None)}{int(result is not None)}"
            mark += "" if at_seconds is None else f"-{round(at_seconds * 1000)}"
            kept = self._read(self._path(job, kind, mark))
            if kept is not None:
                return kept
            for name, picture in _made(kind, source, result, at_seconds, self._stop).items():
                self._keep(self._path(job, name, mark), picture)
                kept = picture if name == kind else kept
        finally:
            self._turn.release()
        if kept is None:
            raise NoPicture("there is no such picture")
        return kept

    def sweep(self, is_known: Callable[[str], bool]) -> None:
        """Those of forgotten jobs go, and the oldest of the rest where they take too much."""
        for path in self._all():
            if not is_known(path.name.partition(".")[0]):
                path.unlink(missing_ok=True)
        self._bound(0)

    def _path(self, job: Job, kind: str, mark: str) -> Path:
        return self._folder / f"{job.id}.{kind}.{mark}.jpg"

    def _all(self) -> list[Path]:
        return list(self._folder.iterdir()) if self._folder.is_dir() else []

    @staticmethod
    def _read(path: Path) -> bytes | None:
        try:
            return path.read_bytes() or None
        except OSError:
            return None

    def _keep(self, path: Path, picture: bytes) -> None:
        """A full disk costs the copy, not the picture."""
        with contextlib.suppress(OSError):
            make_private_dir(self._folder)
            self._bound(len(picture))
            half = path.with_suffix(".part")
            descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(picture)
            half.replace(path)

    def _bound(self, coming: int) -> None:
        found = []
        for path in self._all():
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        held = coming + sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if held <= _MOST_BYTES:
                break
            path.unlink(missing_ok=True)
            held -= size


def _made(
    kind: str, source: Path | None, result: Path | None, at: float | None, stop: Event | None
) -> dict[str, bytes]:
    """What was asked for, and what comes with it: the two halves are made in one go."""
    try:
        if kind == "sheet" and source and result:
            return {kind: preview.sheet(source, result, at_seconds=at, stop=stop).pictures[0]}
        if kind in ("before", "after") and source and result:
            both = preview.pair(source, result, at_seconds=at, stop=stop).pictures
            return dict(zip(("before", "after"), both, strict=True))
        one = {"before": source, "after": result}.get(kind, source or result)
        if one is not None and kind != "sheet":
            return {kind: preview.poster(one, stop=stop).pictures[0]}
    except NotAVideo as error:
        raise NoPicture(error.why) from None
    if kind == "after":
        raise NoPicture("the result is not where it was put, or is another file now")
    raise NoPicture("the original is not where it was, or is another file now")
