"""Events are hints: what comes of them on real folders, and what happens when they fail."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from stage import until

from hotpress.clock import HandClock
from hotpress.config.settings import Watch
from hotpress.takes import UNREADABLE
from hotpress.watch.following import Following, is_more_than
from hotpress.watch.walk import walk

FOLLOWER = Path(__file__).parents[1] / "follower.py"
QUEUE_LENGTH = Path("/proc/sys/fs/inotify/max_queued_events")


@pytest.fixture
def root(tmp_path):
    found = tmp_path / "in"
    found.mkdir()
    return found


@pytest.fixture
def following(root):
    found = Following(Watch(), HandClock())
    yield found
    found.stop()


def rescan(following, root, fresh=()):
    following.before(root)
    following.after(root, fresh=fresh, at_most_seconds=1e9)


def hinted(following, *paths):
    """Wait until each of these was hinted at."""
    seen = set()

    def all_of_them():
        seen.update(following.hints.take(0.1))
        return {str(path) for path in paths} <= seen

    until(all_of_them, 10, f"hints of {paths}")


def test_each_way_of_coming_is_hinted_at(following, root, tmp_path):
    """Written, moved in, linked, in a new folder, and a whole tree that is moved in."""
    rescan(following, root)
    (root / "written.mp4").write_bytes(b"v")
    (tmp_path / "other.mp4").write_bytes(b"v")
    (tmp_path / "other.mp4").rename(root / "moved.mp4")
    os.link(root / "moved.mp4", root / "linked.mp4")
    (root / "a/b/c").mkdir(parents=True)
    (root / "a/b/c/deep.mp4").write_bytes(b"v")
    tree = tmp_path / "tree/day"
    tree.mkdir(parents=True)
    (tree / "inner.mp4").write_bytes(b"v")
    (tmp_path / "tree").rename(root / "tree")

    names = ("written.mp4", "moved.mp4", "linked.mp4", "a/b/c/deep.mp4", "tree/day/inner.mp4")
    hinted(following, *(root / name for name in names))
    assert following.watching == "events"
    assert following.told() == ""


@pytest.mark.parametrize("how", ["replaced", "removed", "renamed away"])
def test_a_folder_that_is_another_now_is_watched_anew(following, root, how):
    """Its events go on for the old one, or end silently: both are noticed, and mended."""
    rescan(following, root)
    assert not following.is_due()
    if how == "renamed away":
        root.rename(root.with_name("aside"))
    else:
        shutil.rmtree(root)
    until(following.is_due, 10, "the loss")
    if how == "removed":
        rescan(following, root)
        assert following.watching == "polling"
        assert "not there" in following.told()
    root.mkdir()  # maybe with the very inode of the old one
    if how != "removed":
        until(following.is_due, 10, "the other folder")
    rescan(following, root)
    (root / "clip.mp4").write_bytes(b"v")

    assert following.watching == "events"
    hinted(following, root / "clip.mp4")


def test_too_many_folders_are_looked_at_instead(root):
    """The watches themselves would cost more; `status` says so, and how often it looks."""
    for n in range(7):
        (root / str(n)).mkdir()
    following = Following(Watch(), HandClock(), most_folders=7)
    rescan(following, root)

    assert following.watching == "polling"
    assert following.told() == "it has more than 7 folders: looked at every 15 s"
    assert following.rest_seconds() == 15
    assert not is_more_than(root, 8)


def test_files_that_came_without_a_word_lower_the_trust(following, root):
    """Two of them, and the folder is polled; what came before the watch proves nothing."""
    rescan(following, root)
    now = following.clock.now()
    following.clock.move(60)
    rescan(following, root, fresh=[now - 100, now + 58, now + 30])
    assert following.watching == "events"
    rescan(following, root, fresh=[now + 31])

    assert following.watching == "polling"
    assert "2 files came here without a word of it" in following.told()
    assert following.rest_seconds() == 15


def test_lost_hints_end_in_a_look_at_everything(following, root):
    """However many come at once, memory stays bounded."""
    rescan(following, root)
    for n in range(30_000):
        following.hints.add(f"{root}/{n}.mp4")
    assert following.is_due()
    assert len(following.hints.take(0)) <= 20_000


def test_the_rescan_does_not_enter_what_is_not_the_inboxs(root, tmp_path):
    """Links, hidden and system folders, bundles, outboxes; other files by their kind."""
    out = root / "out/.hotpress"
    out.mkdir(parents=True)
    (out / "receipts-a.jsonl").touch()
    for name in ("out/a.mp4", ".hidden/a.mp4", "@eaDir/a.mp4", "A.photoslibrary/a.mp4"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.mp4").touch()
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "day/night").mkdir(parents=True)
    (root / "day/night/a.mp4").touch()
    (root / "a.jpg").touch()

    found = {each.relative: each.kind for each in walk(root)}
    assert found["day/night/a.mp4"] == "video"
    assert found["a.jpg"] == "jpg"
    assert not [name for name in found if name.endswith(".mp4") and name != "day/night/a.mp4"]


def test_a_folder_that_may_not_be_looked_into_is_said():
    """Its files are not taken for gone, and nobody is left to wonder."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        root = Path(name)
        (root / "locked").mkdir()
        (root / "locked/a.mp4").touch()
        (root / "b.mp4").touch()
        root.chmod(0o755)
        (root / "locked").chmod(0)
        with _not_as_root():
            found = {each.relative: each.kind for each in walk(root)}
        (root / "locked").chmod(0o755)
    assert found == {"locked": UNREADABLE, "b.mp4": "video"}


