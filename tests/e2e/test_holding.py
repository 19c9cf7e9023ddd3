"""Waiting for a person, for an hour, for another computer: each frees itself, or says how."""

import json
import os
import sqlite3
from datetime import datetime

import clips
import pytest
from stage import Stage, sha256, until

from hotpress.media import Media

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
LOCAL = {"target_size": "40 kB", "route": "local"}
OLD = 12


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    found.api_url = "http://127.0.0.1:9"  # nobody: `route: local` never opens a connection
    yield found
    found.end()


def drop(stage, *names, inbox="Inbox"):
    clip = clips.real("carphone_pristine.mp4")
    return [clips.distinct(clip, stage.inbox(inbox) / name) for name in names]


def states(stage):
    return sorted(f"{j['state']} {j['reason'] or ''}".strip() for j in stage.stored())


def delivered(stage, count):
    until(lambda: states(stage).count("delivered") == count, 60, f"{count} deliveries")


def running(stage):
    return json.loads(stage.say("status", "--json").stdout)["daemon"]["running"]


def old_files(stage):
    for n, path in enumerate(drop(stage, *(f"{n:02}.mp4" for n in range(OLD)))):
        os.utime(path, (1_000_000 + n, 1_000_000 + n))


def test_what_lay_there_before_waits_for_a_yes(stage):
    """Count, size and price are told; the newest two go, the rest is left; a new one just goes."""
    stage.configure({**LOCAL, "route": "auto"})
    stage.configure(LOCAL)
    old_files(stage)
    stage.start()
    until(lambda: states(stage) == ["held approval"] * OLD, 40, "the holds")
    job = stage.jobs()[0]
    assert f"{OLD} videos" in job["why"]
    assert "credits" in job["hint"]
    assert "hotpress approve Inbox" in job["hint"]
    drop(stage, "new.mp4")
    delivered(stage, 1)
    stage.say("approve", "Inbox", "--newest", "2")
    delivered(stage, 3)
    stage.say("approve", "Inbox", "--none")

    assert states(stage) == ["delivered"] * 3 + ["skipped"] * (OLD - 2)
    assert {p.name for p in stage.delivered()} == {"new.mp4", "10.mp4", "11.mp4"}
    assert stage.stop() == 0


def test_a_kill_in_the_first_look_asks_rather_too_much(stage):
    """Killed while the old files become jobs: after the restart all of them wait."""
    stage.configure(LOCAL)
    old_files(stage)
    stage.start()
    until(lambda: len(stage.stored()) > 0, 30, "a first job")
    stage.daemon.kill()
    stage.daemon.wait()
    stage.start()
    until(lambda: running(stage), 20, "the second start")
    until(lambda: states(stage) == ["held approval"] * OLD, 40, "the holds")

    assert stage.stop() == 0


@pytest.mark.parametrize(("policy", "end"), [("all", "delivered"), ("none", "skipped")])
def test_existing_all_and_none(stage, policy, end):
    """All are made, or none of them; what comes later is made either way."""
    stage.configure({**LOCAL, "existing": policy})
    drop(stage, "a.mp4", "b.mp4")
    stage.start()
    until(lambda: states(stage) == [end] * 2, 40, "the ends")
    drop(stage, "new.mp4")
    until(lambda: "new.mp4" in [p.name for p in stage.delivered()], 40, "the new one")

    assert stage.stop() == 0


def test_once_does_not_ask_and_keeps_its_limit(stage):
    """--dry-run says what would be done and does nothing; --limit takes so many."""
    stage.configure(LOCAL)
    old_files(stage)
    dry = stage.say("once", "--dry-run").stdout
    assert dry.count("would do") == OLD
    assert "40 kB" in dry
    assert not stage.state.exists()
    assert not stage.outbox().exists()
    done = stage.say("once", "--limit", "3")

    assert done.stdout.count("delivered") == 3
    assert len(stage.delivered()) == 3
    assert stage.say("once", "--dry-run", "--limit", "2").stdout.count("would do") == 2


