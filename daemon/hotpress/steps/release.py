"""What becomes of the source, after its result is delivered and on record. Keep, or archive.

The private name is looked for first: a crash may have left the source under it.
"""

from __future__ import annotations

import errno
import shutil
from dataclasses import replace
from pathlib import Path

from hotpress import files, policy
from hotpress.model import Job, Next, Outcome
from hotpress.steps import closing
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """Move the very file that was read; anything else goes back where it was."""
    if policy.open_renders(job):  # made here after all: nothing of it may run on in the cloud
        job = closing.settle(job, tools)
        if policy.open_renders(job):
            return closing.later(job, tools)
    if job.rule.source == "keep" or job.rule.archive_to is None:
        return _done(job, tools, "")
    private = job.source.with_name(job.private_name)
    with files.told(job.source, "inbox"):
        if job.begins > policy.BEGINS_TOGETHER + 1 and private.exists():
            return _done(job, tools, f"hotpress stopped in this step: {_put_back(job, private)}")
        if not _hidden(job, private):
            return _done(job, tools, _archived(job) or "the source was no longer there")
        if not _is_the_one(job, private):
            return _done(job, tools, f"the source changed: {_put_back(job, private)}")
        try:
            return _archive(job, private, tools)
        except OSError as error:
            # Whatever it is, nobody should find the source hidden while it is looked into.
            if private.exists():
                _put_back(job, private)
            raise files.as_file_error(error, _target(job), "archive") from error


resume = run


def _hidden(job: Job, private: Path) -> bool:
    """Move the source to its private name, unless a crash came after that; False: it is gone."""
    if private.exists():
        return True
    try:
        files.place(job.source, private)
    except FileNotFoundError:
        return False
    files.sync_folder(job.source.parent)
    return True


def _is_the_one(job: Job, private: Path) -> bool:
    status = private.lstat()
    same_file = (status.st_dev, status.st_ino) == (job.device, job.inode)
    same_bytes = (status.st_size, status.st_mtime_ns) == (job.size_bytes, job.mtime_ns)
    return same_bytes and (same_file or _same_hash(job, private))


def _same_hash(job: Job, private: Path) -> bool:
    """Device and inode change at every remount: then the bytes decide."""
    return bool(job.source_sha256) and files.sha256_at(private) == job.source_sha256


def _put_back(job: Job, private: Path) -> str:
    """Never over another file: when the name is taken, beside it, and said."""
    for n in range(100):
        name = job.source.name if n == 0 else f"{job.source.stem} (kept {n}){job.source.suffix}"
        try:
            files.place(private, job.source.with_name(name))
        except FileExistsError:
            continue
        files.sync_folder(private.parent)
        return "it stays where it was" if n == 0 else f"it stays, as {name}"
    return f"it lies in {private.name}"


def _archive(job: Job, private: Path, tools: Tools) -> Outcome:
    target = _target(job)
    target.parent.mkdir(parents=True, exist_ok=True)
    for n in range(1, 100):
        name = target.name if n == 1 else f"{target.stem} v{n}{target.suffix}"
        path = target.with_name(name)
        try:
            if not _moved(job, private, path):
                return _done(job, tools, f"it could not be archived: {_put_back(job, private)}")
        except FileExistsError:
            if files.sha256_at(path) != files.sha256_at(private):
                continue
            private.unlink()  # a crash came between the copy and this line
        files.sync_folder(path.parent)
        files.sync_folder(private.parent)
        return _done(job, tools, f"the original lies in {path}")
    return _done(job, tools, f"it could not be archived: {_put_back(job, private)}")


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
    temp = path.with_name(f".hotpress-{job.id}.part")
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


def _target(job: Job) -> Path:
    return Path(job.rule.archive_to or "") / job.relative


def _archived(job: Job) -> str:
    """After a crash between the move and the outcome: it lies where it belongs."""
    path = _target(job)
    return f"the original lies in {path}" if path.exists() else ""


def _done(job: Job, tools: Tools, note: str) -> Outcome:
    return Next(replace(job, released_at=tools.clock.now(), note=note), why=note)
