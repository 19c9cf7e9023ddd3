"""Which file systems tell of every change, and how often each kind is looked at."""

from __future__ import annotations

from pathlib import Path

_LOCAL_TYPES = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "tmpfs", "zfs", "exfat", "vfat", "ntfs3"}
)
# No place for a database: locks and syncs there are promises of another machine.
NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "ceph", "9p", "davfs", "glusterfs"}
)


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
