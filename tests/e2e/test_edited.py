"""An edit, and a phone's date and place, through the whole pipeline."""

import clips
import pytest
from stage import Stage, no_charge_twice, until

from hotpress.media import Media

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
PHONE = "VID_20191220_170832.mp4"


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    yield found
    found.end()


def delivered(stage, clip):
    """Drop it, wait; the source, its job and its result."""
    source = clips.distinct(clips.real(clip), stage.inbox() / "a.mp4")
    stage.start()
    until(lambda: stage.ended(1), 90, "the result")
    assert stage.stop() == 0
    [job] = stage.stored()
    assert job["state"] == "delivered", job["why"]
    [result] = stage.delivered()
    return source, job, result


def test_cut_the_first_two_seconds(stage):
    """Two seconds shorter, filled to 97-100 % here, because the cloud ignores sizes."""
    with stage.cloud({"credits": 200, "unchanged_share": 0}, "--speed", "20"):
        stage.configure({"target_size": "150 kB", "instructions": "cut the first 2 seconds"})
        source, _, result = delivered(stage, "bikes.mp4")

    before, after = Media().probe(source), Media().probe(result)
    assert after.duration_seconds == pytest.approx(before.duration_seconds - 2, abs=0.3)
    assert 0.97 * 150_000 <= result.stat().st_size <= 150_000
    assert result.stat().st_mtime_ns == source.stat().st_mtime_ns
    no_charge_twice(stage)


@pytest.mark.parametrize("metadata", ["keep", "strip"])
def test_a_phones_date_and_place(stage, metadata):
    """Through the cloud: kept as the phone wrote them, or nowhere, not even in what goes up."""
    with stage.cloud({"credits": 200}, "--kind", "--speed", "20"):
        rule = {"target_size": "300 kB", "resolution": "480p", "metadata": metadata}
        stage.configure({**rule, "route": "cloud"})
        source, job, result = delivered(stage, PHONE)

    facts, raw = Media().probe(result), result.read_bytes()
    kept = metadata == "keep"
    assert (facts.created_at == "2019-12-20T20:08:34.000000Z") == kept
    assert (b"-15.8355-048.0153" in raw) == kept
    assert bool(facts.location) == kept
    assert (result.stat().st_mtime_ns == source.stat().st_mtime_ns) == kept
    assert result.stat().st_size <= 300_000
    assert (job["prepared"] is None) == kept  # stripped, it goes up as a working copy
