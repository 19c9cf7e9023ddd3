"""Obeys what people, chores and looks at the folders ask of jobs. The worker calls it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from hotpress import log, refining, verbs
from hotpress.clock import Clock
from hotpress.errors import StoreError
from hotpress.model import ENDED, Job, Reason, State
from hotpress.serving import EVERYTHING, paused_by
from hotpress.store import Command, JournalLine, Store, Written

_WIDE = ("pause", "resume", "approve", "decline", "cancel", "retry")
_QUIET = ("back", "moved", "called")  # looks at folders, which people need not read of in the story
_ALL_PAUSED = "everything is paused: hotpress resume --all"
_FOLDER_PAUSED = "its folder is paused: hotpress resume {}"
_LOGGER = log.get("orders")


def freed(store: Store, before: Job, job: Job) -> list[Written]:
    """Jobs of the same content that waited for what became of this one: they go on."""
    ended = job.state in ENDED and before.state not in ENDED
    if not ended and job.source_sha256 == before.source_sha256:
        return []
    return [
        (replace(other, waits_on="", wake_at=None, epoch=other.epoch + 1), [], other.epoch)
        for other in store.waiting_on(job.id)
    ]


class Orders:
    """Each order is a row in the store; its answer is written beside it."""

    def __init__(self, store: Store, clock: Clock, stops: Mapping[str, threading.Event]) -> None:
        self._store = store
        self._clock = clock
        self._stops = stops

    def obey(self, running: frozenset[str]) -> None:
        """Do what was asked; a running job is asked to stop first, or its step ends first."""
        for command in self._store.commands():
            try:
                answer = self._answer(command, running)
            except StoreError:
                raise  # a full disk: the order stays, and is obeyed later
            except Exception as error:
                # One order that can't be obeyed must not keep all others, and every job.
                _LOGGER.exception("order.refused", verb=command.verb, job=command.job)
                answer = f"hotpress could not do this ({type(error).__name__})", False
            if answer is not None:
                text, done = answer
                self._store.answer(command.id, text, self._clock.now(), done=done)

    def _answer(self, command: Command, running: frozenset[str]) -> tuple[str, bool] | None:
        detail = command.detail
        if command.verb == "wake":
            reason, inbox = Reason(detail["reason"]), str(detail.get("inbox", ""))
            return str(self.wake(reason, inbox, scouts=1)), True
        if command.verb == "ask":
            job = self._store.get(command.job)
            return refining.obeyed(self._store, job, detail, self._clock.now())
        if command.verb in _WIDE and not command.job:
            return self._wide(command.verb, detail, running)
        return self._one(command.verb, command.job, detail, running)

    def _one(
        self, verb: str, job_id: str, detail: Mapping[str, object], running: frozenset[str]
    ) -> tuple[str, bool] | None:
        """An order for one job: its answer, or None while the job still has to stop."""
        job = self._store.get(job_id)
        if job is None:
            return f"there is no job {job_id}", False
        changed, text = verbs.asked(job, verb, detail)
        if changed is None:
            return text, False
        pause = paused_by(self._store, job.inbox) if verb == "resume" else ""
        if pause:  # it would be paused again at once
            return _ALL_PAUSED if pause == EVERYTHING else _FOLDER_PAUSED.format(pause), False
        if job.id in running or job.owner:
            if verbs.interrupts(verb) and job.id in self._stops:
                self._stops[job.id].set()
            return None
        if verb in ("moved", "called") and self._store.same_identity(changed):
            return "another job has that path", False
        self._write([(changed, [] if verb in _QUIET else [self._line(job, text)], job.epoch)])
        if verb == "retry":
            self._followers(changed)
        return text, True

    def _followers(self, lead: Job) -> None:
        """Jobs that ended only because this one did, which has the edit: they wait again."""
        for job in self._store.ended_with(lead.id):
            if not job.owner:
                changed, text = verbs.asked(job, "retry", {})
                if changed is not None:
                    self._write([(changed, [self._line(job, text)], job.epoch)])

    def _wide(
        self, verb: str, detail: Mapping[str, object], running: frozenset[str]
    ) -> tuple[str, bool]:
        """An order for an inbox, or for everything."""
        inbox = str(detail.get("inbox", ""))
        if verb == "resume" and inbox and paused_by(self._store, inbox) == EVERYTHING:
            return _ALL_PAUSED, False
        if verb in ("pause", "resume"):
            self._store.set_note(f"paused:{inbox or EVERYTHING}", "1" if verb == "pause" else "")
            if verb == "pause":
                return f"{inbox or 'everything'} is paused; what runs now ends its step", True
            for name in () if inbox else self._store.notes("paused:"):
                self._store.set_note(name, "")
        chosen = self._chosen(verb, inbox, detail)
        written: list[Written] = []
        for job in chosen:
            if job.id in running or job.owner:  # an order of its own, obeyed when it rests
                self._store.ask(verb, job.id, dict(detail), self._clock.now())
                continue
            changed, text = verbs.asked(job, verb, detail)
            if changed is not None:
                written.append((changed, [self._line(job, text)], job.epoch))
        self._write(written)
        return f"{len(written)} of {len(chosen)} videos", True

    def _chosen(self, verb: str, inbox: str, detail: Mapping[str, object]) -> list[Job]:
        held = str(detail.get("held", ""))
        if verb == "resume":
            return self._store.held(Reason.PAUSED.value, inbox)
        if verb in ("approve", "decline"):
            found = self._store.held(Reason.APPROVAL.value, inbox)
            newest = detail.get("newest")
            found.sort(key=lambda job: job.mtime_ns, reverse=True)
            videos = list(dict.fromkeys((job.root, job.relative) for job in found))
            chosen = videos[: int(newest)] if isinstance(newest, int) else videos
            return [job for job in found if (job.root, job.relative) in chosen]
        if held:
            return self._store.held(held, inbox)
        if verb == "cancel":
            return self._store.in_state(set(State) - ENDED, inbox)
        found = self._store.in_state((State.FAILED, State.HELD), inbox)
        theirs = (Reason.APPROVAL, Reason.PAUSED)  # `approve` and `resume` are for those
        return [job for job in found if job.reason not in theirs]

    def wake(self, reason: Reason, inbox: str = "", scouts: int = -1) -> int:
        """Held jobs of a reason go on: all, or as scouts those that were not looked at longest."""
        held = self._store.held(reason.value, inbox, scouts)
        woken = [replace(j, state=State.QUEUED, wake_at=None, scout=reason) for j in held]
        self._store.write_all([(replace(j, epoch=j.epoch + 1), [], j.epoch) for j in woken])
        return len(held)

    def _write(self, written: list[Written]) -> None:
        """Beside any step's run: a new epoch, so that nothing older can undo it."""
        now = self._clock.now()
        fresh: list[Written] = []
        ids = {job.id for job, _, _ in written}
        for job, lines, epoch in written:
            ended = None if job.live else job.finished_at or now
            changed = replace(job, epoch=epoch + 1, updated_at=now, finished_at=ended)
            fresh.append((changed, lines, epoch))
            woken = freed(self._store, replace(changed, state=State.RUNNING), changed)
            fresh += [one for one in woken if one[0].id not in ids]
        self._store.write_all(fresh)

    def _line(self, job: Job, text: str) -> JournalLine:
        return JournalLine(self._clock.now(), job.step.value, "person", text)
