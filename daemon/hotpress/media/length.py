"""How long an MP4 or MOV says that it is, read from a few headers without starting a program."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path

from hotpress.media import atoms
from hotpress.media.boxes import Read, layout
from hotpress.media.container import NoFileError, opened

_HEADER_BYTES = 32  # of mvhd: as much as its longer form needs up to the length


def film_seconds(path: Path) -> float | None:
    """Its length, None when it does not say: not whole yet, in fragments, or something else.

    Raises:
        OSError: it can't be opened or read.
    """
    try:
        with opened(path) as fd:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                return None
            size = found.st_size
            return seconds(lambda at, length: os.pread(fd, length, at) if at < size else b"", size)
    except NoFileError:
        return None


def seconds(read: Read, size: int) -> float | None:
    """The same of what `read` returns. Pure."""
    seen = layout(read, size)
    if seen.state == "incomplete" or seen.index is None:
        return None
    header = atoms.first(read, *seen.index, b"mvhd")
    if header is None:
        return None
    body = read(header.body, min(_HEADER_BYTES, header.end - header.body))
    # ISO 14496-12, 8.2.2: version, flags, two times, units a second, length in such units.
    form = ">IQ" if body[:1] == b"\x01" else ">II"
    at = 20 if body[:1] == b"\x01" else 12
    if len(body) < at + struct.calcsize(form):
        return None
    scale, length = struct.unpack_from(form, body, at)
    return length / scale if scale and length else None
