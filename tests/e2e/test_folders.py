"""What people do to folders and files while hotpress runs; on this machine alone, no cloud."""

import os
import shutil
import signal

import clips
import pytest
import yaml
from stage import Stage, sha256, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
SMALL = {"target_size": "40 kB", "route": "local"}


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    found.api_url = "http://127.0.0.1:9"
    yield found
    found.end()


def drop(stage, name="a.mp4"):
    shutil.copy2(clips.real("carphone_pristine.mp4"), stage.inbox() / name)
    return stage.inbox() / name


def state_of(stage, name="a.mp4"):
    return next((j["state"] for j in stage.stored() if j["relative"] == name), "")


def test_an_archive_below_the_inbox_is_never_watched(stage):
    """Set in `defaults`: one source, one result, one archived original."""
    stage.configure(SMALL)
    data = yaml.safe_load(stage.config.read_text())
    data["defaults"] = {"source": "archive", "archive_to": str(stage.inbox() / "done")}
    stage.config.write_text(yaml.safe_dump(data))
    drop(stage)
    stage.start()
    until(lambda: stage.ended(1), 40, "the end")
    drop(stage, "b.mp4")
    until(lambda: stage.ended(2), 40, "the second end")
    assert stage.stop() == 0

    assert sorted(j["relative"] for j in stage.stored()) == ["a.mp4", "b.mp4"]
    assert sorted(p.name for p in (stage.inbox() / "done").iterdir()) == ["a.mp4", "b.mp4"]


def test_a_source_that_comes_back_goes_on(stage):
    """Moved away and back with the same time: cancelled, then taken up again."""
    stage.configure(SMALL)
    path = drop(stage)
    stage.start()
    until(lambda: state_of(stage), 20, "the job")
    path.rename(stage.folder / "aside.mp4")
    until(lambda: state_of(stage) in ("cancelled", "delivered"), 40, "the cancel")
    (stage.folder / "aside.mp4").rename(path)
    until(lambda: state_of(stage) == "delivered", 40, "the result")

    assert len(stage.delivered()) == 1
    assert stage.stop() == 0


def test_a_mended_file_of_the_same_size_and_time_is_taken_again(stage):
    """A copy that failed is replaced by a good one that keeps its time, as cp -p does."""
    stage.configure(SMALL, watch={"patience": "1s"})
    good = clips.real("carphone_pristine.mp4")
    path = stage.inbox() / "a.mp4"
    path.write_bytes(b"\0" * good.stat().st_size)
    os.utime(path, ns=(good.stat().st_mtime_ns, good.stat().st_mtime_ns))
    stage.start()
    until(lambda: state_of(stage) == "failed", 40, "the failure")
    path.unlink()
    shutil.copy2(good, path)
    until(lambda: state_of(stage) == "delivered", 40, "the result")

    assert stage.stop() == 0


def test_another_folder_in_the_outboxs_place_waits_and_the_right_one_goes_on(stage):
    """Unmounted and replaced by an empty folder: held, nothing written; back: delivered."""
    stage.configure(SMALL)
    stage.start()
    until((stage.outbox() / ".hotpress/id").exists, 10, "the outbox")
    stage.outbox().rename(stage.folder / "away")
    stage.outbox().mkdir()
    source = drop(stage)
    until(lambda: state_of(stage) == "held", 40, "the hold")
    assert stage.stored()[0]["reason"] == "outbox_missing"
    assert list(stage.outbox().iterdir()) == []
    assert stage.stop() == 0
    stage.start()
    until(lambda: '"running": true' in stage.say("status", "--json").stdout, 10, "the start")
    assert list(stage.outbox().iterdir()) == []
    stage.outbox().rmdir()
    (stage.folder / "away").rename(stage.outbox())
    until(lambda: state_of(stage) == "delivered", 60, "the result")

    assert sha256(source) == sha256(clips.real("carphone_pristine.mp4"))
    assert stage.stop() == 0


def test_odd_names_cost_nobody_anything(stage):
    """Names that no file system, sync client or JSON could carry on: the others go through."""
    stage.configure(SMALL)
    clip = clips.real("carphone_pristine.mp4")
    names = ["n" * 251 + ".mp4", "-y.mp4", "a:b.mp4", "%03d.mp4", "<img onerror=x>.mp4", "é\n.mp4"]
    stage.start()
    for name in names:
        clips.distinct(clip, stage.inbox() / name)
    shutil.copy2(clip, os.fsencode(stage.inbox()) + b"/caf\xe9.mp4")
    (stage.inbox() / os.fsdecode(b"sub\xe9")).mkdir()
    shutil.copy2(clip, os.fsencode(stage.inbox()) + b"/sub\xe9/x.mp4")
    drop(stage, "after.mp4")
    until(lambda: stage.ended(len(names) + 1), 90, "all ends")
    status = stage.say("status").stdout

    assert {j["state"] for j in stage.stored()} == {"delivered"}
    assert len(stage.delivered()) == len(names) + 1
    assert "Traceback" not in status
    assert stage.stop() == 0


def test_sighup_takes_a_valid_config_and_keeps_the_last_good_one(stage):
    """A broken file changes nothing; a good one is taken without a lost job."""
    stage.configure(SMALL)
    stage.start()
    until(lambda: '"running": true' in stage.say("status", "--json").stdout, 10, "the start")
    good = stage.config.read_text()
    stage.config.write_text("limits: {uploads: 0}\n")
    stage.daemon.send_signal(signal.SIGHUP)
    drop(stage)
    until(lambda: stage.ended(1), 40, "the first result")
    stage.config.write_text(good.replace("40 kB", "30 kB"))
    stage.daemon.send_signal(signal.SIGHUP)
    drop(stage, "b.mp4")
    until(lambda: stage.ended(2), 40, "the second result")

    targets = {j["relative"]: j["rule"]["target_bytes"] for j in stage.stored()}
    assert targets["a.mp4"] == 40_000
    assert {j["state"] for j in stage.stored()} == {"delivered"}
    assert stage.stop() == 0
