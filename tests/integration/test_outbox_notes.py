"""The notes in a real outbox: written once, taken away, obeyed when deleted, never by accident."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from house import House
from makers import a_job

from hotpress import outbox
from hotpress.config.live import Live
from hotpress.config.read import Config
from hotpress.config.settings import Inbox, Settings
from hotpress.courtesy import Peer, announce
from hotpress.model import Reason, State
from hotpress.telling import OutboxNotes


class Told(House):
    """A house whose outbox is told of by `notes`."""

    def __init__(self, folder):
        super().__init__(folder)
        self.settings = Settings(
            inboxes=[Inbox(name="travel", path=self.inbox, outbox=self.outbox)]
        )
        self.store.set_note(f"outbox:{self.outbox}", self.marker)
        self.again()

    def again(self):
        """A daemon that starts."""
        me = Peer("1-a", "here", os.getpid(), "", self.clock.now())
        self.live = Live(Config(Path("config.yaml"), self.settings, {}))
        self.notes = OutboxNotes(self.store, self.clock, me, self.live)

    def serve(self, outbox, **inboxes):
        """The settings name these folders now, and all deliver into one outbox."""
        found = [Inbox(name=name, path=path, outbox=outbox) for name, path in inboxes.items()]
        self.settings = Settings(inboxes=found)
        self.again()

    def failed(self, name, folder=None, **changes):
        """A job of a real file that failed."""
        folder = folder or self.inbox
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no video")
        status = path.stat()
        job = a_job(
            root=str(folder),
            relative=name,
            outbox=str(self.outbox),
            size_bytes=status.st_size,
            mtime_ns=status.st_mtime_ns,
            state=State.FAILED,
            hint="Drop a video.",
            **{"id": f"j-{name}", "why": "it is no video", **changes},
        )
        assert self.store.add(job, "")
        return job

    def write(self, job, **changes):
        assert self.store.write(replace(job, **changes), [], epoch=job.epoch)

    def look(self, times=1):
        for _ in range(times):
            self.notes.look()
            self.clock.move(60)

    def there(self):
        return {
            str(p.relative_to(self.outbox)): p.read_text()
            for p in self.outbox.rglob("*.txt")
            if ".hotpress" not in p.parts
        }

    def retries(self):
        return [command.job for command in self.store.commands() if command.verb == "retry"]


@pytest.fixture
def told(tmp_path):
    return Told(tmp_path)


def test_what_a_crash_left_of_a_note_goes(told):
    """A kill between its writing and its placing leaves nothing behind for long."""
    half = told.outbox / ".hotpress/tmp/note-1-a.part"
    half.write_text("hotpress: wh")
    told.look()
    assert not half.exists()


def test_a_failed_video_has_a_note_until_it_is_failed_no_more(told):
    """Beside the results, mirrored, with mode as a person's file; and a line in the status."""
    job = told.failed("trip/clip.mov")
    told.look()
    note = told.outbox / "trip/clip.mov.failed.txt"
    text = note.read_text()

    assert "What happened: it is no video" in text
    assert note.stat().st_mode & 0o777 == 0o666 & ~_umask()
    assert "trip/clip.mov: it is no video" in told.there()["hotpress-status.txt"]

    told.write(job, state=State.QUEUED, updated_at=told.clock.now())
    told.look()
    assert told.there() == {}


def test_nothing_is_written_again_while_nothing_changed(told):
    """A synced folder carries each note once."""
    told.failed("clip.mov")
    told.look()
    before = [(p, p.stat().st_ino, p.stat().st_mtime_ns) for p in told.outbox.glob("*.txt")]
    told.look(3)

    assert len(before) == 2
    assert before == [(p, p.stat().st_ino, p.stat().st_mtime_ns) for p in told.outbox.glob("*.txt")]


def test_a_deleted_note_is_a_retry_at_the_second_look_and_after_a_restart(told):
    """Once: the note does not ask twice."""
    told.failed("clip.mov")
    told.failed("other.mov")
    told.look()
    (told.outbox / "clip.mov.failed.txt").unlink()
    told.look()
    assert told.retries() == []
    told.again()
    told.look()
    assert told.retries() == ["j-clip.mov"]


def test_a_source_that_is_gone_has_no_note_and_no_retry(told):
    """Deleting the original settles it: nothing is left to try."""
    told.failed("clip.mov")
    told.look()
    (told.outbox / "clip.mov.failed.txt").unlink()
    (told.inbox / "clip.mov").unlink()
    told.look(3)

    assert told.retries() == []
    assert told.there() == {}


@pytest.mark.parametrize("how", ["replaced", "unmounted"])
def test_an_outbox_that_is_another_or_away_means_nothing(told, how):
    """No retry, and not one file written into the stranger's folder."""
    told.failed("clip.mov")
    told.look()
    aside = told.outbox.with_name("aside")
    told.outbox.rename(aside)
    if how == "replaced":
        outbox.make(told.outbox)
    told.look(3)
    assert told.retries() == []
    assert not told.outbox.exists() or told.there() == {}

    shutil.rmtree(told.outbox, ignore_errors=True)
    aside.rename(told.outbox)
    told.look(3)
    assert told.retries() == []


