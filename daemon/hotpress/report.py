"""What `--json` says: jobs and status as plain values. Keys are only ever added."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hotpress.clock import iso
from hotpress.cloud.token import newest_kept
from hotpress.model import IN_CLOUD, Job, State, Step
from hotpress.serving import Serving
from hotpress.store import Progress, Store

# Rough shares of a job's time, until they are learned from past jobs.
_WEIGHTS = {
    Step.PROBE: 1,
    Step.PREPARE: 1,
    Step.SESSION: 1,
    Step.UPLOAD: 20,
    Step.INSTRUCT: 15,
    Step.REVIEW: 5,
    Step.SUBMIT: 1,
    Step.RENDER: 30,
    Step.DOWNLOAD: 8,
    Step.VERIFY: 6,
    Step.FINISH: 40,
    Step.DELIVER: 1,
    Step.RELEASE: 1,
}
_TOLD_FROM = 0.03  # of a step: before, its pace says nothing


def job_view(job: Job, progress: Progress | None = None) -> dict[str, Any]:
    """One job, as `jobs --json`, `show --json` and `status --json` give it."""
    return {
        "id": job.id,
        "inbox": job.inbox,
        "source": str(job.source),
        "relative": job.relative,
        "output_name": job.rule.output_name,
        "state": job.state.value,
        "step": job.step.value,
        "reason": job.reason.value if job.reason and job.state is not State.RUNNING else None,
        "why": job.why or job.note or None,
        "hint": job.hint or None,
        "cause": job.cause or None,
        "progress": share_done(job, progress),
        "eta_seconds": eta_seconds(job, progress),
        "wake_at": iso(job.wake_at),
        "waits_for": waits_for(job),
        "size_before": job.size_before,
        "size_after": job.final.size_bytes if job.final and job.placed_at else None,
        "target_bytes": job.target_bytes,
        "output": str(job.output) if job.output else None,
        "route": job.route.value,
        "credits_spent": job.credits_spent,
        "quality": None,
        "attempts": job.tally.bad_renders + 1,
        "created_at": iso(job.created_at),
        "updated_at": iso(job.updated_at),
        "finished_at": iso(job.finished_at),
    }


def share_done(job: Job, progress: Progress | None) -> float | None:
    """0 to 1 over all steps of the route; None for a job that ended otherwise."""
    if job.state is State.DELIVERED:
        return 1.0
    if not job.live:
        return None
    steps = job.steps
    total = sum(_WEIGHTS[step] for step in steps)
    done = sum(_WEIGHTS[s] for s in steps[: steps.index(job.step)]) if job.step in steps else 0
    inside = progress.fraction if progress and progress.step == job.step.value else None
    return round((done + (inside or 0.0) * _WEIGHTS[job.step]) / total, 4)


def eta_seconds(job: Job, progress: Progress | None) -> float | None:
    """The rest of the step that runs now, at its pace so far; None when there is none yet."""
    if job.state is not State.RUNNING or job.begun_at is None or progress is None:
        return None
    share, passed = progress.fraction, progress.at - job.begun_at
    if progress.step != job.step.value or share is None or share < _TOLD_FROM or passed <= 0:
        return None
    return round(passed * (1 - share) / share, 1)


def waits_for(job: Job) -> str | None:
    """What a queued job waits for, in words."""
    if job.state is not State.QUEUED or job.owner:
        return None
    if job.waits_on:
        return job.why
    if job.step is Step.UPLOAD:
        return "a place in the upload line"
    if job.step is Step.SESSION:
        return "a place in the cloud"
    return "a place on this machine" if job.step not in IN_CLOUD else None


def account_view(serving: Serving, identity_folder: Path, store: Store | None) -> dict[str, Any]:
    """The account without asking the cloud: kind and expiry of the token, what was last seen."""
    seen = json.loads((store.note("account") if store else None) or "{}")
    token = None if serving.own_token else newest_kept(identity_folder, serving.api_url)
    credits_seen = seen.get("credits")
    left = None
    if credits_seen and serving.estimate:
        left = int(credits_seen["available"] // serving.estimate)
    return {
        "kind": "token" if serving.own_token else "anonymous",
        "token_expires_at": iso(token.expires_at) if token else None,
        "credits": credits_seen,
        "videos_left": left,
        "checked_at": seen.get("checked_at"),
    }
