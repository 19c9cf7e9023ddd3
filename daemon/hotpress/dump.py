"""SIGUSR1: what every thread does now, and what the daemon costs, in the log."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from hotpress import log

_FRAMES = 12  # of each thread, the innermost
_LOGGER = log.get("dump")


def to_log(running: Callable[[], frozenset[str]]) -> None:
    """One line a thread, and one for the whole; nothing of any file's content."""
    frames = sys._current_frames()  # noqa: SLF001 - there is no other way to ask
    for thread in threading.enumerate():
        frame = frames.get(thread.ident or 0)
        found = traceback.extract_stack(frame, limit=None)[-_FRAMES:] if frame else []
        at = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in found]
        _LOGGER.warning("thread.dumped", name=thread.name, native_id=thread.native_id, at=at)
    _LOGGER.warning(
        "state.dumped",
        pid=os.getpid(),
        threads=len(frames),
        descriptors=_descriptors(),
        resident_bytes=_resident_bytes(),
        running=sorted(running()),
    )


def in_background(running: Callable[[], frozenset[str]]) -> None:
    """For a signal: it may have interrupted the very thread that holds the log's lock."""
    threading.Thread(target=to_log, args=(running,), name="dump", daemon=True).start()


def _descriptors() -> int | None:
    """How many are open; None where the system doesn't say."""
    try:
        return len(os.listdir("/dev/fd"))  # noqa: PTH208 - names are enough
    except OSError:
        return None


def _resident_bytes() -> int | None:
    """Memory that the daemon has now; None where the system doesn't say."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
