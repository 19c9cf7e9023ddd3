"""Space of a file that was set aside but never written, as far as its file system tells."""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Iterator

if sys.platform != "win32":  # which the command line refuses: there this file is only read
    import fcntl

_MOST_HOLES = 64
# linux/fiemap.h. Of a file whose pages were read, SEEK_HOLE calls reserved space data (measured on
# ext4, 2026-11, docs/decisions/0006); the map of its extents does not.
_FIEMAP = 0xC020660B
_SYNC, _LAST, _UNWRITTEN = 0x1, 0x1, 0x800
_HEAD, _EXTENT = struct.Struct("=QQLLLL"), struct.Struct("=QQQQQLLLL")
_EXTENTS_A_CALL, _MOST_CALLS = 512, 64


def largest_gap(fd: int, start: int, end: int) -> int:
    """Bytes of the largest piece of `start` to `end` that nobody wrote, 0 where all is written.

    File systems that know no holes say that there are none.
    """
    gaps = [_within(hole, start, end) for hole in _holes(fd, start, end)]
    if any(_within(e, start, end) for e in _unwritten(fd, 0)):
        # What was written a moment ago may be on its way to the disk: then it is asked again.
        gaps += [_within(extent, start, end) for extent in _unwritten(fd, _SYNC)]
    return max(gaps, default=0)


def _within(part: tuple[int, int], start: int, end: int) -> int:
    return max(0, min(part[1], end) - max(part[0], start))


def _holes(fd: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The first holes between `start` and `end`."""
    at = start
    try:
        for _ in range(_MOST_HOLES):
            hole = os.lseek(fd, at, os.SEEK_HOLE)
            if hole >= end:
                return
            try:
                at = os.lseek(fd, hole, os.SEEK_DATA)
            except OSError as problem:
                if problem.errno != errno.ENXIO:  # ENXIO: nothing but a hole from here on
                    raise
                at = end
            yield hole, at
            if at >= end:
                return
    except OSError:
        return


def _unwritten(fd: int, flags: int) -> Iterator[tuple[int, int]]:
    """The extents that are reserved and not written; none where the system keeps no such map."""
    at = 0
    for _ in range(_MOST_CALLS):
        room = bytearray(_HEAD.size + _EXTENTS_A_CALL * _EXTENT.size)
        _HEAD.pack_into(room, 0, at, (1 << 64) - 1 - at, flags, 0, _EXTENTS_A_CALL, 0)
        try:
            fcntl.ioctl(fd, _FIEMAP, room)
        except OSError:
            return
        count = _HEAD.unpack_from(room)[3]
        for number in range(count):
            found = _EXTENT.unpack_from(room, _HEAD.size + number * _EXTENT.size)
            at = found[0] + found[2]
            if found[5] & _UNWRITTEN:
                yield found[0], at
            if found[5] & _LAST:
                return
        if not count:
            return
