"""Is a file whole? Said from its own headers in well under a millisecond, without any program.

"complete" means that nothing is missing as far as the container can tell; damage inside is found
by `probe.damage` and, for our own results, `verify.check`. "doubtful": all is there but for a gap
that may be meant to be there.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hotpress.media.boxes import Layout, Read, State, layout
from hotpress.media.reserved import largest_gap

# Writers that set a file's size first leave zeros (or holes) where nothing was written yet; no
# codec writes as many (measured 2026-11, docs/media.md), uncompressed sound does in silence.
_TAIL_BYTES = 64 * 1024
# The last piece of a reserved file may be smaller. So many zeros end no compressed picture or
# sound, but they may be somebody's padding: no more is made of them than of a silent container.
_FEW_ZEROS = 64
_UNCOMPRESSED = (b"sowt", b"twos", b"lpcm", b"ipcm", b"in24", b"in32", b"fl32", b"raw ")
_MOST_INDEX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether a file is whole. `why` is a sentence without its full stop, "" when complete."""

    state: State
    why: str
    have_bytes: int
    need_bytes: int | None


class NoFileError(Exception):
    """A link or a socket, of which nothing is read; says so, without a full stop."""


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A descriptor to read from. Links are not followed, and nothing blocks (a pipe, a device).

    Raises:
        NoFileError: a link or a socket.
        OSError: it can't be opened.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        if problem.errno in (errno.ELOOP, errno.EMLINK):  # EMLINK: FreeBSD's and macOS's word
            raise NoFileError("it is a link to another file") from None
        if problem.errno in (errno.ENXIO, errno.EOPNOTSUPP):  # a socket
            raise NoFileError("it is no ordinary file") from None
        raise
    try:
        yield fd
    finally:
        os.close(fd)


def completeness(path: Path) -> Completeness:
    """Look at a file. Links are not followed, and nothing blocks (a pipe, a device: "unknown").

    Raises:
        OSError: it can't be opened or read (FileNotFoundError, PermissionError ...).
    """
    try:
        with opened(path) as fd:
            return completeness_fd(fd)
    except NoFileError as problem:
        return Completeness("unknown", str(problem), 0, None)


def completeness_fd(fd: int) -> Completeness:
    """The same for an open file; its position is not kept.

    Raises:
        OSError: it can't be read.
    """
    found = os.fstat(fd)
    size = found.st_size
    if not stat.S_ISREG(found.st_mode):
        return Completeness("unknown", "it is no ordinary file", 0, None)
    if size == 0:
        return Completeness("incomplete", "it is empty so far", 0, None)

    def read(offset: int, length: int) -> bytes:
        return os.pread(fd, length, offset) if offset < size else b""

    seen = layout(read, size)
    if seen.state == "incomplete":
        why = seen.why or _share(size, seen.need_bytes)
        return Completeness("incomplete", why, size, seen.need_bytes)
    missing = _unwritten(fd, size, seen, read)
    if missing is not None:
        return Completeness(*missing, size, seen.need_bytes)
    return Completeness(seen.state, seen.why, size, seen.need_bytes)


def _share(have: int, need: int | None) -> str:
    if need is None:
        return "it is not all there yet"
    unit, name = next((u, n) for u, n in ((10**9, "GB"), (10**6, "MB"), (1000, "kB"), (1, "bytes"))
                      if need >= u)  # fmt: skip
    digits = 0 if unit == 1 else 1
    return f"only {have / unit:.{digits}f} of {need / unit:.{digits}f} {name} are there"


def _unwritten(fd: int, size: int, seen: Layout, read: Read) -> tuple[State, str] | None:
    """What parts that were reserved but never written make of it; None: there are none."""
    start, end = seen.media or (0, size)
    gap, zeros = largest_gap(fd, start, end), _zeros(read, start, end)
    may_be_silence = max(gap, zeros) >= _FEW_ZEROS and _has_uncompressed_sound(seen, read)
    proven = seen.media is not None and not seen.index_first  # the table came last
    long_end = zeros >= _TAIL_BYTES and not proven
    if not may_be_silence and (gap >= _TAIL_BYTES or (long_end and seen.index_first)):
        return "incomplete", "parts of it have not been written yet"
    if seen.index is not None and _is_zero(read, *seen.index):
        return "incomplete", "its table of contents has not been written yet"
    if gap or (long_end and not may_be_silence):
        return "doubtful", "a part of it may not have been written yet"
    if zeros >= _FEW_ZEROS and not proven and not may_be_silence:
        return "unknown", "it ends in nothing but zeros"
    return None


def _is_zero(read: Read, start: int, end: int) -> bool:
    length = min(_TAIL_BYTES, end - start)
    return length > 0 and _zeros(read, start, end) >= length


def _zeros(read: Read, start: int, end: int) -> int:
    """How many zeros it ends in; no more than `_TAIL_BYTES` are looked at."""
    length = max(0, min(_TAIL_BYTES, end - start))
    data = read(end - length, length)
    return len(data) - len(data.rstrip(b"\0")) if len(data) == length else 0


def _has_uncompressed_sound(seen: Layout, read: Read) -> bool:
    """Silence in PCM is a row of zeros too. Asked only when such a row was found."""
    if seen.index is None:
        return False
    start, end = seen.index
    index = read(start, min(end - start, _MOST_INDEX_BYTES))
    return any(name in index for name in _UNCOMPRESSED)
