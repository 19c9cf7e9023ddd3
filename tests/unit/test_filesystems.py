"""Which file system a folder lies on, and how often that kind is looked at."""

import pytest

from hotpress.watch.filesystems import rescan_seconds, type_in

MOUNTS = r"""21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:40 / /srv rw shared:9 - nfs4 nas:/export rw
31 30 0:41 / /srv/big\040disk rw - fuse.sshfs u@h: rw
32 21 0:42 / /home rw - btrfs /dev/sdb rw
33 32 0:43 / /home rw - overlay overlay rw
34 21 0:44 / /odd\134name rw - 9p share rw"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/etc", "ext4"),
        ("/", "ext4"),
        ("/srv", "nfs4"),
        ("/srv/in", "nfs4"),
        ("/srvant", "ext4"),
        ("/srv/big disk/in", "fuse.sshfs"),
        ("/home/me", "overlay"),  # what was mounted last lies on top
        ("/odd\\name/in", "9p"),
    ],
)
def test_the_deepest_and_last_mount_is_the_one(path, kind):
    """Names with spaces and backslashes are written in octal there."""
    assert type_in(MOUNTS, path) == kind


@pytest.mark.parametrize(
    ("kind", "mode", "seconds"),
    [
        ("ext4", "auto", 300),
        ("btrfs", "auto", 300),
        ("overlay", "auto", 30),
        ("nfs4", "auto", 15),
        ("fuse.sshfs", "auto", 15),
        ("", "auto", 15),
        ("ext4", "polling", 15),
        ("overlay", "polling", 15),
        ("nfs4", "events", 300),
    ],
)
def test_how_often_each_kind_is_looked_at(kind, mode, seconds):
    """Local ones tell of everything; others only of this machine's own writes."""
    assert rescan_seconds(kind, mode, 300, 15) == seconds


def test_a_rescan_that_is_set_shorter_than_poll_counts_everywhere():
    """Nobody waits longer than they said."""
    assert {rescan_seconds(kind, "auto", 5, 15) for kind in ("ext4", "overlay", "nfs4")} == {5}
