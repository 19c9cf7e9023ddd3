"""`collision: replace`: an earlier result of the same source makes room for the new one.

Only what a receipt shows to be ours, and is still what was delivered: it is moved aside without
replacing anything and its bytes are compared there; whatever else was caught goes back.
"""

from __future__ import annotations

import os
from pathlib import Path

from hotpress import files, names
from hotpress.model import Job
from hotpress.outbox import PRIVATE
from hotpress.steps.tools import Tools


def replaceable(job: Job, name: str, tools: Tools) -> str:
    """The hash of what lies at a name, if that may make room; "" else."""
    path = Path(job.outbox) / name
    if job.rule.collision != "replace" or path.is_symlink() or not path.is_file():
        return ""
    tools.desk.learn()
    ours = tools.desk.delivered_at(name)
    lies = files.sha256_at(path) if ours else None
    return lies if lies is not None and lies in ours else ""


def aside(job: Job) -> Path:
    """Where the earlier result lies while the new one takes its place."""
    return Path(job.outbox) / PRIVATE / "tmp" / f"{job.id}.old"


def made_room(job: Job, path: Path) -> bool:
    """Move the earlier result aside, or see that it lies there; False: it is another file now."""
    if job.final is None or not job.final.replaces:
        return True
    old = aside(job)
    half_way = files.is_same(path, old) or files.claimed(path, old)  # a crash came in between
    if os.path.lexists(path) and (half_way or not os.path.lexists(old)):
        files.place(path, old)
        files.sync_folder(old.parent)
        files.sync_folder(path.parent)
    return not os.path.lexists(old) or files.sha256_at(old) == job.final.replaces


def put_back(job: Job, path: Path) -> None:
    """What was moved aside stands in the outbox again: at its name, or at the next free one."""
    old = aside(job)
    if not os.path.lexists(old):
        return
    for wish in names.wishes(path.name, ""):
        try:
            files.place(old, path.with_name(wish))
        except FileExistsError:
            continue
        files.sync_folder(path.parent)
        return


def removed(job: Job, path: Path) -> None:
    """The new one is on record: the earlier one goes, if it still is what was delivered."""
    old = aside(job)
    if job.final is None or not os.path.lexists(old):
        return
    if files.sha256_at(old) == job.final.replaces:
        old.unlink()
        files.sync_folder(old.parent)
    else:  # somebody who had it open wrote into it
        put_back(job, path)
