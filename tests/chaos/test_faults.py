"""Each fault of the stand-in, alone: delivered, held for the right reason, or failed truly."""

import shutil

import clips
import fault_table
import pytest
from stage import Stage, no_charge_twice, sha256, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ROWS = {name: (fault, wanted) for name, fault, wanted in fault_table.rows()}
# A slice for every run; `scripts/long faults` runs all of them, twice each.
SLICE = [
    "token drop_after",
    "session html",
    "upload drop_after",
    "upload drop_mid",
    "upload 1002",
    "run_sse drop_after",
    "run_sse drop_before",
    "run_sse HTTP 502",
    "run_sse 1001 in 200",
    "submit drop_after",
    "submit HTTP 500",
    "submit 402",
    "session 2001",
    "cdn drop_mid",
    "stale link",
    "render fails",
    "stream breaks before the first event",
    "stream error_late",
    "music",
    "lie cut",
    "lie no_sound",
    "upload 4001",
]


def run(folder, name, occurrence):
    """One file with one fault; how it ended, in the words of the table."""
    fault, _ = ROWS[name]
    stage = Stage(folder)
    scenario = {
        "credits": 1000,
        "turn_seconds": 4,
        "render_seconds": 4,
        "unchanged_share": 0,
        "faults": [{**fault, "occurrence": occurrence}],
    }
    clip = clips.real("carphone_pristine.mp4")
    with stage.cloud(scenario, "--speed", "20"):
        stage.configure({"target_size": "40 kB", "route": "cloud"})
        source = stage.inbox() / "a.mp4"
        shutil.copy2(clip, source)
        stage.start()
        try:
            until(lambda: stage.ended(1), 60, f"an end after {name}")
            [job] = stage.stored()
            ended = job["state"]
            if ended == "held":
                ended = f"held {job['reason']}"
                stage.say("retry", job["id"])
                until(lambda: stage.stored()[0]["state"] == "delivered", 40, f"going on: {name}")
            assert stage.stop() == 0
        finally:
            stage.end()
        [job] = stage.stored()
        assert sha256(source) == sha256(clip)
        results = stage.delivered()
        assert len(results) == (1 if job["state"] == "delivered" else 0)
        assert all(result.stat().st_size <= 40_000 for result in results)
        assert job["why"] or job["state"] == "delivered"
        assert "mistake" not in job["why"]
        no_charge_twice(stage, told_gone=int(name.endswith("1002")))
    return ended


@pytest.mark.parametrize("name", SLICE)
def test_a_fault_ends_as_the_table_says(tmp_path, name):
    """At its first occurrence: nothing is lost, charged twice or orphaned, and it goes on."""
    assert run(tmp_path, name, 1) in ROWS[name][1]
