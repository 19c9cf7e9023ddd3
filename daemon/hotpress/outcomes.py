"""From an outcome, or a person's wish, to the job as it is written. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from hotpress import policy
from hotpress.model import (
    BY_HAND,
    ENDED,
    Fail,
    Hold,
    Job,
    Message,
    Next,
    Outcome,
    Reason,
    Route,
    State,
    Step,
    Tally,
    Wait,
)
from hotpress.store import JournalLine

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
                state=State.WAITING,
                reason=outcome.reason,
                why=outcome.why,
                hint="hotpress goes on by itself.",
                wake_at=now + outcome.seconds,
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
                hint=outcome.hint,
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
        tally=replace(job.tally, retries=0, rate_limited=0),
        state=State.DELIVERED if job.placed_at is not None else State.QUEUED,
    )
    if step is Step.DELIVER and job.placed_at is not None:
        job = replace(job, finished_at=now)
    return job, JournalLine(now, step.value, "back" if outcome.to else "next", outcome.why)


def _following(job: Job, step: Step) -> Step:
    """The next step of the job's route (the last one follows itself: `released_at` ends it)."""
    order = job.steps
    later = [s for s in order if list(Step).index(s) > list(Step).index(step)]
    return later[0] if later else step


def _ended(job: Job, outcome: Fail, step: Step, now: float) -> tuple[Job, JournalLine]:
    """The end, or first the end of all that may still run in the cloud."""
    job = replace(job, why=outcome.why, hint=outcome.hint, reason=None, wake_at=None, scout=None)
    line = JournalLine(now, step.value, "fail" if outcome.end is State.FAILED else "end", "")
    line = replace(line, text=outcome.why)
    if policy.open_renders(job):
        job = policy.doubtful(job)
        return replace(job, ending=outcome.end, state=State.QUEUED), line
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


def asked_again(parent: Job, kind: str, words: str, *, job_id: str, number: int, now: float) -> Job:
    """A new job in the session of `parent`: an edit by `words`, or an export of what is there.

    An edit starts with the look that follows an upload, because what session and credits were
    like must be known before the message; an export starts at the review of the draft.
    """
    session = parent.session
    export = kind == "export"
    rule = replace(
        parent.rule,
        instructions="" if export else words,
        source="keep",
        route=Route.CLOUD,
        output_name=f"{parent.rule.output_name} v{number}",
        session="file",
    )
    message = Message(session=session.id if session else "", settled_at=now, doubt=False)
    return Job(
        id=job_id,
        inbox=parent.inbox,
        root=parent.root,
        relative=parent.relative,
        outbox=parent.outbox,
        size_bytes=parent.size_bytes,
        mtime_ns=parent.mtime_ns,
        device=parent.device,
        inode=parent.inode,
        rule=rule,
        created_at=now,
        updated_at=now,
        route=Route.CLOUD,
        route_why="asked",
        step=Step.REVIEW if export else Step.UPLOAD,
        begun_at=None if export else now,
        facts=parent.facts,
        prepared=parent.prepared,
        source_sha256=parent.source_sha256,
        session=session,
        upload=parent.upload if export else None,
        message=message if export else None,
        asked=kind,
    )


def asked(
    job: Job, verb: str, *, again: bool = False, identity: tuple[int, int] | None = None
) -> tuple[Job | None, str]:
    """What a person's verb makes of a job; None with the sentence why it does nothing.

    `identity` is the device and inode of a source that has come back.
    """
    if identity is not None:
        job = replace(job, device=identity[0], inode=identity[1])
    if verb == "cancel":
        return _cancelled(job)
    if verb == "retry":
        return _retried(job, again=again)
    return None, f"hotpress knows no {verb}"


def _cancelled(job: Job) -> tuple[Job | None, str]:
    if job.state in ENDED:
        return None, f"it is {job.state.value} already"
    if job.step in (Step.DELIVER, Step.RELEASE) and job.begun_at is not None:
        return None, "too late: its result is being delivered"
    job = replace(job, why=BY_HAND, hint="hotpress retry takes it up again.", reason=None)
    job = replace(job, wake_at=None, scout=None)
    if policy.open_renders(job):
        job = policy.doubtful(job)
        return replace(job, ending=State.CANCELLED, state=State.QUEUED), "cancelling"
    return replace(job, state=State.CANCELLED), BY_HAND


def _retried(job: Job, *, again: bool) -> tuple[Job | None, str]:
    if job.state in (State.DELIVERED, State.SKIPPED):
        return None, f"it is {job.state.value} already"
    if job.state is State.RUNNING:
        return None, "it is running"
    fresh = replace(
        job,
        state=State.QUEUED,
        reason=None,
        why="",
        hint="",
        wake_at=None,
        scout=None,
        finished_at=None,
        ending=None,
        begins=0,
        tally=Tally(),
    )
    if again and job.route is Route.CLOUD:
        fresh = policy.cleared(policy.doubtful(fresh), Step.SESSION)
        fresh = replace(fresh, step=Step.SESSION, begun_at=None)
        return fresh, "taken up again from the upload; the agent is asked once more"
    render = job.render
    spoilt = render is None or render.ended not in ("", "done")
    bad = job.step is Step.VERIFY and job.state is State.FAILED
    if bad or (spoilt and job.step in (Step.SUBMIT, Step.RENDER, Step.DOWNLOAD, Step.VERIFY)):
        fresh = replace(policy.cleared(fresh, Step.REVIEW), step=Step.REVIEW, begun_at=None)
    return fresh, f"goes on at {fresh.step.value}"
