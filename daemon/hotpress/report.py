"""What `--json` says: jobs and status as plain values. Keys are only ever added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotpress import pacing
from hotpress.clock import iso
from hotpress.cloud.token import newest_kept
from hotpress.model import IN_CLOUD, Job, Route, State, Step
from hotpress.pacing import Pace, Past, Stand, step_seconds
from hotpress.serving import Serving
from hotpress.store import Store

_MOST_PACES = 20  # looks into the past at once; more jobs than that never run side by side
_PACE_SECONDS = 7 * 86_400.0  # the spending of so long tells of the next days
_LEAST_PACE_SECONDS = 86_400.0  # a busy hour is no pace
_FAR_SECONDS = 366 * 86_400.0
_ACROSS_LOOKS = (Step.REVIEW, Step.RENDER)  # their time goes on while they wait between two looks


@dataclass(frozen=True, slots=True)
class Prospect:
    """What there is to tell of a job beyond its row. `rate`: as `pacing.rate`."""

    progress: float | None
    eta_seconds: float | None = None
    rate: tuple[float, str] | None = None


def prospects(store: Store, jobs: Sequence[Job], now: float) -> dict[str, Prospect]:
    """How far each of these is and how long it still takes, by what past jobs took."""
    reported = store.progress()
    begun = store.step_begun([job.id for job in jobs if job.step in _ACROSS_LOOKS])
    paces: dict[float, Pace] = {}
    found = {}
    for job in jobs:
        seen = reported.get(job.id)
        own = seen is not None and seen.step == job.step.value
        since = begun.get((job.id, job.step.value)) if job.step in _ACROSS_LOOKS else None
        fresh = own and seen is not None and seen.at >= (since or job.begun_at or 0.0)
        stand = Stand(
            job,
            job.begun_at if since is None else since,
            seen.fraction if fresh and seen else None,
            seen.note if fresh and seen else "",
        )
        pace = _pace(store, job, paces, now) if _has_begun(job) else Pace()
        found[job.id] = Prospect(
            pacing.progress(stand, pace, now),
            pacing.eta_seconds(stand, pace, now),
            pacing.rate(stand, now),
        )
    return found


def _has_begun(job: Job) -> bool:
    return job.live and (job.step is not Step.PROBE or job.begun_at is not None)


def _pace(store: Store, job: Job, paces: dict[float, Pace], now: float) -> Pace:
    """What was known when the job was made; jobs of the same minute share it."""
    until = job.created_at - job.created_at % 60 if job.state is not State.HELD else now
    if until not in paces and len(paces) >= _MOST_PACES:
        until = max(paces)
    if until not in paces:
        past = store.delivered_before(until)
        paces[until] = pacing.learned(
            Past(Route(one.route), one.size_bytes, one.duration_seconds, step_seconds(one.lines))
            for one in past
        )
    return paces[until]


def job_view(job: Job, prospect: Prospect | None = None) -> dict[str, Any]:
    """One job, as `jobs --json`, `show --json` and `status --json` give it."""
    told = prospect or Prospect(pacing.progress(Stand(job), Pace(), job.updated_at))
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
        "progress": told.progress,
        "eta_seconds": told.eta_seconds,
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


def account_view(
    serving: Serving, identity_folder: Path, store: Store | None, now: float
) -> dict[str, Any]:
    """The account without asking the cloud: kind and expiry of the token, what was last seen."""
    seen = json.loads((store.note("account") if store else None) or "{}")
    token = None if serving.own_token else newest_kept(identity_folder, serving.api_url)
    credits_seen = seen.get("credits")
    left = until = None
    if credits_seen and serving.estimate:
        left = int(credits_seen["available"] // serving.estimate)
    if credits_seen and store is not None:
        until = _enough_until(store, serving.estimate, credits_seen["available"], now)
    return {
        "kind": "token" if serving.own_token else "anonymous",
        "token_expires_at": iso(token.expires_at) if token else None,
        "credits": credits_seen,
        "videos_left": left,
        "enough_until": iso(until),
        "checked_at": seen.get("checked_at"),
    }


def _enough_until(store: Store, estimate: float, available: float, now: float) -> float | None:
    """When the credits are used up at the pace of the last week; None while there is no pace."""
    week = now - _PACE_SECONDS
    first = store.first_spent_since(week)
    spent = store.spent_since(week, estimate) if first is not None else 0.0
    if first is None or spent <= 0:
        return None
    days = max(_LEAST_PACE_SECONDS, now - first)
    return min(now + available * days / spent, now + _FAR_SECONDS)
