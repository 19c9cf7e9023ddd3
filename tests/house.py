"""A store, an inbox, an outbox and the tools of one step; real but for the time."""

import random
import threading
from dataclasses import replace
from pathlib import Path

from makers import a_job

from hotpress import files, outbox
from hotpress.clock import HandClock
from hotpress.cloud import Cloud, Identity
from hotpress.cloud.client import Address
from hotpress.config.settings import Settings
from hotpress.desk import Desk
from hotpress.media import Media
from hotpress.model import Final, Rule, Step
from hotpress.steps import Tools
from hotpress.store import Store


class House:
    """A store, an inbox, an outbox and the tools of one step."""

    def __init__(self, folder, api_url="http://127.0.0.1:9"):
        self.api_url = api_url
        self.inbox, self.outbox = folder / "in", folder / "out"
        self.inbox.mkdir()
        self.clock = HandClock()
        self.store = Store(folder / "hotpress.db")
        self.marker = outbox.make(self.outbox)
        self.source = self.inbox / "clip.mov"
        self.source.write_bytes(b"the only copy")
        status = self.source.stat()
        self.job = a_job(
            root=str(self.inbox),
            outbox=str(self.outbox),
            size_bytes=status.st_size,
            mtime_ns=status.st_mtime_ns,
            device=status.st_dev,
            inode=status.st_ino,
            step=Step.DELIVER,
        )
        temp = self.outbox / ".hotpress/tmp/job1.part"
        temp.write_bytes(b"smaller")
        sha = files.sha256_at(temp)
        final = Final(name="clip.mp4", temp=str(temp), size_bytes=7, sha256=sha, made_by="encode")
        self.job = replace(self.job, final=final, source_sha256=files.sha256_at(self.source))

    @property
    def temp(self):
        return Path(self.job.final.temp)

    def tools(self):
        stop = threading.Event()
        settings = Settings()
        cloud = Cloud(
            Address(self.api_url),
            Identity(self.inbox.parent / "id"),
            self.clock,
            stop,
            configured_token=lambda: "nmv_usr_x",
        )
        return Tools(
            cloud=cloud,
            media=Media(stop=stop),
            clock=self.clock,
            chance=random.Random(1),
            settings=settings,
            spool=self.inbox.parent / "spool",
            desk=Desk(self.store, self.clock, settings.cloud, self.job),
        )

    def archived(self, to):
        rule = Rule(source="archive", archive_to=str(to))
        return replace(
            self.job, rule=rule, placed_at=1.0, private_name=".hotpress-x.mov", step=Step.RELEASE
        )
