"""Rules in the synced folder, seen from outside: a daemon, a folder, and what the outbox says."""

import clips
import pytest
from stage import Stage, until

pytestmark = pytest.mark.slow


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    found.api_url = "http://127.0.0.1:9"  # nobody answers there: what stays local needs nobody
    found.configure({"target_size": "400 kB"})
    yield found
    found.end()


def test_a_wrong_rule_file_is_told_in_the_outbox_and_the_video_goes_on_when_it_is_mended(stage):
    """Held with file, line and mend; no restart, no command; made by the mended rule, locally."""
    trip = stage.inbox() / "trip"
    trip.mkdir()
    rules = trip / "hotpress.yaml"
    rules.write_text("route: local\ntarget_size: 150\n")
    clips.distinct(clips.real("bikes.mp4"), trip / "a.mp4")
    stage.start()
    note = stage.outbox() / "hotpress-status.txt"
    until(lambda: note.exists() and "trip/hotpress.yaml:2" in note.read_text(), 60, "the sentence")
    assert "target_size: 150 is not a size; write its unit, too: 150 MB" in note.read_text()
    [job] = stage.stored()
    assert (job["state"], job["reason"]) == ("held", "rules")
    stage.say("retry", job["id"], check=False)

    rules.write_text("route: local\ntarget_size: 150 kB\n")
    until(lambda: stage.ended(1) and stage.stored()[0]["state"] == "delivered", 90, "the result")
    [made] = stage.delivered()[:1]
    assert made.relative_to(stage.outbox()).as_posix() == "trip/a.mp4"
    assert made.stat().st_size <= 150_000
    assert stage.stored()[0]["route"] == "local"
    assert stage.stop() == 0
