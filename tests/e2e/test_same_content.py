"""The same content is paid for once: seen in the folders and in the stand-in's ledger."""

import os
import shutil
import sqlite3

import clips
import pytest
from stage import Stage, no_charge_twice, sha256, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
RULE = {"target_size": "40 kB", "route": "cloud"}
CLIP = "carphone_pristine.mp4"


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    with found.cloud({"credits": 1000}, "--kind", "--speed", "20"):
        found.configure(RULE)
        yield found
        found.end()


def drop(stage, name="a.mp4", mark="one"):
    path = stage.inbox() / name
    path.parent.mkdir(exist_ok=True)
    return clips.distinct(clips.real(CLIP), path, mark)


def delivered(stage, count):
    """Wait until so many jobs are delivered and released."""
    until(lambda: states(stage).count("delivered") >= count, 60, f"{count} deliveries")
    until(
        lambda: all(j["released_at"] for j in stage.stored() if j["state"] == "delivered"), 10, ""
    )


def states(stage):
    return [j["state"] for j in stage.stored()]


def job_of(stage, relative):
    return next((j for j in stage.stored() if j["relative"] == relative), None)


def paid(stage):
    facts = stage.facts()
    return facts["upload_received"], facts["message_received"], facts["render_submitted"]


def receipts(stage):
    return [p.read_text() for p in (stage.outbox() / ".hotpress").glob("receipts-*")]


def seen(stage):
    """Wait for two more looks of the daemon at the whole folder: a marker file goes through."""
    marker = stage.inbox() / "marker.txt"
    for n in range(2):
        marker.with_name(f"marker{n}.txt").write_text("")
        until(lambda n=n: f'"txt": {n + 1}' in stage.say("status", "--json").stdout, 20, "a look")


def test_two_copies_dropped_together_are_one_edit(stage):
    """The second waits for the first, says so, and gets its own result of the same bytes."""
    stage.start()
    drop(stage, "a.mp4")
    drop(stage, "b.mp4")
    until(lambda: any(j["waits_on"] for j in stage.stored()), 30, "one that waits")
    waiting = next(j for j in stage.jobs() if j["waits_for"] and "same video" in j["waits_for"])
    assert waiting["state"] == "queued"
    delivered(stage, 2)

    assert paid(stage) == (1, 1, 1)
    one, two = stage.delivered()
    assert (one.name, two.name) == ("a.mp4", "b.mp4")
    assert sha256(one) == sha256(two)
    assert stage.stop() == 0
    no_charge_twice(stage)


def test_a_copy_of_known_content_reuses_the_result(stage):
    """Dropped a day later, under another name, into a subfolder: nothing is paid."""
    stage.start()
    drop(stage)
    delivered(stage, 1)
    drop(stage, "sub/again.mp4")
    delivered(stage, 2)

    assert paid(stage) == (1, 1, 1)
    assert sha256(stage.outbox() / "sub/again.mp4") == sha256(stage.outbox() / "a.mp4")
    assert stage.stop() == 0


def test_a_renamed_source_is_not_new(stage):
    """No job, no upload; the new path is on record for a state directory that gets lost."""
    stage.start()
    source = drop(stage)
    delivered(stage, 1)
    source.rename(source.with_name("holiday.mp4"))
    until(lambda: job_of(stage, "holiday.mp4"), 20, "the job under its new name")
    until(lambda: '"holiday.mp4"' in receipts(stage)[0], 10, "the new path on record")

    assert len(stage.stored()) == 1
    assert paid(stage) == (1, 1, 1)
    assert [p.name for p in stage.delivered()] == ["a.mp4"]
    assert stage.stop() == 0


def test_a_source_renamed_while_its_job_runs_is_followed(stage):
    """One job, one edit, one result: it goes on under the new name."""
    stage.start()
    source = drop(stage)
    until(lambda: stage.facts()["upload_received"], 30, "the upload")
    source.rename(source.with_name("holiday.mp4"))
    delivered(stage, 1)

    assert [j["relative"] for j in stage.stored()] == ["holiday.mp4"]
    assert paid(stage) == (1, 1, 1)
    assert stage.stop() == 0


def test_a_touched_source_is_not_new(stage):
    """A new time, the same bytes: skipped with its sentence, and known after a loss."""
    stage.start()
    source = drop(stage)
    delivered(stage, 1)
    os.utime(source)
    until(lambda: "skipped" in states(stage), 20, "the skip")

    skipped = next(j for j in stage.jobs() if j["state"] == "skipped")
    assert "delivered from here before" in skipped["why"]
    assert "--new-rule" in skipped["hint"]
    assert paid(stage) == (1, 1, 1)
    assert stage.stop() == 0


