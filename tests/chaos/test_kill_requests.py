"""Kill -9 at every request of a one-file run: on arrival, after its effect, after its answer."""

import itertools
import shutil

import clips
import pytest
from stage import Stage, no_charge_twice, sha256, until

pytestmark = pytest.mark.slow
GROUPS = 4  # side by side
LAST = 40  # more requests than any run has


def scenario(k, when):
    return {
        "turn_seconds": 6,
        "render_seconds": 4,
        "faults": [{"at": k, "do": {"kill": when}}],
    }


def one_run(folder, clip, k, when, rule):
    """One file through the pipeline, killed once at request k; True when the kill came."""
    stage = Stage(folder)
    with stage.cloud(scenario(k, when), "--speed", "20", "--seed", str(k)):
        stage.configure({"target_size": "40 kB", "resolution": "source", **rule})
        source = stage.inbox() / clip.name
        shutil.copy2(clip, source)
        before = sha256(source)
        stage.start()
        try:
            until(lambda: stage.dead() or stage.ended(1), 60, f"an end or a kill at {k}")
            killed = stage.dead()
            if killed:
                assert source.exists() or rule
                stage.start()
                until(lambda: stage.ended(1), 60, f"the end after a kill at {k} {when}")
            assert stage.stop() == 0
        finally:
            stage.end()
        [job] = stage.stored()
        assert job["state"] == "delivered", (job["state"], job["why"], job["step"])
        [result] = stage.delivered()
        assert result.stat().st_size <= 40_000
        kept = source if not rule else folder / "Archive" / clip.name
        assert sha256(kept) == before
        assert not list((stage.outbox() / ".hotpress/tmp").iterdir())
        no_charge_twice(stage)
        assert stage.facts()["killed"] == int(killed)
    return killed


def rows():
    """On arrival is nearly the same as after the answer before: a slice, all in `scripts/long`."""
    for when, group in itertools.product(["before", "swallow", "after"], range(GROUPS)):
        alike = when == "before" and group
        yield pytest.param(when, group, marks=[pytest.mark.long] if alike else [])


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("when", "group"), list(rows()))
def test_killed_at_every_request(tmp_path, when, group):
    """Delivered once, nothing paid twice, no orphan, wherever the daemon dies."""
    clip = clips.real("carphone_pristine.mp4")
    kills = 0
    for k in range(1 + group, LAST, GROUPS):
        rule = {"source": "archive"} if k % 2 else {}
        if not one_run(tmp_path / f"{when}{k}", clip, k, when, rule):
            break
        kills += 1

    print(f"kill {when}, group {group}: {kills} kills survived, lost 0, doubled 0, orphans 0")
    assert kills >= 3
