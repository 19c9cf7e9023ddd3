"""Files of this machine: looked at, opened, copied and placed so that nothing is half or lost."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hotpress import rights
from hotpress.errors import (
    DiskFull,
    FileError,
    FolderMissing,
    NotAllowed,
    SourceChanged,
    SourceGone,
)
from hotpress.words import ERRORS, REASONS

if sys.platform != "win32":  # which the command line refuses: there this file is only read
    import fcntl

_CHUNK_BYTES = 1 << 20
_RENAME_NOREPLACE = 1  # linux/fs.h
_SHARE_KEPT = 0.05  # of a small disk: there the reserve in bytes would forbid everything
_AT_FDCWD = -100  # linux/fcntl.h
Key = tuple[int, int, int, int, int]


def key_of(status: os.stat_result) -> Key:
    """What changes when somebody writes: device, inode, size, mtime_ns, ctime_ns."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@contextmanager
def told(path: Path, which: str = "outbox") -> Iterator[None]:
    """The operating system's errors as ours, each with its next step."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise as_file_error(error, path, which) from error


def as_file_error(error: OSError, path: Path, which: str = "outbox") -> FileError:
    """One OSError as the error that a person can act on."""
    shown = _shown(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            f"there is no room left on the disk of {shown.parent}", REASONS["disk_full"].next
        )
    if error.errno == errno.EROFS:
        return NotAllowed(
            f"the disk of {shown.parent} can only be read now",
            rights.next_step(error.errno)
            or "Make it writable again; hotpress goes on by itself. A disk that turns read-only by "
            "itself may be failing.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return NotAllowed(
            f"{path} may not be written or read: {error.strerror}",  # the very one: to be mended
            rights.next_step(error.errno)
            or f"Give the user that runs hotpress the right, for example: `chmod u+rwx "
            f"'{path.parent}'`; hotpress goes on by itself.",
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENOTCONN, errno.EIO):
        return FolderMissing(
            f"{shown} is not there: {error.strerror}",
            "Mount or make the folder again; hotpress goes on by itself.",
            which,
        )
    return FileError(f"{shown}: {error.strerror or error}", ERRORS["file_error"].next)


def _shown(path: Path) -> Path:
    """What people are told of: nothing inside hotpress's own folder, only that folder itself."""
    own = next((folder for folder in path.parents if folder.name == ".hotpress"), None)
    return path if own is None else own


def is_there(path: Path) -> bool:
    """Is something there? What can't be looked at, or has too long a name, is not."""
    try:
        return path.exists()
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Source:
    """The very file that settled: below `root`, on `device`, of this size and time."""

    root: Path
    relative: str
    size_bytes: int
    mtime_ns: int
    device: int

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.root / self.relative

    def missing(self) -> FileError:
        """It is not there: gone, or the whole inbox is away (never taken for "deleted")."""
        try:
            status = self.root.stat()
            away = status.st_dev != self.device and not any(self.root.iterdir())
        except OSError:
            away = True
        if away:
            return FolderMissing(
                f"the inbox {self.root} is not there",
                "Mount it again; hotpress goes on by itself.",
                "inbox",
            )
        name = self.path.name
        return SourceGone(f"{name} is no longer there", "Put it back, and it is taken up again.")


@contextmanager
def open_source(source: Source) -> Iterator[BinaryIO]:
    """The very file that settled, read only. Raises SourceGone, SourceChanged, NotAllowed."""
    path = source.path
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise source.missing() from error
    except OSError as error:
        raise as_file_error(error, path, "inbox") from error
    with os.fdopen(descriptor, "rb") as file:
        _same(os.fstat(descriptor), source)
        yield file
        _same(os.fstat(descriptor), source)


def look_at_source(source: Source) -> None:
    """Is it still the very file? Raises SourceGone or SourceChanged."""
    try:
        status = source.path.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise source.missing() from error
    except OSError as error:
        raise as_file_error(error, source.path, "inbox") from error
    _same(status, source)


def _same(status: os.stat_result, source: Source) -> None:
    """Raises SourceChanged when size or time differ, or it is no plain file."""
    plain = stat.S_ISREG(status.st_mode)
    same = (status.st_size, status.st_mtime_ns) == (source.size_bytes, source.mtime_ns)
    if not plain or not same:
        raise SourceChanged(
            f"{source.path.name} is a new version now", "The new version has its own job."
        )


