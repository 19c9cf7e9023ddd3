"""Small text files in an outbox: written whole, and never over or instead of somebody else's."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from hotpress import files
from hotpress.outbox import PRIVATE

_READ_LIMIT_BYTES = 100_000
Frame = tuple[str, str]  # how a kind of note begins and ends


def digest(text: str) -> str:
    """By which a note of ours is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_there(path: Path) -> bool:
    """Is there a file of that name, a broken link included? Raises OSError when nobody can tell."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def is_ours(path: Path, sha256: str, frame: Frame) -> bool:
    """Is it what we wrote; or, of a lost state directory, does it begin and end as ours do?"""
    try:
        if path.is_symlink():
            return False
        content = files.start_of(path, _READ_LIMIT_BYTES)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return False
    if sha256:
        return hashlib.sha256(content).hexdigest() == sha256
    start, end = (each.encode() for each in frame)
    return content.startswith(start) and content.endswith(end)


def write(outbox: Path, name: str, text: str, *, over: bool, mine: str) -> bool:
    """Write a note at once and whole; False when the name is taken. `over`: it replaces ours.

    `mine` tells the half files of two daemons in one outbox apart. Raises OSError.
    """
    path = outbox / name
    temp = _half(outbox, mine)
    path.parent.mkdir(parents=True, exist_ok=True)
    temp.write_text(text, encoding="utf-8")
    files.usual_mode(temp)
    files.sync_file(temp)
    if over:
        temp.replace(path)
    else:
        try:
            files.place(temp, path)
        except FileExistsError:
            temp.unlink()
            return False
    files.sync_folder(path.parent)
    return True


def tidy(outbox: Path, mine: str) -> None:
    """Take away what a crash in `write` left. Raises OSError."""
    _half(outbox, mine).unlink(missing_ok=True)


def _half(outbox: Path, mine: str) -> Path:
    return outbox / PRIVATE / "tmp" / f"note-{mine}.part"


def remove(path: Path, sha256: str, frame: Frame) -> None:
    """Take a note of ours away; what somebody wrote into stays."""
    if is_ours(path, sha256, frame):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
