"""Which of the due jobs may start now: a pure decision over what runs and what is allowed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hotpress import policy
from hotpress.config.rules import named_inboxes
from hotpress.config.settings import Settings
from hotpress.model import Job, Step

ENCODES = frozenset({Step.PREPARE, Step.VERIFY, Step.FINISH})
_WEIGHTS = {"high": 4.0, "normal": 1.0, "low": 0.25}  # `priority` of an inbox
_PROBES = 2  # children that read a file each; more only make the disk seek


@dataclass(frozen=True, slots=True)
class Share:
    """What one inbox may have. None: as much as there is. `weight`: its turns for each of 1."""

    weight: float = 1.0
    smallest_first: bool = False
    uploads: int | None = None
    cloud_jobs: int | None = None
    encodes: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """How much may run at once: of all, and of each inbox by its name."""

    uploads: int = 2
    cloud_jobs: int = 4
    encodes: int = 1
    shares: Mapping[str, Share] = field(default_factory=dict)

    def share(self, inbox: str) -> Share:
        """Jobs of an inbox that is in the config no more go on like any other's."""
        return self.shares.get(inbox, Share())

    def of(self, inbox: str) -> Places:
        """The places that one inbox may take of them."""
        share = self.share(inbox)
        return Places(
            self.uploads if share.uploads is None else share.uploads,
            self.cloud_jobs if share.cloud_jobs is None else share.cloud_jobs,
            self.encodes if share.encodes is None else share.encodes,
        )


def slots_of(settings: Settings) -> Places:
    """How much may run at once, of all and of each inbox."""
    limits = settings.limits
    shares = {}
    for name, inbox in named_inboxes(settings).items():
        own = inbox.limits
        weight, small = _WEIGHTS[inbox.priority], inbox.order == "smallest"
        shares[name] = Share(weight, small, own.uploads, own.cloud_jobs, own.encodes)
    return Places(limits.uploads, limits.cloud_jobs, limits.encodes, shares)


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
    # One at a time: each looks whether credits and budgets cover it beside all under way, and two
    # at once would not see each other.
    if Step.SESSION in steps or in_cloud >= places.cloud_jobs:
        full.add(Step.SESSION)
    return frozenset(full)


def full_for(
    inbox: str, running: Iterable[Job], in_cloud: Mapping[str, int], places: Places
) -> frozenset[Step]:
    """Steps that nothing of this inbox may start now: all places are taken, or its own are."""
    jobs = list(running)
    of_all = full_steps((job.step for job in jobs), sum(in_cloud.values()), places)
    own = (job.step for job in jobs if job.inbox == inbox)
    return of_all | full_steps(own, in_cloud.get(inbox, 0), places.of(inbox))


def admit(
    due: Iterable[Job], running: Mapping[str, Job], in_cloud: Mapping[str, int], places: Places
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
        if job.step not in full_for(job.inbox, started.values(), in_cloud, places):
            started[job.id] = job
            chosen.append(job)
    return chosen


class Turns:
    """Whose turn it is, for each kind of place apart: a dump in one inbox does not starve another.

    Each start moves its inbox back by one turn, a weighty one by less; the foremost is next. An
    inbox that had nothing to do comes in beside the foremost: it has neither saved up turns nor
    lost any. Only an order: forgotten at the end of the process, and nothing is lost with it.
    """

    def __init__(self) -> None:
        """Nobody has had a turn."""
        self._at: dict[tuple[str, str], float] = {}
        self._now: dict[str, float] = {}

    def order(self, due: Iterable[Job], places: Places) -> list[Job]:
        """All that are due in the order of their turns; those of an inbox stay in theirs."""
        jobs = list(due)
        before: Counter[tuple[str, str]] = Counter()
        keys: dict[str, tuple[bool, float, float, str]] = {}
        for job in jobs:
            kind, who = _kind(job.step), (_kind(job.step), job.inbox)
            at = self._place(kind, job.inbox) + before[who] / places.share(job.inbox).weight
            before[who] += 1
            crowded = policy.start_anew(job, job.begins) != "alone"
            keys[job.id] = (crowded, at, job.created_at, job.id)
        return sorted(jobs, key=lambda job: keys[job.id])

    def took(self, job: Job, places: Places) -> None:
        """This one was started."""
        kind = _kind(job.step)
        at = self._place(kind, job.inbox)
        self._now[kind] = at
        self._at[kind, job.inbox] = at + 1 / places.share(job.inbox).weight

    def _place(self, kind: str, inbox: str) -> float:
        return max(self._at.get((kind, inbox), 0.0), self._now.get(kind, 0.0))


def _kind(step: Step) -> str:
    """What is short there: those that encode share their places."""
    return "encode" if step in ENCODES else step.value
