"""Polls a render to its end: only reads, never sooner than `render_poll` after its last poll."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hotpress import policy
from hotpress.cloud import Poll
from hotpress.errors import InputGone, NotKnown, NotSent, SessionGone
from hotpress.model import Cause, Fail, Job, Next, Outcome, Reason, Render, Step, Wait
from hotpress.steps.submit import fresh_render
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """One poll, when it is time for one."""
    render = job.render
    if render is None or render.ended not in ("", "done"):
        raise InputGone("there is no render", Step.REVIEW.value)
    now = tools.clock.now()
    last = render.polled_at or render.settled_at or now
    early = tools.timing.render_poll - (now - last)
    if early > 0 and now >= last:
        return Wait(job, early, "the cloud renders it", Reason.RENDER)
    try:
        poll = tools.cloud.poll(render.id, render.token)
    except (NotKnown, SessionGone):  # with a known id, a lost session says nothing of the render
        return _unknown(job, replace(render, polled_at=now), tools)
    return _polled(job, replace(render, polled_at=now, seen=True), poll, tools)


resume = run


def _polled(job: Job, render: Render, poll: Poll, tools: Tools) -> Outcome:
    now = tools.clock.now()
    if poll.status == "done":
        done = replace(render, ended="done", url=poll.url)
        tools.desk.leave_session(render.session)
        return Next(job.with_render(done), why="the cloud has rendered it")
    if poll.status in ("failed", "cancelled"):
        words = f"the cloud's render failed{f': {poll.message}' if poll.message else ''}"
        return again(job.with_render(render), tools, poll.status, words)
    if now - (render.settled_at or now) > policy.STUCK_SECONDS:
        return _stuck(job.with_render(render), tools)
    tools.pulse(poll.progress, "the cloud renders it")
    pause = tools.timing.render_poll
    return Wait(job.with_render(render), pause, "the cloud renders it", Reason.RENDER)


def again(job: Job, tools: Tools, ended: str, why: str, kept: Path | None = None) -> Outcome:
    """A failed or bad render: the same draft once more, under a new id that is stored first.

    `kept`: where the bad file can be seen for a day.
    """
    if job.tally.bad_renders >= policy.LIMITS["bad_renders"]:
        render = job.render
        job = job.with_render(replace(render, ended=ended)) if render else job
        hint = f"`hotpress retry {job.id}` asks the cloud once more, which costs nothing."
        seen = f" The bad file can be seen for a day: {kept}" if kept else ""
        return Fail(job, f"{why} (twice)", hint + seen, cause=Cause.BAD_RENDER)
    fresh = fresh_render(job, tools, ended).counted("bad_renders")
    return Next(policy.cleared(fresh, Step.SUBMIT), Step.SUBMIT, f"{why}: once more")


def _unknown(job: Job, render: Render, tools: Tools) -> Outcome:
    """At least three looks and `render_look`; then the same id with the same draft again.

    One that was seen before is only hidden by a hiccup: it is polled on, up to the hour.
    """
    if render.seen:
        if tools.clock.now() - (render.settled_at or 0.0) > policy.STUCK_SECONDS:
            return _stuck(job.with_render(render), tools)
        pause = tools.timing.render_poll
        return Wait(job.with_render(render), pause, "the cloud renders it", Reason.RENDER)
    render = replace(render, unknown_looks=render.unknown_looks + 1)
    since = render.doubt_at or render.settled_at or tools.clock.now()
    passed = tools.clock.now() - max(since, render.settled_at or since)
    if render.unknown_looks < policy.UNKNOWN_LOOKS or passed < tools.timing.render_look:
        pause = tools.timing.render_poll
        return Wait(job.with_render(render), pause, "the render does not show yet", Reason.RENDER)
    if render.resubmits < policy.RESUBMITS:
        render = replace(render, resubmits=render.resubmits + 1, unknown_looks=0)
        return Next(job.with_render(render), Step.SUBMIT, "the render never showed: same id again")
    return Fail(
        job.with_render(replace(render, ended="unknown")),
        "the cloud does not know the render that was ordered",
        f"`hotpress retry {job.id}` orders it once more, which costs nothing.",
        cause=Cause.RENDER_UNKNOWN,
    )


def _stuck(job: Job, tools: Tools) -> Outcome:
    """Nothing after an hour: cancel it, and one new id."""
    render = job.render
    if render is None:
        raise InputGone("there is no render", Step.REVIEW.value)
    try:
        tools.cloud.cancel(render.id, render.token)
    except NotSent as error:
        if not isinstance(error, NotKnown | SessionGone):
            raise
    if job.tally.stuck_renders >= policy.LIMITS["stuck_renders"]:
        ended = job.with_render(replace(render, ended="cancelled"))
        why = "the cloud's render did not end within an hour, twice"
        hint = f"Try later: `hotpress retry {job.id}` orders it once more, which costs nothing."
        return Fail(ended, why, hint, cause=Cause.RENDER_STUCK)
    fresh = fresh_render(job, tools, "cancelled").counted("stuck_renders")
    return Next(fresh, Step.SUBMIT, "the render did not end within an hour: once more")
