"""What is mounted over an inbox, taken away from it, or changed behind its mount."""

import json

import clips
import mounts
import pytest
from stage import sha256, until

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(120)]


@pytest.fixture
def stage(tmp_path):
    with mounts.own_namespace():
        found = mounts.PatientStage(tmp_path)
        yield found
        found.end()


def delivered(stage, *names):
    """Each of these, once."""
    until(lambda: sorted(p.name for p in stage.delivered()) == sorted(names), 40, names)

    def states():  # written down a moment after the file is there
        return [job["state"] for job in stage.stored()]

    until(lambda: states() == ["delivered"] * len(names), 10, "each, once")


def inbox_view(stage):
    return json.loads(stage.say("status", "--json").stdout)["inboxes"][0]


@pytest.mark.parametrize("how", ["a disk", "a bind mount"])
def test_what_is_mounted_over_an_inbox_is_taken_and_what_lay_there_stays_known(stage, how):
    """Its events go on for the folder below: the rescan sees another one, and watches that."""
    stage.configure(mounts.SMALL, watch={"rescan": "2s", "poll": "1s"})
    stage.start()
    stage.drop("a.mp4")
    delivered(stage, "a.mp4")
    if how == "a disk":
        mounts.disk(stage.inbox())
    else:
        other = stage.folder / "other"
        other.mkdir()
        mounts.back(stage.inbox(), other)
    stage.drop("b.mp4")
    delivered(stage, "a.mp4", "b.mp4")
    mounts.writable(stage.inbox())  # what was mounted goes
    assert (stage.inbox() / "a.mp4").exists()
    stage.drop("c.mp4")
    delivered(stage, "a.mp4", "b.mp4", "c.mp4")
    assert stage.stop() == 0


def test_a_change_behind_a_mount_is_found_by_looking(stage):
    """A share whose files come from elsewhere gives no event: it is looked at every `poll`."""
    real = stage.folder / "real"
    share = mounts.Hanging(real, stage.inbox())
    stage.configure(mounts.SMALL, watch={"rescan": "1h", "poll": "1s"})
    stage.start()
    until(lambda: inbox_view(stage)["watch"] != "unreachable", 20, "the first look")
    source = clips.distinct(clips.real("carphone_pristine.mp4"), real / "a.mp4")
    before = sha256(source)
    delivered(stage, "a.mp4")

    assert sha256(source) == before
    assert stage.stop() == 0
    share.end()


def test_a_subfolder_that_may_not_be_looked_into_is_said_and_taken_when_it_may(tmp_path):
    """Neither passed over in silence, nor taken for deleted."""
    with mounts.own_namespace():
        stage = mounts.PatientStage(tmp_path, *mounts.NO_BYPASS)
        stage.configure(mounts.SMALL, watch={"rescan": "1s", "poll": "1s"})
        locked = stage.inbox() / "locked"
        locked.mkdir()
        clips.distinct(clips.real("carphone_pristine.mp4"), locked / "a.mp4")
        locked.chmod(0)
        stage.start()
        try:
            view = until(lambda: (v := inbox_view(stage))["why"] and v, 30, "the sentence")
            assert f"{locked} may not be looked into: chmod u+rx" in view["why"]
            locked.chmod(0o755)
            until(stage.delivered, 40, "the result")
            assert stage.stop() == 0
        finally:
            locked.chmod(0o755)
            stage.end()


def test_an_outbox_that_is_the_inbox_under_another_name_is_refused(stage):
    """Mounted twice it is still one folder: results would be taken as new videos."""
    stage.configure(mounts.SMALL)
    outbox = stage.outbox()
    outbox.mkdir()
    mounts.back(outbox, stage.inbox())
    refused = stage.say("status", check=False)
    assert refused.returncode == 2
    assert "lie inside each other; put them side by side" in refused.stderr
