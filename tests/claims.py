"""What must hold of a whole hotpress after whatever happened, as checks that say what is wrong.

The two tables of arrows are DESIGN.md's: sections 4 (states), 5 (the step table, ways back, same
content, "a job is delivered from deliver's outcome on").
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from machine import Machine
from switch import mark_of

from hotpress import policy, receipts
from hotpress.model import (
    CLOUD_STEPS,
    ENDED,
    LOCAL_STEPS,
    Delivery,
    Job,
    Reason,
    Route,
    State,
    Step,
)

S = State
STATES: dict[State, frozenset[State]] = {
    S.QUEUED: frozenset({S.QUEUED, S.RUNNING, S.HELD, S.CANCELLED, S.DELIVERED}),
    S.WAITING: frozenset({S.WAITING, S.QUEUED, S.RUNNING, S.HELD, S.CANCELLED, S.DELIVERED}),
    S.RUNNING: frozenset(State),
    S.HELD: frozenset({S.HELD, S.QUEUED, S.CANCELLED, S.SKIPPED, S.DELIVERED}),
    S.DELIVERED: frozenset({S.DELIVERED}),
    S.SKIPPED: frozenset({S.SKIPPED, S.QUEUED}),
    S.FAILED: frozenset({S.FAILED, S.QUEUED}),
    S.CANCELLED: frozenset({S.CANCELLED, S.QUEUED}),
}
"""From a state to those that may follow it (itself: something else of the job changed)."""

_P = Step
BACK: dict[Step, frozenset[Step]] = {
    # Same content: reused, fetched again, or gone on with where another job's source vanished.
    _P.PROBE: frozenset({_P.FINISH, _P.RENDER, _P.SUBMIT, _P.REVIEW}),
    _P.PREPARE: frozenset({_P.PROBE, _P.FINISH}),
    _P.SESSION: frozenset({_P.FINISH, _P.RENDER, _P.SUBMIT, _P.REVIEW}),
    _P.UPLOAD: frozenset({_P.PREPARE, _P.SESSION, _P.FINISH, _P.RENDER, _P.SUBMIT, _P.REVIEW}),
    _P.INSTRUCT: frozenset({_P.SESSION, _P.FINISH}),
    _P.REVIEW: frozenset({_P.SESSION, _P.FINISH}),
    _P.SUBMIT: frozenset({_P.SESSION, _P.REVIEW, _P.SUBMIT, _P.FINISH}),
    _P.RENDER: frozenset({_P.SESSION, _P.REVIEW, _P.SUBMIT, _P.FINISH}),
    _P.DOWNLOAD: frozenset({_P.RENDER, _P.SUBMIT}),
    _P.VERIFY: frozenset({_P.DOWNLOAD, _P.SUBMIT}),
    _P.FINISH: frozenset({_P.PROBE, _P.DOWNLOAD}),
    _P.DELIVER: frozenset({_P.FINISH}),
    _P.RELEASE: frozenset(),
}
"""From a step to others than the next one of the route: ways back, and this machine instead."""

BY_PEOPLE = frozenset({_P.PROBE, _P.SESSION, _P.REVIEW})  # `retry` goes on there, or where it was
NEEDS_A_PERSON = frozenset(r for r, every in policy.LOOK_SECONDS.items() if every is None)
_A_DAY = 86_400.0


def arrow(old: Job | None, new: Job) -> str:
    """What is wrong with a change of a job; empty where there is such an arrow."""
    if old is None:
        first = new.state in (S.QUEUED, S.HELD, S.SKIPPED) and new.step is _P.PROBE
        return "" if first else f"{new.id} was made {new.state} at {new.step}"
    words = f"{old.id}: {old.state}/{old.step} -> {new.state}/{new.step}"
    if new.state not in STATES[old.state]:
        return f"{words}: no such change of state"
    if new.epoch < old.epoch:
        return f"{words}: the epoch fell"
    if new.step is old.step:
        return ""
    if old.state is S.RUNNING:
        order = LOCAL_STEPS if old.route is Route.LOCAL else CLOUD_STEPS
        fresh = LOCAL_STEPS if new.route is Route.LOCAL else CLOUD_STEPS
        nexts = {o[o.index(old.step) + 1] for o in (order, fresh) if old.step in o[:-1]}
        return "" if new.step in nexts | BACK[old.step] else f"{words}: no such arrow"
    asked = new.state is S.QUEUED and new.step in BY_PEOPLE
    return "" if asked else f"{words}: a step changed without a run"


def of_a_job(job: Job, machine: Machine) -> list[str]:
    """What must hold of a job while nothing of it runs."""
    wrong: list[str] = []
    now = machine.clock.now()
    if job.owner or job.state is S.RUNNING:
        wrong.append("it runs although nobody runs it")
    if job.state is S.WAITING and job.wake_at is None:
        wrong.append("it waits without a time")
    if job.live and job.wake_at is not None and job.wake_at > now + _A_DAY + 1:
        wrong.append(f"it waits for {job.wake_at - now:.0f} s")
    if job.waits_on and job.wake_at is None:
        wrong.append("it waits for another one without a time")
    if job.state is S.HELD and not (job.reason and job.why and job.hint):
        wrong.append(f"it is held without its sentence: {job.reason} {job.why!r} {job.hint!r}")
    if job.state in ENDED - {S.DELIVERED} and not job.why:
        wrong.append("it ended without its sentence")
    if not job.live:
        wrong += [f"it ended with {r.id} open" for r in job.renders if r.sent and not r.ended]
        left = [r.id for r in job.renders if r.ended != "done" and machine.sky.runs(r.id)]
        wrong += [f"it ended, and the cloud still renders {id_}" for id_ in left]
    if job.state is S.DELIVERED and not receipts.has(machine.outbox, job.id):
        wrong.append("it is delivered and has no receipt")
    return [f"{job.id} ({job.state}/{job.step}): {each}" for each in wrong]


def of_money(machine: Machine, excused: int) -> list[str]:
    """P3 by the cloud's own ledger; `excused`: how often a person asked to say it again."""
    sky = machine.sky
    wrong = sky.broken + ([] if excused or machine.forgot else sky.beside)
    by_upload: dict[tuple[str, str], int] = {}
    by_content: dict[str, list[bool]] = {}
    for said in sky.said:
        by_upload[said.session, said.name] = by_upload.get((said.session, said.name), 0) + 1
        may_again = said.session in sky.told_gone or not said.charged
        by_content.setdefault(said.content, []).append(may_again)
    wrong += [f"{n} messages about {k}" for k, n in by_upload.items() if n > 1]
    for content, messages in by_content.items():
        again = sum(not may for may in messages[:-1])
        if again > excused:
            wrong.append(f"{len(messages)} messages for {content[:8]}, {again} without an excuse")
    return wrong


