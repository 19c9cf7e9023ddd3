"""Folders that go away, refuse or hang: held, nothing written elsewhere, then on again."""

import json
from contextlib import contextmanager

import mounts
import pytest
from stage import no_charge_twice, until

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(120)]
CLOUD = {"target_size": "40 kB", "route": "cloud", "resolution": "source"}
SLOW = {"turn_seconds": 20, "render_seconds": 20, "unchanged_share": 0}
# How soon a held reason is looked at again.
AWAY_SECONDS, RIGHTS_SECONDS = 16, 61


@pytest.fixture
def namespace():
    with mounts.own_namespace():
        yield


@pytest.fixture
def stage(tmp_path, namespace):
    found = mounts.PatientStage(tmp_path)
    yield found
    found.end()


@pytest.fixture
def plain(tmp_path, namespace):
    """A daemon that rights hold for, although it is root's."""
    found = mounts.PatientStage(tmp_path, *mounts.NO_BYPASS)
    yield found
    found.end()


@contextmanager
def rights(mode, *paths):
    """Other rights for as long as the block lasts."""
    before = [path.stat().st_mode for path in paths]
    for path in paths:
        path.chmod(mode)
    yield
    for path, old in zip(paths, before, strict=True):
        path.chmod(old)


def test_an_outbox_that_became_read_only_holds_the_job(stage):
    """Mounted read only, as a damaged disk is: held with that path, delivered when it is back."""
    mounts.disk(stage.outbox())
    stage.configure(mounts.SMALL)
    stage.start()
    until((stage.outbox() / ".hotpress/id").exists, 20, "the outbox")
    mounts.read_only(stage.outbox())
    stage.drop()
    held = stage.hold("permission")
    assert str(stage.outbox()) in held["why"]
    mounts.writable(stage.outbox())
    stage.later(RIGHTS_SECONDS)
    stage.goes_on()
    assert stage.stop() == 0


def test_an_empty_folder_in_the_outboxs_place_stays_empty(stage):
    """Unmounted in the middle of an encode: nothing is ever written into what lies there."""
    mounts.disk(stage.outbox())
    stage.configure(mounts.SMALL)
    stage.start()
    stage.drop()
    until(stage.encoding, 20, "the encoder")
    mounts.away(stage.outbox(), stage.folder / "aside")
    stage.hold("outbox_missing")
    assert stage.stop() == 0
    stage.start()
    until(lambda: '"running": true' in stage.say("status", "--json").stdout, 20, "the restart")
    stage.later(AWAY_SECONDS)
    until(lambda: stage.said().count("step.refused") >= 2, 20, "another look")
    assert list(stage.outbox().iterdir()) == []
    mounts.back(stage.outbox(), stage.folder / "aside")
    stage.later(AWAY_SECONDS)
    stage.goes_on()
    assert stage.stop() == 0


def test_an_inbox_that_goes_away_cancels_nothing(stage):
    """One job in the cloud, one about to go up, one held for its outbox: all go on, once each."""
    for name in ("Inbox", "late", "held"):
        mounts.disk(stage.inbox(name))
    mounts.disk(stage.outbox("held"))
    with stage.cloud({**SLOW, "credits": 1000}, "--speed", "20"):
        inboxes = [{**CLOUD, "name": "Inbox"}, {**CLOUD, "name": "late"}]
        stage.configure(*inboxes, {**mounts.SMALL, "name": "held"})
        stage.start()
        until((stage.outbox("held") / ".hotpress/id").exists, 20, "the outbox")
        mounts.read_only(stage.outbox("held"))
        stage.drop(inbox="held")
        stage.hold("permission", "held")
        stage.drop()
        until(lambda: stage.job()["step"] not in ("", "probe"), 20, "the first job")
        stage.drop(inbox="late")  # an account's first job goes alone: this one waits for it
        until(lambda: stage.job("late")["step"] == "session", 20, "the second job")
        until(lambda: stage.facts()["message_received"], 30, "the message")
        assert stage.job()["state"] != "delivered"
        for name in ("Inbox", "late", "held"):
            mounts.away(stage.inbox(name), stage.folder / f"{name}-aside")
        stage.hold("inbox_missing")  # at the latest where the last encode needs the original
        stage.hold("inbox_missing", "late")
        mounts.writable(stage.outbox("held"))
        stage.later(RIGHTS_SECONDS)
        stage.hold("inbox_missing", "held")
        told = json.loads(stage.say("status", "--json").stdout)["jobs"]
        assert [job["reason"] for job in told].count("inbox_missing") == 3
        for name in ("Inbox", "late", "held"):
            mounts.back(stage.inbox(name), stage.folder / f"{name}-aside")
        stage.later(AWAY_SECONDS)
        stage.goes_on("Inbox", "late", "held")
        assert stage.stop() == 0
        no_charge_twice(stage)
        assert stage.facts()["upload_received"] == 2
        assert stage.job("late")["tally"]["upload_absent"] == 0  # it was never on its way


