"""Events are hints: what comes of them on real folders, and what happens when they fail."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
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


def test_rules_that_are_written_each_second_keep_no_disk_busy(following, root):
    """A look at everything that took long is followed by ten times as long without one.

    One that takes no time is made at once, and what a person orders or a lost event asks is, too.
    """
    rescan(following, root)
    following.look_soon()
    assert following.is_due()
    following.before(root)
    following.clock.wait(2.0, threading.Event())  # a hundred thousand files
    following.after(root, fresh=(), at_most_seconds=1e9)
    looks = 0
    for _ in range(100):
        following.clock.wait(1.0, threading.Event())
        following.look_soon()
        if following.is_due():
            looks += 1
            following.before(root)
            following.clock.wait(2.0, threading.Event())
            following.after(root, fresh=(), at_most_seconds=1e9)
    assert looks == 100 // 20
    following.hints.ask_rescan()
    assert following.is_due()


def hinted(following, *paths):
    """Wait until each of these was hinted at."""
    seen = set()

    def all_of_them():
        seen.update(following.take(0.1))
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


def test_a_folder_that_left_and_one_that_had_its_name_end_no_events(following, root, tmp_path):
    """Watchdog's own books of the two collide when both are deleted: its reader ended silently."""
    (root / "day").mkdir()
    rescan(following, root)
    (root / "day").rename(tmp_path / "day")
    (root / "day").mkdir()
    (root / "day/first.mp4").write_bytes(b"v")
    hinted(following, root / "day/first.mp4")
    shutil.rmtree(root / "day")
    shutil.rmtree(tmp_path / "day")
    (root / "clip.mp4").write_bytes(b"v")

    hinted(following, root / "clip.mp4")
    assert not following.is_due()


def test_a_reader_that_has_ended_is_noticed_and_another_one_reads(following, root):
    """Whatever ended it: the thread that hands events on lives, and nothing would come any more."""
    rescan(following, root)
    reader = following._observed.reader
    reader.stop()
    reader.join(10)
    assert following.is_due()
    rescan(following, root)
    (root / "clip.mp4").write_bytes(b"v")

    hinted(following, root / "clip.mp4")
    assert following.watching == "events"


def test_too_many_folders_are_looked_at_instead(root):
    """The watches themselves would cost more; `status` says so, and how often it looks."""
    for n in range(7):
        (root / str(n)).mkdir()
    following = Following(Watch(), HandClock(), most_folders=7)
    rescan(following, root)

    assert following.watching == "polling"
    assert following.told() == (
        "it has more than 7 folders: looked at every 15 s; "
        "inboxes with fewer folders each are told of changes at once"
    )
    assert following.rest_seconds() == 15
    assert not is_more_than(root, 8)


def test_files_that_came_without_a_word_lower_the_trust(following, root):
    """Two of them, and the folder is polled; what came before the watch proves nothing."""
    rescan(following, root)
    now = following.clock.now()
    following.clock.move(60)
    rescan(following, root, fresh=[("/before", now - 100), ("/ahead", now + 90)])
    rescan(following, root, fresh=[("/one", now + 30), ("/told", now + 31), ("/two", now + 59)])
    following.hints.add("/told")
    following.take(0)
    assert following.watching == "events"  # their events may lie in a queue
    following.clock.move(5)
    following.take(0)

    assert following.watching == "polling"
    assert following.told() == "2 files came here without a word of it: looked at every 15 s"
    assert following.rest_seconds() == 15


def test_files_whose_events_were_lost_in_a_known_way_lower_no_trust(following, root):
    """More hints than are kept: the next rescan finds the files, and says nothing of the events."""
    rescan(following, root)
    now = following.clock.now()
    for n in range(30_000):
        following.hints.add(f"{root}/{n}.mp4")
    following.clock.move(60)
    rescan(following, root, fresh=[(f"{root}/{n}.mp4", now + 30) for n in range(9)])
    following.take(0)
    following.clock.move(60)
    following.take(0)
    assert following.watching == "events"


def test_a_mode_that_is_changed_is_followed(following, root):
    """From events to looking and back, at the next rescan."""
    rescan(following, root)
    following.settings = Watch(mode="polling")
    rescan(following, root)
    assert following.watching == "polling"
    assert following.told() == "watch.mode is polling: looked at every 15 s"
    following.settings = Watch()
    rescan(following, root)
    assert following.watching == "events"
    assert following.told() == ""


def test_folders_that_come_later_are_counted_too(root):
    """A tree that grows beyond what is watched is looked at from then on."""
    following = Following(Watch(), HandClock(), most_folders=5)
    rescan(following, root)
    assert following.watching == "events"
    for n in range(5):
        (root / str(n)).mkdir()
    (root / "4/clip.mp4").write_bytes(b"v")
    hinted(following, root / "4/clip.mp4")
    rescan(following, root)

    assert following.watching == "polling"
    assert "more than 5 folders" in following.told()


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
            self.process = subprocess.Popen(command, stdout=out, start_new_session=True)

    def seen(self, start):
        """The lines so far that begin so."""
        return [line for line in self.told.read_text().splitlines() if line.startswith(start)]

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)  # with those that it was started with
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


def limited(what, count):
    """In a namespace of the test's own: at most so many, for a program that is started behind."""
    limit = f'echo {count} > /proc/sys/user/max_inotify_{what} && exec "$@"'
    return ("unshare", "--user", "--map-root-user", "sh", "-c", limit, "sh")


def many_folders(root, count):
    for n in range(count):
        (root / str(n)).mkdir(parents=True)
    return root


@pytest.mark.slow
def test_more_folders_than_the_system_allows_watches_are_polled_and_it_says_so(root, follow):
    """Nobody else would have a watch left: known before any is taken."""
    follower = follow(many_folders(root, 250), before=limited("watches", 300))
    [line] = until(lambda: follower.seen("rescan"), 30, "the first look")

    assert line.startswith("rescan 0 polling ")
    assert "it has more than 225 folders, and this system allows 300 watches" in line
    assert "raise fs.inotify.max_user_watches" in line


@pytest.mark.slow
def test_watches_that_others_have_taken_are_missed_and_it_says_so(root, follow, tmp_path):
    """Watchdog itself says nothing: what could not be watched is counted, and all given back."""
    hog = many_folders(tmp_path / "hog", 400)
    many_folders(root, 250)
    both = f'"$@" {root} & exec "$@" {hog}'
    before = (*limited("watches", 600), "sh", "-c", both, "sh")
    follower = follow(before=before)
    lines = until(lambda: len(seen := follower.seen("rescan")) == 2 and seen, 30, "the looks")

    [line] = [line for line in lines if " polling " in line]
    assert re.search(r"\d+ folders can't be watched: .*raise fs.inotify.max_user_watches", line)


@pytest.mark.slow
def test_a_system_that_watches_nothing_more_is_polled_and_not_looked_at_all_the_time(root, follow):
    """No instance of inotify is left: one look, then every `poll`, and the reason."""
    follower = follow(root, before=limited("instances", 0))
    until(lambda: follower.seen("rescan"), 30, "the first look")
    end = time.monotonic() + 2
    until(lambda: time.monotonic() > end, 5, "two seconds")
    [line] = follower.seen("rescan")
    assert line.startswith("rescan 0 polling the system gives no word of changes here")
