"""A file that comes by the page: the same as a copy into the folder, and never half a one.

It is written under a name that hotpress and everybody else leave alone, and gets its own in one
step that fails when the name is taken.
"""

from __future__ import annotations

import os
import random
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self

from hotpress import files, log
from hotpress.clock import fresh_id
from hotpress.errors import DiskFull, FileError, FolderMissing
from hotpress.human import size_text
from hotpress.names import WEB_LINK, kind_of, safe_name
from hotpress.reach import NoAnswer, within

_START, _END = ".hotpress-", ".arriving"
_OLD_SECONDS = 86_400.0  # no upload lasts so long: what is left of one that was cut
_TRIES = 100
_ROOM_LOOK_BYTES = 64 << 20  # between two looks at how much room is left
_LOGGER = log.get("page")


def room(folder: Path, reserve_bytes: int) -> int | None:
    """Bytes that may come into a folder; None where it is not there."""
    try:
        free, whole = within(folder, lambda: files.free_bytes(folder))
    except (OSError, NoAnswer):
        return None
    return max(0, free - files.kept_free(whole, reserve_bytes))


def own_name(name: str) -> str:
    """What a file is called in the folder: no path, and nothing that some system forbids."""
    return safe_name(PurePosixPath(name.replace("\\", "/")).name)


def refused(name: str) -> str:
    """Why a file of this name would be left alone in an inbox; "" when it would be taken."""
    own = own_name(name)
    if kind_of(own) in ("video", WEB_LINK):
        return ""
    return f"{own} is no video that hotpress takes; choose a video file"


class Arrival:
    """One file on its way in. Used as a context: whatever is not placed is gone at its end."""

    def __init__(self, folder: Path, name: str, reserve_bytes: int, chance: random.Random) -> None:
        self._folder = folder
        self._name = own_name(name)
        self._reserve = reserve_bytes
        self._temp = folder / f"{_START}{fresh_id(chance, 64)}{_END}"
        self._file: BinaryIO | None = None
        self._looked_at = 0
        self.size_bytes = 0

    def __enter__(self) -> Self:
        """Raises FolderMissing, NotAllowed, DiskFull."""
        if not self._folder.is_dir():
            raise FolderMissing(
                f"the folder {self._folder} is not there",
                "Mount or make it again, then drop the video once more.",
                "inbox",
            )
        self._check_room()
        with files.told(self._temp, "inbox"):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.fdopen(os.open(self._temp, flags, 0o600), "wb", buffering=1 << 18)
        return self

    def __exit__(self, *_: object) -> None:
        """What was not placed leaves nothing."""
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:  # a full disk: what was buffered is of no use any more
                _LOGGER.info("upload.cut", why=str(error))
            self._file = None
        self._temp.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """The next bytes. Raises DiskFull."""
        assert self._file is not None  # noqa: S101 - inside the context
        self.size_bytes += len(piece)
        if self.size_bytes - self._looked_at >= _ROOM_LOOK_BYTES:
            self._looked_at = self.size_bytes
            self._check_room()
        with files.told(self._temp, "inbox"):
            self._file.write(piece)

    def place(self) -> Path:
        """All of it is there: synced, then under its own name, or beside one that has it."""
        assert self._file is not None  # noqa: S101 - inside the context
        if not self.size_bytes:
            raise FileError(f"{self._name} is empty", "Choose the video itself, and drop it again.")
        with files.told(self._temp, "inbox"):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            files.usual_mode(self._temp)
            for name in _wishes(self._name):
                final = self._folder / name
                try:
                    if not os.path.lexists(final):
                        files.place(self._temp, final)
                        files.sync_folder(self._folder)
                        return final
                except FileExistsError:
                    continue  # somebody was faster
        raise FileError(
            f"{_TRIES} files called {self._name} lie there already", "Give it another name."
        )

    def _check_room(self) -> None:
        left = room(self._folder, self._reserve)
        if left == 0:
            raise DiskFull(
                f"there is no room for it on the disk of {self._folder}",
                "Free some space, or lower limits.free_space, then drop it again.",
            )


def needs(folder: Path, size_bytes: int, reserve_bytes: int) -> str:
    """Why so large a file can't come now; "" when it can."""
    left = room(folder, reserve_bytes)
    if left is None or size_bytes <= left:
        return ""
    return (
        f"it has {size_text(size_bytes)}, and there is room for {size_text(left)}; "
        "free some space, or lower limits.free_space"
    )


def sweep(folder: Path, now: float) -> None:
    """Take away what uploads left that were cut by a crash."""
    for left in folder.glob(f"{_START}*{_END}"):
        try:
            if now - left.lstat().st_mtime > _OLD_SECONDS:
                left.unlink()
        except OSError as error:
            _LOGGER.info("upload.kept", why=str(error))


def _wishes(name: str) -> list[str]:
    """`clip.mp4`, `clip 2.mp4`, ..."""
    stem, dot, ending = name.rpartition(".")
    return [name, *(f"{stem} {n}{dot}{ending}" for n in range(2, _TRIES + 1))]
