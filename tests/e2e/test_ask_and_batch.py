"""More in one session: a refinement, an export, and several files one by one."""

import shutil

import batches
import clips
import pytest
from stage import Stage, no_charge_twice, until

from hotpress.media import Media

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]
PHONE = "carphone_pristine.mp4"


def delivered_one(stage):
    shutil.copy2(clips.real(PHONE), stage.inbox() / "a.mp4")
    stage.start()
    until(lambda: stage.ended(1), 40, "the first result")


def test_an_edit_in_the_living_session_is_delivered_as_version_two(tmp_path):
    """`ask JOB "cut the first 2 seconds"`: one more message, a result 2 s shorter, beside it."""
    stage = Stage(tmp_path)
    with stage.cloud({"credits": 500}, "--kind", "--speed", "20"):
        stage.configure({"target_size": "40 kB"})
        try:
            delivered_one(stage)
            said = stage.say("ask", str(stage.outbox() / "a.mp4"), "cut the first 2 seconds").stdout
            until(lambda: stage.ended(2), 40, "the second result")
            stage.stop()
        finally:
            stage.end()
        assert [p.name for p in stage.delivered()] == ["a v2.mp4", "a.mp4"]
        long, short = (Media().probe(stage.outbox() / n) for n in ("a.mp4", "a v2.mp4"))
        assert abs(long.duration_seconds - 2 - short.duration_seconds) < 0.2
        assert (stage.outbox() / "a v2.mp4").stat().st_size <= 40_000
        assert stage.facts()["message_received"] == 2
        assert stage.facts()["session_made"] == 1
        assert stage.facts()["upload_received"] == 1
        no_charge_twice(stage)
    assert "hotpress show" in said


def test_a_sound_that_was_asked_away_is_not_missed(tmp_path):
    """`ask JOB "mute the sound"`: the silent result is what was asked for."""
    stage = Stage(tmp_path)
    with stage.cloud({"credits": 500}, "--kind", "--speed", "20"):
        stage.configure({"target_size": "400 kB"})
        shutil.copy2(clips.make_clip(tmp_path, "base"), stage.inbox() / "a.mp4")
        stage.start()
        try:
            until(lambda: stage.ended(1), 40, "the first result")
            stage.say("ask", "a.mp4", "mute the sound")
            until(lambda: stage.ended(2), 40, "the second result")
            stage.stop()
        finally:
            stage.end()

    assert [j["state"] for j in stage.stored()] == ["delivered", "delivered"]
    assert Media().probe(stage.outbox() / "a.mp4").sounds
    assert not Media().probe(stage.outbox() / "a v2.mp4").sounds


def test_the_four_direct_routes_never_send_a_message(tmp_path):
    """Export, credits, status and upload, in English and Chinese."""
    stage = Stage(tmp_path)
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    with stage.cloud({"credits": 500}, "--kind", "--speed", "20"):
        stage.configure({"target_size": "40 kB"})
        try:
            delivered_one(stage)
            job = stage.jobs()[0]["id"]
            said = [
                stage.say("ask", job, words, check=False).stdout
                for words in ("credits", "余额", "show tracks", "状态")
            ]
            stage.say("ask", job, "upload", str(clips.make_clip(tmp_path, "sound_only")))
            stage.say("ask", job, "导出")
            until(lambda: stage.ended(2), 40, "the export")
            stage.stop()
        finally:
            stage.end()
        assert said[0] == said[1] == "450 credits, about 9 videos\n"
        assert said[2] == said[3]
        assert said[2].startswith("Timeline (1 tracks): 1. Video:")
        assert stage.facts()["message_received"] == 1
        assert stage.facts()["upload_received"] == 2
        assert stage.facts()["render_done"] == 2
        assert [p.name for p in stage.delivered()] == ["a v2.mp4", "a.mp4"]


def test_a_dead_session_is_said_and_nothing_is_asked(tmp_path):
    """The project is gone: a sentence, no upload, no message."""
    stage = Stage(tmp_path)
    faults = [{"kind": "state", "from": 3, "do": {"lose_session": True}}]
    with stage.cloud({"credits": 500, "faults": faults}, "--kind", "--speed", "20"):
        stage.configure({"target_size": "40 kB"})
        try:
            delivered_one(stage)
            found = stage.say("ask", stage.jobs()[0]["id"], "make it brighter", check=False)
            stage.stop()
        finally:
            stage.end()
        assert stage.facts()["message_received"] == 1
        assert stage.facts()["upload_received"] == 1
    assert found.returncode == 1
    assert "forgotten this video's project" in found.stderr


def test_a_session_that_is_lost_is_made_once_more_and_counted(tmp_path):
    """1002 at the review: one new session, one more message, P3's own exception; then the end."""
    stage = Stage(tmp_path)
    faults = [{"kind": "state", "occurrence": 2, "do": {"lose_session": True}}]
    with stage.cloud({"credits": 500, "faults": faults}, "--kind", "--speed", "20"):
        stage.configure({"target_size": "40 kB"})
        try:
            delivered_one(stage)
            stage.stop()
        finally:
            stage.end()
        [job] = stage.stored()
        assert (job["state"], job["tally"]["session_gone"]) == ("delivered", 1)
        assert (stage.facts()["session_made"], stage.facts()["message_received"]) == (2, 2)
        no_charge_twice(stage)


def test_five_files_in_one_session_one_by_one(tmp_path):
    """`session: inbox`: one session, five uploads, one message each, five right results."""
    stage = Stage(tmp_path)
    with stage.cloud({"credits": 1000}, "--kind", "--speed", "20"):
        stage.configure({"target_size": "40 kB", "session": "inbox"})
        batches.drop(stage)
        stage.start()
        try:
            until(lambda: stage.ended(5), 90, "five ends")
            stage.stop()
        finally:
            stage.end()
        batches.right_results(stage)
        facts = stage.facts()
        assert (facts["session_made"], facts["upload_received"]) == (1, 5)
        assert facts["message_received"] == 5
        spans = [x["n"] for x in stage.ledger() if x["fact"] == "message_received"]
        renders = [x["n"] for x in stage.ledger() if x["fact"] == "render_submitted"]
        assert sorted(spans + renders) == [
            n for pair in zip(spans, renders, strict=True) for n in pair
        ]


@pytest.mark.parametrize(("k", "do"), [(6, "lose"), (12, "lose"), (17, "swallow"), (23, "before")])
def test_a_lost_session_or_a_kill_in_a_batch(tmp_path, k, do):
    """1002 in the middle, and a kill at a request: five right results, one message each."""
    batches.run(tmp_path, k, do)