def test_pause_and_resume_an_inbox_and_everything(stage):
    """Nothing starts while it is paused, whatever is dropped; resumed, all of it goes on."""
    stage.configure({"name": "one", **LOCAL}, {"name": "two", **LOCAL})
    stage.start()
    until(lambda: running(stage), 20, "the start")
    stage.say("pause", "one")
    drop(stage, "a.mp4", inbox="one")
    drop(stage, "b.mp4", inbox="two")
    until(lambda: states(stage) == ["delivered", "held paused"], 40, "one of two")
    status = json.loads(stage.say("status", "--json").stdout)
    assert [inbox["paused"] for inbox in status["inboxes"]] == [True, False]
    stage.say("pause", "--all")
    drop(stage, "c.mp4", inbox="two")
    until(lambda: states(stage) == ["delivered", "held paused", "held paused"], 40, "both paused")
    stage.say("resume", "--all")
    delivered(stage, 3)

    assert stage.stop() == 0


def test_a_paused_job_goes_on_where_it_was(stage):
    """Paused in the cloud, resumed later: one upload, one message, one result."""
    with stage.cloud({"credits": 500, "render_seconds": 30}, "--kind", "--speed", "20"):
        stage.configure({"target_size": "40 kB", "route": "cloud"})
        stage.start()
        drop(stage, "a.mp4")
        until(lambda: stage.facts()["render_submitted"], 30, "the render")
        [job] = stage.stored()
        stage.say("pause", job["id"])
        until(lambda: states(stage) == ["held paused"], 20, "the pause")
        stage.say("resume", job["id"])
        delivered(stage, 1)
        facts = stage.facts()

        assert (facts["upload_received"], facts["message_received"]) == (1, 1)
        assert stage.stop() == 0


def test_closed_hours_hold_back_only_the_cloud(stage):
    """Outside `hours`: waiting, with the time of the next opening; nothing was uploaded."""
    with stage.cloud({"credits": 500}, "--kind", "--speed", "20"):
        # A minute that is never now: yesterday's weekday, for a minute.
        stage.configure({"target_size": "40 kB", "route": "cloud", "hours": _closed_now()})
        stage.start()
        drop(stage, "a.mp4")
        until(lambda: states(stage) == ["waiting hours"], 30, "the wait")
        [job] = stage.jobs()

        assert job["wake_at"] is not None
        assert stage.facts()["upload_received"] == 0
        assert stage.stop() == 0


def _closed_now():
    day = (datetime.now().weekday() + 3) % 7
    return f"{('Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su')[day]} 03:00-03:01"


def test_two_daemons_on_one_folder_leave_it_to_the_first(stage):
    """Another state directory, the same folders: held elsewhere with the name; one result."""
    stage.configure(LOCAL)
    stage.start()
    until(lambda: list((stage.outbox() / ".hotpress").glob("daemon-*.json")), 20, "its word")
    first, second = stage.daemon, Stage(stage.folder / "second")
    second.config = stage.config
    second.start()
    try:
        until(lambda: running(second), 20, "the second")
        drop(stage, "a.mp4")
        delivered(stage, 1)
        until(lambda: states(second) in (["held elsewhere"], ["skipped"]), 30, "left to it")
        until(lambda: states(second) == ["skipped"], 30, "seen as delivered")
        assert "has delivered it" in second.stored()[0]["why"]
        assert len(stage.delivered()) == 1
        assert second.stop() == 0
    finally:
        second.end()
    assert stage.daemon is first
    assert stage.stop() == 0
    assert not list((stage.outbox() / ".hotpress").glob("daemon-*.json"))


def test_a_second_daemon_takes_over_when_the_first_is_killed(stage):
    """Its word stays behind, but the process is dead: nothing waits for it."""
    stage.configure(LOCAL)
    stage.start()
    until(lambda: list((stage.outbox() / ".hotpress").glob("daemon-*.json")), 20, "its word")
    stage.daemon.kill()
    stage.daemon.wait()
    second = Stage(stage.folder / "second")
    second.config = stage.config
    second.start()
    try:
        drop(stage, "a.mp4")
        delivered(second, 1)
        assert second.stop() == 0
    finally:
        second.end()


