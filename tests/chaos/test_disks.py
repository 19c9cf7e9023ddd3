"""Full disks: nothing half is left anywhere, jobs are held, and go on when there is room again."""

import json
import re

import mounts
import pytest
from stage import is_note, no_charge_twice, until

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(120)]
CLOUD = {"target_size": "40 kB", "route": "cloud", "resolution": "source"}
LOOK_SECONDS = 31  # a full disk is looked at every half minute
QUICK = {"turn_seconds": 4, "render_seconds": 4, "unchanged_share": 0}


@pytest.fixture
def stage(tmp_path):
    with mounts.own_namespace():
        found = mounts.PatientStage(tmp_path)
        yield found
        found.end()


def halves(stage):
    """Whatever lies in the outbox, but for what hotpress keeps there."""
    found = (p for p in stage.outbox().rglob("*") if p.is_file() and not is_note(p))
    return [p for p in found if not re.fullmatch(r"id|daemon-.*\.json|receipts.*\.jsonl", p.name)]


def test_a_spool_that_fills_up_while_encoding_holds_the_job(stage):
    """Another program takes the last byte in the middle: held, tidied, and made when it is free."""
    mounts.disk(stage.state / "spool")
    stage.configure(mounts.SMALL)
    stage.start()
    stage.drop()
    until(stage.encoding, 20, "the encoder")
    ballast = mounts.fill(stage.state / "spool")
    stage.hold("disk_full")
    left = [p for p in (stage.state / "spool").rglob("*") if p.is_file() and p != ballast]
    assert (left, halves(stage)) == ([], [])
    ballast.unlink()
    stage.later(LOOK_SECONDS)
    stage.goes_on()
    assert stage.stop() == 0


def test_a_copy_without_loss_that_does_not_fit_is_held(stage):
    """A video that is small enough already needs more room than there is: held, nothing half."""
    spool = mounts.disk(stage.state / "spool", "size=256k")
    stage.clip = "sample.mp4"
    stage.configure({**mounts.SMALL, "target_size": "1 MB", "max_rate": "none"})
    stage.start()
    stage.drop()
    stage.hold("disk_full")
    assert ([p for p in spool.rglob("*") if p.is_file()], halves(stage)) == ([], [])
    mounts.roomier(spool, "size=64m")
    stage.later(LOOK_SECONDS)
    stage.goes_on(at_most=1_000_000)
    assert stage.stop() == 0


def test_an_outbox_that_fills_up_shows_nothing_half(stage):
    """Full between the look at the room and the copy: no half file, not even a hidden one."""
    mounts.disk(stage.outbox())
    stage.configure(mounts.SMALL)
    stage.start()
    until((stage.outbox() / ".hotpress/id").exists, 20, "the outbox")
    stage.drop()
    until(stage.encoding, 20, "the encoder")
    ballast = mounts.fill(stage.outbox(), left_bytes=8192)
    stage.hold("disk_full")
    assert halves(stage) == [ballast]
    ballast.unlink()
    stage.later(LOOK_SECONDS)
    stage.goes_on()
    assert stage.stop() == 0


def test_an_outbox_without_room_for_the_receipt_gets_the_file_once(stage):
    """The result is in its place and the record of it does not fit: held, then recorded, once."""
    # Its own folder, two of ours, two small files and the result: a receipt would be one too many.
    mounts.disk(stage.outbox(), "size=16m,nr_inodes=6")
    stage.configure(mounts.SMALL)
    stage.start()
    stage.drop()
    held = stage.hold("disk_full")
    [placed] = stage.delivered()
    assert held["step"] == "deliver"
    mounts.roomier(stage.outbox(), "nr_inodes=100")
    stage.later(LOOK_SECONDS)
    stage.goes_on()
    [receipts] = (stage.outbox() / ".hotpress").glob("receipts*")
    [receipt] = [json.loads(line) for line in receipts.read_text().splitlines()]
    assert receipt["output"] == placed.name
    assert stage.stop() == 0


def test_a_spool_that_fills_up_while_downloading_costs_nothing_more(stage):
    """In the middle of a download: held; afterwards the rest is fetched, and nothing is paid."""
    mounts.disk(stage.state / "spool")
    slow = {"kind": "cdn", "occurrence": 1, "do": {"slow": 40_000}}
    with stage.cloud({**QUICK, "faults": [slow]}, "--speed", "20"):
        stage.configure(CLOUD)
        stage.start()
        stage.drop()
        until(lambda: any((stage.state / "spool").rglob("*.mp4")), 30, "the download")
        ballast = mounts.fill(stage.state / "spool")
        held = stage.hold("disk_full")
        assert (held["step"], halves(stage)) == ("download", [])
        ballast.unlink()
        stage.later(LOOK_SECONDS)
        stage.goes_on()
        assert stage.stop() == 0
        no_charge_twice(stage)


def test_a_full_state_directory_stops_no_encode(stage):
    """Nothing can be written down for a while: the daemon lives and delivers afterwards."""
    mounts.disk(stage.state)
    mounts.disk(stage.state / "spool")
    stage.configure(mounts.SMALL)
    stage.start()
    stage.drop()
    until(stage.encoding, 20, "the encoder")
    ballast = mounts.fill(stage.state)
    until(lambda: not stage.encoding(), 20, "the end of the encode")
    until(lambda: "outcome.unwritten" in stage.said(), 20, "the trouble")
    assert not stage.dead()
    ballast.unlink()
    stage.later(10)
    stage.goes_on()
    assert stage.stop() == 0


@pytest.mark.parametrize(
    ("fact", "killed"),
    [("message_received", False), ("message_received", True), ("render_submitted", True)],
)
def test_a_full_state_directory_costs_nothing_twice(stage, fact, killed):
    """What the cloud did can't be written down, and hotpress may even die so: paid once."""
    mounts.disk(stage.state)
    with stage.cloud(QUICK, "--speed", "20"):
        stage.configure(CLOUD)
        stage.start()
        stage.drop()
        until(lambda: stage.facts()[fact], 30, fact)
        ballast = mounts.fill(stage.state)
        until(lambda: "disk is full" in stage.said(), 30, "the trouble")
        assert not stage.dead()
        if killed:
            stage.end()
        ballast.unlink()
        if killed:
            stage.start()
        stage.goes_on()
        assert stage.stop() == 0
        no_charge_twice(stage)


@pytest.mark.parametrize("where", ["outbox", "spool"])
def test_room_that_is_to_stay_free_stays_free(stage, where):
    """Room enough for the video alone: held before a byte is written, until more is free."""
    folder = stage.outbox() if where == "outbox" else stage.state / "spool"
    mounts.disk(folder, "size=64m")  # of which 5 %, 3.4 MB, stay free
    stage.configure(mounts.SMALL)
    stage.start()
    until((stage.outbox() / ".hotpress/id").exists, 20, "the outbox")
    ballast = mounts.fill(folder, left_bytes=3_300_000)
    stage.drop()
    held = stage.hold("disk_full")
    assert "limits.free_space" in held["why"]
    assert not [p for p in halves(stage) if p != ballast]
    ballast.unlink()
    mounts.fill(folder, left_bytes=3_500_000)
    stage.later(LOOK_SECONDS)
    stage.goes_on()
    assert stage.stop() == 0
