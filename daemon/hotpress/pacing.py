"""How far a job is over all its steps, and how long the rest takes, learned from past jobs. Pure.

A job's shares are counted with what had been learned before it began, so that they never change
under it: its progress can stand still, but goes back only when the job itself does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from hotpress.model import Job, Reason, Route, State, Step

# What a step's time grows with: the source's bytes, its seconds, or neither.
_BYTES, _SECONDS, _ONCE = "bytes", "seconds", "once"
_UNITS = {
    Step.UPLOAD: _BYTES,
    Step.DOWNLOAD: _SECONDS,
    Step.VERIFY: _SECONDS,
    Step.FINISH: _SECONDS,
}
# Seconds (for each unit) until something has been learned: 20 Mbit/s up, a render in a minute.
_USUAL = {
    Step.PROBE: 0.5,
    Step.PREPARE: 0.5,
    Step.SESSION: 1.0,
    Step.UPLOAD: 8 / 20e6,
    Step.INSTRUCT: 60.0,
    Step.REVIEW: 5.0,
    Step.SUBMIT: 1.0,
    Step.RENDER: 60.0,
    Step.DOWNLOAD: 0.1,
    Step.VERIFY: 0.2,
    Step.FINISH: 0.3,
    Step.DELIVER: 0.5,
    Step.RELEASE: 0.2,
}
_USUAL_HERE = {Step.FINISH: 1.0}  # on this machine it is the encode itself
_BYTES_A_SECOND = 2_000_000  # of a video that nobody has looked at yet
_LEAST_SECONDS = 0.05
_LOOKED = 0.01  # the share of the first look: nothing is known of the others before its end
_MOST = 0.99  # nobody claims the end before it
_HANDOVER_SECONDS = 3.0  # between two steps a job is in line for a moment
# What a step reports of its own main work; other reports are of something before it.
_MAIN_WORK = {
    Step.PREPARE: ("making a working copy",),
    Step.UPLOAD: ("uploading",),
    Step.RENDER: ("the cloud renders it",),
    Step.DOWNLOAD: ("downloading",),
    Step.VERIFY: ("checking every frame",),
    Step.FINISH: ("encoding here", "checking every frame"),
}
_LOOKED_AT = (Reason.RENDER, Reason.STREAM)  # it waits between two looks, the work goes on
_CUTS = frozenset({"hold", "stopped", "person", "back"})  # such a time says nothing of the next


@dataclass(frozen=True, slots=True)
class Past:
    """How long the steps of one past job took. `duration_seconds`: of its source."""

    route: Route
    size_bytes: int
    duration_seconds: float | None
    seconds: Mapping[Step, float]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a unit by route and step, as far as they are known."""

    learned: Mapping[tuple[Route, Step], float] = field(default_factory=dict)

    def seconds(self, job: Job, step: Step, size_bytes: int | None = None) -> float:
        """How long a step of this job takes. `size_bytes`: where it is not that of the source."""
        here = job.route is Route.LOCAL
        each = self.learned.get((Route.LOCAL if here else Route.CLOUD, step))
        if each is None:
            each = (_USUAL_HERE if here else _USUAL).get(step, _USUAL[step])
        unit = _UNITS.get(step)
        if unit == _BYTES:
            each *= size_bytes or job.size_bytes
        elif unit == _SECONDS:
            each *= _duration(job)
        return max(_LEAST_SECONDS, each)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a job is: since when its step runs, and what the step reported of itself last."""

    job: Job
    since: float | None = None
    fraction: float | None = None
    note: str = ""

    @property
    def reported(self) -> float | None:
        """0 to 1 of the step's main work."""
        return self.fraction if self.note in _MAIN_WORK.get(self.job.step, ()) else None


def learned(past: Iterable[Past]) -> Pace:
    """The medians: one odd job changes nothing."""
    found: dict[tuple[Route, Step], list[float]] = {}
    for one in past:
        route = Route.LOCAL if one.route is Route.LOCAL else Route.CLOUD
        for step, seconds in one.seconds.items():
            units = _units(step, one.size_bytes, one.duration_seconds)
            if units > 0:
                found.setdefault((route, step), []).append(seconds / units)
    return Pace({key: median(each) for key, each in found.items()})