def test_an_emptied_outbox_means_nothing(told):
    """All results and all notes went: the note comes back, and nothing is tried."""
    told.failed("clip.mov")
    job = replace(
        told.job, relative="done.mov", state=State.DELIVERED, placed_at=1.0, released_at=1.0
    )
    told.store.add(job, "")
    told.write(job)
    (told.outbox / "clip.mp4").write_bytes(b"smaller")
    told.look()
    (told.outbox / "clip.mp4").unlink()
    for note in told.outbox.glob("*.txt"):
        note.unlink()
    told.look(3)

    assert told.retries() == []
    assert "clip.mov.failed.txt" in told.there()


def test_files_of_others_are_left_alone(told):
    """A file of that name that hotpress did not write stays as it is; so does one written into."""
    (told.outbox / "hotpress-status.txt").write_text("my notes")
    (told.outbox / "clip.mov.failed.txt").write_text("mine, too")
    one = told.failed("clip.mov")
    two = told.failed("two.mov")
    told.look()
    (told.outbox / "two.mov.failed.txt").write_text("what I think of it")
    told.write(one, state=State.CANCELLED)
    told.write(two, state=State.CANCELLED)
    told.look(2)

    assert told.there() == {
        "hotpress-status.txt": "my notes",
        "clip.mov.failed.txt": "mine, too",
        "two.mov.failed.txt": "what I think of it",
    }


@pytest.mark.parametrize("name", ["a/clip.mov", "z/clip.mov"])
def test_a_note_that_has_no_place_keeps_no_other(told, name):
    """Somebody's file lies where its folder would be: the rest is told, and obeyed, as ever."""
    told.failed(name)
    told.failed("m.mov")
    (told.outbox / name[0]).write_text("a file of somebody")
    told.look()

    assert f"1 failed: {name}: it is no video" in told.there()["hotpress-status.txt"]
    assert "m.mov.failed.txt" in told.there()
    (told.outbox / "m.mov.failed.txt").unlink()
    told.look(2)
    assert told.retries() == ["j-m.mov"]
    assert (told.outbox / name[0]).read_text() == "a file of somebody"


def test_a_folder_of_results_that_is_moved_away_is_no_wish(told):
    """With the notes in it: nobody deleted those, and trying again may cost credits."""
    told.failed("trip/clip.mov")
    told.failed("home.mov")
    told.look()
    (told.outbox / "trip").rename(told.outbox.with_name("trip of last year"))
    told.look(3)

    assert told.retries() == []
    assert "1 note about failed videos went at once" in told.there()["hotpress-status.txt"]
    (told.outbox / "trip/clip.mov.failed.txt").unlink()  # it was written anew
    told.look(2)
    assert told.retries() == ["j-trip/clip.mov"]


def test_no_more_than_five_are_obeyed_a_minute(told):
    """However often it looks: a sync client may take notes away a few at a time."""
    for n in range(8):
        told.failed(f"{n}.mov")
    told.look()
    for few in (range(4), range(4, 8)):
        for n in few:
            (told.outbox / f"{n}.mov.failed.txt").unlink()
        for _ in range(2):
            told.notes.look()
            told.clock.move(10)
    assert len(told.retries()) == 5
    told.look(2)
    assert len(set(told.retries())) == 8


def test_what_somebody_wrote_into_a_note_is_never_written_over(told):
    """Not even when the video is tried, and fails, again."""
    job = told.failed("clip.mov")
    told.look()
    note = told.outbox / "clip.mov.failed.txt"
    words = note.read_text() + "Anna: I have asked the shop, they have the original.\n"
    note.write_text(words)
    told.write(job, state=State.QUEUED)
    told.look()
    told.write(job, state=State.FAILED, why="it is still no video")
    told.look(2)

    assert note.read_text() == words


def test_a_pipe_of_a_notes_name_holds_nothing_up(told):
    """Whoever opens one to read waits for ever."""
    os.mkfifo(told.outbox / "clip.mov.failed.txt")
    told.failed("clip.mov")
    told.failed("two.mov")
    told.notes.look(5)

    assert (told.outbox / "two.mov.failed.txt").is_file()
    assert "two.mov: it is no video" in (told.outbox / "hotpress-status.txt").read_text()


def test_notes_of_a_lost_state_directory_are_taken_over(told, tmp_path):
    """Their words begin as ours do: they are written anew, and go when nothing failed."""
    told.failed("clip.mov")
    told.look()
    for key in list(told.store.notes("told:")):
        told.store.set_note(key, "{}")
    told.look()
    assert set(told.there()) == {"clip.mov.failed.txt", "hotpress-status.txt"}
    (told.inbox / "clip.mov").unlink()
    told.look()
    assert told.there() == {}


