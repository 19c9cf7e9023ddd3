"""The outside world of folders: events as hints, and the rescan that is the truth."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import (
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from hotpress import log, names, takes

# Measured: the default mask livelocks on 5,000 folders (docs/decisions/0006).
_EVENTS: list[type[FileSystemEvent]] = [FileClosedEvent, FileMovedEvent, FileCreatedEvent]
_LOCAL_TYPES = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "tmpfs", "zfs", "exfat", "vfat", "ntfs3"}
)
# No place for a database: locks and syncs there are promises of another machine.
NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "ceph", "9p", "davfs", "glusterfs"}
)
_LOGGER = log.get("watch")
NOTHING = Path()  # a nudge that only ends a wait


def is_outbox(folder: Path) -> bool:
    """Does somebody's hotpress deliver here? Then it is never an inbox, nor a part of one."""
    try:
        return any(e.name.startswith("receipts") for e in (folder / ".hotpress").iterdir())
    except OSError:
        return False


class Nudges(FileSystemEventHandler):
    """Puts each path that something happened to on a queue: a hint to look, never a fact."""

    def __init__(self, to: queue.SimpleQueue[Path]) -> None:
        self._to = to

    def on_any_event(self, event: FileSystemEvent) -> None:
        """One hint, or two for a move."""
        for path in (event.src_path, event.dest_path):
            if path:
                self._to.put(Path(os.fsdecode(path)))


class Watcher:
    """Events of one folder. When the system offers none, `alive` is False and the rescan serves."""

    def __init__(self, root: Path, nudges: queue.SimpleQueue[Path]) -> None:
        self._observer = Observer()
        self._root = root
        self._key = _key(root)
        self.alive = False
        try:
            # Behind a link there would silently be no events: the real path is watched.
            self._observer.schedule(
                Nudges(nudges), str(root.resolve()), recursive=True, event_filter=_EVENTS
            )
            self._observer.start()
            self.alive = True
        except OSError as error:
            _LOGGER.warning("watch.refused", folder=str(root), why=str(error))

    def is_alive(self) -> bool:
        """Do events still come? An emitter ends silently with its folder.

        After a rename or a mount, events go on arriving for the folder that was there before.
        """
        living = self.alive and all(e.is_alive() for e in self._observer.emitters)
        return living and _key(self._root) == self._key

    def stop(self) -> None:
        """End it."""
        if self.alive:
            self._observer.stop()
            self._observer.join(2)


def _key(root: Path) -> tuple[int, int] | None:
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a rescan, relative to the root, with its kind (names.kind_of)."""

    relative: str
    kind: str


def walk(root: Path) -> Iterator[Found]:
    """All files below `root`; links, system folders, bundles and outboxes are not entered.

    Raises OSError when the root itself can't be read.
    """
    stack = [""]
    while stack:
        folder = stack.pop()
        try:
            entries = list(os.scandir(root / folder))
        except OSError:
            if not folder:
                raise
            continue  # a folder that vanished, or may not be read: the next rescan sees
        for entry in entries:
            relative = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if names.enters(entry.name) and not is_outbox(root / relative):
                    stack.append(relative)
                elif kind := takes.of_folder(entry.name):
                    yield Found(relative, kind)
            else:
                yield Found(relative, _kind(entry))


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_file(follow_symlinks=False):
        return names.kind_of(entry.name)
    return takes.LINK if entry.is_symlink() else takes.OTHER


def file_system_of(path: Path) -> str:
    """The type of the file system that `path` lies on, "" where nobody can tell."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    real = str(path.resolve())
    best, kind = "", ""
    for line in lines:
        fields = line.split()
        point = fields[4].replace("\\040", " ")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fields[fields.index("-") + 1]
    return kind


def rescan_seconds(kind: str, mode: str, rescan: float, poll: float) -> float:
    """Local file systems are looked at every `rescan`, overlays every second `poll`, others each.

    Events of a network mount only tell of this machine's own writes.
    """
    if mode == "events" or (mode == "auto" and kind in _LOCAL_TYPES):
        return rescan
    return min(rescan, 2 * poll) if kind == "overlay" and mode == "auto" else min(rescan, poll)
