"""Videos that sync clients keep "online only": their bytes come when somebody reads them.

They are read through once, one at a time in the whole daemon and in a thread of its own: a read
from a client that is offline may hang for ever, and must stop nothing else.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hotpress import files, log
from hotpress.clock import Clock
from hotpress.human import size_text

WAITS = "online only"  # what is told of one that is left where it is
_CHUNK_BYTES = 1 << 20
_INLINE_BYTES = 4_096  # smaller files may lie in their folder's own blocks
_SILENT_SECONDS = 600.0  # without a byte: this one hangs, and the next one has its turn
_AGAIN_SECONDS = 300.0  # after a refusal, or while there is no room
_MOST_REMEMBERED = 20_000
_NO_BLOCKS_KNOWN = ("fuse", "nfs", "zfs", "9p")  # their count of blocks is late, or made up
_DATALESS = 0x40000000  # SF_DATALESS, macOS' sys/stat.h
_RECALLED = 0x1000 | 0x40000 | 0x400000  # OFFLINE, RECALL_ON_OPEN, RECALL_ON_DATA_ACCESS: winnt.h
_LOGGER = log.get("online")
_Key = tuple[int, int, int, int]


def is_elsewhere(status: os.stat_result, file_system: Callable[[], str]) -> bool:
    """Do its bytes lie elsewhere? By what the system says; nothing is opened."""
    if getattr(status, "st_flags", 0) & _DATALESS:
        return True
    if getattr(status, "st_file_attributes", 0) & _RECALLED:
        return True
    if getattr(status, "st_blocks", 1) or status.st_size <= _INLINE_BYTES:
        return False
    return not file_system().startswith(_NO_BLOCKS_KNOWN)


@dataclass(frozen=True, slots=True)
class Fetched:
    """Why it is not here yet, for people, "" when it is; and whether it is on its way."""

    why: str
    comes: bool


@dataclass(slots=True)
class _Fetch:
    """One that is being read."""

    key: _Key
    moved_at: float
    read_bytes: int = 0
    over: bool = False


@dataclass(slots=True)
class Fetcher:
    """Reads them through, one at a time; `free_space()` bytes stay free on their disk."""

    clock: Clock
    stop: threading.Event
    free_space: Callable[[], int]
    _now: _Fetch | None = None
    _hung: list[_Fetch] = field(default_factory=list)
    _fetched: dict[_Key, None] = field(default_factory=dict)
    _refused: dict[_Key, tuple[float, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, path: Path, status: os.stat_result) -> Fetched:
        """Has it been read through, or is it, or why not? Never waits."""
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        with self._lock:
            if key in self._fetched:
                return Fetched("", comes=False)
            now = self.clock.steady()
            self._look_at_running(now)
            if any(one.key == key for one in self._hung):
                return Fetched(f"{WAITS}, but its sync client does not send it", comes=False)
            if self._now is not None:
                if self._now.key == key:
                    return _coming(self._now)
                why = "waits until another online-only video has been fetched"
                return Fetched(why, comes=False)
            again_at, why = self._refused.get(key, (now, ""))
            if now < again_at:
                return Fetched(why, comes=False)
            return self._begin(path, key, now)

    def _look_at_running(self, now: float) -> None:
        self._hung = [one for one in self._hung if not one.over]
        if self._now is not None and self._now.over:
            self._now = None
        elif self._now is not None and now - self._now.moved_at > _SILENT_SECONDS:
            self._hung.append(self._now)
            self._now = None

    def _begin(self, path: Path, key: _Key, now: float) -> Fetched:
        size = key[2]
        free, whole = files.free_bytes(path.parent)
        kept = files.kept_free(whole, self.free_space())
        if free - size < kept:
            why = f"{WAITS}, but {size_text(size)} have no room here (limits.free_space)"
            self._refuse(key, why)
            return Fetched(why, comes=False)
        self._now = _Fetch(key, now)
        _LOGGER.info("online.begun", path=str(path), size_bytes=size)
        threading.Thread(
            target=self._read, args=(path, self._now), name=f"fetch {path.name}", daemon=True
        ).start()
        return _coming(self._now)

    def _refuse(self, key: _Key, why: str) -> None:
        if len(self._refused) >= _MOST_REMEMBERED:
            self._refused.clear()
        self._refused[key] = self.clock.steady() + _AGAIN_SECONDS, why

    def _read(self, path: Path, one: _Fetch) -> None:
        """The thread: to the end of the file, or to a refusal."""
        why = ""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    one.read_bytes += len(chunk)
                    one.moved_at = self.clock.steady()
                    if self.stop.is_set():
                        return
        except OSError as error:
            why = f"{WAITS}, but it can't be fetched: {error.strerror}"
        finally:
            with self._lock:
                self._end(one, why)
        _LOGGER.info("online.ended", path=str(path), read_bytes=one.read_bytes, why=why)

    def _end(self, one: _Fetch, why: str) -> None:
        one.over = True
        self._refused.pop(one.key, None)
        if why:
            self._refuse(one.key, why)
        elif not self.stop.is_set():
            self._fetched[one.key] = None
            if len(self._fetched) > _MOST_REMEMBERED:
                del self._fetched[next(iter(self._fetched))]


def _coming(one: _Fetch) -> Fetched:
    return Fetched(f"being fetched, {size_text(one.read_bytes)} so far", comes=True)
