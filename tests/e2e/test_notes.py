"""Whoever has only the outbox: why a video is not there, and how to try it again."""

import clips
import pytest
from stage import Stage, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    with found.cloud({"credits": 0, "faults": []}, "--kind", "--speed", "20"):
        yield found
        found.end()


def test_deleting_a_note_tries_the_video_again(stage):
    """A file that is no video: its note says so; deleted, it is tried, fails, and is told again."""
    stage.configure({"route": "local"}, watch={"patience": "1s"})
    stage.start()
    (stage.inbox() / "trip").mkdir()
    (stage.inbox() / "trip/clip.mov").write_bytes(b"no video at all" * 10_000)
    until(lambda: len(stage.notes()) == 2, 60, "the notes")
    name = "trip/clip.mov.failed.txt"
    first = stage.notes()[name]
    (stage.outbox() / name).unlink()
    until(lambda: _again(stage), 60, "another try")
    until(lambda: name in stage.notes(), 60, "the note again")

    assert first.startswith("Delete this file to try again, within ten minutes (uses no credits)")
    assert "trip/clip.mov" in stage.notes()["hotpress-status.txt"]
    assert len(stage.stored()) == 1
    assert stage.stop() == 0


def _again(stage):
    [story] = [stage.say("show", job["id"]).stdout for job in stage.stored()]
    return "goes on at" in story


def test_a_folder_without_credits_says_so_and_what_would_help(stage):
    """`once` tells, too, before it ends."""
    stage.configure({"route": "cloud", "target_size": "40 kB"})
    clips.distinct(clips.real("carphone_pristine.mp4"), stage.inbox() / "a.mp4")
    assert stage.say("once", check=False).returncode == 3
    status = stage.notes()["hotpress-status.txt"]

    assert "1 video waits: " in status
    assert "credits" in status
    assert "What to do: " in status
