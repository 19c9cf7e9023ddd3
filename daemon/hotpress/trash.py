"""The desktop's trash: a person finds the file there and can put it back.

After the freedesktop.org Trash specification 1.0; on macOS the folders that the Finder shows.
"""

from __future__ import annotations

import os
import sys
import urllib.parse
from datetime import datetime
from pathlib import Path

from hotpress.errors import NotAllowed
from hotpress.files import is_same, place, sync_folder

_NAME_LIMIT_BYTES = 230  # of the usual 255: a number and `.trashinfo` come behind it
_TRIES = 1_000  # names in one trash


def put(hidden: Path, original: Path, now: float) -> Path:
    """Move `hidden` into the trash as `original`; where it lies then. Never over another file.

    Raises NotAllowed when no trash of this disk can be used, OSError when moving fails.
    """
    for folder in _folders(hidden):
        try:
            return _into(folder, hidden, original, now)
        except (PermissionError, NotADirectoryError, FileNotFoundError):
            continue
    raise NotAllowed(
        f"there is no trash on the disk of {original.parent}",
        "Use source: archive or delete; the original stays where it is.",
    )


def _into(folder: Path, hidden: Path, original: Path, now: float) -> Path:
    if sys.platform == "darwin":
        return _placed(folder, hidden, original.name)
    files, info = folder / "files", folder / "info"
    for part in (files, info):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_folder(folder)  # before anything is moved into it
    head = f"[Trash Info]\nPath={urllib.parse.quote(os.fsencode(original))}\n"
    text = f"{head}DeletionDate={datetime.fromtimestamp(now).strftime('%Y-%m-%dT%H:%M:%S')}\n"  # noqa: DTZ006 - local time, says the specification
    for name in _names(original.name):
        note = info / f"{name}.trashinfo"
        _forget_orphan(note, files / name, head)
        if is_same(hidden, files / name):  # a crash came in the middle of `place`
            place(hidden, files / name)
        elif not _noted(note, text, hidden, files / name):
            continue
        sync_folder(info)
        sync_folder(files)
        return files / name
    raise FileExistsError(f"{_TRIES} files of this name lie in {folder}")


def _noted(note: Path, text: str, hidden: Path, to: Path) -> bool:
    """Note and file, or none of both; False: one of the names is taken."""
    try:
        file = note.open("x", encoding="ascii")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        place(hidden, to)
    except FileExistsError:
        note.unlink(missing_ok=True)
        return False
    except BaseException:
        note.unlink(missing_ok=True)
        raise
    return True


def _forget_orphan(note: Path, file: Path, head: str) -> None:
    """A crash came between the note, perhaps torn, and the move: it tells of no file."""
    try:
        said = note.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return
    if not os.path.lexists(file) and (said.startswith(head) or head.startswith(said)):
        note.unlink(missing_ok=True)


def _placed(folder: Path, hidden: Path, wish: str) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in _names(wish):
        try:
            place(hidden, folder / name)
        except FileExistsError:
            continue
        sync_folder(folder)
        return folder / name
    raise FileExistsError(f"{_TRIES} files of this name lie in {folder}")


def _names(wish: str) -> list[str]:
    """The dearest first; the note says what it was called, so a long one may be cut."""
    suffix = Path(wish).suffix
    room = _NAME_LIMIT_BYTES - len(os.fsencode(suffix))
    stem = os.fsencode(Path(wish).stem)[:room].decode("utf-8", "ignore")
    return [f"{stem}{suffix}", *(f"{stem}.{n}{suffix}" for n in range(2, _TRIES))]


def _folders(hidden: Path) -> list[Path]:
    """The trash of this user where the file lies: of the home folder, or of the file's disk."""
    device = hidden.lstat().st_dev
    home = Path.home()
    if sys.platform == "darwin":
        own = home / ".Trash"
    else:
        own = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share") / "Trash"
    if _device(own) == device:
        return [own]
    top = hidden.parent
    while not top.is_mount() and top.parent.stat().st_dev == device:
        top = top.parent
    if sys.platform == "darwin":
        return [top / ".Trashes" / str(os.getuid())]
    shared = top / ".Trash"
    sticky = shared.is_dir() and not shared.is_symlink() and shared.stat().st_mode & 0o1000
    mine = [shared / str(os.getuid())] if sticky else []
    return [*mine, top / f".Trash-{os.getuid()}"]


def _device(path: Path) -> int:
    """The disk that `path` lies on, or would lie on."""
    while not path.exists():
        path = path.parent
    return path.stat().st_dev
