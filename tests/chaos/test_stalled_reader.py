"""More files at once than the system keeps events for, while the daemon is stopped."""

import json
import signal
from pathlib import Path

import clips
import pytest
from stage import Stage, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
FILES, FOLDERS, VIDEOS = 50_000, 200, 10
QUEUE_LENGTH = Path("/proc/sys/fs/inotify/max_queued_events")


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    found.api_url = "http://127.0.0.1:9"
    found.configure({"route": "local"}, watch={"rescan": "1h", "poll": "1h"})
    for n in range(FOLDERS):
        (found.inbox() / str(n)).mkdir()
    found.start()
    yield found
    found.end()


def view(stage):
    return json.loads(stage.say("status", "--json").stdout)["inboxes"][0]


def test_fifty_thousand_files_while_the_daemon_is_stopped_are_all_found(stage):
    """No rescan is due for an hour: the loss is noticed, each video is taken once, events go on."""
    assert int(QUEUE_LENGTH.read_text()) < FILES, "the queue of this system keeps them all"
    until(lambda: view(stage)["folders"] == FOLDERS + 1, 30, "the first look")
    stage.say("pause", "Inbox")
    real = clips.real("carphone_pristine.mp4")
    stage.daemon.send_signal(signal.SIGSTOP)
    for n in range(FILES - VIDEOS):
        (stage.inbox() / str(n % FOLDERS) / f"{n}.txt").touch()
    for n in range(VIDEOS):
        clips.distinct(real, stage.inbox() / str(n) / "video.mp4")
    stage.daemon.send_signal(signal.SIGCONT)

    until(lambda: len(stage.stored()) == VIDEOS, 60, "the jobs")
    assert {job["relative"] for job in stage.stored()} == {f"{n}/video.mp4" for n in range(VIDEOS)}
    until(lambda: sum(view(stage)["ignored"].values()) == FILES - VIDEOS, 20, "the others' count")
    clips.distinct(real, stage.inbox() / "77" / "new.mp4")
    until(lambda: len(stage.stored()) == VIDEOS + 1, 20, "a file that comes later")
    assert view(stage)["watch"] == "events"
    assert view(stage)["events_missed"] == 0
    assert '"watch.overflowed"' in (stage.folder / "daemon.log").read_text()
    assert stage.stop() == 0
