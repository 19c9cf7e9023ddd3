"""A bell beside the store: whoever leaves a command rings, so the daemon need not look each second.

A named pipe. It carries nothing but "look now": a lost ring only makes a command wait for the next
look, and who can't hang one up looks more often.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

_NAME = "daemon.bell"
_MOST_BYTES = 4_096  # many rings at once are one


class Bell:
    """Hung up by the daemon that owns the state directory."""

    def __init__(self, store: Path, heard: Callable[[], None]) -> None:
        """`store` is the path of the database; `heard` is called from a thread of the bell's."""
        self._path = _beside(store)
        self._heard = heard
        self._pipe = -1
        self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)

    def hang(self) -> bool:
        """Listen from now on. False where the file system knows no pipes."""
        try:
            self._path.unlink(missing_ok=True)  # of a daemon that was killed
            os.mkfifo(self._path, mode=0o600)
            # For both ways: else reading would end when nobody holds it open for writing.
            self._pipe = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:
            return False
        self._thread.start()
        return True

    def take_down(self, seconds: float) -> None:
        """Listen no longer."""
        if self._pipe < 0:
            return
        self._path.unlink(missing_ok=True)
        pipe, self._pipe = self._pipe, -1
        with contextlib.suppress(OSError):
            os.write(pipe, b"\n")  # the last ring ends the listening
        self._thread.join(seconds)
        os.close(pipe)

    def _listen(self) -> None:
        pipe = self._pipe
        while os.read(pipe, _MOST_BYTES) and self._pipe >= 0:
            self._heard()


def ring(store: Path) -> None:
    """Tell the daemon that owns this store that a command waits; nothing where none listens."""
    with contextlib.suppress(OSError):
        pipe = os.open(_beside(store), os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            if stat.S_ISFIFO(os.fstat(pipe).st_mode):
                os.write(pipe, b"\n")
        finally:
            os.close(pipe)


def _beside(store: Path) -> Path:
    return store.with_name(_NAME)
