"""Several results of one video: one upload, one edit, each result a job of its own."""

import json
import signal

import clips
import pytest
from stage import Stage, no_charge_twice, until

from hotpress.media import Media
from hotpress.model import Step

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
CLIP = "carphone_pristine.mp4"
THREE = [
    {"name": "web"},
    {"name": "chat", "target_size": "36 kB", "output": "{stem} chat.mp4"},
    {"name": "tiny", "target_size": "28 kB", "resolution": "100x80", "output": "{stem} tiny.mp4"},
]
LIMITS = {"clip.mp4": 50_000, "clip chat.mp4": 36_000, "clip tiny.mp4": 28_000}
RULE = {"target_size": "50 kB", "route": "cloud", "outputs": THREE}
EDIT = {**RULE, "instructions": "add a title"}
KIND = {"unchanged_share": 0, "credits": 1000}


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    with found.cloud(KIND, "--speed", "20"):
        yield found
        found.end()


def drop(stage, name="clip.mp4", mark="one"):
    return clips.distinct(clips.real(CLIP), stage.inbox() / name, mark)


def job(stage, output):
    return next((j for j in stage.stored() if j["rule"]["output_name"] == output), None)


def paid(stage):
    facts = stage.facts()
    return facts["upload_received"], facts["message_received"], facts["render_submitted"]


def is_right(stage, limits=LIMITS):
    """Three whole results, each within its own target."""
    found = {path.name: path.stat().st_size for path in stage.delivered()}
    assert found.keys() == limits.keys()
    for name, size in found.items():
        assert 0 < size <= limits[name], name
        assert Media().probe(stage.outbox() / name).duration_seconds > 3


def test_one_drop_three_results_one_upload(stage):
    """Without an edit the others are made here, and the source goes when all are there."""
    archive = stage.folder / "archive"
    stage.configure({**RULE, "source": "archive", "archive_to": str(archive)})
    stage.start()
    source = drop(stage)
    until(lambda: stage.ended(3), 60, "three ends")

    is_right(stage)
    assert paid(stage) == (1, 1, 1)
    no_charge_twice(stage)
    assert [j["route"] for j in stage.stored()] == ["cloud", "local", "local"]
    assert not source.exists()
    assert [p.name for p in archive.iterdir()] == ["clip.mp4"]
    assert len({j["output_name"] for j in stage.jobs()}) == 3
    assert stage.stop() == 0


def test_with_an_edit_the_others_wait_for_the_clouds_file(stage):
    """One edit serves all three; who waits says so; the story tells what it was made of."""
    stage.configure(EDIT)
    stage.start()
    drop(stage)
    until(lambda: (job(stage, "chat") or {}).get("waits_on"), 30, "one that waits")
    waiting = next(j for j in stage.jobs() if j["output_name"] == "chat")
    assert waiting["state"] == "queued"
    assert "web goes first" in waiting["waits_for"]
    until(lambda: stage.ended(3), 60, "three ends")

    is_right(stage)
    assert paid(stage) == (1, 1, 1)
    no_charge_twice(stage)
    assert "the cloud's edit for web" in stage.say("show", job(stage, "chat")["id"]).stdout
    assert stage.stop() == 0


def has_come(stage, step):
    """Is the one that uses the cloud at this step, or past it? A step may be over at once."""
    order = [each.value for each in Step]
    lead = job(stage, "web")
    return lead and order.index(lead["step"]) >= order.index(step)


@pytest.mark.parametrize("step", ["upload", "review", "finish", "deliver"])
def test_killed_in_the_middle_each_is_made_once(stage, step):
    """After kill -9 and a new start: one payment, three results, none twice."""
    stage.configure(EDIT)
    stage.start()
    drop(stage)
    until(lambda: has_come(stage, step), 40, step)
    stage.daemon.send_signal(signal.SIGKILL)
    stage.daemon.wait()
    stage.start()
    until(lambda: stage.ended(3), 70, "three ends")

    is_right(stage)
    no_charge_twice(stage)
    assert stage.facts()["message_received"] == 1
    assert stage.stop() == 0


