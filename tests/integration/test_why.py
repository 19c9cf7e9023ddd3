"""`hotpress why`: any path has its sentence and a next step; nothing is changed by asking."""

import json
import os
import shutil

import pytest
from integration.test_whole_house import ONE, TWO, at, put, settle
from machine import Machine
from makers import a_job
from never import NEVER

from hotpress import why
from hotpress.config.read import read_file
from hotpress.model import State
from hotpress.places import Places
from hotpress.store import StateLock

CONFIG = """\
inboxes:
  - name: in
    path: {folder}/in
    outbox: {folder}/out
    source: keep
    route: local
    resolution: 32x24
    existing: all
    exclude:
      - "*rough*"
    archive_to: {folder}/in/Done
    rules:
      - {{match: "arch/**", source: archive}}
      - match: "only/**"
        include: ["*.mov"]
        exclude: []
"""


class Asked:
    """A machine, its config as a file, and whether its daemon runs."""

    def __init__(self, folder):
        (folder / "config.yaml").write_text(CONFIG.format(folder=folder))
        self.where = Places(folder / "config.yaml", folder / "state")
        inbox = read_file(self.where.config).settings.inboxes[0]
        self.machine = Machine(folder, inbox.written())
        self.inbox, self.outbox = self.machine.inbox, self.machine.outbox
        self.lock = None

    def run(self):
        self.lock = StateLock(self.where.lock)

    def tell(self):
        self.machine.clock.move(2.0)
        self.machine.hotfolder.tell()

    def why(self, path):
        found = why.answer(why.look(path, read_file(self.where.config), self.where))
        assert found.sentence.endswith("."), found
        assert found.next, found
        assert not NEVER.search(found.sentence + found.next), found
        assert found.sentence.isprintable(), found
        return found

    def end(self):
        if self.lock is not None:
            self.lock.release()
        self.machine.off()
        self.machine.cloud.close()


@pytest.fixture
def asked(tmp_path):
    made = Asked(tmp_path.resolve())
    yield made
    made.end()


def test_a_delivered_video_its_result_and_their_copies(asked):
    """Each names the other, and what is the same video."""
    put(asked.machine, "clip.mov")
    settle(asked.machine)
    asked.machine.rest()
    result = at(asked.machine, "clip.mov").output
    found = asked.why(asked.inbox / "clip.mov")
    assert (found.kind, found.next) == ("job", "Nothing to do.")
    assert found.sentence.startswith(f"clip.mov was delivered as {result} (")

    found = asked.why(result)
    assert (found.kind, found.sentence) == (
        "result",
        "clip.mp4 is a result of hotpress, made of clip.mov.",
    )
    shutil.copy(result, asked.inbox / "again.mp4")
    found = asked.why(asked.inbox / "again.mp4")
    assert found.kind == "result"
    assert "is a result of hotpress itself, made of clip.mov" in found.sentence

    shutil.copy(asked.inbox / "clip.mov", asked.inbox.parent / "else.mov")
    found = asked.why(asked.inbox.parent / "else.mov")
    assert found.kind == "copy"
    assert "It is the same video as clip.mov." in found.sentence
    shutil.copy(asked.inbox / "clip.mov", asked.inbox / "twin.mov")
    os.utime(asked.inbox / "twin.mov")
    assert "twin.mov is the same video as clip.mov" in asked.why(asked.inbox / "twin.mov").sentence

    result.unlink()
    assert "which is no longer there" in asked.why(asked.inbox / "clip.mov").sentence
    assert "no longer there" in asked.why(result).sentence


def test_a_job_that_is_held_failed_or_gone(asked):
    """Its own sentence and what helps; of a file that is gone the job is told."""
    asked.run()
    put(asked.machine, "a.mov")
    settle(asked.machine)
    assert asked.why(asked.inbox / "a.mov").next == "Nothing to do: hotpress goes on by itself."
    job = at(asked.machine, "a.mov")
    asked.machine.store.ask("cancel", job.id, {}, 0.0)
    asked.machine.obey()
    (asked.inbox / "a.mov").unlink()
    found = asked.why(asked.inbox / "a.mov")
    assert (found.kind, found.sentence.partition(":")[0]) == ("job", "a.mov was cancelled by hand.")
    assert "hotpress retry" in found.next

    (asked.inbox / "b.mov").write_bytes(b"no video at all " * 100)
    settle(asked.machine)
    for _ in range(60):
        asked.machine.look()
        asked.machine.clock.move(20.0)
    asked.machine.rest()
    found = asked.why(asked.inbox / "b.mov")
    assert found.sentence.startswith("b.mov failed: ")