def writer_of(path: Path) -> str:
    """Does somebody have it open for writing? `none`, `some`, or `unknown`.

    A read lease is refused while there is any writer, a memory map included (Linux only).
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return "unknown"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return "unknown"
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return "some" if error.errno == errno.EAGAIN else "unknown"
    finally:
        os.close(descriptor)
    return "none"


def ignore_lease_breaks() -> None:
    """A writer that comes while we probe sends SIGIO, which would end the process."""
    if hasattr(signal, "SIGIO"):
        signal.signal(signal.SIGIO, signal.SIG_IGN)


def sha256_of(file: BinaryIO, progress: Callable[[int], None] = lambda _n: None) -> str:
    """The hash of an open file, from its start."""
    file.seek(0)
    digest = hashlib.sha256()
    done = 0
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
        done += len(chunk)
        progress(done)
    return digest.hexdigest()


def sha256_at(path: Path) -> str | None:
    """The hash of the file at `path`, None when there is none."""
    try:
        with path.open("rb") as file:
            return sha256_of(file)
    except (FileNotFoundError, IsADirectoryError):
        return None


def start_of(path: Path, most_bytes: int) -> bytes:
    """The first bytes of a file; links are not followed, and a pipe is not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:  # of a folder, fdopen fails and leaves the descriptor open
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most_bytes) or b""
    finally:
        os.close(descriptor)


def copy_synced(source: BinaryIO, to: Path) -> tuple[int, str]:
    """Copy to a new file `to`, synced with its folder; its size and hash."""
    source.seek(0)
    digest = hashlib.sha256()
    size = 0
    # Never into what a crash left there: it may be placed already, this being its second link.
    to.unlink(missing_ok=True)
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            while chunk := source.read(_CHUNK_BYTES):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        to.unlink(missing_ok=True)  # a half file would only keep the disk full
        raise
    sync_folder(to.parent)
    return size, digest.hexdigest()


def sync_file(path: Path) -> None:
    """Bring a file's bytes and its name to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Bring a folder's names to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network folders can't
            raise
    finally:
        os.close(descriptor)


def sync_up(lowest: Path, top: Path) -> None:
    """Bring the names of new subfolders to the disk, from `lowest` up to `top`."""
    folder = lowest
    while True:
        sync_folder(folder)
        if folder in (top, folder.parent):
            return
        folder = folder.parent


def move_aside(path: Path, private: Path) -> None:
    """Give somebody's file a name that only we know, in one step.

    Never by link and unlink: a crash between them leaves both names, and a new version that is
    saved between them would be lost.
    """
    if not _rename_noreplace(path, private):
        path.rename(private)


def place(temp: Path, final: Path) -> None:
    """Give `temp` its final name in one step, never over another file (FileExistsError)."""
    if is_same(temp, final):  # a crash came between the link and the last line
        temp.unlink()
        return
    if _rename_noreplace(temp, final):
        return
    try:
        os.link(temp, final)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS):
            raise
        # No hard links and no renameat2 here (exFAT on some systems, some network mounts): claim
        # the name, then replace our own claim. A crash between the two leaves a claim that says
        # so: the next try goes on from it.
        if not claimed(temp, final):
            with final.open("xb") as file:
                file.write(_claim(temp))
        temp.replace(final)
        return
    temp.unlink()


def is_same(one: Path, other: Path) -> bool:
    """Are both names of one file?"""
    try:
        return os.path.samestat(one.lstat(), other.lstat())
    except OSError:
        return False


def claimed(temp: Path, final: Path) -> bool:
    """Is what lies at `final` only our own claim for `temp`, left by a crash in `place`?"""
    try:
        return start_of(final, _CHUNK_BYTES) == _claim(temp)
    except OSError:
        return False


def _claim(temp: Path) -> bytes:
    return b"hotpress places " + os.fsencode(temp.name) + b" here\n"


def _rename_noreplace(old: Path, new: Path) -> bool:
    """renameat2(RENAME_NOREPLACE); False where the system or file system has none."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    done = rename(
        _AT_FDCWD, os.fsencode(old), _AT_FDCWD, os.fsencode(new), ctypes.c_uint(_RENAME_NOREPLACE)
    )
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(old), None, str(new))


def free_bytes(folder: Path) -> tuple[int, int]:
    """Bytes that this user may still write on the disk of `folder`, and the size of that disk."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize


def kept_free(whole_bytes: int, reserve_bytes: int) -> int:
    """What stays free of a disk: the reserve, at most a twentieth of a small disk."""
    return min(reserve_bytes, int(whole_bytes * _SHARE_KEPT))


def usual_mode(path: Path) -> None:
    """Mode as if a person had made the file: the umask decides, not our 0600."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)
