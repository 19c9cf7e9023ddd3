"""The clock jumps by days, both ways, while jobs wait: no storm, and nothing waits for ever."""

from datetime import UTC, datetime, timedelta

import clips
import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from mounts import PatientStage
from stage import no_charge_twice, until

from hotpress.daemon import run_soon

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
DAY = 86_400
SCENARIO = {"credits": 500, "render_seconds": 60}  # three real seconds


@pytest.fixture
def stage(tmp_path):
    found = PatientStage(tmp_path)
    with found.cloud(SCENARIO, "--kind", "--speed", "20"):
        found.configure({"target_size": "40 kB", "route": "cloud"})
        yield found
        found.end()


def drop(stage, name="a.mp4"):
    return clips.distinct(clips.real("carphone_pristine.mp4"), stage.inbox() / name)


def state(stage):
    return stage.stored()[0]["state"] if stage.stored() else ""


def polls(stage):
    return sum(line["kind"] == "poll" for line in stage.requests())


@pytest.mark.parametrize("days", [8, -8])
def test_the_clock_jumps_while_the_cloud_renders(stage, days):
    """One message, one render, a poll now and then: delivered as if nothing had happened."""
    stage.start()
    drop(stage)
    until(lambda: stage.facts()["render_submitted"], 40, "the render")
    stage.later(days * DAY)
    until(lambda: state(stage) == "delivered", 40, "the result")

    assert stage.stop() == 0
    no_charge_twice(stage)
    assert stage.facts()["message_received"] == 1
    assert polls(stage) < 60


def test_the_clock_goes_back_while_a_job_is_held(stage):
    """The looks at held jobs go on: by the time of the jump, not three days later."""
    stage.configure({"target_size": "40 kB", "route": "cloud"}, cloud={"budget": {"reserve": 490}})
    stage.start()
    drop(stage)
    until(lambda: state(stage) == "held", 40, "the hold")
    stage.later(-3 * DAY)
    seen = stage.facts()
    before = len(stage.requests())
    until(lambda: len(stage.requests()) > before + 1, 30, "two more looks at the credits")

    assert seen["upload_received"] == 0
    assert stage.stop() == 0


def test_the_clock_was_wrong_by_days_before_a_restart(stage):
    """Stopped while it waits for the render, started three days earlier: it goes on at once."""
    stage.start()
    drop(stage)
    until(lambda: stage.facts()["render_submitted"], 40, "the render")
    assert stage.stop() == 0
    stage.later(-3 * DAY)
    stage.start()
    until(lambda: state(stage) == "delivered", 40, "the result")

    assert stage.stop() == 0
    no_charge_twice(stage)


def test_the_timetable_does_not_wait_for_a_time_that_was_set_back():
    """Set back by days, every chore of the timetable runs now, not when the old time comes."""
    scheduler = BackgroundScheduler(timezone="UTC")
    ran = []
    scheduler.start()
    try:
        far = datetime.now(UTC) + timedelta(days=8)
        scheduler.add_job(lambda: ran.append(1), "interval", seconds=60, next_run_time=far)
        run_soon(scheduler)
        until(lambda: ran, 10, "the chore")
    finally:
        scheduler.shutdown(wait=True)
