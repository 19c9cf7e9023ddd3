"""One daemon per state directory: a lock that ends with the process that holds it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from hotpress.errors import StateBusy

if sys.platform != "win32":  # which the command line refuses: there this file is only read
    import fcntl

_LOOK_SECONDS = 0.05


class StateLock:
    """Held from `__init__` to `release`. The file's first word is the owner's pid."""

    def __init__(self, path: Path, patience_seconds: float = 0.0) -> None:
        """Take the lock. Raises StateBusy with the other's pid.

        A command that looks in for a moment is no other daemon: a little patience outlasts it.
        """
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        end = time.monotonic() + patience_seconds
        while not self._taken():
            if time.monotonic() < end:
                time.sleep(_LOOK_SECONDS)
                continue
            pid = owner_pid(path)
            os.close(self._descriptor)
            raise StateBusy(
                f"another hotpress (pid {pid or 'unknown'}) already works with {path.parent}",
                "Stop that one first, or give this one its own --state-dir.",
            )
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks: then nothing can be known
        return True

    def release(self) -> None:
        """Let go; the file stays, empty."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def is_held(path: Path) -> bool:
    """Does some process hold the lock now?"""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def owner_pid(path: Path) -> int | None:
    """The pid that the lock's owner wrote, if any."""
    try:
        return int(path.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return None
