"""From an outcome to the job as it is written. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from hotpress import policy
from hotpress.model import (
    Delivery,
    Fail,
    Final,
    Hold,
    Job,
    Next,
    Outcome,
    Reason,
    State,
    Step,
    Wait,
)
from hotpress.store import JournalLine
from hotpress.words import ENDS, REASONS, for_job

_NOTE_LOOK_SECONDS = 3_600.0  # a delivered job whose source can't be moved yet


def written(job: Job, outcome: Outcome, now: float) -> tuple[Job, JournalLine | None]:
    """The job after `outcome` of its step, and its line in the story (None: nothing new to say)."""
    new = replace(outcome.job, owner="", epoch=job.epoch, updated_at=now, stopped=False, begins=0)
    if job.state is State.DELIVERED and not isinstance(outcome, Next):
        return _unreleased(new, outcome, now)
    match outcome:
        case Next():
            return _next(new, outcome, job.step, now)
        case Wait():
            new = replace(
                new,
                state=State.QUEUED if outcome.on else State.WAITING,
                reason=None if outcome.on else outcome.reason,
                why=outcome.why,
                hint=REASONS[outcome.reason].next,
                wake_at=now + outcome.seconds,
                waits_on=outcome.on,
            )
            if outcome.reason not in (Reason.RETRY, Reason.RATE_LIMIT):
                new = replace(new, tally=replace(new.tally, retries=0, rate_limited=0))
            told = job.why == outcome.why
            return new, None if told else JournalLine(now, job.step.value, "wait", outcome.why)
        case Hold():
            new = replace(
                new,
                state=State.HELD,
                reason=outcome.reason,
                why=outcome.why,
                hint=for_job(outcome.hint or REASONS[outcome.reason].next, job.id),
                scout=None,
            )
            told = job.scout is outcome.reason
            return new, None if told else JournalLine(now, job.step.value, "hold", outcome.why)
        case Fail():
            return _ended(new, outcome, job.step, now)
    assert_never(outcome)


def _next(job: Job, outcome: Next, step: Step, now: float) -> tuple[Job, JournalLine]:
    to = outcome.to or _following(job, step)
    job = replace(
        job,
        step=to,
        begun_at=None,
        reason=None,
        why="",
        hint="",
        wake_at=None,
        scout=None,
        offline_since=None,
        tally=replace(job.tally, retries=0, rate_limited=0),
        state=State.DELIVERED if job.placed_at is not None else State.QUEUED,
    )
    if step is Step.DELIVER and job.placed_at is not None:
        job = replace(job, finished_at=now)
    order = list(Step)
    back = outcome.to is not None and order.index(to) <= order.index(step)
    return job, JournalLine(now, step.value, "back" if back else "next", outcome.why)


def _following(job: Job, step: Step) -> Step:
    """The next step of the job's route (the last one follows itself: `released_at` ends it)."""
    order = job.steps
    later = [s for s in order if list(Step).index(s) > list(Step).index(step)]
    return later[0] if later else step


def _ended(job: Job, outcome: Fail, step: Step, now: float) -> tuple[Job, JournalLine]:
    """The end, or first the end of all that may still run in the cloud."""
    known = ENDS.get(outcome.cause)
    hint = outcome.hint or (known.next if known else "")
    job = replace(job, why=outcome.why, hint=for_job(hint, job.id), cause=outcome.cause)
    job = replace(job, reason=None, wake_at=None, scout=None)
    line = JournalLine(now, step.value, "fail" if outcome.end is State.FAILED else "end", "")
    line = replace(line, text=outcome.why)
    if policy.open_renders(job):
        return policy.ending(job, outcome.end), line
    return replace(job, state=outcome.end, ending=None, finished_at=now), line


def _unreleased(
    job: Job, outcome: Wait | Hold | Fail, now: float
) -> tuple[Job, JournalLine | None]:
    """The result is delivered whatever becomes of the source: the rest is a note."""
    line = JournalLine(now, job.step.value, "note", outcome.why)
    told = line.text == job.note
    job = replace(job, state=State.DELIVERED, note=outcome.why)
    if isinstance(outcome, Fail):
        return replace(job, released_at=now), line
    look = (
        policy.LOOK_SECONDS[outcome.reason] or _NOTE_LOOK_SECONDS
        if isinstance(outcome, Hold)
        else outcome.seconds
    )
    return replace(job, wake_at=now + look), None if told else line


def on_record(job: Job, delivery: Delivery, now: float) -> Job:
    """A job that the outbox has on record as delivered; its source stays where it is."""
    final = Final(
        name=delivery.output,
        temp="",
        size_bytes=delivery.output_size,
        sha256=delivery.output_sha256,
        made_by=delivery.made_by,
    )
    return replace(
        job,
        final=final,
        state=State.DELIVERED,
        placed_at=delivery.at,
        finished_at=delivery.at,
        released_at=now,
        source_sha256=delivery.sha256,
        begun_at=None,
        reason=None,
        wake_at=None,
        why="",
        hint="",
        cause="",
        note="an older state of hotpress was brought back; the original stays where it is",
    )