def test_another_computers_outbox_is_left_to_its_notes(told):
    """Two computers on a synced folder: one of them tells."""
    announce(told.outbox, Peer("0-first", "elsewhere", 1, "x", told.clock.now()))
    told.failed("clip.mov")
    told.look()
    assert told.there() == {}


def test_held_videos_are_told_with_the_next_step(told):
    """As people read it who have only the folder."""
    job = replace(
        told.job,
        state=State.HELD,
        reason=Reason.CREDITS,
        why="the account has not enough credits for another video",
        hint="Register or top up.",
    )
    told.store.add(job, "")
    told.look()
    status = told.there()["hotpress-status.txt"]
    assert "1 video waits: the account has not enough credits for another video\n" in status
    assert "  clip.mov\n  What to do: Register or top up.\n" in status


def test_a_folder_that_cannot_be_read_is_told(told):
    """The inbox's own thread wrote down why."""
    told.store.set_note(
        "inbox:travel", '{"watch": "unreachable", "why": "it is not mounted", "arriving": []}'
    )
    told.look()
    assert (
        f"The folder {told.inbox} can't be looked at: it is not mounted"
        in (told.there()["hotpress-status.txt"])
    )


def test_a_config_that_cannot_be_taken_is_told(told):
    """The last good one counts; what is wrong, and where, stands in the folder, too."""
    told.live.problems = ("config.yaml:14  inboxes[0].target_size: '60' is not a size",)
    told.look()
    assert (
        "  config.yaml:14 inboxes[0].target_size: '60' is not a size"
        in (told.there()["hotpress-status.txt"])
    )
    told.live.problems = ()
    told.look()
    assert told.there() == {}


def test_two_inboxes_with_one_outbox_have_a_note_each(told):
    """Of the same failed name: the second names its folder, and each keeps its place."""
    phone = told.inbox.with_name("Phone")
    told.serve(told.outbox, travel=told.inbox, phone=phone)
    told.failed("clip.mov", id="j2")
    told.look()
    one = told.failed("clip.mov", phone, id="j1", inbox="phone", why="it is a photo")
    told.look()
    there = told.there()

    assert "it is no video" in there["clip.mov.failed.txt"]
    assert "it is a photo" in there["clip.mov (Phone).failed.txt"]
    assert "it is a photo\n  See clip.mov (Phone).failed.txt" in there["hotpress-status.txt"]
    (told.outbox / "clip.mov.failed.txt").unlink()
    told.look(2)
    assert told.retries() == ["j2"]
    told.write(one, state=State.QUEUED)
    told.look(2)
    assert set(told.there()) == {"clip.mov.failed.txt", "hotpress-status.txt"}


def test_a_failure_without_a_place_for_its_note_says_what_to_do_in_the_status(told):
    """Somebody's file has the name: it is not shown as ours."""
    (told.outbox / "clip.mov.failed.txt").write_text("mine")
    told.failed("clip.mov")
    told.look()

    assert told.there()["hotpress-status.txt"].endswith(
        "1 failed: clip.mov: it is no video\n  What to do: Drop a video.\n"
    )


def test_an_outbox_that_is_used_no_more_keeps_no_notes(told):
    """Our notes go, what somebody wrote into one stays; when it is back, all is told again."""
    told.failed("clip.mov")
    told.failed("two.mov")
    told.look()
    edited = told.outbox / "two.mov.failed.txt"
    edited.write_text("Anna: I have the original.")
    told.serve(told.outbox.with_name("elsewhere"), travel=told.inbox)
    told.look(2)
    assert told.there() == {"two.mov.failed.txt": "Anna: I have the original."}

    told.serve(told.outbox, travel=told.inbox)
    told.look(3)
    assert set(told.there()) == {
        *("clip.mov.failed.txt", "two.mov.failed.txt", "hotpress-status.txt")
    }
    assert told.retries() == []


@pytest.mark.parametrize("how", ["replaced", "unmounted", "left to another computer"])
def test_an_outbox_that_is_used_no_more_is_touched_only_if_it_is_surely_ours(told, how):
    """Another folder in its place, or another computer's: nothing is taken away there."""
    told.failed("clip.mov")
    told.look()
    aside = told.outbox.with_name("aside")
    if how == "left to another computer":
        announce(told.outbox, Peer("0-first", "elsewhere", 1, "x", told.clock.now()))
    else:
        told.outbox.rename(aside)
    if how == "replaced":
        shutil.copytree(aside, told.outbox)
        (told.outbox / ".hotpress/id").write_text("another\n")
    before = told.there()
    told.serve(told.outbox.with_name("elsewhere"), travel=told.inbox)
    told.look(2)
    assert told.there() == before
    if how == "unmounted":  # it is there again: then ours go
        aside.rename(told.outbox)
        told.look()
        assert told.there() == {}


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
