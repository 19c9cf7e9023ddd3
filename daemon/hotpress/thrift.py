"""What the C library keeps of memory that was given back: little, and the same after years.

glibc gives nearly each thread an arena of its own, up to eight a core, and an arena keeps what its
threads ever had at once. With twenty threads that come and go, that grows by a megabyte every two
minutes under load while Python's own objects stay as they are (docs/operations.md).
"""

from __future__ import annotations

import ctypes
from typing import Any

# malloc.h of glibc. A block from so many bytes on is a map of its own, and goes back when it is
# freed: without a fixed bound glibc raises it to the largest block that it ever saw.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_ARENAS = 1  # Python has one thread at work in it at a time, and so needs no more
_MAP_FROM_BYTES = 128 * 1024
_SPARE_BYTES = 256 * 1024  # at the end of the heap: more goes back at once


def begin() -> bool:
    """One arena for all threads; to be called before there are any. False where it is not glibc."""
    mallopt = _of_glibc("mallopt")
    if mallopt is None:
        return False
    wanted = (
        (_ARENA_MAX, _ARENAS),
        (_MMAP_THRESHOLD, _MAP_FROM_BYTES),
        (_TRIM_THRESHOLD, _SPARE_BYTES),
    )
    taken = [
        mallopt(which, value) == 1 for which, value in wanted
    ]  # each of them, whatever the first says
    return all(taken)


def give_back() -> None:
    """Whole pages that nothing stands on go back to the system."""
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Any:  # noqa: ANN401 - ctypes knows no better
    """A function of the C library; None in one that has none of this name (musl, macOS)."""
    try:
        return getattr(ctypes.CDLL(None), name, None)
    except (OSError, TypeError):  # Windows has no library without a name
        return None
