"""A whole inbox that goes away, in each way there is: nothing ends, and all is found again."""

import json

import clips
import mounts
import pytest
from stage import until

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(120)]


@pytest.fixture
def stage(tmp_path):
    found = mounts.PatientStage(tmp_path, *mounts.NO_BYPASS)
    found.configure({**mounts.SMALL, "name": "away"}, {**mounts.SMALL, "name": "own"})
    found.start()
    yield found
    found.inbox("away").chmod(0o755)
    found.end()


def view(stage, name):
    inboxes = json.loads(stage.say("status", "--json").stdout)["inboxes"]
    return next(inbox for inbox in inboxes if inbox["name"] == name)


def goes(stage, how):
    """The inbox goes away; where its files lie now."""
    inbox = stage.inbox("away")
    if how == "no rights":
        inbox.chmod(0)
        return inbox
    aside = inbox.rename(stage.folder / "aside")
    if how == "replaced by an empty one":
        inbox.mkdir()
    return aside


def comes_back(stage, how, aside):
    inbox = stage.inbox("away")
    if how == "no rights":
        inbox.chmod(0o755)
        return
    if how == "replaced by an empty one":
        inbox.rmdir()
    aside.rename(inbox)


@pytest.mark.parametrize("how", ["missing", "no rights", "replaced by an empty one"])
def test_an_inbox_that_is_away_loses_nothing_and_keeps_nobody(stage, how):
    """Its one job is not cancelled, what came meanwhile is taken, and the other inbox delivers."""
    stage.drop("a.mp4", "own")
    stage.goes_on("own")
    stage.say("pause", "away")
    stage.drop("a.mp4", "away")
    stage.hold("paused", "away")
    aside = goes(stage, how)
    if how == "replaced by an empty one":
        until(lambda: '"as_": "missing"' in stage.said(), 20, "the loss of all")
        assert stage.is_held("paused", "away")  # a person has still to decide
        stage.say("resume", "away")
        stage.hold("inbox_missing", "away", 40)
    else:
        seen = until(lambda: (v := view(stage, "away"))["watch"] == "unreachable" and v, 20, how)
        assert str(stage.inbox("away")) in seen["why"]
        assert stage.is_held("paused", "away")
    clips.distinct(clips.real(stage.clip), aside / "b.mp4")
    stage.drop("b.mp4", "own")
    until(lambda: len(stage.delivered("own")) == 2, 30, "the other inbox's result")
    comes_back(stage, how, aside)
    stage.say("resume", "away")
    until(lambda: len(stage.delivered("away")) == 2, 40, "both results")

    until(lambda: {job["state"] for job in stage.stored()} == {"delivered"}, 20, "the end")
    assert len(stage.stored()) == 4
    until(lambda: view(stage, "away")["watch"] == "events", 20, "events again")
    assert stage.stop() == 0