def test_the_edit_is_fetched_again_when_the_local_file_is_gone(stage):
    """Paused followers, a restart in between: the render is read once more, nothing is paid."""
    stage.configure(EDIT)
    stage.start()
    drop(stage)
    until(lambda: (job(stage, "tiny") or {}).get("waits_on"), 30, "one that waits")
    stage.say("pause", job(stage, "chat")["id"])
    stage.say("pause", job(stage, "tiny")["id"])
    until(lambda: job(stage, "web")["released_at"] is not None, 40, "the first")
    assert stage.stop() == 0
    stage.start()  # which sweeps the spool
    until(lambda: not list((stage.state / "spool").glob(job(stage, "web")["id"])), 20, "the sweep")
    stage.say("resume", job(stage, "chat")["id"])
    stage.say("resume", job(stage, "tiny")["id"])
    until(lambda: stage.ended(3), 60, "three ends")

    is_right(stage)
    assert paid(stage) == (1, 1, 1)
    assert stage.stop() == 0


def test_one_result_that_fails_keeps_the_source(stage):
    """The others are delivered; mended and retried, the last one moves the source after all."""
    archive = stage.folder / "archive"
    hopeless = [*THREE[:2], {**THREE[2], "target_size": "300 B"}]
    rule = {**RULE, "outputs": hopeless, "source": "archive", "archive_to": str(archive)}
    stage.configure(rule)
    stage.start()
    source = drop(stage)
    until(lambda: stage.ended(3), 60, "three ends")
    assert job(stage, "tiny")["state"] == "failed"
    assert source.exists()
    assert "the original stays" in json.dumps(stage.jobs())
    stage.say("retry", job(stage, "tiny")["id"], "--target", "28 kB")
    until(lambda: job(stage, "tiny")["released_at"], 40, "the third")

    is_right(stage)
    assert not source.exists()
    assert [p.name for p in archive.iterdir()] == ["clip.mp4"]
    assert paid(stage) == (1, 1, 1)
    assert stage.stop() == 0


def test_one_word_for_a_source_reaches_all_its_results(stage):
    """Cancelled and retried by its path; deleted, all its jobs end, and come back with it."""
    stage.configure(EDIT)
    stage.start()
    until(lambda: '"running": true' in stage.say("status", "--json").stdout, 20, "the start")
    stage.say("pause", "Inbox")
    source = drop(stage)
    until(lambda: len(stage.stored()) == 3, 20, "three jobs")
    until(lambda: {j["state"] for j in stage.stored()} == {"held"}, 20, "the pause")
    stage.say("resume", "Inbox")
    stage.say("cancel", str(source))
    assert {j["state"] for j in stage.stored()} == {"cancelled"}
    stage.say("retry", str(source))
    until(lambda: stage.ended(3), 60, "three ends")

    is_right(stage)
    assert paid(stage) == (1, 1, 1)
    assert stage.stop() == 0


def test_a_result_that_is_wanted_later_is_made_on_request_only(stage):
    """A delivered source is not new; `retry --new-rule` makes what is missing, and pays nothing."""
    one = {**EDIT, "outputs": THREE[:1]}
    stage.configure(one)
    stage.start()
    source = drop(stage)
    until(lambda: stage.ended(1), 60, "the first")
    stage.configure(EDIT)
    until(lambda: "config.taken" in (stage.folder / "daemon.log").read_text(), 10, "the change")
    (stage.inbox() / "seen.txt").touch()
    until(lambda: '"txt": 1' in stage.say("status", "--json").stdout, 20, "a look")
    assert len(stage.stored()) == 1
    told = stage.say("retry", "--new-rule", str(source)).stdout
    until(lambda: stage.ended(3), 40, "what was missing")
    is_right(stage)
    source.touch()
    until(lambda: stage.ended(6), 30, "the touched version")

    assert "chat" in told
    assert [j["state"] for j in stage.stored()].count("skipped") == 3
    is_right(stage)
    assert paid(stage) == (1, 1, 1)
    assert stage.stop() == 0


def test_a_renamed_source_and_a_copy_bring_nothing_new(stage):
    """The jobs follow the name; a copy reuses all three results."""
    stage.configure(EDIT)
    stage.start()
    source = drop(stage)
    until(lambda: stage.ended(3), 60, "three ends")
    source.rename(source.with_name("other.mp4"))
    until(lambda: {j["relative"] for j in stage.stored()} == {"other.mp4"}, 20, "the rename")
    drop(stage, "copy.mp4")
    until(lambda: stage.ended(6), 40, "the copy")

    names = sorted(p.name for p in stage.delivered())
    assert names == sorted([*LIMITS, *(n.replace("clip", "copy") for n in LIMITS)])
    assert paid(stage) == (1, 1, 1)
    assert stage.stop() == 0
