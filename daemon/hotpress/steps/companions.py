"""Subtitles, edits and places beside a source come to lie beside its result, too.

Never a reason to fail a job: what could not be copied is said. Done after the video is delivered
and on record, before the outcome: after a crash it is done again, and finds what is there.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

from hotpress import files, outbox, reach, takes
from hotpress.errors import HotpressError
from hotpress.human import joined, one_line, size_text
from hotpress.model import Job
from hotpress.steps.tools import Tools

_LIMIT_BYTES = 50_000_000  # no subtitle and no way is larger
_PATIENCE_SECONDS = 10.0  # for an inbox that may hang
_PLACES = (".xmp", ".gpx")  # they tell where and when it was filmed
_TIMED = (".srt", ".vtt")


def copied(job: Job, result: Path, tools: Tools) -> str:
    """Copy them; what could not be, as a sentence without a full stop, "" when nothing is wrong."""
    if job.rule.companions == "ignore":
        return ""
    try:
        found = reach.within(job.source, lambda: _found(job), _PATIENCE_SECONDS)
        temp = outbox.check(Path(job.outbox), tools.desk.outbox_id())
        notes = [
            _put(content, temp / f"{job.id}{path.suffix}.part", _beside(result, path))
            for path, content in found
        ]
    except reach.NoAnswer:
        return "what lies beside the original was not copied: its folder gives no answer"
    except (OSError, HotpressError) as error:
        why = error.why if isinstance(error, HotpressError) else error.strerror
        return f"not all that lies beside the original was copied: {why}"
    moved = job.edited and any(path.suffix.lower() in _TIMED for path, _ in found)
    return joined(*notes, "the subtitles have the original's times" if moved else "")


def _found(job: Job) -> list[tuple[Path, bytes | str]]:
    """Each companion with its content, or with what keeps it from being copied."""
    wanted = [
        job.source.with_name(name)
        for name in takes.companions(job.source.name)
        if job.rule.metadata == "keep" or not name.lower().endswith(_PLACES)
    ]
    return [(path, _content(path)) for path in wanted if _is_file(path)]


def _is_file(path: Path) -> bool:
    """A plain file: a link could lead anywhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:  # not there, or its name is too long
        return False


def _content(path: Path) -> bytes | str:
    if files.writer_of(path) == "some":
        return "it is just being written"
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(_LIMIT_BYTES + 1)
    return content if len(content) <= _LIMIT_BYTES else f"it is over {size_text(_LIMIT_BYTES)}"


def _beside(result: Path, companion: Path) -> Path:
    """Under the result's name and its own ending."""
    return result.with_name(f"{result.stem}{companion.suffix}")


def _put(content: bytes | str, temp: Path, to: Path) -> str:
    """In one step, never over another file."""
    name = one_line(to.name)
    if isinstance(content, str):
        return f"{name} was not copied: {content}"
    if files.claimed(temp, to) or not os.path.lexists(to):
        files.copy_synced(io.BytesIO(content), temp)
        files.usual_mode(temp)
        try:
            files.place(temp, to)
        except FileExistsError:
            temp.unlink(missing_ok=True)
        files.sync_folder(to.parent)
    if not _holds(to, content):
        return f"{name} was not copied: another file of that name lies in the outbox"
    temp.unlink(missing_ok=True)  # a crash may have come between its two names
    return ""


def _holds(path: Path, content: bytes) -> bool:
    """Is it a file with just these bytes?"""
    return _is_file(path) and path.lstat().st_size == len(content) and _content(path) == content
