"""What a step is handed besides its job: everything that reaches outside, passed by hand."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hotpress import policy
from hotpress.clock import Clock
from hotpress.cloud import Cloud
from hotpress.config.settings import Settings, Timing
from hotpress.errors import NotSent, SessionGone
from hotpress.media import Media
from hotpress.model import Asked, Delivery, Job, Outcome, Session
from hotpress.money import Money
from hotpress.places import make_private_dir


class Desk(Protocol):
    """What a step may ask of the store, and tell it (desk.py)."""

    @property
    def stop(self) -> threading.Event:
        """Set when this step is to end: a stop, or a cancel."""
        ...

    def pulse(self, fraction: float | None, note: str) -> None:
        """Progress of this step, 0 to 1."""

    def claim_name(self, name: str) -> bool:
        """Take a final name in the job's outbox."""

    def outbox_id(self) -> str | None:
        """The marker that the job's outbox had when it was first seen."""

    def elsewhere(self) -> str:
        """The other computer that works on the job's folder, "" when it is this one."""
        ...

    def others(self) -> list[str]:
        """Other computers whose hotpress lives and delivers into the job's folder."""
        ...

    def learn(self) -> None:
        """Take in what the receipts in the job's outbox say since the last time."""

    def same_size(self) -> bool:
        """Is anything else of the source's size known?"""

    def being_read(self) -> Job | None:
        """Another job of this size whose content is just being read: maybe the same."""

    def beside(self, output_name: str) -> Job | None:
        """The job of another result of the same drop."""

    def wanted_later(self) -> Job | None:
        """Another job that is still to make something of this source, and was not of its drop."""

    def edited(self, output_name: str) -> Job | None:
        """The job of another result of this content that has the cloud's edit."""

    def may_release(self) -> bool:
        """Of several results of one source: may this job move it? Only one may, once."""
        ...

    def delivered_here(self, sha256: str) -> Delivery | None:
        """Was this content delivered from this very path before?"""

    def delivered_at(self, name: str) -> set[str]:
        """Hashes of the results that were delivered at this name from the job's own source."""

    def delivered(self, work_key: str) -> list[Delivery]:
        """Results of this content under these rule values, the newest first."""

    def asked_before(self, work_key: str) -> Asked | None:
        """Was the agent asked for it by a job that only the receipts know?"""

    def holder(self, work_key: str) -> Job | None:
        """Which other job has this content; None: this one has it now."""

    def job(self, job_id: str) -> Job | None:
        """Another job of this store."""

    def asked_already(self) -> bool:
        """Is this very job on record as having asked the agent?"""
        ...

    def inherit(self, work_key: str, ended: Job) -> bool:
        """Take the content over from a job that has ended."""

    def others_spent(self, since: float) -> bool:
        """Could another job have spent credits since then?"""

    def uploading(self) -> dict[str, int]:
        """How many uploads run now, by inbox."""
        ...

    def money(self) -> Money:
        """What a decision to spend needs to know."""

    def shared_session(self) -> Session | None:
        """The inbox's session, if it has a living one."""

    def share_session(self, session: Session) -> None:
        """Others of this inbox may use it, too."""

    def retire_session(self, session_id: str) -> None:
        """Nobody starts anything in it any more."""

    def is_retired(self, session_id: str) -> bool:
        """Was it retired?"""

    def own_session(self, session_id: str) -> bool:
        """Take a shared session for this job alone."""

    def leave_session(self, session_id: str) -> None:
        """The next one may."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The outside world, for one run of one step."""

    cloud: Cloud
    media: Media
    clock: Clock
    chance: random.Random
    settings: Settings
    spool: Path
    desk: Desk

    def pulse(self, fraction: float | None, note: str) -> None:
        """Progress of this step, 0 to 1."""
        self.desk.pulse(fraction, note)

    @property
    def timing(self) -> Timing:
        """How long to wait for the cloud."""
        return self.settings.cloud.timing

    @property
    def pauses(self) -> policy.Pauses:
        """What a verdict needs."""
        jitter = self.chance.random()
        return policy.Pauses(self.timing.rate_limit_wait, jitter, self.clock.now())

    def folder(self, job: Job) -> Path:
        """The job's own folder for files that are under way."""
        path = self.spool / job.id
        make_private_dir(path)
        return path

    def nothing_happened(self, error: NotSent, job: Job) -> Outcome:
        """The verdict on a side effect that surely did not happen: the step may run again."""
        if isinstance(error, SessionGone) and job.session is not None:
            self.desk.retire_session(job.session.id)
        return policy.nothing_happened(error, job, self.pauses)