def of_sources(machine: Machine, owned: dict[str, str]) -> list[str]:
    """P1: what a person put there and did not take away is there, or its delivery is on record."""
    there = {_hash(p) for folder in (machine.inbox, machine.archive) for p in _files(folder)}
    missing = {sha: name for name, sha in owned.items() if sha not in there}
    recorded = {d.sha256 for d in deliveries(machine)}
    policy_ = machine.settings.inboxes[0].source
    return [
        f"{name} is gone"
        for sha, name in missing.items()
        if policy_ != "delete" or sha not in recorded
    ]


def of_the_outbox(machine: Machine, excused: int) -> list[str]:
    """P2: only whole results, each made of the source that its receipt names, one a result."""
    wrong: list[str] = []
    made: dict[tuple[str, str, str], set[str]] = {}
    names: dict[str, set[str]] = {}
    jobs: set[str] = set()
    for job in machine.store.jobs():  # a crash may have come between the file and its receipt
        if job.final is not None:
            names.setdefault(job.final.name, set()).add(job.source_sha256)
    for found in deliveries(machine):
        names.setdefault(found.output, set()).add(found.sha256)
        if found.job not in jobs:  # a later line of a job says that its source was renamed, touched
            made.setdefault((found.path, found.sha256, found.output_name), set()).add(found.output)
        jobs.add(found.job)
    many = {k[0]: sorted(v) for k, v in made.items() if len(v) > 1 + excused}
    wrong += [f"{name} was delivered as {outputs}" for name, outputs in many.items()]
    for path in visible(machine):
        name = path.relative_to(machine.outbox).as_posix()
        data = path.read_bytes()
        known = names.get(name, set())
        if known and not known & {mark_of(data), sha256(data).hexdigest()}:
            wrong.append(f"{name} was made of another video than its receipt says")
    return wrong


def at_rest(machine: Machine) -> list[str]:
    """When all faults are over: everything has ended, or waits for a person who can free it."""
    wrong: list[str] = []
    for job in machine.store.jobs(live_only=True):
        first = job
        while first.waits_on and (other := machine.store.get(first.waits_on)) is not None:
            first = other
        by_hand = first.state is S.HELD and first.reason in NEEDS_A_PERSON
        lost = first.reason is Reason.INBOX_MISSING and not first.source.exists()
        if not (by_hand or (first.state is S.HELD and lost)):
            wrong.append(
                f"{job.id} never comes to rest: {job.state}/{job.step} {job.reason} {job.why!r}"
            )
    root = machine.inbox
    for path in _files(root):
        if path.name.startswith("."):
            wrong.append(f"{path.name} was left in the inbox")
            continue
        name, status = path.relative_to(root).as_posix(), path.stat()
        version = (status.st_size, status.st_mtime_ns)
        jobs = [(j.size_bytes, j.mtime_ns) for j in machine.store.at_path(str(root), name)]
        known = machine.store.delivered_as(str(machine.outbox), "", name, *version)
        if version not in jobs and known is None:
            wrong.append(f"{name} lies there, and nobody knows it")
    machine.chores.sweep_spool(machine.state / "spool")
    half = (machine.outbox / ".hotpress/tmp").glob("*.part")
    ended = [p for p in half if (j := machine.store.get(p.stem)) is not None and not j.live]
    return wrong + [f"{p.name} was left in the outbox" for p in ended]


def deliveries(machine: Machine) -> list[Delivery]:
    """What the receipts say."""
    found, _ = receipts.news(machine.outbox, {})
    return [each for each in found if isinstance(each, Delivery)]


def visible(machine: Machine) -> list[Path]:
    """What a person sees in the outbox."""
    return [p for p in _files(machine.outbox) if ".hotpress" not in p.parts]


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
