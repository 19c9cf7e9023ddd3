"""The config changes while hotpress runs: nothing that runs is interrupted, nothing is half new."""

import json
import signal
import time

import clips
import pytest
import yaml
from stage import Stage, no_charge_twice, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
SMALL = {"target_size": "40 kB", "route": "local", "resolution": "source"}
CLOUD = {**SMALL, "route": "cloud"}


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    found.api_url = "http://127.0.0.1:9"
    yield found
    found.end()


def drop(stage, name="a.mp4", inbox="Inbox"):
    return clips.distinct(clips.real("carphone_pristine.mp4"), stage.inbox(inbox) / name)


def started(stage):
    log = stage.folder / "daemon.log"
    before = said(stage).count("daemon.started") if log.exists() else 0
    stage.start()
    until(lambda: said(stage).count("daemon.started") > before, 20, "the start")


def said(stage):
    return (stage.folder / "daemon.log").read_text()


def taken(stage, count=1):
    until(lambda: said(stage).count("config.taken") >= count, 10, f"change {count}")


def job(stage, relative):
    return next((j for j in stage.stored() if j["relative"] == relative), None)


def delivered(stage, relative):
    until(lambda: (job(stage, relative) or {}).get("state") == "delivered", 40, relative)
    return job(stage, relative)


def edit(stage, change, how="in place"):
    """Change the config as an editor does."""
    data = yaml.safe_load(stage.config.read_text())
    change(data)
    text = yaml.safe_dump(data)
    if how == "in place":
        stage.config.write_text(text)
    else:
        fresh = stage.config.with_name(".config.yaml.swp")
        fresh.write_text(text)
        fresh.replace(stage.config)


def target(size):
    return lambda data: data["inboxes"][0].update(target_size=size)


def test_a_change_counts_for_new_jobs_however_the_file_was_written(stage):
    """In place, by a rename, behind a link: taken without a signal; old jobs keep their rule."""
    stage.configure(SMALL)
    real = stage.folder / "real.yaml"
    stage.config.rename(real)
    stage.config.symlink_to(real)
    started(stage)
    drop(stage)
    delivered(stage, "a.mp4")
    edit(stage, target("35 kB"))
    taken(stage)
    drop(stage, "b.mp4")
    delivered(stage, "b.mp4")
    edit(stage, target("30 kB"), "rename")
    taken(stage, 2)
    drop(stage, "c.mp4")
    delivered(stage, "c.mp4")
    other = stage.folder / "other.yaml"
    other.write_text(stage.config.read_text().replace("30 kB", "45 kB"))
    link = stage.folder / "link"
    link.symlink_to(other)
    link.replace(stage.config)
    taken(stage, 3)
    drop(stage, "d.mp4")
    delivered(stage, "d.mp4")

    targets = {j["relative"]: j["rule"]["target_bytes"] for j in stage.stored()}
    assert targets == {"a.mp4": 40_000, "b.mp4": 35_000, "c.mp4": 30_000, "d.mp4": 45_000}
    assert "config.refused" not in said(stage)
    assert stage.stop() == 0


def test_a_broken_file_is_shown_and_the_last_good_one_counts_until_it_is_mended(stage):
    """The sentence stands in status, --json and log; videos go on; mended, it is gone."""
    stage.configure(SMALL)
    started(stage)
    good = stage.config.read_text()
    stage.config.write_text(good + "limitz: {uploads: 0}\n")
    until(lambda: "config.refused" in said(stage), 10, "the refusal")
    drop(stage)
    delivered(stage, "a.mp4")
    shown = stage.say("status").stdout
    view = json.loads(stage.say("status", "--json").stdout)
    paused = stage.say("pause", "Inbox")
    stage.say("resume", "Inbox")
    stage.config.write_text(good.replace("40 kB", "30 kB"))
    taken(stage)
    drop(stage, "b.mp4")
    delivered(stage, "b.mp4")
    mended = json.loads(stage.say("status", "--json").stdout)

    assert "limitz" in shown
    assert "last good" in shown
    assert "config.yaml:" in view["config"]["problems"][0]
    assert [i["name"] for i in view["inboxes"]] == ["Inbox"]
    assert "is paused" in paused.stdout
    assert mended["config"]["problems"] == []
    assert {j["rule"]["target_bytes"] for j in stage.stored()} == {40_000, 30_000}
    assert stage.stop() == 0