@pytest.mark.parametrize("damage", ["overwritten", "cut", "emptied"])
def test_a_torn_store_is_kept_aside_and_nothing_is_done_twice(stage, damage):
    """A clear sentence, the file kept, the outbox tells what was delivered."""
    stage.configure(LOCAL)
    stage.start()
    drop(stage, "a.mp4")
    delivered(stage, 1)
    assert stage.stop() == 0
    store = stage.state / "hotpress.db"
    with sqlite3.connect(store) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = store.stat().st_size
    if damage == "overwritten":
        with store.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
    else:
        os.truncate(store, size // 2 if damage == "cut" else 0)
    stage.start()
    until(lambda: list(stage.state.glob("hotpress.db.damaged-*")), 30, "the file aside")
    until(lambda: running(stage), 20, "the start")
    drop(stage, "b.mp4")
    delivered(stage, 1)

    assert [j["relative"] for j in stage.stored()] == ["b.mp4"]
    assert len(stage.delivered()) == 2
    assert list(stage.state.glob("hotpress.db.damaged-*"))
    assert "damaged and is kept" in stage.say("status").stdout
    assert stage.stop() == 0


def test_a_state_directory_in_a_synced_folder_is_refused(stage):
    """One sentence that names the client and the way out."""
    stage.configure(LOCAL)
    stage.state = stage.folder / "Sync/state"
    (stage.folder / "Sync/.stfolder").mkdir(parents=True)
    found = stage.say("run", check=False)

    assert found.returncode == 1
    assert "Syncthing" in found.stderr
    assert "--state-dir" in found.stderr


@pytest.mark.parametrize("policy", ["trash", "delete"])
def test_released_sources_go_where_the_rule_says(stage, policy):
    """Only after the result is there; from the trash a person can bring it back."""
    stage.configure({**LOCAL, "source": policy})
    stage.start()
    (source,) = drop(stage, "a.mp4")
    digest = sha256(source)
    until(lambda: stage.ended(1), 40, "the end")

    assert [p.name for p in stage.delivered()] == ["a.mp4"]
    assert list(stage.inbox().iterdir()) == []
    trash = stage.home / ".local/share/Trash"
    if policy == "trash":
        assert sha256(trash / "files/a.mp4") == digest
        info = (trash / "info/a.mp4.trashinfo").read_text()
        assert f"Path={source}" in info
    else:
        assert not trash.exists()
    assert stage.stop() == 0


def test_in_a_synced_folder_nothing_is_deleted_without_a_clear_yes(stage):
    """Refused in the config; a client that comes later keeps the source, and the job says why."""
    stage.configure({**LOCAL, "source": "delete"})
    (stage.inbox() / ".stfolder").mkdir()
    refused = stage.say("run", check=False)
    assert refused.returncode == 2
    assert "Syncthing" in refused.stderr
    assert "propagates_deletion: ok" in refused.stderr
    (stage.inbox() / ".stfolder").rmdir()
    stage.start()
    until(lambda: running(stage), 20, "the start")
    (stage.inbox() / ".stfolder").mkdir()
    (source,) = drop(stage, "a.mp4")
    until(lambda: stage.ended(1), 40, "the end")

    assert source.exists()
    assert "Syncthing" in stage.stored()[0]["note"]
    assert stage.stop() == 0
    stage.configure({**LOCAL, "source": "delete", "propagates_deletion": "ok"})
    stage.start()
    (second,) = drop(stage, "b.mp4")
    until(lambda: stage.ended(2), 40, "the second end")
    assert not second.exists()
    assert stage.stop() == 0


@pytest.mark.parametrize("moment", ["upload", "finish", "download"])
def test_a_stop_takes_less_than_ten_seconds_at_any_moment(stage, moment):
    """SIGTERM in the middle of a slow upload, encode or download: exit 0, and it goes on."""
    slow = {"kind": "cdn", "occurrence": 1, "do": {"slow": 2_000}}
    scenario = {"credits": 500, "faults": [slow] if moment == "download" else []}
    local = moment == "finish"
    rate = "20 kbit/s" if moment == "upload" else "none"
    with stage.cloud(scenario, "--kind", "--speed", "20"):
        stage.configure(
            {"target_size": "400 kB" if local else "40 kB", "route": "local" if local else "cloud"},
            limits={"upload_rate": rate},
        )
        stage.start()
        if local:
            aside = stage.folder / "long.mp4"
            Media().make_clip(aside, seconds=4, width=1280, height=720, fps=30)
            aside.rename(stage.inbox() / "a.mp4")
        else:
            drop(stage, "a.mp4")
        until(lambda: stage.stored() and busy(stage) == moment, 40, f"the {moment}")
        assert stage.stop(10) == 0
        stage.configure(
            {"target_size": "400 kB" if local else "40 kB", "route": "local" if local else "cloud"}
        )
        stage.start()
        delivered(stage, 1)
        assert stage.stop() == 0


def busy(stage):
    """The step that runs now."""
    [job] = stage.stored()
    return job["step"] if job["owner"] else ""
