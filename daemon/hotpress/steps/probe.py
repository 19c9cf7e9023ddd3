"""What is it? Reads the source, decides the route before anything is paid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hotpress.errors import NotAVideo
from hotpress.model import Facts, Fail, Hold, Job, Next, Outcome, Reason, Route, State
from hotpress.steps import material, same, wanted
from hotpress.steps.tools import Tools

_CLOUD_SHORT_SIDE, _CLOUD_LONG_SIDE = 1080, 1920  # it renders at most 1920x1080 (cloud-api: Export)
_FAST_FPS = 100.0
_AGAIN = "Copy it here again; a whole file is taken by itself."


def run(job: Job, tools: Tools) -> Outcome:
    """Facts and route. Fails with the damage in words."""
    try:
        with material.read_by_program(job):
            facts = tools.media.probe(job.source)
    except NotAVideo:
        if not job.damage:
            raise
        return Fail(job, f"it looks cut off: {job.damage}", _AGAIN)
    blocked = wanted.blocked(job)
    if blocked is not None:
        why = f"{blocked} is a file, and the result's folder would have that name"
        return Hold(job, Reason.PERMISSION, why, "Move that file away; hotpress goes on by itself.")
    with material.read_by_program(job):
        damage = tools.media.damage(job.source, facts)
    if damage:
        return Fail(job, damage, _AGAIN)
    job = same.read(replace(job, facts=facts), tools)
    known = same.decided(job, tools)
    if known is not None:
        return known
    if job.rule.collision == "skip":
        name = Path(job.outbox) / wanted.names(job, facts, tools.clock.now())[0]
        if name.exists():
            return Fail(job, f"{name.name} is already there", "collision: skip", State.SKIPPED)
    route, why = route_of(job, facts, tools.settings.cloud.max_upload)
    note = f"{facts.width}x{facts.height}, {facts.duration_seconds:.1f} s, {facts.codec}"
    return Next(replace(job, route=route, route_why=why), why=f"{note}; {why}")


resume = run


def route_of(job: Job, facts: Facts, max_upload_bytes: int) -> tuple[Route, str]:
    """Cloud or this machine, and why."""
    rule = job.rule
    if rule.route is not Route.AUTO:
        return rule.route, f"route: {rule.route.value}"
    if rule.instructions:
        return Route.CLOUD, "its instructions need the cloud"
    if is_small(job, facts):
        return Route.LOCAL, "it is already small: it only changes its container"
    frame = wanted.frame(job, facts)
    for reason, holds in (
        ("it is over the cloud's upload limit", job.size_bytes > max_upload_bytes),
        (
            "the cloud renders at most 1920x1080",
            min(frame) > _CLOUD_SHORT_SIDE or max(frame) > _CLOUD_LONG_SIDE,
        ),
        ("it has 100 or more frames a second", facts.fps >= _FAST_FPS),
        ("it has several sound tracks", len(facts.sounds) > 1),
    ):
        if holds:
            return Route.LOCAL, reason
    return Route.CLOUD, "route: auto"


def is_small(job: Job, facts: Facts) -> bool:
    """Within target and resolution as it is?"""
    target, frame = wanted.target(job, facts), wanted.frame(job, facts)
    fits = facts.width <= frame[0] and facts.height <= frame[1]
    return fits and (target is None or facts.size_bytes <= target)
