"""What follows from this? The one place where errors and counts become decisions. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hotpress.errors import (
    CloudError,
    DiskFull,
    FileTooLarge,
    FolderMissing,
    HotpressError,
    InputGone,
    NotAllowed,
    NotSent,
    OutOfCredits,
    PlanRequired,
    RateLimited,
    Refused,
    ScopeMissing,
    SessionGone,
    SourceChanged,
    SourceGone,
    Stopping,
    StoreError,
    TokenRejected,
    Unreachable,
    UnsupportedFormat,
)
from hotpress.human import seconds_text
from hotpress.model import (
    Cause,
    Fail,
    Hold,
    Job,
    Next,
    Outcome,
    Reason,
    Route,
    State,
    Step,
    Wait,
)

# How often each way back may be taken by one job (docs/decisions/0005).
LIMITS = {
    "session_gone": 1,
    "evidence": 1,
    "upload_absent": 3,
    "bad_renders": 1,
    "stuck_renders": 1,
    "fresh_ids": 2,
    "bad_downloads": 2,
    "stale_links": 3,
    "input_gone": 4,
    "name_taken": 50,
}
RESUBMITS = 2  # of one render id that the cloud does not know
UNKNOWN_LOOKS = 3
STUCK_SECONDS = 3_600.0
OFFLINE_AFTER = 3  # times in a row without a connection
LOST_BEFORE_HOLD = 8  # unreadable answers in a row
BEGINS_TOGETHER = 3  # begun so often without an outcome: once more alone, then the end
_MAKE_ANEW = "`hotpress retry --again {}` makes it anew and may cost the credits of a video."
_BACKOFF_SECONDS = 5.0
_BACKOFF_LIMIT_SECONDS = 600.0

# How soon a held reason is looked at again without a person; None: only a person frees it.
LOOK_SECONDS: dict[Reason, float | None] = {
    Reason.CREDITS: 3_600.0,
    Reason.BUDGET: 3_600.0,
    Reason.PLAN: 86_400.0,
    Reason.SCOPE: 86_400.0,
    Reason.TOKEN: 3_600.0,
    Reason.OFFLINE: 30.0,
    Reason.DISK_FULL: 30.0,
    Reason.OUTBOX_MISSING: 15.0,
    Reason.INBOX_MISSING: 15.0,
    Reason.PERMISSION: 60.0,
    Reason.PAUSED: None,
    Reason.QUALITY: None,
    Reason.UNCLEAR: None,
    Reason.APPROVAL: None,
    Reason.RULES: None,
    Reason.ELSEWHERE: 3_600.0,
}


# Of one folder or disk, or of one inbox's budget: one job looks for the others of its inbox, not
# for all.
OF_A_PLACE = frozenset(
    {
        *(Reason.DISK_FULL, Reason.OUTBOX_MISSING, Reason.INBOX_MISSING, Reason.PERMISSION),
        Reason.BUDGET,
    }
)
GONE_LOOKS = 3  # at a source that is not there, where no look at its folder decides


@dataclass(frozen=True, slots=True)
class Pauses:
    """What a verdict needs, in seconds. `jitter` is a chance of 0 to 1; `now` as in `Clock`."""

    rate_limit: float = 30.0
    jitter: float = 0.5
    now: float = 0.0


def verdict(error: HotpressError, job: Job, pauses: Pauses) -> Outcome:
    """The outcome that follows from an error: total over the tree in errors.py."""
    if isinstance(error, CloudError):
        return _cloud(error, job, pauses)
    if isinstance(error, InputGone):
        return back(job, "input_gone", Step(error.step), error.why)
    if isinstance(error, SourceGone):
        # Alone or together with many? Who watches the folder sees it, and decides.
        if job.tally.retries >= GONE_LOOKS:
            return Fail(job, error.why, error.hint, State.CANCELLED, error.cause)
        return _again(job, error.why, pauses)
    if isinstance(error, SourceChanged):
        return Fail(job, f"changed: {error.why}", error.hint, State.CANCELLED, error.cause)
    for kind, reason in (
        (DiskFull, Reason.DISK_FULL),
        (NotAllowed, Reason.PERMISSION),
    ):
        if isinstance(error, kind):
            return Hold(job, reason, error.why, error.hint)
    if isinstance(error, FolderMissing):
        away = Reason.INBOX_MISSING if error.which == "inbox" else Reason.OUTBOX_MISSING
        return Hold(job, away, error.why, error.hint)
    if isinstance(error, Stopping | StoreError):
        return _again(job, error.why, pauses)
    return Fail(job, error.why, error.hint, cause=error.cause)


_HELD = {
    OutOfCredits: Reason.CREDITS,
    PlanRequired: Reason.PLAN,
    ScopeMissing: Reason.SCOPE,
    TokenRejected: Reason.TOKEN,
}


def _cloud(error: CloudError, job: Job, pauses: Pauses) -> Outcome:
    held = next((reason for kind, reason in _HELD.items() if isinstance(error, kind)), None)
    if held in (Reason.CREDITS, Reason.PLAN):
        instead = local_instead(job, error.why)
        if instead is not None:
            return instead
    if held is not None:
        return Hold(job, held, error.why, error.hint)
    if isinstance(error, Unreachable) and job.tally.retries + 1 >= OFFLINE_AFTER:
        return _offline(job, error, pauses)
    if isinstance(error, RateLimited):
        seconds = error.after_seconds or pauses.rate_limit * 2 ** min(job.tally.rate_limited, 7)
        return Wait(job.counted("rate_limited"), seconds, error.why, Reason.RATE_LIMIT)
    if isinstance(error, SessionGone):
        return back(job, "session_gone", Step.SESSION, error.why)
    if isinstance(error, UnsupportedFormat | FileTooLarge):
        instead = local_instead(job, error.why)
        return instead or Fail(job, error.why, error.hint, cause=error.cause)
    if isinstance(error, Refused) and job.tally.retries >= OFFLINE_AFTER:
        return Fail(job, error.why, error.hint, cause=error.cause)
    return _again(job, error.why, pauses)


def _offline(job: Job, error: Unreachable, pauses: Pauses) -> Outcome:
    """Held until the cloud is back; `route: auto` waits so long, and then goes on here.

    Not once the agent was asked: then the cloud owes a result.
    """
    since = pauses.now if job.offline_since is None else job.offline_since
    if pauses.now - since >= job.rule.auto_after_seconds and not job.said:
        long = seconds_text(pauses.now - since)
        instead = local_instead(job, f"the cloud has been out of reach for {long}")
        if instead is not None:
            return instead
    held = replace(job.counted("retries"), offline_since=since)
    return Hold(held, Reason.OFFLINE, error.why, error.hint)


def nothing_happened(error: NotSent, job: Job, pauses: Pauses) -> Outcome:
    """The verdict when it was the step's own side effect that surely did not happen."""
    return verdict(error, replace(job, begun_at=None), pauses)


