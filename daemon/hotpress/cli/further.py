"""Further results of a source that has some already: by another rule, or under a new name."""

from __future__ import annotations

import random
from dataclasses import replace

from hotpress.clock import SystemClock, fresh_id
from hotpress.config.outputs import ONLY
from hotpress.errors import NoSuchJob
from hotpress.model import Job, Rule, State
from hotpress.store import Store
from hotpress.verbs import anew

Answer = tuple[str, bool]


def named(rules: list[Rule], output_name: str) -> Rule:
    """Today's rule for a result of this name. Raises NoSuchJob."""
    wish = output_name.partition(" ")[0]  # "web v2" is a further "web"
    found = next((rule for rule in rules if rule.output_name == wish), None)
    if found is None and wish != ONLY:
        raise NoSuchJob(
            f"the config names no result {wish} any more", "Name it under `outputs`, then retry."
        )
    return found or rules[0]


def led(store: Store, job: Job, rule: Rule) -> Rule:
    """The rule with the result that it follows: the newest one of this video with its very edit."""
    if not rule.follows:
        return rule
    version = (job.root, job.relative, job.size_bytes, job.mtime_ns)
    for each in store.of_version(*version):
        own = not (each.rule.follows or each.asked or each.id == job.id)
        alive = each.live or each.state is State.DELIVERED
        if own and alive and each.rule.instructions == rule.instructions:
            return replace(rule, follows=each.rule.output_name)
    return rule


def again(store: Store, job: Job, rule: Rule) -> Answer:
    """One that is delivered stays; another result is made beside it."""
    if rule.bytes_key == job.rule.bytes_key and job.state is State.DELIVERED:
        return "it was made by this very rule", False
    number = 1 + len(store.at_path(job.root, job.relative))
    return _added(store, job, rule, f"{job.rule.output_name} v{number}")


def missing(store: Store, job: Job, rules: list[Rule]) -> list[Answer]:
    """Results that the rules name by now and this source has not."""
    version = (job.root, job.relative, job.size_bytes, job.mtime_ns)
    known = {each.rule.output_name for each in store.of_version(*version)}
    if ONLY in known:  # the one result that it had is the first of them now
        known.add(rules[0].output_name)
    return [
        _added(store, job, rule, rule.output_name)
        for rule in sorted(rules, key=lambda rule: bool(rule.follows))
        if rule.output_name not in known
    ]


def _added(store: Store, job: Job, rule: Rule, name: str) -> Answer:
    new = anew(
        job,
        replace(led(store, job, rule), output_name=name),
        job_id=fresh_id(random.SystemRandom(), 40),
        now=SystemClock().now(),
    )
    store.add(new, "wanted by another rule")
    return f"{name} is made beside what is there: hotpress show {new.id}", True
