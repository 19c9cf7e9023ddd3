"""What keeps a daemon the same size for years: the store pruned, the log cut. Once an hour."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from pathlib import Path

from hotpress import log
from hotpress.clock import Clock
from hotpress.store import Store

_DAY_SECONDS = 86_400.0
_LEAST_SECONDS = _DAY_SECONDS  # however short `history` is: a job of today is told of
_PAID_SECONDS = 62 * _DAY_SECONDS  # budgets by month look back so far, and one month more
_COMMANDS_SECONDS = _DAY_SECONDS
_PAUSE_SECONDS = 0.05  # between two bites: others want the store, too
_LOG_BYTES, _KEPT_BYTES = 20_000_000, 5_000_000
_LOGGER = log.get("upkeep")


def prune(store: Store, clock: Clock, history_seconds: float, stop: threading.Event) -> int:
    """Forget what ended before `history`, bite by bite; how many jobs. Raises StoreError."""
    now, count = clock.now(), 0
    before = now - max(history_seconds, _LEAST_SECONDS)
    while found := store.prune(before, min(before, now - _PAID_SECONDS)):
        count += found
        if clock.wait(_PAUSE_SECONDS, stop):
            return count
    store.prune_commands(now - _COMMANDS_SECONDS)
    smaller = store.compact()
    if count or smaller:
        _LOGGER.info("store.pruned", jobs=count, compacted=smaller)
    return count


def bound_log(descriptor: int, path: Path) -> bool:
    """Where the log goes straight into a file (launchd does so): keep only its newest part.

    `path` is another way to the same file; anything else is left alone.
    """
    with contextlib.suppress(OSError):
        here, there = os.fstat(descriptor), path.stat()
        same = (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
        if not (same and stat.S_ISREG(here.st_mode)) or here.st_size <= _LOG_BYTES:
            return False
        with path.open("r+b") as file:
            file.seek(-_KEPT_BYTES, os.SEEK_END)
            file.readline()  # the rest of a line
            kept = file.read()
            # In place: whoever writes it has it open. What comes in between is lost, a line or two.
            file.seek(0)
            file.truncate()
            file.write(kept)
        os.lseek(descriptor, 0, os.SEEK_END)
        return True
    return False


def own_log(platform: str, home: Path) -> Path:
    """The file that this process's log may go to; /dev/fd can't be opened anew on every system."""
    if platform == "darwin":
        return home / "Library/Logs/hotpress.log"
    return Path("/proc/self/fd/2")