def back(job: Job, way: str, to: Step, why: str) -> Outcome:
    """Back to the step that makes it again, or the end when that was done often enough."""
    if job.asked and to is Step.SESSION:
        return Fail(job, f"{why}, and with it the edits", cause=Cause.EDIT_GONE)
    if job.adopted and to is Step.SESSION:
        moved = "the same video was made before; its result was moved away, and the cloud forgot it"
        return Fail(job, moved, _MAKE_ANEW.format(job.id), State.SKIPPED, Cause.MOVED_AWAY)
    if int(getattr(job.tally, way)) >= LIMITS[way]:
        return Fail(
            job,
            f"{why}, again",
            f"`hotpress retry {job.id}` goes on with all that is known.",
            cause=Cause.TRIED_OFTEN,
        )
    return Next(cleared(job.counted(way), to), to, why)


def fetch_again(job: Job, *, of_bytes: bool, same_bytes: bool) -> bool:
    """May another download help with a bad result? Else it is the render that is bad.

    | what is wrong | what helps |
    |---|---|
    | it is cut, spoiled, unreadable (`of_bytes`) | another download, up to the limit |
    | the same once more, and the very bytes of before (`same_bytes`) | another render |
    | length, shape, rate, sound, colours, black, still pictures | another render |
    """
    return of_bytes and not same_bytes and job.tally.bad_downloads < LIMITS["bad_downloads"]


def cleared(job: Job, to: Step) -> Job:
    """A job that goes back forgets what the steps from `to` on had made, but never its renders.

    Doubt belongs to one message: with a new session there is a new message.
    """
    if to is Step.SESSION:
        job = replace(job, session=None, upload=None, message=None)
        job = replace(job, upload_doubt_at=None, upload_stopped=False)
    if to in (Step.SESSION, Step.REVIEW):
        job = replace(job, expected=None)
    if to in (Step.SESSION, Step.REVIEW, Step.SUBMIT, Step.RENDER, Step.DOWNLOAD):
        job = replace(job, download=None)
    if to is Step.PREPARE:
        job = replace(job, prepared=None)
    if to is Step.PROBE:
        job = replace(job, reuse=None, adopted=False)
        job = replace(job, download=None if job.rule.follows else job.download)
    return replace(job, final=None if job.placed_at is None else job.final)