def test_a_whole_tree_with_new_inodes_and_an_edited_rule_is_not_new(stage):
    """Restored from a backup while the rule changed: no upload, no job."""
    drop(stage, "a.mp4", "one")
    drop(stage, "sub/b.mp4", "two")
    stage.start()
    delivered(stage, 2)
    assert stage.stop() == 0
    copy = stage.folder / "restored"
    shutil.copytree(stage.inbox(), copy)
    shutil.rmtree(stage.inbox())
    copy.rename(stage.inbox())
    stage.configure({**RULE, "target_size": "30 kB"})
    before = paid(stage)
    stage.start()
    seen(stage)

    assert len(stage.stored()) == 2
    assert paid(stage) == before
    assert stage.stop() == 0


def test_a_lost_state_directory_pays_nothing_again(stage):
    """The outbox tells what was delivered: also for a source that was touched since."""
    drop(stage, "a.mp4", "one")
    touched = drop(stage, "b.mp4", "two")
    stage.start()
    delivered(stage, 2)
    assert stage.stop() == 0
    before = paid(stage)
    shutil.rmtree(stage.state)
    os.utime(touched)
    stage.start()
    until(lambda: states(stage) == ["skipped"], 30, "the touched one, skipped")
    seen(stage)

    assert len(stage.stored()) == 1
    assert paid(stage) == before
    assert len(stage.delivered()) == 2
    assert stage.stop() == 0


def test_an_older_state_directory_pays_nothing_again(stage):
    """Brought back from before the message: what the outbox has on record is delivered."""
    stage.start()
    drop(stage)
    until(lambda: stage.stored() and stage.stored()[0]["step"] == "upload", 30, "the upload")
    backup = stage.folder / "backup.db"
    with sqlite3.connect(stage.state / "hotpress.db") as db, sqlite3.connect(backup) as copy:
        db.backup(copy)
    delivered(stage, 1)
    assert stage.stop() == 0
    shutil.rmtree(stage.state)
    stage.state.mkdir()
    shutil.copy2(backup, stage.state / "hotpress.db")
    stage.start()
    delivered(stage, 1)

    assert paid(stage) == (1, 1, 1)
    assert len(stage.delivered()) == 1
    assert stage.stop() == 0


def test_a_state_directory_lost_after_the_message_does_not_ask_again(stage):
    """What was asked of the agent is on record, too: the second job ends with its sentence."""
    stage.start()
    source = drop(stage)
    until(lambda: stage.facts()["message_received"], 30, "the message")
    stage.end()
    shutil.rmtree(stage.state)
    stage.start()
    until(lambda: states(stage) == ["failed"], 30, "the end")

    [job] = stage.jobs()
    assert "asked for the same video before" in job["why"]
    assert "--again" in job["hint"]
    assert stage.facts()["message_received"] == 1
    assert source.exists()
    stage.say("retry", "--again", job["id"])
    delivered(stage, 1)
    assert stage.facts()["message_received"] == 2
    assert stage.stop() == 0


def test_a_result_that_its_owner_moved_away_is_not_made_again(stage):
    """It stays away; a copy of the source gets one: fetched again, which is free."""
    stage.start()
    drop(stage)
    delivered(stage, 1)
    (stage.outbox() / "a.mp4").rename(stage.folder / "mine.mp4")
    seen(stage)
    assert stage.delivered() == []
    drop(stage, "copy.mp4")
    delivered(stage, 2)

    assert [p.name for p in stage.delivered()] == ["copy.mp4"]
    uploads, messages, _ = paid(stage)
    assert (uploads, messages) == (1, 1)
    assert stage.stop() == 0
    no_charge_twice(stage)


def test_new_content_under_the_same_name_is_a_job_of_its_own(stage):
    """Also while its job runs: the old one ends as changed, the new one is delivered."""
    stage.start()
    drop(stage, mark="one")
    until(lambda: stage.facts()["session_made"], 30, "the first at work")
    source = drop(stage, mark="two, which is longer")
    delivered(stage, 1)
    until(lambda: len(stage.stored()) == 2, 10, "two jobs")
    until(lambda: stage.ended(2), 60, "both ends")
    old, new = stage.stored()

    assert (old["state"], new["state"]) == ("cancelled", "delivered")
    assert "new version" in old["why"]
    assert new["size_bytes"] == source.stat().st_size
    drop(stage, mark="three")
    delivered(stage, 2)
    assert sorted(p.name for p in stage.delivered()) == ["a v2.mp4", "a.mp4"]
    assert stage.stop() == 0
    no_charge_twice(stage)


def test_a_wish_for_todays_rule_makes_another_result(stage):
    """`retry --new-rule` is the way to make a delivered source again."""
    stage.start()
    drop(stage)
    delivered(stage, 1)
    [job] = stage.stored()
    same = stage.say("retry", "--new-rule", job["id"], check=False)
    assert same.returncode == 1
    assert "very rule" in same.stdout
    stage.say("retry", "--target", "30 kB", job["id"])
    delivered(stage, 2)

    assert [p.name for p in stage.delivered()] == ["a v2.mp4", "a.mp4"]
    assert (stage.outbox() / "a v2.mp4").stat().st_size <= 30_000
    assert stage.stop() == 0
