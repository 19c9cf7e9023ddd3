"""What is it? Reads the source, decides the route before anything is paid."""

from __future__ import annotations

from dataclasses import replace

from hotpress.errors import NotAVideo
from hotpress.human import size_text
from hotpress.model import Cause, Facts, Fail, Hold, Job, Next, Outcome, State
from hotpress.steps import decide, follow, material, quality, same, wanted, weblink
from hotpress.steps.tools import Tools


def run(job: Job, tools: Tools) -> Outcome:
    """Facts and route. Fails with the damage in words."""
    if job.is_link:
        return weblink.probe(job, tools)
    try:
        with material.read_by_program(job):
            facts = tools.media.probe(job.source)
    except NotAVideo:
        if not job.damage:
            raise
        return Fail(job, f"it looks cut off: {job.damage}", cause=Cause.CUT_OFF)
    blocked = wanted.blocked(job)
    if blocked is not None:
        return blocked
    with material.read_by_program(job):
        damage = tools.media.damage(job.source, facts)
    if damage:
        return Fail(job, damage, cause=Cause.CUT_OFF)
    job = same.read(replace(job, facts=facts), tools)
    return same.decided(job, tools) or _decided(job, facts, tools)


resume = run


def _decided(job: Job, facts: Facts, tools: Tools) -> Outcome:
    """The route; or why nothing is made of it, before anything is paid."""
    there = wanted.already_there(job, facts, tools.clock.now())
    if there is not None:
        return there
    decision = decide.decide(job, facts, tools.settings.cloud.max_upload)
    if decision.refused:
        return Fail(job, decision.refused, decision.hint, cause=decision.cause)
    if decide.is_skipped(job, facts):
        have = f"{size_text(facts.size_bytes)}, {facts.width}x{facts.height}"
        why = f"it is already small: {have}; the rule wants {decision.wish} (already_small: skip)"
        return Fail(job, why, "", State.SKIPPED, Cause.ALREADY_SMALL)
    if job.rule.follows:
        return follow.follow(job, tools)
    foreseen = quality.foreseen(job, facts, tools)
    if isinstance(foreseen, Hold):
        return foreseen
    note = f"{facts.width}x{facts.height}, {facts.duration_seconds:.1f} s, {facts.codec}"
    job = replace(job, route=decision.route, route_why=decision.why)
    return Next(job, why=f"{note}; {decision.wish}; {decision.why}{foreseen}")
