"""One job over one real file, and the tools for its steps on this machine."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from house import House

from hotpress.config.settings import CloudSettings, Settings
from hotpress.media import Media
from hotpress.model import Facts, Job, Next, Rule, Step
from hotpress.steps import finish, prepare, probe

MEDIA = Media()


class OneJob:
    """A copy of `clip` lies in an inbox; `rule` is what its folder says."""

    def __init__(self, folder: Path, clip: Path, max_upload: int = 500_000_000, **rule: object):
        self.house = House(folder)
        source = self.house.inbox / clip.name
        shutil.copyfile(clip, source)
        status = source.stat()
        self.source = source
        cloud = CloudSettings(max_upload=f"{max_upload} B")
        self.tools = replace(self.house.tools(), settings=Settings(cloud=cloud))
        self.job: Job = replace(
            self.house.job,
            relative=clip.name,
            size_bytes=status.st_size,
            mtime_ns=status.st_mtime_ns,
            inode=status.st_ino,
            final=None,
            source_sha256="",
            step=Step.PROBE,
            rule=Rule(**{"resolution": "source", "max_bits_per_second": None, **rule}),
        )

    def probed(self) -> Job:
        found = probe.run(self.job, self.tools)
        assert isinstance(found, Next), found
        self.why = found.why
        return found.job

    def prepared(self) -> tuple[Job, str]:
        found = prepare.run(self.probed(), self.tools)
        assert isinstance(found, Next), found
        return found.job, found.why

    def finished(self, job: Job | None = None) -> Job:
        found = finish.run(job or self.probed(), self.tools)
        assert isinstance(found, Next), found
        return found.job

    def result(self, job: Job) -> Facts:
        return MEDIA.probe(Path(job.final.temp))
