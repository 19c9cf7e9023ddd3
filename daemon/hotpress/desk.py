"""What a running step may ask of the store, and tell it: names, sessions, money, progress."""

from __future__ import annotations

import contextlib
import json
import threading
from datetime import datetime
from pathlib import Path

from hotpress import courtesy, record
from hotpress.clock import Clock
from hotpress.config.limits import Spend
from hotpress.config.settings import CloudSettings
from hotpress.model import Asked, Delivery, Job, Session, State
from hotpress.money import Money, Own
from hotpress.store import Progress, Store

_PULSE_SECONDS = 1.0
_SOURCES = "source"  # in the store's claims: one job moves a source, once
_SESSIONS = "session"  # in the store's claims: one job owns a shared session at a time


class Desk:
    """For one run of one step of one job."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        cloud: CloudSettings,
        job: Job,
        *,
        sole: bool = True,
        me: courtesy.Peer | None = None,
        spend: Spend | None = None,
    ) -> None:
        """`sole`: no other inbox delivers into the job's outbox. `me`: as other daemons see us.

        `spend`: what the job's inbox may cost.
        """
        self.stop = threading.Event()
        self._sole = sole
        self._me = me
        self._spend = spend or Spend()
        self._store = store
        self._clock = clock
        self._cloud = cloud
        self._job = job
        self._told_at = 0.0

    def pulse(self, fraction: float | None, note: str) -> None:
        """Progress of the step, 0 to 1; written down at most once a second."""
        now = self._clock.now()
        if abs(now - self._told_at) >= _PULSE_SECONDS or fraction == 1:
            self._told_at = now
            self._store.report(self._job.id, Progress(self._job.step.value, fraction, note, now))

    def claim_name(self, name: str) -> bool:
        """Take a final name in the job's outbox; False when another job has it."""
        return self._store.claim(self._job.outbox, name, self._job.id)

    def outbox_id(self) -> str | None:
        """The marker that the job's outbox had when it was first seen."""
        return self._store.note(f"outbox:{self._job.outbox}")

    def elsewhere(self) -> str:
        """The other computer that works on the job's folder, "" when it is this one."""
        folder = Path(self._job.outbox)
        first = courtesy.owner(folder, self._me, self._clock.now()) if self._me else None
        return first.host if first else ""

    def others(self) -> list[str]:
        """Other computers whose hotpress lives and delivers into the job's folder."""
        if self._me is None:
            return []
        return courtesy.living(Path(self._job.outbox), self._me, self._clock.now())

    def learn(self) -> None:
        """Take in what the receipts in the job's outbox say since the last time."""
        with contextlib.suppress(OSError):  # an outbox that is away has nothing new to say
            record.learn(self._store, Path(self._job.outbox))

    def same_size(self) -> bool:
        """Is anything else of the source's size known? Then its content decides."""
        return self._store.same_size(self._job)

    def being_read(self) -> Job | None:
        """Another job of this size whose content is just being read: maybe the same."""
        return self._store.being_read(self._job)

    def delivered_here(self, sha256: str) -> Delivery | None:
        """Was this content delivered from this very path before, under any rule?"""
        job = self._job
        inbox = "" if self._sole else job.inbox
        found = self._store.delivered_from(job.outbox, inbox, job.relative, sha256)
        ours = {job.id, *(each.id for each in self._same_version())}  # other results of this drop
        found = [each for each in found if each.job not in ours]
        name = job.rule.output_name
        known = next((each for each in found if each.output_name == name), None)
        if known is not None or not found:
            return known
        before = self._store.at_path(job.root, job.relative)
        tried = any(each.rule.output_name == name for each in before if each.id not in ours)
        return None if tried else found[0]  # else it is wanted only since then

    def beside(self, output_name: str) -> Job | None:
        """The job of another result of the same drop."""
        named = (job for job in self._same_version() if job.rule.output_name == output_name)
        return next(named, None)

    def wanted_later(self) -> Job | None:
        """Another job that is still to make something of this source, and was not of its drop."""
        job = self._job
        for each in self._same_version():
            other = each.id != job.id and each.rule.output_name not in job.rule.beside
            if other and each.live and each.state is not State.DELIVERED and not each.asked:
                return each
        return None

    def edited(self, output_name: str) -> Job | None:
        """The job of another result of this content that has the cloud's edit, or is to have it."""
        now = self.beside(output_name)
        if now is not None and (now.live or now.state is State.DELIVERED):
            return now
        content = now.source_sha256 if now else self._job.source_sha256
        for job in self._store.at_path(self._job.root, self._job.relative):
            same = content and job.source_sha256 == content
            named = job.rule.output_name == output_name
            if same and named and job.state is State.DELIVERED:
                return job
        return now

    def may_release(self) -> bool:
        """Of several results of one source: may this job move it? Only one may, once."""
        job = self._job
        source = f"{job.root}/{job.relative}:{job.size_bytes}:{job.mtime_ns}"
        first = self._store.get(self._store.claimed_by(_SOURCES, source))
        if first is not None and first.id != job.id and first.released_at is not None:
            return False
        return self._store.claim(_SOURCES, source, job.id)

    def _same_version(self) -> list[Job]:
        job = self._job
        return self._store.of_version(job.root, job.relative, job.size_bytes, job.mtime_ns)

    def delivered_at(self, name: str) -> set[str]:
        """Hashes of the results that were delivered at this name from the job's own source."""
        job = self._job
        inbox = "" if self._sole else job.inbox
        wish = job.rule.output_name
        return self._store.results_at(job.outbox, inbox, job.relative, wish, name)

    def delivered(self, work_key: str) -> list[Delivery]:
        """Results of this content under these rule values, the newest first."""
        return self._store.delivered_content(work_key)

    def asked_before(self, work_key: str) -> Asked | None:
        """Was the agent asked for it by a job that only the receipts know?"""
        return self._store.asked_before(work_key, self._job.id)

    def holder(self, work_key: str) -> Job | None:
        """Which other job has this content; None: this one has it now."""
        owner = self._store.claim_content(work_key, self._job.id)
        if owner == self._job.id:
            return None
        found = self._store.get(owner)
        if found is None or found.work_key != work_key:  # forgotten, or by another rule since
            self._store.take_content(work_key, self._job.id, owner)
            return None
        return found

    def job(self, job_id: str) -> Job | None:
        """Another job of this store."""
        return self._store.get(job_id)

    def asked_already(self) -> bool:
        """Is this very job on record as having asked the agent?"""
        return self._store.asked_by(self._job.id)

    def inherit(self, work_key: str, ended: Job) -> bool:
        """Take the content over from a job that has ended; False when somebody was faster."""
        return self._store.inherit_content(work_key, self._job.id, ended.id)

    def others_spent(self, since: float) -> bool:
        """Could another job have spent credits since then?"""
        return self._store.others_spent_since(self._job.id, since)

    def uploading(self) -> dict[str, int]:
        """How many uploads run now, by inbox."""
        return self._store.uploading()

    def money(self) -> Money:
        """What a decision to spend needs to know."""
        costs = self._store.last_costs()
        estimate = sum(costs) / len(costs) if costs else self._cloud.estimate
        midnight = (
            datetime.fromtimestamp(self._clock.now())
            .astimezone()
            .replace(hour=0, minute=0, second=0, microsecond=0)
        )
        budget, own = self._cloud.budget, self._spend
        today, month = midnight.timestamp(), midnight.replace(day=1).timestamp()
        name = self._job.inbox
        return Money(
            estimate=estimate,
            uncharged=self._store.uncharged_others(self._job.id),
            spent_today=self._store.spent_since(today, estimate),
            spent_month=self._store.spent_since(month, estimate),
            reserve=budget.reserve,
            per_day=budget.per_day,
            per_month=budget.per_month,
            own=Own(
                name,
                self._store.uncharged_others(self._job.id, name),
                self._store.spent_since(today, estimate, name),
                self._store.spent_since(month, estimate, name),
                own.per_day,
                own.per_month,
            ),
        )

    def shared_session(self) -> Session | None:
        """The inbox's session, None when there is none or it was retired."""
        note = self._store.note(f"batch:{self._job.inbox}")
        if not note:
            return None
        found = Session(**json.loads(note))
        return None if self.is_retired(found.id) else found

    def share_session(self, session: Session) -> None:
        """Others of this inbox may use it, too."""
        note = {
            "id": session.id,
            "token": session.token,
            "task": session.task,
            "upload_name": "",
            "made_at": session.made_at,
            "shared": True,
        }
        self._store.set_note(f"batch:{self._job.inbox}", json.dumps(note))

    def retire_session(self, session_id: str) -> None:
        """Doubt, foreign content, or gone: nobody starts anything in it any more."""
        self._store.set_note(f"retired:{session_id}", "1")

    def is_retired(self, session_id: str) -> bool:
        """Was it retired?"""
        return self._store.note(f"retired:{session_id}") is not None

    def own_session(self, session_id: str) -> bool:
        """One job owns a shared session from its message to the end of its render.

        One that is held may stay so for ever: the others go on in a new session.
        """
        if self._store.claim(_SESSIONS, session_id, self._job.id):
            return True
        owner = self._store.get(self._store.claimed_by(_SESSIONS, session_id))
        if owner is not None and owner.state is State.HELD:
            self.retire_session(session_id)
        return False

    def leave_session(self, session_id: str) -> None:
        """The next one may."""
        self._store.unclaim(_SESSIONS, session_id, self._job.id)