def test_without_the_daemon_the_next_step_is_to_start_it(asked):
    """Whatever waits, waits for that first."""
    put(asked.machine, "a.mov")
    found = asked.why(asked.inbox / "a.mov")
    assert (found.kind, "hotpress run" in found.next) == ("new", True)
    settle(asked.machine)
    assert "hotpress run" in asked.why(asked.inbox / "a.mov").next
    asked.run()
    put(asked.machine, "b.mov", TWO)
    assert "next look" in asked.why(asked.inbox / "b.mov").next
    asked.machine.store.set_note("paused:in", "1")
    assert "hotpress resume in" in asked.why(asked.inbox / "b.mov").next
    assert "hotpress resume in" in asked.why(asked.inbox / "a.mov").next


def test_what_the_daemon_says_of_a_growing_file_is_said(asked):
    """And without a daemon, what one look shows."""
    (asked.inbox / "a.mov").write_bytes(b"")
    found = asked.why(asked.inbox / "a.mov")
    assert (found.kind, "nothing in it yet: empty so far" in found.sentence) == ("arriving", True)
    put(asked.machine, "b.mov")
    (asked.inbox / "b.mov.aria2").touch()
    found = asked.why(asked.inbox / "b.mov")
    assert "b.mov.aria2 lies beside it" in found.sentence
    assert "delete the file that lies beside it" in found.next
    with (asked.inbox / "c.mov").open("wb") as file:
        file.write(b"x" * 100)
        file.flush()
        assert "still being written" in asked.why(asked.inbox / "c.mov").sentence
    put(asked.machine, "d.mov")
    os.truncate(asked.inbox / "d.mov", 500)
    assert "it looks unfinished: " in asked.why(asked.inbox / "d.mov").sentence

    asked.machine.look()
    asked.run()
    asked.tell()
    note = json.loads(asked.machine.store.note("inbox:in"))
    assert {each["path"] for each in note["arriving"]} >= {str(asked.inbox / "a.mov")}
    assert "empty so far" in asked.why(asked.inbox / "a.mov").sentence


def test_what_the_config_leaves_out_is_told_with_its_line(asked):
    """Also in a rule for some files, and by `include`."""
    put(asked.machine, "my rough.mov")
    (asked.inbox / "only").mkdir()
    put(asked.machine, "only/rough.mov")
    put(asked.machine, "only/a.mp4")
    found = asked.why(asked.inbox / "my rough.mov")
    assert found.kind == "excluded"
    assert found.sentence == "my rough.mov is left out by config.yaml:10 (exclude: *rough*)."
    assert asked.why(asked.inbox / "only/rough.mov").kind == "new"
    found = asked.why(asked.inbox / "only/a.mp4")
    assert "config.yaml:15 (include, which does not name it)" in found.sentence


def test_what_a_rule_file_in_the_folder_leaves_out_is_told_with_its_line(asked):
    """It says so from any device; the rule file itself is known as one."""
    (asked.inbox / "Trip").mkdir()
    (asked.inbox / "Trip/hotpress.yaml").write_text("exclude:\n  - '*.mov'\n")
    put(asked.machine, "Trip/a.mov")
    found = asked.why(asked.inbox / "Trip/a.mov")
    assert found.kind == "excluded"
    assert "is left out by Trip/hotpress.yaml:" in found.sentence
    assert asked.why(asked.inbox / "Trip/hotpress.yaml").kind == "rules"


