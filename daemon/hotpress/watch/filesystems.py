"""Which file systems tell of every change, and how often each kind is looked at."""

from __future__ import annotations

import re
from pathlib import Path

from hotpress.places import behind_links

_LOCAL_TYPES = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "tmpfs", "zfs", "exfat", "vfat", "ntfs3"}
)
# No place for a database: locks and syncs there are promises of another machine.
NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "ceph", "9p", "davfs", "glusterfs"}
)
# Of the whole user, and of the namespace that a container may be.
_LIMITS = (
    Path("/proc/sys/fs/inotify/max_user_watches"),
    Path("/proc/sys/user/max_inotify_watches"),
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def file_system_of(path: Path) -> str:
    """The type of the file system that `path` lies on, "" where nobody can tell."""
    try:
        text = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    return type_in(text, str(behind_links(path)))


def type_in(mountinfo: str, real: str) -> str:
    """The type of the file system that has the path `real`: the last of the deepest mounts."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        point = _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4])
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


def watches_allowed() -> int | None:
    """How many folders a user may watch on this system; None where there is no such limit."""
    found = []
    for path in _LIMITS:
        try:
            found.append(int(path.read_text("ascii")))
        except (OSError, ValueError):
            continue
    return min(found, default=None)
