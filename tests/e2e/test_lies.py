"""Each lie of the stand-in's renders: told once, and told always."""

import clips
import pytest
from stage import Stage, no_charge_twice, sha256, until

from hotpress.media import Media

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
TARGET = 60_000
# Lie -> what the job says when it is told always.
LIES = {
    "oversize": None,
    "cut": "is not whole",
    "wrong_length": "it is 1.0 s long instead of 2.0 s",
    "corrupt": "it can't be played without errors",
    "html": "leads to a page, not a video",
    "empty": "is not whole: it is empty",
    "sideways": "it lies on its side: 136x240 instead of 240x136",
    "no_sound": "it has no sound, the original has",
    "other_fps": "it has 12.5 pictures a second instead of 25",
    "washed_out": "it looks washed out",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_once_and_always(tmp_path, lie):
    """Once: a good file is delivered. Always: failed with what was measured, nothing delivered.

    Too large is the exception: hotpress makes the file smaller here, so it is delivered both times.
    """
    stage = Stage(tmp_path)
    always_from = 2 if lie == "oversize" else 3  # the first file's second render is a good one
    faults = [
        {"kind": "submit", "occurrence": 1, "do": {"lie": lie}},
        {"kind": "submit", "from": always_from, "do": {"lie": lie}},
    ]
    with stage.cloud({"credits": 1000, "faults": faults}, "--kind", "--speed", "20"):
        stage.configure({"target_size": f"{TARGET} B", "route": "cloud"})
        stage.start()
        try:
            once = stage.inbox() / "once.mp4"
            clips.numbered(1, once)
            until(lambda: stage.ended(1), 40, f"an end after {lie}")
            always = stage.inbox() / "always.mp4"
            clips.numbered(2, always)
            hashes = [sha256(path) for path in (once, always)]
            until(lambda: stage.ended(2), 40, f"an end after {lie} twice")
            assert stage.stop() == 0
        finally:
            stage.end()
    jobs = {job["relative"]: job for job in stage.stored()}
    delivered = {path.name for path in stage.delivered()}
    assert jobs["once.mp4"]["state"] == "delivered", jobs["once.mp4"]["why"]
    good(stage.outbox() / "once.mp4")
    if LIES[lie] is None:
        assert delivered == {"once.mp4", "always.mp4"}
        good(stage.outbox() / "always.mp4")
    else:
        assert delivered == {"once.mp4"}
        failed(stage, jobs["always.mp4"], LIES[lie])
    assert [sha256(stage.inbox() / name) for name in ("once.mp4", "always.mp4")] == hashes
    no_charge_twice(stage)


def good(path):
    """Whole, under its target, with sound and in its frame."""
    facts = Media().probe(path)
    assert path.stat().st_size <= TARGET
    assert (facts.width, facts.height, len(facts.sounds)) == (240, 136, 1)
    assert Media().damage(path, facts) is None


def failed(stage, job, why):
    """With the measured reason, and the bad file where the hint says; where there was a file."""
    assert job["state"] == "failed"
    assert why in job["why"]
    assert job["why"].endswith("(twice)")
    assert job["tally"]["bad_renders"] == 1
    assert "hotpress retry" in job["hint"]
    kept = stage.state / "spool/bad" / f"{job['id']}.mp4"
    assert kept.exists() == (str(kept) in job["hint"]) == ("a page" not in why)
