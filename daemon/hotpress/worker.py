"""Takes a job, runs its next step, writes the outcome: the only one that updates jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from hotpress import files, log, outcomes, policy, verbs
from hotpress.clock import Clock
from hotpress.desk import Desk
from hotpress.errors import (
    FolderMissing,
    HotpressError,
    Lost,
    MediaError,
    SessionGone,
    SourceGone,
    Stopping,
    StoreError,
)
from hotpress.model import Cause, Fail, Hold, Job, Next, Outcome, Reason, State, Step
from hotpress.orders import Orders, freed
from hotpress.serving import EVERYTHING, paused_by
from hotpress.steps import PIPELINE, Tools, closing
from hotpress.store import JournalLine, Store

_STORE_SECONDS = 2.0  # until a write that failed is tried again
_LOGGER = log.get("worker")
# What they read or write may hang; the others talk to the cloud alone, or read the spool.
_IN_FOLDERS = frozenset(
    {
        Step.PROBE,
        Step.PREPARE,
        Step.UPLOAD,
        Step.INSTRUCT,
        Step.FINISH,
        Step.DELIVER,
        Step.RELEASE,
    }
)


class Worker:
    """Safe for threads: each job is run by one at a time, which the store's epoch guards."""

    def __init__(
        self,
        store: Store,
        make_desk: Callable[[Job], Desk],
        tools: Callable[[Desk], Tools],
        clock: Clock,
        owner: str,
        boot: str,
        stop: threading.Event,
        source_gone: Callable[[Job], None] = lambda _job: None,
        hung: Callable[[], Mapping[str, Path]] = dict,
    ) -> None:
        """`hung` names the inboxes that don't answer, each with the folder that hangs."""
        self._source_gone = source_gone
        self._store = store
        self._make_desk = make_desk
        self._tools = tools
        self._clock = clock
        self._owner = owner
        self._boot = boot
        self._stop = stop
        self._hung = hung
        self._stops: dict[str, threading.Event] = {}
        self._orders = Orders(store, clock, self._stops)

    def recover(self) -> None:
        """After a start: nobody runs the jobs that were running. `begun` stays as it was.

        An older copy of the state directory may have been brought back: what the outboxes have
        on record as delivered is so.
        """
        for job in self._store.owned():
            self._rest(job)
        for job in self._store.delivered_unknown():
            delivery = self._store.delivery_of(job.id)
            if delivery is not None:
                now = self._clock.now()
                text = f"on record in the outbox as {delivery.output}"
                done = outcomes.on_record(job, delivery, now)
                self._write(done, [self._line(job, "note", text)])

    def mend_times(self) -> None:
        """The clock was set back: what waits until a time goes on after as long as it was told."""
        now = self._clock.now()
        for job in self._store.out_of_time(now):
            rest = max(0.0, (job.wake_at or now) - job.updated_at)
            self._write(replace(job, wake_at=now + rest, updated_at=now), [])

    def run_one(self, job_id: str) -> None:
        """One step of one job, from take to outcome."""
        before = self._store.get(job_id)
        if before is None or self._stop.is_set():
            return
        try:
            job = self._take(before)
        except StoreError as error:
            _LOGGER.warning("take.failed", job=job_id, why=error.why)
            self._clock.wait(_STORE_SECONDS, self._stop)
            return
        if job is None:
            return
        log_line = _LOGGER.bind(job=job.id, inbox=job.inbox, step=job.step.value)
        log_line.debug("step.began", resume=before.begun_at is not None)
        outcome = self._outcome(before, job, log_line)
        if outcome is None and self._stop.is_set():
            self._put_down(job)
        elif outcome is None:
            self._rest(job)
        else:
            self._record(job, outcome, log_line)

    def interrupt(self) -> None:
        """A stop: every running step is asked to end."""
        for event in list(self._stops.values()):
            event.set()

    def abandon(self) -> None:
        """Steps that did not end in time: noted as an orderly stop; `begun` stays."""
        for job in self._store.owned():
            if job.owner == self._owner:
                self._put_down(job)

    def _rest(self, job: Job) -> None:
        """Nobody runs it now; what was begun stays begun."""
        self._write(replace(job, owner="", state=_resting(job)), [])

    def _put_down(self, job: Job) -> None:
        """An orderly stop: noted as one, and `begun` stays."""
        stopped = policy.stopped(job)
        self._write(
            replace(stopped, owner="", state=_resting(job)), [self._line(job, "stopped", "")]
        )

    def _take(self, job: Job) -> Job | None:
        if job.owner or not job.live or job.state is State.HELD:
            return None
        now = self._clock.now()
        if pause := self._paused(job):
            by = "--all" if pause == EVERYTHING else pause
            held, text = verbs.asked(job, "pause", {"by": by})
            if held is not None:
                self._write(held, [self._line(job, "hold", text)])
            return None
        taken = replace(
            policy.begun(policy.not_ahead(job, now), now, self._boot),
            owner=self._owner,
            epoch=job.epoch + 1,
            state=job.state if job.state is State.DELIVERED else State.RUNNING,
            wake_at=None,
            waits_on="",  # whoever ends meanwhile must not write over what runs
        )
        lines = [] if job.begun_at else [self._line(taken, "begun", "")]
        return taken if self._store.write(taken, lines, epoch=job.epoch) else None

    def _outcome(self, before: Job, job: Job, log_line: log.Logger) -> Outcome | None:
        """None: hotpress was asked to stop, and the step has no outcome."""
        desk = self._desk(job)
        tools = self._tools(desk)
        try:
            if policy.start_anew(job, job.begins - 1) == "give_up":
                return Fail(
                    job,
                    "hotpress stopped three times in this step",
                    f"See the log for the cause; then `hotpress retry {job.id}`.",
                    cause=Cause.STOPPED_OFTEN,
                )
            # Nothing is begun yet: whatever stands in the way leaves `begun` as it was.
            rested = replace(job, begun_at=before.begun_at)
            return self._in_the_way(rested, tools) or self._step(before, job, tools)
        except Stopping:
            return None  # a stop; or an order for this job, which is obeyed as soon as it rests
        except HotpressError as error:
            log_line.info("step.refused", why=error.why, kind=type(error).__name__)
            if isinstance(error, MediaError) and (hung := self._in_hung(job)):
                return policy.verdict(hung, job, tools.pauses)
            if isinstance(error, SourceGone):
                self._source_gone(job)
            if isinstance(error, SessionGone) and job.session is not None:
                desk.retire_session(job.session.id)
            return policy.verdict(error, job, tools.pauses)
        except OSError as error:
            log_line.warning("step.file_error", why=str(error))
            path = Path(error.filename or job.outbox)
            found = files.as_file_error(
                error, path, "inbox" if Path(job.root) in path.parents else "outbox"
            )
            return policy.verdict(found, job, tools.pauses)
        except Exception as error:
            # The only net: a mistake of ours ends one job, with its trace in the log.
            log_line.exception("step.crashed")
            return Fail(
                job,
                f"hotpress made a mistake in this step ({type(error).__name__})",
                f"Please report it with the log; `hotpress retry {job.id}` goes on from here.",
                cause=Cause.MISTAKE,
            )
        finally:
            self._stops.pop(job.id, None)

    def _in_the_way(self, job: Job, tools: Tools) -> Outcome | None:
        """What keeps the step from being begun at all; the job as it was before the take."""
        if job.ending is not None:
            return None
        if job.unruled:  # whoever woke it: by the config's rule alone it might go to the cloud
            self._source_gone(job)  # its folder is looked at now
            why = job.why or "its rules could not be understood when it came"
            return Hold(job, Reason.RULES, why, job.hint or "hotpress looks at them again.")
        hung = self._in_hung(job)
        if hung is not None:
            return policy.verdict(hung, job, tools.pauses)
        # What can't be looked at is not back either.
        if job.scout is Reason.INBOX_MISSING and not files.is_there(job.source):
            return Hold(job, job.scout, job.why or "its source is not there", job.hint)
        owner = tools.desk.elsewhere() if policy.may_be_left(job) else ""
        if owner:
            why = f"hotpress on {owner} works on this folder"
            return Hold(job, Reason.ELSEWHERE, why)
        return None

    def _in_hung(self, job: Job) -> FolderMissing | None:
        """Does the step need a folder that doesn't answer? It would hang, or blame the video."""
        folder = self._hung().get(job.inbox)
        if folder is None or job.step not in _IN_FOLDERS or job.ending is not None:
            return None
        which = "outbox" if str(folder) == job.outbox else "inbox"
        return FolderMissing(
            f"{folder} does not answer", "hotpress goes on by itself when it does.", which
        )

    def _step(self, before: Job, job: Job, tools: Tools) -> Outcome:
        if job.ending is not None:
            return closing.run(job, tools)
        stage = PIPELINE[job.step]
        if before.begun_at is not None:
            return stage.resume(job, tools)
        try:
            return stage.run(job, tools)
        except Lost as error:
            if stage.run is stage.resume or self._stop.is_set():
                if self._stop.is_set():
                    raise Stopping from error
                raise
            # A lost answer is handled as a crash: what may have happened is looked at.
            return stage.resume(job, tools)

    def _record(self, job: Job, outcome: Outcome, log_line: log.Logger) -> None:
        done, line = outcomes.written(job, outcome, self._clock.now())
        if not self._kept(job, done, [line] if line else [], log_line):
            log_line.warning("outcome.refused", why="another run has taken the job over")
            return
        log_line.info(
            "outcome.written",
            what=line.what if line else "wait",
            to=done.step.value,
            state=done.state.value,
            why=line.text if line else "",
        )
        if not done.live:
            self._store.forget_progress(job.id)
        if job.session is not None and (done.session is None or not done.live):
            self._make_desk(job).leave_session(job.session.id)
        if isinstance(outcome, Next) and job.scout is not None:
            place = job.inbox if job.scout in policy.OF_A_PLACE else ""
            self._orders.wake(job.scout, place)

    def _kept(self, before: Job, job: Job, lines: list[JournalLine], log_line: log.Logger) -> bool:
        """Write an outcome, however long the disk is full: it may be known nowhere else."""
        while True:
            try:
                return self._store.write(
                    job, lines, epoch=before.epoch, freed=freed(self._store, before, job)
                )
            except StoreError as error:
                log_line.warning("outcome.unwritten", why=error.why)
                if self._clock.wait(_STORE_SECONDS, self._stop):
                    return False  # `begun` is on disk: the next start looks what happened

    def obey(self, running: frozenset[str]) -> None:
        """Do what people (and chores) asked for."""
        self._orders.obey(running)

    def _desk(self, job: Job) -> Desk:
        desk = self._make_desk(job)
        self._stops[job.id] = desk.stop
        if self._stop.is_set():
            desk.stop.set()
        return desk

    def _paused(self, job: Job) -> str:
        """What pauses it: its inbox, or everything. What is being delivered is not stopped."""
        delivers = job.begun_at is not None and job.step in (Step.DELIVER, Step.RELEASE)
        if delivers or job.state is State.DELIVERED:
            return ""
        return paused_by(self._store, job.inbox)

    def _write(self, job: Job, lines: list[JournalLine]) -> bool:
        """A write beside a step's run: a new epoch, so that nothing older can undo it."""
        return self._store.write(replace(job, epoch=job.epoch + 1), lines, epoch=job.epoch)

    def _line(self, job: Job, what: str, text: str) -> JournalLine:
        return JournalLine(self._clock.now(), job.step.value, what, text)


def _resting(job: Job) -> State:
    return job.state if job.state is State.DELIVERED else State.QUEUED