def local_instead(job: Job, why: str) -> Next | None:
    """`route: auto` makes it on this machine; None when the rule doesn't allow that."""
    if job.rule.route is not Route.AUTO or job.only_cloud or job.route is Route.LOCAL:
        return None
    moved = replace(job, route=Route.LOCAL, route_why=why, download=None, expected=None)
    return Next(moved, Step.FINISH, f"{why}: this machine makes it instead")


def _again(job: Job, why: str, pauses: Pauses) -> Outcome:
    """Wait with back-off; when it goes on for long, hold: a person sees it in the status."""
    tries = job.tally.retries
    if tries + 1 >= LOST_BEFORE_HOLD:
        return Hold(job.counted("retries"), Reason.OFFLINE, why)
    seconds = min(_BACKOFF_SECONDS * 2**tries, _BACKOFF_LIMIT_SECONDS)
    return Wait(job.counted("retries"), seconds * (0.75 + 0.5 * pauses.jitter), why)


def start_anew(job: Job, begins: int) -> str:
    """May a step that was begun `begins` times without an outcome run again?

    `go`, `alone` (once, with nothing beside it) or `give_up`. The look at the final name, and
    putting a source back, are never refused.
    """
    if begins < BEGINS_TOGETHER:
        return "go"
    if begins == BEGINS_TOGETHER or job.step in (Step.DELIVER, Step.RELEASE):
        return "alone"
    return "give_up"


def begun(job: Job, now: float, boot: str) -> Job:
    """The job as it is written when it is taken.

    A power cut in a long encode is no fault of the file: where the machine itself restarted,
    local steps are counted from one. An orderly stop is not counted at all.
    """
    restarted = job.step in (Step.PROBE, Step.VERIFY, Step.FINISH) and boot != job.boot
    begins = job.begins + (0 if job.stopped else 1)
    if job.begun_at is None or restarted:
        begins = 1
    return replace(job, begun_at=now, begins=max(1, begins), boot=boot, stopped=False)


def stopped(job: Job) -> Job:
    """The job as it is written at an orderly stop: `begun` stays, and nothing is counted."""
    cut = job.step is Step.UPLOAD and job.upload_doubt_at is None
    return replace(job, stopped=True, upload_stopped=job.upload_stopped or cut)


def open_renders(job: Job) -> list[str]:
    """Ids of renders that may still run on: a job ends only when there are none."""
    return [r.id for r in doubtful(job).renders if not r.ended and r.sent]


def doubtful(job: Job) -> Job:
    """A submit that was begun and has no outcome may have arrived: its render counts as sent.

    Where the job's end is decided already, what begins is the closing, which submits nothing.
    """
    render = job.render
    if job.step is not Step.SUBMIT or job.begun_at is None or render is None or render.ended:
        return job
    if job.ending is not None:
        return job
    return job.with_render(replace(render, sent=True, doubt_at=render.doubt_at or job.begun_at))


def ending(job: Job, end: State) -> Job:
    """A job whose end is decided, with its sentence, while something of it still runs on.

    What is told meanwhile ("ending what still runs") must not become the reason of the end.
    """
    kept = replace(doubtful(job), end_why=job.why, end_hint=job.hint)
    return replace(kept, ending=end, state=State.QUEUED)


def not_ahead(job: Job, now: float) -> Job:
    """No time of the job lies in the future: the clock was set back, and deadlines start again.

    Without this a clock that was wrong by days for a moment would make a job wait for days.
    """
    message, doubt = job.message, job.upload_doubt_at
    if message is not None and message.settled_at > now:
        message = replace(message, settled_at=now)
    renders = tuple(
        replace(
            r,
            doubt_at=_past(r.doubt_at, now),
            settled_at=_past(r.settled_at, now),
            polled_at=_past(r.polled_at, now),
        )
        for r in job.renders
    )
    job = replace(job, offline_since=_past(job.offline_since, now))
    return replace(job, message=message, upload_doubt_at=_past(doubt, now), renders=renders)


def _past(at: float | None, now: float) -> float | None:
    return None if at is None else min(at, now)


def may_be_left(job: Job) -> bool:
    """Where another computer owns the folder: may the job still be left to it?

    Not once the agent may have heard of it, or its result is being delivered.
    """
    starts = job.step in (Step.PROBE, Step.PREPARE, Step.SESSION, Step.INSTRUCT) or (
        job.step is Step.FINISH and job.route is Route.LOCAL
    )
    fresh = job.begun_at is None or job.step is Step.PROBE
    return starts and fresh and not job.messages_sent and not job.asked