def step_seconds(lines: Sequence[tuple[float, str, str]]) -> dict[Step, float]:
    """Seconds of each step that went through without a break, of a job's (at, step, what)."""
    found: dict[Step, float] = {}
    begun: dict[str, float] = {}
    for at, step, what in lines:
        if what == "begun":
            begun[step] = at
        elif what in _CUTS:
            begun.pop(step, None)
        elif what == "next" and step in begun:
            found[Step(step)] = max(0.0, at - begun.pop(step))
    return found


def progress(stand: Stand, pace: Pace, now: float) -> float | None:
    """0 to 1 over all steps to the delivery; None for a job that ended otherwise."""
    job = stand.job
    if job.state is State.DELIVERED:
        return 1.0
    if not job.live:
        return None
    steps = [step for step in job.steps if step not in (Step.PROBE, Step.RELEASE)]
    if job.step not in steps or _is_unseen(job):
        return 0.0
    each = {step: pace.seconds(job, step) for step in steps}
    done = sum(each[step] for step in steps[: steps.index(job.step)])
    done += _inside(stand, each[job.step], now) * each[job.step]
    share = _LOOKED + (1 - _LOOKED) * done / sum(each.values())
    return round(min(_MOST, share), 4)


def eta_seconds(stand: Stand, pace: Pace, now: float) -> float | None:
    """Seconds to the delivery; None while nobody can tell: held, or in line behind others."""
    job = stand.job
    if not job.live or job.state in (State.HELD, State.DELIVERED) or job.ending or job.waits_on:
        return None
    if job.state is State.QUEUED and not 0 <= now - job.updated_at <= _HANDOVER_SECONDS:
        return None
    steps = [step for step in job.steps if step is not Step.RELEASE]
    if job.step not in steps or _is_unseen(job):
        return None
    later = sum(pace.seconds(job, step) for step in steps[steps.index(job.step) + 1 :])
    sent = job.prepared.size_bytes if job.prepared and job.step is Step.UPLOAD else None
    whole = pace.seconds(job, job.step, sent)
    if job.state is State.WAITING and job.reason not in _LOOKED_AT:
        return round(later + whole + max(0.0, (job.wake_at or now) - now), 1)
    return round(later + _rest(stand, whole, now), 1)


def rate(stand: Stand, now: float) -> tuple[float, str] | None:
    """How fast its step is: bytes a second up ("bytes"), or seconds of video a second ("video")."""
    share, passed, job = stand.reported, _passed(stand, now), stand.job
    if not share or passed < 1 or job.state is not State.RUNNING:
        return None
    if job.step is Step.UPLOAD:
        if job.is_link:
            return None
        size = job.prepared.size_bytes if job.prepared else job.size_bytes
        return share * size / passed, _BYTES
    if job.step in (Step.PREPARE, Step.VERIFY, Step.FINISH) and job.facts:
        return share * job.facts.duration_seconds / passed, "video"
    return None


def _inside(stand: Stand, whole: float, now: float) -> float:
    """The share of the step that runs now. What it reports counts, and time where it can't."""
    if stand.job.step in _MAIN_WORK and stand.job.step is not Step.RENDER:
        return min(_MOST, stand.reported or 0.0)
    # Nine tenths at the usual time; from there ever slower, and never at the end.
    passed = _passed(stand, now)
    by_time = 0.9 * passed / whole if passed <= whole else 1 - 0.1 * whole / passed
    return min(_MOST, max(by_time, stand.reported or 0.0))


def _rest(stand: Stand, whole: float, now: float) -> float:
    """Seconds to the end of the step: first as usual, then more and more by its own pace."""
    left = 1 - _inside(stand, whole, now)
    if stand.reported is not None and stand.job.step is not Step.RENDER:
        return left * (_passed(stand, now) + left * whole)
    return left * whole


def _passed(stand: Stand, now: float) -> float:
    return max(0.0, now - stand.since) if stand.since is not None else 0.0


def _units(step: Step, size_bytes: int, duration_seconds: float | None) -> float:
    unit = _UNITS.get(step, _ONCE)
    if unit == _BYTES:
        return float(size_bytes)
    return (duration_seconds or 0.0) if unit == _SECONDS else 1.0


def _is_unseen(job: Job) -> bool:
    """Is it a link whose video nobody has seen yet? Nothing can be said of it before."""
    return job.is_link and job.facts is None


def _duration(job: Job) -> float:
    return job.facts.duration_seconds if job.facts else job.size_bytes / _BYTES_A_SECOND
