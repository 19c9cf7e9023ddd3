"""Sources that go away and come back: one is its owner's wish, many are the folder's fault."""

import clips
import pytest
from stage import Stage, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
RULE = {"target_size": "40 kB", "route": "cloud"}
COUNT = 4


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    with found.cloud({"credits": 0, "faults": []}, "--kind", "--speed", "20"):
        found.configure(RULE, cloud={"timing": {"credits_look": "1h"}})
        yield found
        found.end()


def drop(stage, *names):
    return [clips.distinct(clips.real("carphone_pristine.mp4"), stage.inbox() / n) for n in names]


def states(stage):
    return sorted(f"{j['state']} {j['reason'] or ''}".strip() for j in stage.stored())


def test_one_vanished_source_cancels_its_job_and_coming_back_takes_it_up(stage):
    """Held for credits, then deleted: cancelled with its sentence; put back: it goes on."""
    stage.start()
    (source,) = drop(stage, "a.mp4")
    until(lambda: states(stage) == ["held credits"], 30, "the hold")
    aside = source.rename(stage.folder / "aside.mp4")
    until(lambda: states(stage) == ["cancelled"], 30, "the cancel")
    assert "no longer there" in stage.stored()[0]["why"]
    aside.rename(source)
    until(lambda: states(stage) == ["held credits"], 30, "the hold again")

    assert len(stage.stored()) == 1
    assert stage.stop() == 0


def test_many_that_vanish_at_once_are_held_until_they_are_back(stage):
    """A sync client or a mount took them: nothing is cancelled, and each goes on once it is back."""
    stage.start()
    names = [f"{n}.mp4" for n in range(COUNT)]
    sources = drop(stage, *names)
    until(lambda: states(stage) == ["held credits"] * COUNT, 40, "the holds")
    aside = stage.folder / "aside"
    aside.mkdir()
    for source in sources:
        source.rename(aside / source.name)
    until(lambda: states(stage) == ["held inbox_missing"] * COUNT, 40, "all held")
    [job, *_] = stage.jobs()
    assert "vanished" in job["why"]
    assert "cancel --all" in job["hint"]
    for source in sources:
        (aside / source.name).rename(source)
    until(lambda: states(stage) == ["held credits"] * COUNT, 40, "all go on")

    assert stage.stop() == 0


def test_many_that_were_deleted_on_purpose_end_by_one_command(stage):
    """The sentence names it, and it works with a daemon and without."""
    stage.start()
    sources = drop(stage, *(f"{n}.mp4" for n in range(COUNT)))
    until(lambda: states(stage) == ["held credits"] * COUNT, 40, "the holds")
    for source in sources:
        source.unlink()
    until(lambda: states(stage) == ["held inbox_missing"] * COUNT, 40, "all held")
    stage.say("cancel", "--all", "--held", "inbox_missing")

    assert states(stage) == ["cancelled"] * COUNT
    assert stage.stop() == 0
