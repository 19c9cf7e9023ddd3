"""Render of exactly the stored draft under the stored id. Sends, and never waits."""

from __future__ import annotations

from dataclasses import replace

from hotpress import policy
from hotpress.clock import fresh_id
from hotpress.errors import (
    InputGone,
    NotSent,
    OutOfCredits,
    PlanRequired,
    RateLimited,
    Refused,
    ScopeMissing,
    SessionGone,
    TokenRejected,
    Unreachable,
)
from hotpress.model import Fail, Job, Next, Outcome, Render, Step
from hotpress.steps.tools import Tools

_ID_BITS = 128
# These speak of the account or the moment, not of the id: wait, and send the same again.
_NOT_ABOUT_THE_ID = (
    OutOfCredits,
    PlanRequired,
    RateLimited,
    ScopeMissing,
    TokenRejected,
    Unreachable,
)


def run(job: Job, tools: Tools) -> Outcome:
    """Send it. A refused id that was ever sent before has arrived: poll it."""
    render = _render(job)
    try:
        tools.cloud.submit(render.id, render.session, render.token, render.draft)
    except NotSent as error:
        if isinstance(error, _NOT_ABOUT_THE_ID) or not isinstance(error, Refused):
            return tools.nothing_happened(error, job)
        if render.sent:
            return _sent(job, tools, "the cloud knows this render already")
        return _refused_at_first(error, job, tools)
    return _sent(job, tools, "the render is ordered")


def resume(job: Job, tools: Tools) -> Outcome:
    """It may have arrived: note the doubt, and poll."""
    render = replace(_render(job), doubt_at=tools.clock.now())
    return _sent(job.with_render(render), tools, "the connection broke; looking for the render")


def _sent(job: Job, tools: Tools, why: str) -> Outcome:
    render = replace(_render(job), sent=True, settled_at=tools.clock.now(), unknown_looks=0)
    return Next(job.with_render(render), why=why)


def _refused_at_first(error: Refused, job: Job, tools: Tools) -> Outcome:
    """Never sent before and refused: another id, stored first."""
    if isinstance(error, SessionGone):
        tools.desk.retire_session(_render(job).session)
        return policy.back(
            job.with_render(replace(_render(job), ended="unsent")),
            "session_gone",
            Step.SESSION,
            error.why,
        )
    if job.tally.fresh_ids >= policy.LIMITS["fresh_ids"]:
        return Fail(job, error.why, error.hint, cause=error.cause)
    return Next(
        fresh_render(job, tools, "unsent").counted("fresh_ids"),
        Step.SUBMIT,
        f"the render was refused ({error.why}): another id",
    )


def fresh_render(job: Job, tools: Tools, ended: str) -> Job:
    """The same draft under a new id; the old one is kept with how it ended."""
    if job.render is None:
        raise InputGone("there is nothing to render yet", Step.REVIEW.value)
    old = replace(job.render, ended=ended)
    new = new_render(tools, old.session, old.token, old.draft)
    return job.with_render(old).with_render(new)


def new_render(tools: Tools, session: str, token: int, draft: str) -> Render:
    """A render of exactly `draft` under an id of 128 random bits, to be stored before its use."""
    name = f"render_{fresh_id(tools.chance, _ID_BITS)}"
    return Render(id=name, session=session, token=token, draft=draft)


def _render(job: Job) -> Render:
    if job.render is None or job.render.ended:
        raise InputGone("there is nothing to render yet", Step.REVIEW.value)
    return job.render