def test_a_file_that_is_just_being_written_shows_no_error(stage):
    """Half a file, again and again, and then the whole: nobody is told of a broken config."""
    stage.configure(SMALL)
    started(stage)
    text = stage.config.read_text().replace("40 kB", "30 kB")
    with stage.config.open("w") as file:
        for start in range(0, len(text), 60):
            file.write(text[start : start + 60])
            file.flush()
            time.sleep(0.1)
    taken(stage)

    assert "config.refused" not in said(stage)
    assert stage.stop() == 0


def test_an_upload_goes_on_through_changes_and_a_signal(stage):
    """Inboxes come and go, limits change, SIGHUP comes: one upload, one message, one result."""
    with stage.cloud({"unchanged_share": 0}, "--speed", "20"):
        slow = {"upload_rate": "500 kbit/s"}
        stage.configure({**CLOUD, "name": "Inbox"}, {**SMALL, "name": "other"}, limits=slow)
        started(stage)
        drop(stage)
        until(lambda: (job(stage, "a.mp4") or {}).get("step") == "upload", 20, "the upload")

        def swap(data):
            data["inboxes"] = [{**data["inboxes"][1], "name": "third"}]
            data["inboxes"][0]["path"] = str(stage.inbox("third"))
            data["inboxes"][0]["outbox"] = str(stage.outbox("third"))
            data["limits"] = {"uploads": 1, "encodes": 2}
            data["log"]["level"] = "debug"

        stage.inbox("third").mkdir()
        edit(stage, swap)
        taken(stage)
        assert job(stage, "a.mp4")["step"] == "upload"
        drop(stage, "t.mp4", "third")
        delivered(stage, "t.mp4")
        drop(stage, "late.mp4")  # nobody watches there any more
        stage.daemon.send_signal(signal.SIGHUP)
        delivered(stage, "a.mp4")

        assert not stage.dead()
        assert job(stage, "late.mp4") is None
        assert '"level": "debug"' in said(stage)
        assert stage.facts()["upload_received"] == 1
        assert stage.facts()["message_received"] == 1
        assert job(stage, "a.mp4")["tally"]["upload_absent"] == 0
        assert len([r for r in stage.requests() if r["kind"] == "upload"]) == 1
        assert [p.name for p in stage.delivered()] == ["a.mp4"]
        no_charge_twice(stage)
        status = json.loads(stage.say("status", "--json").stdout)
        assert [i["name"] for i in status["inboxes"]] == ["third"]
        assert stage.stop() == 0


def test_an_inbox_of_the_same_name_at_another_path_is_another_folder(stage):
    """What was moved along is not made again, what failed follows, what is new is made."""
    stage.configure(SMALL)
    started(stage)
    drop(stage)
    delivered(stage, "a.mp4")
    broken = stage.inbox() / "broken.mp4"
    broken.write_bytes(b"no video at all, but of some length")
    stage.stop()
    moved = stage.folder / "moved"
    stage.inbox().rename(moved)
    started(stage)
    edit(stage, lambda data: data["inboxes"][0].update(path=str(moved)))
    taken(stage)
    clips.distinct(clips.real("carphone_pristine.mp4"), moved / "new.mp4")
    new = delivered(stage, "new.mp4")

    assert new["root"] == str(moved.resolve())
    assert [p.name for p in stage.delivered()] == ["a.mp4", "new.mp4"]
    assert stage.stop() == 0


