"""Where a released source goes: archive, trash, or away. It lies under its private name now.

Each leaves the private name only when the file is safe where it belongs; whatever fails before
that leaves it there, and `release` puts it back.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
from pathlib import Path

from hotpress import files, trash
from hotpress.model import Job


def by_policy(job: Job, private: Path, now: float) -> str:
    """Dispose of it as the rule says; what a person reads of it. Raises OSError, NotAllowed."""
    if job.rule.source == "delete":
        private.unlink()
        files.sync_folder(private.parent)
        return "the original is deleted, as the rule says"
    if job.rule.source == "trash":
        place = trash.put(private, job.source, now)
        files.sync_folder(private.parent)
        return f"the original lies in the trash, as {place.name}"
    return _archived(job, private)


def target(job: Job) -> Path:
    """Where the archive has it: subfolders are mirrored."""
    return Path(job.rule.archive_to or "") / job.relative


def trace(job: Job) -> str:
    """After a crash between the move and the outcome: it lies where it belongs."""
    if job.rule.source == "archive":
        path = target(job)
        return f"the original lies in {path}" if path.exists() else ""
    return "the original is gone, as the rule says" if job.begins > 1 else ""


def forget_half(job: Job) -> None:
    """What a crash left of a copy into the archive."""
    if job.rule.source == "archive":
        with contextlib.suppress(OSError):  # the archive is away
            _half(job).unlink(missing_ok=True)


def _half(job: Job) -> Path:
    return target(job).with_name(f".hotpress-{job.id}.part")


def _make_folder(job: Job, folder: Path) -> None:
    """Its name, and those above it, are on disk before anything is moved into it."""
    top = Path(job.rule.archive_to or "")
    is_new = not top.exists()
    folder.mkdir(parents=True, exist_ok=True)
    files.sync_up(folder, top.parent if is_new else top)


def _archived(job: Job, private: Path) -> str:
    wish = target(job)
    _make_folder(job, wish.parent)
    for n in range(1, 100):
        name = wish.name if n == 1 else f"{wish.stem} v{n}{wish.suffix}"
        path = wish.with_name(name)
        try:
            if not _moved(job, private, path):
                return "the copy in the archive differs from the original"
        except FileExistsError:
            if files.sha256_at(path) != files.sha256_at(private):
                continue
            files.sync_file(path)
            forget_half(job)
            private.unlink()  # a crash came between the copy and this line
        files.sync_folder(path.parent)
        files.sync_folder(private.parent)
        return f"the original lies in {path}"
    return "a hundred files of this name lie in the archive"


def _moved(job: Job, private: Path, path: Path) -> bool:
    try:
        files.place(private, path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return _copied(job, private, path)
    return True


def _copied(job: Job, private: Path, path: Path) -> bool:
    """Across file systems: copy, sync, place, compare, and only then unlink."""
    temp = _half(job)
    try:
        with private.open("rb") as file:
            _, sha256 = files.copy_synced(file, temp)
        shutil.copystat(private, temp)  # times and mode: never readable by more than before
        files.place(temp, path)
    except BaseException:
        temp.unlink(missing_ok=True)
        raise
    files.sync_folder(path.parent)
    if files.sha256_at(path) != sha256 or files.sha256_at(private) != sha256:
        return False
    private.unlink()
    return True
