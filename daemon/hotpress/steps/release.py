"""What becomes of the source, after its result is delivered and on record.

It is moved to a private name beside it first, and compared there with what was read: whoever
saves a new file under its name in the meantime loses nothing. A crash may have left it under the
private name, so that is looked for first.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hotpress import files, policy, synced
from hotpress.errors import HotpressError
from hotpress.human import joined
from hotpress.model import Job, Next, Outcome, State
from hotpress.steps import closing, dispose
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """Move the very file that was read; anything else goes back where it was."""
    if policy.open_renders(job):  # made here after all: nothing of it may run on in the cloud
        job = closing.settle(job, tools)
        if policy.open_renders(job):
            return closing.later(job, tools)
    if job.rule.source == "keep":
        return _done(job, tools, "")
    private = job.source.with_name(job.private_name)
    stays = None if private.exists() else _stays(job, tools)
    if stays is not None:
        return _done(job, tools, stays)
    with files.told(job.source, "inbox"):
        if job.begins > policy.BEGINS_TOGETHER + 1 and private.exists():
            note = f"hotpress stopped in this step: {_put_back(job, private)}"
            dispose.forget_half(job)
            return _done(job, tools, note)
        refused = "" if private.exists() else _refused(job)
        if refused:
            return _done(job, tools, refused)
        if not _hidden(job, private):
            return _done(job, tools, dispose.trace(job) or "the source was no longer there")
        if not _is_the_one(job, private):
            return _done(job, tools, f"the source changed: {_put_back(job, private)}")
        return _disposed(job, private, tools)


resume = run


def _stays(job: Job, tools: Tools) -> str | None:
    """Why this job leaves the source alone, "" when it is simply not its turn; None: it moves it.

    Of several results the one that is delivered last moves the source, once; while one of them
    has failed, nobody does. What somebody wanted of it besides never moves it, and still needs it.
    """
    wanted = tools.desk.wanted_later()
    if wanted is not None:
        return f"the original stays: {wanted.rule.output_name} is still to be made of it"
    if not job.rule.beside:
        return None
    others = [tools.desk.beside(name) for name in job.rule.beside]
    undone = [each for each in others if each is None or each.state is not State.DELIVERED]
    failed = [each for each in undone if each is None or not each.live]
    if failed:
        name = failed[0].rule.output_name if failed[0] else "another result"
        return f"the original stays: {name} was not delivered"
    if undone or not tools.desk.may_release():
        return ""
    return None


def _refused(job: Job) -> str:
    """Where the folder is synced, what goes here goes on every device: only with a clear yes."""
    if job.rule.propagates_deletion == "ok":
        return ""
    archive = Path(job.rule.archive_to) if job.rule.archive_to else None
    found = synced.propagates(job.source.parent, job.rule.source, archive)
    if found is None:
        return ""
    return (
        f"the original stays: {found.client} keeps {found.root} in step, and it would go on every "
        "device (propagates_deletion: ok allows that)"
    )


def _disposed(job: Job, private: Path, tools: Tools) -> Outcome:
    try:
        note = dispose.by_policy(job, private, tools.clock.now())
    except (OSError, HotpressError) as error:
        # Whatever it is, nobody should find the source hidden while it is looked into.
        if private.exists():
            _put_back(job, private)
        if isinstance(error, OSError):
            place = dispose.target(job) if job.rule.archive_to else job.source
            raise files.as_file_error(error, place, "archive") from error
        raise
    if private.exists():
        note = f"{note or 'it could not be moved'}: {_put_back(job, private)}"
    return _done(job, tools, note)


def _hidden(job: Job, private: Path) -> bool:
    """Move the source to its private name, unless a crash came after that; False: it is gone."""
    if private.exists():
        return True
    try:
        files.move_aside(job.source, private)
    except FileNotFoundError:
        return False
    files.sync_folder(job.source.parent)
    return True


def _is_the_one(job: Job, private: Path) -> bool:
    status = private.lstat()
    same_file = (status.st_dev, status.st_ino) == (job.device, job.inode)
    same_bytes = (status.st_size, status.st_mtime_ns) == (job.size_bytes, job.mtime_ns)
    if not same_bytes:
        return False
    if job.rule.source == "delete":  # nothing brings it back: its very bytes are compared
        return _same_hash(job, private)
    return same_file or _same_hash(job, private)


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


def _done(job: Job, tools: Tools, note: str) -> Outcome:
    told = joined(note, job.left_beside)  # what deliver had to say stays
    done = replace(job, released_at=tools.clock.now(), note=told)
    return Next(done, why=note or "the original stays where it is")