def test_a_job_whose_inbox_is_moved_while_it_waits_goes_on_there(stage):
    """Paused, its folder renamed and the config changed: resumed, it is made from the new place."""
    stage.configure(SMALL)
    started(stage)
    stage.say("pause", "Inbox")
    drop(stage)
    until(lambda: (job(stage, "a.mp4") or {}).get("state") == "held", 20, "the pause")
    moved = stage.folder / "moved"
    edit(stage, lambda data: data["inboxes"][0].update(path=str(moved)))
    stage.inbox().rename(moved)
    until(lambda: job(stage, "a.mp4")["root"] == str(moved.resolve()), 20, "the move")
    stage.say("resume", "Inbox")
    done = delivered(stage, "a.mp4")

    assert len(stage.stored()) == 1
    assert done["inode"] == (moved / "a.mp4").stat().st_ino
    assert stage.stop() == 0


def test_a_token_that_was_changed_is_taken_and_frees_what_waits_for_it(stage):
    """Refused tokens hold a job; with the new one in the file it goes on by itself."""
    with stage.cloud({"unchanged_share": 0, "tokens": ["nmv_usr_new"]}, "--speed", "20"):
        stage.configure(CLOUD, cloud={"token": "nmv_usr_old"})
        started(stage)
        drop(stage)
        until(lambda: (job(stage, "a.mp4") or {}).get("reason") == "token", 40, "the hold")
        edit(stage, lambda data: data["cloud"].update(token="nmv_usr_new"))
        delivered(stage, "a.mp4")

        assert "nmv_usr" not in said(stage)
        assert stage.stop() == 0


def test_limits_count_at_once(stage):
    """With a second place for encodes the second video no longer waits for the first."""
    stage.configure({**SMALL, "target_size": "900 kB"}, limits={"encodes": 1})
    started(stage)
    loud = clips.kept("loud")
    for number in range(4):
        clips.distinct(loud, stage.inbox() / f"{number}.mp4", str(number))

    def encoding():
        return sum((j["state"], j["step"]) == ("running", "finish") for j in stage.stored())

    until(lambda: encoding() == 1, 30, "the first encode")
    edit(stage, lambda data: data.update(limits={"encodes": 2}))
    until(lambda: encoding() == 2, 30, "two at once")

    assert '"changed": ["limits"]' in said(stage)
    assert stage.stop() == 0


def test_two_hundred_changes_while_fifty_files_go_through(stage):
    """Good and broken ones: no file is lost, and no job has values of two configs."""
    stage.configure({"route": "local", "max_rate": "none"})
    started(stage)
    base = yaml.safe_load(stage.config.read_text())

    def change(number):
        base["defaults"] = {"target_size": f"{1_000 + number} kB"}
        base["inboxes"][0].update(min_saving=f"{number / 4} %", name=f"Inbox{number // 50}")
        text = yaml.safe_dump(base)
        stage.config.write_text(text + ("limitz: 1\n" if number % 5 == 4 else ""))
        stage.daemon.send_signal(signal.SIGHUP)

    for number in range(200):
        change(number)
        if number % 4 == 0:
            clips.numbered(number, stage.inbox() / f"{number}.mp4")
        time.sleep(0.1)
    change(200)
    until(lambda: stage.ended(50), 100, "all fifty")

    jobs = stage.stored()
    assert sorted(j["relative"] for j in jobs) == sorted(f"{n}.mp4" for n in range(0, 200, 4))
    assert {j["state"] for j in jobs} == {"delivered"}
    assert len(stage.delivered()) == 50
    for found in (j["rule"] for j in jobs):
        assert found["min_saving"] == pytest.approx((found["target_bytes"] / 1_000 - 1_000) / 400)
    assert len({j["rule"]["target_bytes"] for j in jobs}) > 5
    assert "config.tripped" not in said(stage)
    assert "inbox.tripped" not in said(stage)
    assert stage.stop() == 0
