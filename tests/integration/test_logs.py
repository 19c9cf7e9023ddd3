"""What a run logs: one line an event, with job, inbox and step, and no secret."""

import io
import json

from cloudstage import MARK, at
from plights import LOCAL, Scene, cloud, lived

from hotpress import log
from hotpress.model import State


def logged(folder, **given):
    """The lines of a job from its drop to its end."""
    sink = io.StringIO()

    def story(house):
        log.setup("debug", "json", sink)
        house.drop()
        house.work_on()

    with lived(folder.resolve(), Scene(story, **given)) as (house, name):
        job = house.at(name)
    return job, [json.loads(line) for line in sink.getvalue().splitlines()], sink.getvalue()


def test_every_line_of_the_worker_says_whose_step_it_is(tmp_path):
    """Each outcome is one line, from the first step to the last; the folder's lines name it."""
    job, lines, _ = logged(tmp_path, values=LOCAL)
    own = [line for line in lines if line["room"] == "worker"]

    assert job.state is State.DELIVERED
    assert [line["step"] for line in own if line["event"] == "outcome.written"] == [
        *("probe", "finish", "deliver", "release")
    ]
    for line in own:
        assert (line["job"], line["inbox"]) == (job.id, "travel")
        assert line["step"]
    assert {line["inbox"] for line in lines if line["room"] == "ingest"} == {"travel"}


def test_a_run_through_the_cloud_logs_no_secret(tmp_path):
    """Also where the cloud refuses, and where its answers are broken."""
    faults = at("session", [1], drop_before=True), at("upload", [1], html=True)
    job, lines, text = logged(tmp_path, **cloud(*faults, at("submit", status=403)))

    assert job.state is State.HELD
    assert len(lines) > 10
    assert MARK not in text
    assert "Bearer" not in text