def test_rights_that_are_lost_hold_the_job_and_are_named(plain):
    """A source, its folder or an outbox may not be touched any more: the sentence says which."""
    names = ["source", "folder", "outbox"]
    plain.configure(*({**mounts.SMALL, "name": name} for name in names))
    (plain.inbox("folder") / "sub").mkdir()
    refused = {
        "source": plain.drop(inbox="source"),
        "folder": plain.drop("sub/a.mp4", "folder").parent,
        "outbox": plain.outbox("outbox") / ".hotpress/tmp",
    }
    plain.drop(inbox="outbox")
    plain.start()
    until(lambda: len(plain.stored()) == len(names), 20, "the jobs")
    with plain.stopped(), rights(0, *refused.values()):
        plain.move()
        for name, lost in refused.items():
            assert str(lost) in plain.hold("permission", name)["why"]
    plain.later(RIGHTS_SECONDS)
    plain.goes_on(*names)
    assert plain.stop() == 0


def test_a_source_that_may_not_be_read_in_the_middle_of_an_encode_is_held(plain):
    """The encoder opens it more than once: nothing is wrong with the video."""
    plain.configure(mounts.SMALL)
    source = plain.drop()
    plain.start()
    until(plain.encoding, 20, "the encoder")
    with plain.stopped(), rights(0, source):
        plain.move()
        assert str(source) in plain.hold("permission")["why"]
    plain.later(RIGHTS_SECONDS)
    plain.goes_on()
    assert plain.stop() == 0


def test_a_held_video_keeps_no_other_of_its_size_waiting(plain):
    """Whether both are the same can't be seen as long as one may not be read: nobody waits."""
    plain.configure({**mounts.SMALL, "name": "one"}, {**mounts.SMALL, "name": "two"})
    source = plain.drop(inbox="one", alike=True)
    plain.start()
    until(lambda: len(plain.stored()) == 1, 20, "the job")
    with plain.stopped(), rights(0, source):
        plain.move()
        plain.hold("permission", "one")
        other = plain.drop(inbox="two", alike=True)
        assert other.stat().st_size == source.stat().st_size
        plain.goes_on("two")
    plain.later(RIGHTS_SECONDS)
    plain.goes_on("one", "two")
    assert plain.stop() == 0


@pytest.fixture
def share(stage):
    """An inbox and its outbox on a share that can hang."""
    found = [
        mounts.Hanging(stage.folder / f"share-{path.name}", path)
        for path in (stage.inbox("share"), stage.outbox("share"))
    ]
    yield found
    for each in found:
        each.end()


def watched(stage):
    inboxes = json.loads(stage.say("status", "--json").stdout)["inboxes"]
    return {inbox["name"]: inbox["watch"] for inbox in inboxes}


def why(stage, path):
    return json.loads(stage.say("why", "--json", str(path)).stdout)["kind"]


def test_a_dead_share_costs_only_its_own_inbox(stage, share):
    """Its program has died, as sshfs does: every call is an error; a start works, it goes on."""
    stage.configure({**mounts.SMALL, "name": "share"}, {**mounts.SMALL, "name": "own"})
    stage.start()
    until((stage.outbox("share") / ".hotpress/id").exists, 20, "the outboxes")
    stage.drop(inbox="share")
    until(stage.encoding, 20, "the encoder")
    with stage.stopped():
        for each in share:
            each.end()
    until(lambda: stage.job("share")["state"] == "held", 20, "the hold")
    assert stage.job("share")["reason"] in ("inbox_missing", "outbox_missing")
    assert stage.stop() == 0
    stage.start()
    stage.drop(inbox="own")
    until(lambda: len(stage.delivered("own")) == 1, 20, "the other inbox's result")
    for each in share:
        each.mount_again()
    stage.later(AWAY_SECONDS)
    stage.goes_on("share", "own")
    assert stage.stop() == 0


def test_a_hung_share_costs_only_its_own_inbox(stage, share):
    """Jobs hang in their steps: the other inbox delivers, a stop and a start work, it goes on."""
    stage.configure({**mounts.SMALL, "name": "share"}, {**mounts.SMALL, "name": "own"})
    stage.start()
    until((stage.outbox("share") / ".hotpress/id").exists, 20, "the outboxes")
    names = ["a.mp4", "b.mp4", "c.mp4"]
    for name in names:
        stage.drop(name, "share")
    until(lambda: len(stage.stored()) == len(names), 20, "the jobs")
    with stage.stopped():
        for each in share:
            each.hang()
    stage.drop(inbox="own")
    until(lambda: len(stage.delivered("own")) == 1, 25, "the other inbox's result")
    assert watched(stage) == {"share": "unreachable", "own": "events"}
    asked = {name: why(stage, stage.inbox(name) / "z.mp4") for name in ("share", "own")}
    assert asked == {"share": "unreachable", "own": "missing"}
    assert stage.stop() == 0
    stage.start()
    stage.drop("b.mp4", "own")
    until(lambda: len(stage.delivered("own")) == 2, 25, "a result after a restart")
    for each in share:
        each.answer()
    stage.later(AWAY_SECONDS)
    until(lambda: len(stage.delivered("share")) == len(names), 25, "the share's results")
    assert "unreachable" not in watched(stage).values()
    assert {job["state"] for job in stage.stored()} == {"delivered"}
    assert stage.stop() == 0
