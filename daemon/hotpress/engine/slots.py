"""Which of the due jobs may start now: a pure decision over what runs and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hotpress import policy
from hotpress.model import Job, Step

ENCODES = frozenset({Step.PREPARE, Step.VERIFY, Step.FINISH})
_PROBES = 2  # children that read a file each; more only make the disk seek


@dataclass(frozen=True, slots=True)
class Places:
    """How much may run at once."""

    uploads: int = 2
    cloud_jobs: int = 4
    encodes: int = 1


def full_steps(running: Iterable[Step], in_cloud: int, places: Places) -> frozenset[Step]:
    """Steps that nothing may start now."""
    steps = list(running)
    full: set[Step] = set()
    if steps.count(Step.UPLOAD) >= places.uploads:
        full.add(Step.UPLOAD)
    if steps.count(Step.PROBE) >= _PROBES:
        full.add(Step.PROBE)
    if sum(step in ENCODES for step in steps) >= places.encodes:
        full |= ENCODES
    if in_cloud + steps.count(Step.SESSION) >= places.cloud_jobs:
        full.add(Step.SESSION)
    return frozenset(full)


def admit(
    due: Iterable[Job], running: Mapping[str, Step], in_cloud: int, places: Places
) -> list[Job]:
    """The jobs to start now, in order. One that must run alone waits for an empty house."""
    started = dict(running)
    chosen: list[Job] = []
    for job in due:
        alone = policy.start_anew(job, job.begins) == "alone"
        if alone and not started:
            return [job]
        if alone or job.id in started:
            continue
        if job.step not in full_steps(started.values(), in_cloud, places):
            started[job.id] = job.step
            chosen.append(job)
    return chosen
