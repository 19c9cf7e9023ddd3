"""Two inboxes on one machine: a dump in one keeps the other waiting for a turn, not for its end."""

import clips
import pytest
from stage import Stage, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
SMALL = {"target_size": "40 kB", "route": "local", "existing": "all"}
DUMP = 60


@pytest.fixture
def stage(tmp_path):
    found = Stage(tmp_path)
    found.api_url = "http://127.0.0.1:9"
    yield found
    found.end()


def test_one_clip_beside_a_dump_of_sixty_is_not_the_last(stage):
    """It came after all of them were jobs, and is delivered while most of them still wait."""
    stage.configure({**SMALL, "name": "Dump"}, {**SMALL, "name": "Other"})
    for n in range(DUMP):
        clips.distinct(clips.real("carphone_pristine.mp4"), stage.inbox("Dump") / f"{n:02}.mp4")
    stage.start()
    until(lambda: len(stage.stored()) == DUMP, 60, "sixty jobs")
    clips.distinct(clips.real("carphone_pristine.mp4"), stage.inbox("Other") / "one.mp4")

    def one():
        found = [j for j in stage.stored() if j["inbox"] == "Other"]
        return found and found[0]["state"] == "delivered"

    until(one, 60, "the one clip")
    waiting = [j for j in stage.stored() if j["inbox"] == "Dump" and j["state"] == "queued"]
    assert stage.stop() == 0
    assert len(waiting) > DUMP // 3