NAMES = [
    ("a.jpg", "photo", "a.jpg is a photo"),
    ("a.srt", "companion", "copied beside the result"),
    ("a.zip", "other", "does not have a video's name"),
    ("README", "other", "right ending"),
    (".a.mp4", "hidden", "begins with a dot"),
    (".a.mp4.s83yeD", "arriving", "half file: rsync gives such names"),
    ("a.mp4.crdownload", "arriving", "half file: a browser"),
    ("a.LRF", "proxy", "small copy"),
    ("a\udcff.mp4", "bad_name", "Rename it"),
    ("a.mov", "live_photo", "a.JPG lies beside it"),
    ("@eaDir/a.mp4", "system", "@eaDir is a hidden or a system's own folder"),
    (".stversions/a.mp4", "system", ".stversions is a hidden"),
    ("My.photoslibrary/a/b.mp4", "bundle", "My.photoslibrary is a library"),
    ("My.photoslibrary", "bundle", "Export the video"),
    ("Done/a.mp4", "archive", "Done is where originals go"),
    ("Small/a.mp4", "outbox", "Small is an outbox"),
    ("b\udcff/a.mp4", "bad_name", "The name of the folder"),
    ("door/a.mp4", "link", "door is a link to another folder"),
    ("door", "link", "linked folders are not entered"),
    ("link inside.mp4", "link", "lies in the inbox, too"),
    ("link outside.mp4", "link", "only what lies in the inbox itself"),
    ("dangling.mp4", "link", "where nothing lies"),
    ("round.mp4", "link", "where nothing lies"),
    ("pipe.mp4", "other", "a pipe, a socket"),
    ("gone.mp4", "missing", "hotpress knows no job"),
    ("gone/a.mp4", "missing", "Nothing lies at"),
]


@pytest.mark.parametrize(("name", "kind", "words"), NAMES, ids=[repr(row[0]) for row in NAMES])
def test_a_name_or_a_place_has_its_reason(asked, name, kind, words):
    """What no person dropped as a video, and what can't be taken as it lies there."""
    for folder in ("@eaDir", ".stversions", "My.photoslibrary/a", "Done", "b\udcff", "real"):
        (asked.inbox / folder).mkdir(parents=True)
    (asked.inbox / "Small/.hotpress").mkdir(parents=True)
    (asked.inbox / "Small/.hotpress/receipts-nas.jsonl").touch()
    (asked.inbox / "door").symlink_to(asked.inbox / "real")
    (asked.inbox / "link inside.mp4").symlink_to("real/there.mp4")
    (asked.inbox / "real/there.mp4").write_bytes(b"x")
    (asked.inbox.parent / "out there.mp4").write_bytes(b"x")
    (asked.inbox / "link outside.mp4").symlink_to("../out there.mp4")
    (asked.inbox / "dangling.mp4").symlink_to("nowhere.mp4")
    (asked.inbox / "round.mp4").symlink_to("round.mp4")
    (asked.inbox / "a.JPG").write_bytes(b"x")
    os.mkfifo(asked.inbox / "pipe.mp4")
    if kind not in ("missing", "link", "bundle") and name != "pipe.mp4":
        put(asked.machine, name)
    found = asked.why(asked.inbox / name)

    assert found.kind == kind
    assert words in f"{found.sentence} {found.next}"


def test_folders_are_counted(asked):
    """What became of the videos in it, and what is left alone."""
    (asked.inbox / "Trip").mkdir()
    put(asked.machine, "Trip/a.mp4", ONE)
    settle(asked.machine)
    asked.machine.rest()
    put(asked.machine, "Trip/b.mp4", TWO)
    (asked.inbox / "Trip/c.jpg").write_bytes(b"x")
    put(asked.machine, "Trip/rough.mp4")
    found = asked.why(asked.inbox / "Trip")

    assert (found.kind, found.sentence) == (
        "folder",
        "Trip has 2 videos: 1 delivered, 1 not taken up; left alone: 1 video left out by the "
        "rules, 1 photo.",
    )
    assert asked.why(asked.inbox).sentence.startswith("in has 2 videos")


