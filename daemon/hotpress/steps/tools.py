"""What a step is handed besides its job: everything that reaches outside, passed by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hotpress import policy
from hotpress.clock import Clock
from hotpress.cloud import Cloud
from hotpress.config.settings import Settings, Timing
from hotpress.errors import NotSent
from hotpress.media import Media
from hotpress.model import Job, Outcome
from hotpress.places import make_private_dir


@dataclass(frozen=True, slots=True)
class Tools:
    """The outside world, for one run of one step."""

    cloud: Cloud
    media: Media
    clock: Clock
    chance: random.Random
    settings: Settings
    spool: Path
    pulse: Callable[[float | None, str], None]  # progress of this step, 0 to 1
    claim: Callable[[str], bool]  # take a final name in the job's outbox
    others_spent: Callable[[float], bool]  # could another job have spent credits since?

    @property
    def timing(self) -> Timing:
        """How long to wait for the cloud."""
        return self.settings.cloud.timing

    @property
    def pauses(self) -> policy.Pauses:
        """What a verdict needs."""
        return policy.Pauses(self.timing.rate_limit_wait, self.chance.random())

    def folder(self, job: Job) -> Path:
        """The job's own folder for files that are under way."""
        path = self.spool / job.id
        make_private_dir(path)
        return path

    def nothing_happened(self, error: NotSent, job: Job) -> Outcome:
        """The verdict on a side effect that surely did not happen: the step may run again."""
        return policy.nothing_happened(error, job, self.pauses)
