"""Orderly stops in the middle of an upload: they cost time, never the job."""

import random
import threading
from dataclasses import replace

from cloudstage import Odd, good
from house import House

from hotpress.cloud import Cloud, Identity
from hotpress.cloud.client import Address
from hotpress.config.settings import Settings
from hotpress.desk import Desk
from hotpress.media import Media
from hotpress.model import Facts, State, Step
from hotpress.steps import Tools
from hotpress.worker import Worker

FACTS = Facts(
    container="mp4", duration_seconds=4, width=640, height=360, fps=25, codec="h264", size_bytes=9
)
STOPS = 6  # more than an upload may be absent without a stop


class Life:
    """One life of the daemon's worker: until its stop."""

    def __init__(self, house):
        self.stop = threading.Event()
        self.house = house
        self.cloud = Cloud(
            Address(house.api_url),
            Identity(house.inbox.parent / "id"),
            house.clock,
            self.stop,
            configured_token=lambda: "nmv_usr_x",
        )
        self.worker = Worker(
            house.store,
            lambda job: Desk(house.store, house.clock, Settings().cloud, job),
            self.tools,
            house.clock,
            "test",
            "boot",
            self.stop,
        )

    def tools(self, desk):
        return Tools(
            cloud=self.cloud,
            media=Media(stop=desk.stop),
            clock=self.house.clock,
            chance=random.Random(1),
            settings=Settings(),
            spool=self.house.inbox.parent / "spool",
            desk=desk,
        )

    def run_to_its_stop(self):
        """Steps of the one job, each when it is due."""
        self.worker.recover()
        for _ in range(20):
            job = self.house.store.get(self.house.job.id)
            if self.stop.is_set() or not job.live:
                return job
            if job.wake_at is not None:
                self.house.clock.move(max(0.0, job.wake_at - self.house.clock.now()))
            self.worker.run_one(job.id)
        raise AssertionError("it goes round in circles")


def test_orderly_stops_in_the_middle_of_an_upload_are_not_counted(tmp_path):
    """A machine that is switched off each evening gets a long upload through in the end."""
    lives = []

    def say(asked):
        if "/credits/" in asked.path:
            return good({"available": 500, "frozen": 0, "total": 500})
        if asked.path.endswith("/latest"):
            return good({"state": {"draft": None, "video_infos": []}})
        if "/upload-video/" in asked.path:
            lives[-1].stop.set()
            return b""  # the line is cut by the stop
        return good({"session_id": f"s{len(lives)}", "task_id": "t"})

    with Odd((say,), tmp_path) as server:
        house = House(tmp_path, server.url)
        house.job = replace(house.job, facts=FACTS, final=None, step=Step.SESSION)
        house.store.add(house.job, "made")
        for n in range(STOPS):
            lives.append(Life(house))
            uploads = f"/me/s{n + 1}"
            job = lives[-1].run_to_its_stop()
            assert job.state is not State.FAILED, (n, job.why)
            assert any(asked.path.endswith(uploads) for asked in server.asked)
    assert (job.step, job.tally.upload_absent) == (Step.UPLOAD, 1)
