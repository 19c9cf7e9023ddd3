"""The outbox: its marker, and its folder for half files."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path

from hotpress.errors import FolderMissing
from hotpress.files import as_file_error, sync_folder
from hotpress.words import REASONS

PRIVATE = ".hotpress"


def marker_of(outbox: Path) -> str | None:
    """The outbox's own name, None when this folder is not (or no longer) an outbox."""
    try:
        return (outbox / PRIVATE / "id").read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def make(outbox: Path) -> str:
    """Make the outbox with its marker, or read the one it has."""
    known = marker_of(outbox)
    if known:
        (outbox / PRIVATE / "tmp").mkdir(parents=True, exist_ok=True)
        return known
    (outbox / PRIVATE / "tmp").mkdir(parents=True, exist_ok=True)
    for torn in (outbox / PRIVATE).glob(".id-*"):  # a crash left it
        torn.unlink(missing_ok=True)
    fresh = str(uuid.uuid4())
    temp = outbox / PRIVATE / f".id-{fresh}"
    descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{fresh}\n")
        file.flush()
        os.fsync(file.fileno())
    temp.replace(outbox / PRIVATE / "id")  # whole, or (after a power cut) not there: never torn
    sync_folder(outbox / PRIVATE)
    sync_folder(outbox)
    return fresh


def check(outbox: Path, known: str | None = None) -> Path:
    """The folder for half files. Raises FolderMissing when the outbox is away or another one.

    NotAllowed when it never was one because nothing can be written there: a disk for reading only,
    or what a unit's sandbox makes of a folder that is new in the config.
    """
    marker = marker_of(outbox)
    if marker is None and known is None and outbox.is_dir() and _only_read(outbox):
        raise as_file_error(OSError(errno.EROFS, os.strerror(errno.EROFS)), outbox / PRIVATE)
    if marker is None or known not in (None, marker):
        raise FolderMissing(
            f"the outbox {outbox} is not there, or another folder lies in its place",
            REASONS["outbox_missing"].next,
        )
    temp = outbox / PRIVATE / "tmp"
    temp.mkdir(exist_ok=True)
    return temp


def _only_read(folder: Path) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