@contextmanager
def _not_as_root():
    """Root may look into everything."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)


class Follower:
    """The program, and the lines that it has printed into `told`."""

    def __init__(self, told, *words, before=()):
        self.told = told
        command = [*before, sys.executable, str(FOLLOWER), *map(str, words)]
        with told.open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out)

    def seen(self, start):
        """The lines so far that begin so."""
        return [line for line in self.told.read_text().splitlines() if line.startswith(start)]

    def end(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def follow(tmp_path):
    started = []

    def start(*words, **options):
        started.append(Follower(tmp_path / f"told{len(started)}", *words, **options))
        return started[-1]

    yield start
    for each in started:
        each.end()


@pytest.mark.slow
def test_twenty_thousand_folders_and_lost_events_still_see_a_new_file(root, follow):
    """A stopped process, more events than the kernel keeps: one look at everything, no livelock."""
    folders = [root / f"{n // 200}" / f"{n % 200}" for n in range(20_000)]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    follower = follow(root, 100_000)
    until(lambda: follower.seen("rescan 0 events"), 60, "the first look")
    os.kill(follower.process.pid, signal.SIGSTOP)
    count = int(QUEUE_LENGTH.read_text()) + 1_000
    for n in range(count):
        (folders[n % len(folders)] / f"{n}.mp4").touch()
    os.kill(follower.process.pid, signal.SIGCONT)
    until(lambda: follower.seen(f"rescan {count} events"), 60, "the look at everything")

    def told():
        (folders[77] / f"new {time.monotonic_ns()}.mp4").touch()
        return bool(follower.seen(f"hint {folders[77]}/new"))

    until(told, 60, "a hint of a new file")
    looks = len(follower.seen("rescan"))
    assert looks <= 4, follower.seen("rescan")


@pytest.mark.slow
def test_a_system_without_watches_left_is_polled_and_says_so(root, follow):
    """Watchdog itself says nothing: 300 watches in a namespace of the test's own, 600 folders."""
    for n in range(600):
        (root / str(n)).mkdir()
    limit = 'echo 300 > /proc/sys/user/max_inotify_watches && exec "$@"'
    before = ("unshare", "--user", "--map-root-user", "sh", "-c", limit, "sh")
    follower = follow(root, before=before)
    [line] = until(lambda: follower.seen("rescan"), 30, "the first look")

    assert line.startswith("rescan 0 polling ")
    assert "folders can't be watched (raise fs.inotify.max_user_watches)" in line
