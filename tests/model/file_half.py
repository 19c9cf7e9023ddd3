"""The file half of DESIGN section 5 as a model: from the download to the release of the source.

Which move is which function of the product; who changes one changes the other:

| here | hotpress |
|---|---|
| FileHalf._taken | worker:Worker._take, policy:begun, policy:start_anew |
| Turn.outcome, Turn.back | outcomes:written, policy:back |
| file_make.download | steps/download:run, steps/material:recorded |
| file_make.verify | steps/verify:run, steps/material:checked |
| file_make.finish | steps/finish:run, _free_name, files:copy_synced, desk:Desk.claim_name |
| file_place.deliver | steps/deliver:run, _placed, _receipt, files:place, receipts:add |
| file_place._made_room, _compared, _removed | steps/replacing:made_room, removed |
| file_place._returned | steps/replacing:put_back |
| file_release.release | steps/release:run, _hidden, _is_the_one, steps/dispose:by_policy, _copied |
| file_release.put_back, _returned | steps/release:run, _put_back |
| file_world: the source vanishes | verbs:_ended |

A power loss leaves what was synced; the rest is torn, with or without its name. A move within one
file system is one rename, whole or not done. "Moved to its place" stands for archive and trash.
That the last of several outputs releases their source (FileHalf._releases) stands in DESIGN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import file_make
import file_place
import file_release
import file_world
from explorer import Move, swapped
from file_state import (
    EARLIER,
    GOOD,
    NAMES,
    OURS,
    STRANGER,
    FileRules,
    Job,
    Placed,
    Turn,
    World,
)

from hotpress.model import Step

_STEPS: dict[Step, Callable[[Turn], Iterator[Move]]] = {
    Step.DOWNLOAD: file_make.download,
    Step.VERIFY: file_make.verify,
    Step.FINISH: file_make.finish,
    Step.DELIVER: file_place.deliver,
    Step.RELEASE: file_release.release,
}
_IN_RELEASE = frozenset({"hide", "hidden", "copied", "gone", "released"})


class FileHalf:
    """The file half within its bounds and clauses."""

    def __init__(self, rules: FileRules) -> None:
        self.rules = rules

    def first(self) -> World:
        """Jobs whose render is done."""
        bounds = self.rules.bounds
        jobs, sources = bounds.jobs, 1 if bounds.outputs else bounds.jobs
        return World(
            jobs=(Job(),) * jobs,
            spool=(None,) * jobs,
            temp=(None,) * jobs,
            receipts=(False,) * jobs,
            source=(OURS,) * sources,
            private=("",) * sources,
            archive=(None,) * sources,
            released=(False,) * sources,
            box=(Placed(EARLIER, GOOD) if bounds.replace else None, *(None,) * (NAMES - 1)),
            crashes=bounds.crashes,
            faults=bounds.faults,
        )

    def at_rest(self, state: World) -> bool:
        """Every job is at its end."""
        return all(job.end for job in state.jobs)

    def wrong(self, state: World) -> str:
        """What a move found, what lies on the disk, and at the end what each job says."""
        return state.wrong or self._outbox(state) or self._sources(state) or self._ends(state)

    def _outbox(self, world: World) -> str:
        for placed in world.box:
            if placed and placed.bytes != GOOD and placed.owner != STRANGER:
                return "P2 a torn file stands at a final name"
        for number, job in enumerate(world.jobs):
            if world.receipts[number] and not job.at and not self._delivered(world, number):
                return "P3 a receipt claims what is not there"
        return ""

    def _delivered(self, world: World, number: int) -> bool:
        return any(b and b.owner == number and b.lasts for b in world.box)

    def _sources(self, world: World) -> str:
        for number, job in enumerate(world.jobs):
            src = self.rules.source_of(number)
            if not world.released[src]:
                continue
            if not any(b and b.owner >= 0 and b.lasts for b in world.box):
                return "P1 the source is gone without a lasting result"
            if job.step is not Step.RELEASE and not self.rules.bounds.outputs and not job.end:
                return "P1 the source is gone before its delivery is on record"
            kept = world.archive[src]
            archived = self.rules.bounds.policy in ("move", "copy")
            if archived and (kept is None or kept.bytes != GOOD):
                return "P1 the original is nowhere"
            if job.end == "no source":
                return "P1 another output's job took the source that this one needs"
        return ""

    def _ends(self, world: World) -> str:
        if not self.at_rest(world):
            return ""
        if any(world.private):
            return "P1 the source stays hidden under its private name"
        if world.aside is not None:
            return "P2 what was moved aside stays hidden"
        for number, job in enumerate(world.jobs):
            results = sum(1 for b in world.box if b and b.owner == number)
            if job.end == "done" and results != 1:
                return f"P3 {results} results for one output"
            if job.end != "done" and results:
                return f"P3 a job is {job.end}, and its result stands in the outbox"
        return ""

    def moves(self, state: World) -> Iterator[Move]:
        """What the world does, and the next action of each job."""
        yield from file_world.moves(self.rules, state)
        for number, job in enumerate(state.jobs):
            if job.end:
                continue
            turn = Turn(self.rules, state, number)
            if job.at in _IN_RELEASE:
                yield from file_release.release(turn)
            elif job.at:
                yield from _STEPS[job.step](turn)
            elif job.step is not Step.RELEASE or self._releases(state):
                yield self._taken(turn)
            elif all(j.end or j.step is Step.RELEASE for j in state.jobs):
                after = turn.outcome(end="done")
                yield Move(turn.me + "the source stays: another output failed", after)

    def _releases(self, world: World) -> bool:
        """With several outputs of one source: when all of them are delivered."""
        if not (self.rules.bounds.outputs and self.rules.LAST_RELEASES):
            return True
        return all(job.step is Step.RELEASE and job.end in ("", "done") for job in world.jobs)

    def _taken(self, turn: Turn) -> Move:
        job, rules = turn.job, self.rules
        too_often = job.begun and job.begins >= rules.bounds.stops
        if too_often and job.step is Step.RELEASE and rules.PUT_BACK:
            if turn.world.private[turn.src]:
                return file_release.put_back(turn)
        elif too_often and not (job.step is Step.DELIVER and rules.LOOK_AGAIN):
            end = "done" if job.step is Step.RELEASE else "failed"
            return Move(turn.me + "stopped too often in this step", turn.outcome(end=end))
        begins = min(job.begins + 1, rules.bounds.stops)
        begun = job._replace(begun=True, begins=begins, at="run")
        after = turn.world._replace(jobs=swapped(turn.world.jobs, turn.number, begun))
        return Move(f"{turn.me}{job.step.value} is begun", after)
