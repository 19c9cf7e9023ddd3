"""The last bad download of a job, kept for a day in `bad` beside the jobs' folders."""

from __future__ import annotations

import os
from pathlib import Path

from hotpress import files
from hotpress.errors import DiskFull
from hotpress.model import Job
from hotpress.places import BAD, make_private_dir
from hotpress.steps import space
from hotpress.steps.tools import Tools


def same_again(job: Job, tools: Tools) -> bool:
    """Are these the very bytes that were bad before? Then a third fetch brings them once more."""
    return job.download is not None and files.sha256_at(_place(job, tools)) == job.download.sha256


def keep(job: Job, path: Path, tools: Tools) -> Path | None:
    """Move it there, in the place of the one before. None: there is no room for it, and it goes."""
    place = _place(job, tools)
    try:
        make_private_dir(place.parent)
        space.reserve(place.parent, 0, tools)
        now = tools.clock.now()
        os.utime(path, (now, now))  # a day from now on
        path.replace(place)
    except (DiskFull, OSError):
        path.unlink(missing_ok=True)
        place.unlink(missing_ok=True)
        return None
    return place


def _place(job: Job, tools: Tools) -> Path:
    return tools.spool / BAD / f"{job.id}.mp4"
