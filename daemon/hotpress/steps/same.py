"""The same content: paid for once, delivered once from one path. Who goes first, who reuses.

A job that knows its content takes its key, which one job has at a time. Looked at by `probe`
(when something of this size is known), by `session` (a job that comes back late), and by
`upload` (which has read the file): always before the message.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hotpress import files, receipts
from hotpress.model import (
    BY_HAND,
    Cause,
    Delivery,
    Fail,
    Hold,
    Job,
    Material,
    Message,
    Next,
    Outcome,
    Reason,
    Route,
    State,
    Step,
    Wait,
)
from hotpress.steps import material
from hotpress.steps.submit import new_render
from hotpress.steps.tools import Tools

_FALLBACK_SECONDS = 600.0  # the other one's outcome wakes this one; should that be lost
_NEW_RULE = "`hotpress retry --new-rule {}` makes it again by today's rule."
_AGAIN = "`hotpress retry --again {}` asks once more and may cost the credits of a video."


def read(job: Job, tools: Tools) -> Job:
    """The job with its content's hash, where something else of its size is known."""
    if job.source_sha256 or job.asked or not tools.desk.same_size():
        return job
    size = max(1, job.size_bytes)
    sha256 = material.content(job, lambda n: tools.pulse(n / size, "comparing it"))
    return replace(job, source_sha256=sha256)


def decided(job: Job, tools: Tools) -> Outcome | None:
    """None: nothing known stands in the way, and the content's key is this job's."""
    key = job.work_key
    if not key or job.adopted:
        return None
    if job.anew == "again":
        return None
    tools.desk.learn()
    here = None if job.anew else tools.desk.delivered_here(job.source_sha256)
    if here is not None:
        return _known_here(job, here)
    if job.step is Step.PROBE:
        other = tools.desk.being_read()
        if other is not None:
            return _after(job, other, "it may be the same video as")
    holder = tools.desk.holder(key)
    if holder is not None:
        found = _beside(job, holder, tools)
        if found is not None:
            return found
    return _on_record(job, tools)


def _known_here(job: Job, here: Delivery) -> Outcome:
    """Touched, or restored by a sync client: not new, whatever the rule is today."""
    folder = Path(job.outbox)
    try:
        receipts.add(folder, replace(here, size=job.size_bytes, mtime_ns=job.mtime_ns))
    except OSError as error:
        raise files.as_file_error(error, folder) from error
    why = f"the same video was delivered from here before, as {here.output}"
    return Fail(job, why, _NEW_RULE.format(job.id), State.SKIPPED, Cause.DELIVERED_BEFORE)


def _after(job: Job, other: Job, words: str) -> Wait:
    return Wait(job, _FALLBACK_SECONDS, f"{words} {other.relative}, which goes first", on=other.id)


def _beside(job: Job, other: Job, tools: Tools) -> Outcome | None:
    """Another job has this content: wait for it, reuse what it made, or follow it."""
    if other.state is State.DELIVERED:
        return _reused(job, tools, other)
    if other.live:
        return _after(job, other, "the same video as")
    changed = other.state is State.CANCELLED and other.why != BY_HAND
    if other.said and not job.said and changed and tools.desk.inherit(job.work_key, other):
        return _taken_over(job, other, tools)
    if other.said and not job.said:
        why = (
            f"the agent was asked for the same video before ({other.relative}, job {other.id}), "
            f"and that ended: {other.why or other.state.value}"
        )
        hint = f"`hotpress retry {other.id}` goes on with both. {_AGAIN.format(job.id)}"
        return Fail(replace(job, ended_with=other.id), why, hint, cause=Cause.ASKED_BEFORE)
    if tools.desk.inherit(job.work_key, other):
        return None
    return _after(job, other, "the same video as")


def _taken_over(job: Job, other: Job, tools: Tools) -> Outcome:
    """The other one's source was touched or vanished after the message: nothing of it is lost.

    The agent is not asked again: its edit is looked at, or rendered once more, which is free.
    """
    taken = replace(
        job,
        session=other.session,
        upload=other.upload,
        messages_sent=other.messages_sent or 1,
        expected=other.expected,
        facts=job.facts or other.facts,
        route=Route.CLOUD,
        route_why="the agent was asked before the source was touched",
    )
    render = other.render
    if render is not None and render.draft and other.expected is not None:
        fresh = new_render(tools, render.session, render.token, render.draft)
        return Next(taken.with_render(fresh), Step.SUBMIT, f"goes on where job {other.id} ended")
    session = other.session.id if other.session else ""
    heard = Message(session=session, settled_at=tools.clock.now(), doubt=True)
    taken = replace(taken, message=other.message or heard)
    return Next(taken, Step.REVIEW, f"goes on where job {other.id} ended")


def _on_record(job: Job, tools: Tools) -> Outcome | None:
    """Delivered or asked for by a job that this state directory has forgotten, or never had."""
    if tools.desk.delivered(job.work_key):
        return _reused(job, tools, None)
    asked = tools.desk.asked_before(job.work_key)
    if asked is None or job.said:
        return None
    if tools.desk.others():
        why = f"hotpress on {asked.host} has asked the agent for the same video"
        return Hold(job, Reason.ELSEWHERE, why, "Nothing to do: its result comes from there.")
    why = f"the agent was asked for the same video before ({asked.host}), and no result is known"
    return Fail(job, why, _AGAIN.format(job.id), cause=Cause.ASKED_BEFORE)


def _reused(job: Job, tools: Tools, other: Job | None) -> Outcome:
    """The delivered file; where its owner moved it away: made again as long as that is free."""
    known = tools.desk.delivered(job.work_key)
    for found in known:
        path = Path(found.outbox) / found.output
        if not path.is_symlink() and files.sha256_at(path) == found.output_sha256:
            result = Material(
                path=str(path), size_bytes=found.output_size, sha256=found.output_sha256
            )
            why = f"the same video was made before: {path.name}"
            facts = job.facts or tools.media.probe(path)  # of a link nothing else is known
            moved = replace(job, reuse=result, route=Route.LOCAL, route_why=why, facts=facts)
            return Next(_kept(moved, other), Step.FINISH, why)
    origin = next((found for found in known if found.made_by != "same"), None)
    other = tools.desk.job(origin.job) if origin else other
    why = "the same video was made before, and its result was moved away"
    if origin is not None and origin.made_by in ("encode", "copy") and not job.only_cloud:
        return Next(replace(job, route=Route.LOCAL, route_why=why), Step.FINISH, why)
    if other is not None and other.render is not None and other.render.draft:
        render = replace(other.render, url="", ended="")
        adopted = replace(
            job,
            renders=(*job.renders, render),
            session=other.session,
            expected=other.expected,
            facts=job.facts or other.facts,
            adopted=True,
            route=Route.CLOUD,
            route_why=why,
        )
        return Next(adopted, Step.RENDER, f"{why}: fetched again, which is free")
    return Fail(job, why, _AGAIN.format(job.id), State.SKIPPED, Cause.MOVED_AWAY)


def _kept(job: Job, other: Job | None) -> Job:
    """A receipt alone is never a ground for moving the source: then it stays."""
    return job if other is not None else replace(job, rule=replace(job.rule, source="keep"))
