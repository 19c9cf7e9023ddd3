"""A job ends only when nothing of it runs on: each render that may have been sent is settled."""

from __future__ import annotations

from dataclasses import replace

from hotpress import policy
from hotpress.errors import (
    NotKnown,
    RateLimited,
    Refused,
    ScopeMissing,
    SessionGone,
    TokenRejected,
)
from hotpress.model import Fail, Job, Outcome, Reason, Render, State, Wait
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """Cancel or see the end of every open render; then the end that was decided before."""
    job = settle(job, tools)
    if policy.open_renders(job):
        return later(job, tools)
    why, hint = job.end_why or job.why, job.end_hint or job.hint
    return Fail(job, why, hint, job.ending or State.FAILED, job.cause)


def settle(job: Job, tools: Tools) -> Job:
    """One look at each render that may still run: ended, cancelled, or not known yet."""
    for render in job.renders:
        if render.sent and not render.ended:
            job = job.with_render(_settled(render, tools))
    return job


def later(job: Job, tools: Tools) -> Wait:
    """Some render may still show up: look again."""
    pause = tools.timing.render_look / policy.UNKNOWN_LOOKS
    return Wait(job, pause, "ending what still runs in the cloud", Reason.RENDER)


def _settled(render: Render, tools: Tools) -> Render:
    try:
        poll = tools.cloud.poll(render.id, render.token)
        if poll.status != "running":
            return replace(render, ended=poll.status)
        tools.cloud.cancel(render.id, render.token)
    except (RateLimited, TokenRejected, ScopeMissing):
        raise  # they say nothing of the render: wait, and look again
    except Refused as error:
        looks = render.unknown_looks + 1
        unknown = isinstance(error, NotKnown | SessionGone)
        # A lost order may show late; and of one that was seen a lost session says nothing.
        patience = policy.STUCK_SECONDS if render.seen and unknown else tools.timing.render_look
        since = max(render.doubt_at or 0.0, render.settled_at or 0.0)
        over = looks >= policy.UNKNOWN_LOOKS and tools.clock.now() - since >= patience
        ended = "unknown" if unknown else f"refused {error.code}"
        return replace(render, unknown_looks=looks, ended=ended if over else "")
    return replace(render, ended="cancelled")