def test_what_lies_elsewhere_is_told_where_to_go(asked):
    """Outside, in an outbox, a note, not there: with the inboxes that there are."""
    folder = asked.inbox.parent
    (folder / "a.mp4").write_bytes(b"x")
    found = asked.why(folder / "a.mp4")
    assert found.kind == "outside"
    assert found.next == f"Drop it into one of these: in ({asked.inbox})."
    assert asked.why(folder / "b.mp4").kind == "missing"
    assert asked.why(asked.outbox).kind == "outbox"
    (asked.outbox / "mine.mp4").write_bytes(b"x")
    found = asked.why(asked.outbox / "mine.mp4")
    assert (found.kind, found.next) == ("outbox", f"Drop videos into {asked.inbox}.")
    (asked.outbox / "a.mov.failed.txt").write_text("it failed")
    assert asked.why(asked.outbox / "a.mov.failed.txt").kind == "note"


def test_an_inbox_that_is_away_is_no_deletion(asked):
    """Nothing can be said of what lies in it, and that is said."""
    put(asked.machine, "a.mov")
    asked.inbox.rename(asked.inbox.parent / "away")
    found = asked.why(asked.inbox / "a.mov")

    assert (found.kind, f"{asked.inbox} is not there" in found.sentence) == ("unreachable", True)
    assert "counts as deleted" in found.next


def test_a_file_that_is_taken_for_another_one_can_be_told_from_it(asked, tmp_path):
    """Names of inboxes were swapped, and their files have the same size and time: it says so.

    And what it says helps.
    """
    machine, elsewhere = asked.machine, tmp_path / "elsewhere"
    elsewhere.mkdir()
    put(machine, "a.mov", TWO)
    clip = machine.inbox / "a.mov"
    status = clip.stat()
    other = elsewhere / "a.mov"
    other.write_bytes(b"x" * status.st_size)
    version = {"relative": "a.mov", "size_bytes": status.st_size, "mtime_ns": status.st_mtime_ns}
    machine.store.add(a_job(inbox="in", root=str(elsewhere), state=State.DELIVERED, **version), "")
    settle(machine)
    assert [job.root for job in machine.store.jobs()] == [str(elsewhere)]
    said = asked.why(clip)
    assert (said.kind, str(other) in said.sentence) == ("namesake", True)
    assert said.next == f"touch {clip}; then it is taken up."
    os.utime(clip, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    machine.clock.move(60.0)
    machine.hotfolder.rescan()
    settle(machine)
    assert len(machine.store.jobs()) == 2


def test_asking_changes_nothing(asked):
    """No file appears, changes or is touched, with or without a state directory."""
    put(asked.machine, "a.mov")
    settle(asked.machine)
    asked.machine.rest()
    asked.machine.store.close()
    folder = asked.inbox.parent

    def seen():
        found = {path: path.lstat() for path in folder.rglob("*")}
        return {p: (s.st_mtime_ns * p.is_file(), s.st_size) for p, s in found.items()}

    before = seen()
    for path in (asked.inbox / "a.mov", asked.inbox, asked.outbox / "a.mp4", folder / "x"):
        asked.why(path)
    assert seen() == before
    asked.where = Places(asked.where.config, folder / "another state")
    asked.why(asked.inbox / "a.mov")
    assert not (folder / "another state").exists()


def test_rule_files_and_what_they_leave_out(asked):
    """A rule file says whether it can be understood; what it leaves out names its line."""
    (asked.inbox / "trip").mkdir()
    put(asked.machine, "trip/a.mp4")
    rules = asked.inbox / "trip/hotpress.yaml"
    rules.write_text("target_size: 60 MB\nexclude: a.*\n")
    beside = asked.inbox / "trip/b.mp4.hotpress.txt"
    beside.write_text("x" * 501)

    out = asked.why(asked.inbox / "trip/a.mp4")
    assert (out.kind, "trip/hotpress.yaml:2" in out.sentence) == ("excluded", True)
    assert asked.why(rules).sentence.startswith("hotpress.yaml holds rules for the videos of its")
    wrong = asked.why(beside)
    assert wrong.kind == "rules"
    assert "b.mp4.hotpress.txt:1 has 501 characters; write at most 500" in wrong.sentence
